"""An epoch that gives one example twice and another one not at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.corpus.fitting import evaluated, fitted
from tests.diff.handmade import COUNT, Order, codes, feed, reshuffled, seen
from twinfeed._core.finding import Severity
from twinfeed._core.trace import Role, Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.batches import MEASURES

LABELS = np.arange(COUNT) % 3
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 6, 6, 3)).astype(np.uint8)


def one_instead(count: int) -> Order:
    """Each epoch gives some rows in place of others, the same for nobody."""

    def order(epoch: int) -> np.ndarray:
        rows = np.random.default_rng(epoch).permutation(COUNT)
        rows[-count:] = rows[:count]
        return rows

    return order


def test_one_that_comes_in_place_of_another_is_told() -> None:
    once = seen(feed(reshuffled()))
    (found,) = compare(seen(feed(one_instead(1))), once, measures=MEASURES).findings
    assert (found.code, found.severity) == ("BAT206", Severity.NOTE)
    assert found.evidence["repeated_examples"] == 1
    (more,) = compare(seen(feed(one_instead(8))), once, measures=MEASURES).findings
    assert (more.code, more.severity) == ("BAT206", Severity.WARNING)
    assert not codes(feed(one_instead(1)), feed(one_instead(1)), MEASURES)


@pytest.mark.parametrize("role", ["evaluate", "validation"])
def test_an_evaluation_whose_steps_go_round_counts_some_twice(role: Role) -> None:
    data = pytest.importorskip("tensorflow").data.Dataset.from_tensor_slices((IMAGES, LABELS))
    known = {"role": role, "validation_steps": 14} if role == "validation" else {"steps": 14}

    def ran(held: Any) -> Trace:
        if role == "evaluate":
            return evaluated(held, **known)
        return fitted(data.batch(30), validation_data=held, epochs=2, **known)

    repeated, once = ran(data.repeat().batch(30)), ran(data.batch(30))
    found = [f for f in compare(repeated, once).findings if f.severity is not Severity.NOTE]
    assert [f.code for f in found] == ["BAT206"]
    assert found[0].evidence["repeated_examples"] == 20
    assert "part that was read" not in found[0].sentence


def test_steps_and_a_feed_of_as_many_batches_are_the_same() -> None:
    data = pytest.importorskip("tensorflow").data.Dataset.from_tensor_slices((IMAGES, LABELS))
    held = data.batch(40)

    def ran(validation: Any, **asked: Any) -> Trace:
        return fitted(held, validation_data=validation, epochs=2, role="validation", **asked)

    by_steps, by_feed = ran(held, validation_steps=4), ran(held.take(4))
    assert not codes(by_steps, by_feed, MEASURES) & {"BAT202", "BAT207"}
    assert "BAT207" in codes(by_steps, ran(held.take(7)), MEASURES)
