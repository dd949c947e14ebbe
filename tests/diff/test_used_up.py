"""Feeds that give nothing from their second epoch on."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.diff.handmade import X, codes
from twinfeed import as_feed
from twinfeed.diff._measures.batches import MEASURES
from twinfeed.observe import observe


def test_a_feed_that_its_first_epoch_uses_up_ran_out() -> None:
    def batches() -> list[Any]:
        return [(X[start : start + 8], np.arange(8)) for start in range(0, 40, 8)]

    kept = iter(batches())
    spent = observe(as_feed(lambda: kept))
    again = observe(as_feed(batches))
    assert codes(spent, again, MEASURES) == codes(again, spent, MEASURES) == {"BAT211"}
    assert not codes(spent, spent, MEASURES)
    agreed = observe(as_feed(iter(batches()), consume=True))
    assert not codes(agreed, again, MEASURES)
