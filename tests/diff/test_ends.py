"""Values that leave the black and the white that only the other side's pictures tell of."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from tests.calibration.augmenting import Change, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._policy._ends import own_ends_of
from twinfeed.observe import Budget, observe

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@lru_cache(1)
def pictures() -> np.ndarray:
    return np.stack([photograph(32, 32, seed) for seed in range(100)])


def bright(*, clipped: bool, times: float = 1.0) -> Change:
    """Brightness by up to three tenths, then ImageNet's mean and deviation."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        made = x / 255 * random.uniform(0.7, 1.5) + random.uniform(-0.1, 0.1)
        made = np.clip(made, 0, 1) if clipped else made
        return ((made - MEAN) / STD * times).astype(np.float32)

    return change


def plain(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return ((x / 255 - MEAN) / STD).astype(np.float32)


def trace(change: Change, seed: int) -> Trace:
    return observe(transformed(pictures(), change, seed=seed), budget=Budget(timing_s=0.0))


def test_what_is_not_clipped_leaves_the_ends_of_what_is() -> None:
    left, right = trace(bright(clipped=False), 0), trace(bright(clipped=True), 1)
    ends = own_ends_of(right)
    assert ends is not None
    np.testing.assert_allclose(ends.low, -MEAN / STD, rtol=1e-5)
    np.testing.assert_allclose(ends.high, (1 - MEAN) / STD, rtol=1e-5)
    (found,) = compare(left, right, measures=[CATALOGUE["AUG207"]]).findings
    assert found.evidence["side"] == "A"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bright(clipped=True), bright(clipped=True)),
        (bright(clipped=False), bright(clipped=False)),
        (bright(clipped=True), bright(clipped=True, times=1.3)),
        (plain, bright(clipped=True)),
    ],
    ids=["both clipped", "neither", "another scale", "one draws nothing"],
)
def test_one_rule_on_both_sides_and_another_scale_are_none(one: Change, other: Change) -> None:
    sides = trace(one, 0), trace(other, 1)
    assert not compare(*sides, measures=[CATALOGUE["AUG207"]]).findings
