"""An epoch that gives one example twice and another one not at all."""

from __future__ import annotations

import numpy as np

from tests.diff.handmade import COUNT, Order, codes, feed, reshuffled, seen
from twinfeed._core.finding import Severity
from twinfeed.diff import compare
from twinfeed.diff._measures.batches import MEASURES


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
