"""Parts overwritten once, the same in every epoch: by one rule on both sides they are no cause."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration.augmenting import erased
from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare

CODES = ("VAL202", "VAL206")
PICTURES = np.stack([photograph(32, 32, seed) for seed in range(40)])


def once(seed: int, share: float, value: float | None) -> Trace:
    """Pictures of which some had a rectangle overwritten before they were first read."""
    random = np.random.default_rng(seed)
    made = [
        erased(one.astype(np.float32), random, share=share, scale=(0.05, 0.2), value=value)
        for one in PICTURES
    ]
    return seen(np.stack(made).astype(np.uint8), seed=seed)


def told(one: Trace, other: Trace) -> set[str]:
    measures = [CATALOGUE[code] for code in CODES]
    return {found.code for found in compare(one, other, measures=measures).findings}


@pytest.mark.slow
@pytest.mark.parametrize("value", [None, 0.0])
def test_two_draws_of_one_rule_are_no_finding(value: float | None) -> None:
    one, other = once(1, 0.6, value), once(2, 0.6, value)
    assert not told(one, other)
    assert compare(one, other).verdict.kind == "undecided"


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_what_is_overwritten_more_often_on_one_side_is_told(share: float) -> None:
    assert told(once(1, share, None), once(2, 0.8, None)) == {"VAL206"}


def test_what_is_overwritten_with_something_else_is_told() -> None:
    assert told(once(1, 0.6, 0.0), once(2, 0.6, None)) == {"VAL206"}
