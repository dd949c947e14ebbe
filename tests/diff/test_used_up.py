"""Feeds that give nothing from their second epoch on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.diff.handmade import X, codes, feed, fitted, seen
from twinfeed import as_feed
from twinfeed._core.trace import Epoch, Role, Ticks, Trace
from twinfeed.diff import compare
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


@pytest.mark.parametrize("role", ["fit", "validation"])
def test_a_generator_that_lasts_for_some_epochs_runs_dry(role: Role) -> None:
    whole = seen(feed(batches=5))
    argument = "steps_per_epoch" if role == "fit" else "steps"

    def ran(*batches: int) -> Trace:
        made = fitted(replace(whole, batches=None, examples=None), "generator", **{argument: 5})
        epochs = tuple(Epoch(build=0, number=n, ended=count < 5) for n, count in enumerate(batches))
        count = sum(batches)
        ticks = Ticks(
            epoch=np.repeat(np.arange(len(batches)), batches),
            size=np.full(count, 32),
            wait_s=np.full(count, 0.001),
            step_s=np.full(count, 0.001),
        )
        return replace(made, role=role, epochs=epochs, ticks=ticks)

    (found,) = compare(ran(5, 5, 2, 2), ran(5, 5, 5, 5), measures=MEASURES).findings
    assert found.code == "BAT211"
    assert "its generator runs dry: its epochs held 5, 5, 2, 2" in found.sentence
    assert not codes(ran(5, 5, 2), ran(5, 5, 2), MEASURES)
