"""Feeds that say they draw, of whose draws little or nothing shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from tests.diff.handmade import X, seen
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Step
from twinfeed.diff import CATALOGUE, compare

COUNT = 120
MEASURES = [CATALOGUE["AUG202"], CATALOGUE["AUG203"]]
PLAN = Plan((Step(kind="source", where="source"), Step(kind="map", where="map", random=True)))
CUT_OFF = (X[:COUNT] > 0).astype(np.float32)
Changed = Callable[[int, int], Sequence[int]]
"""The examples that come changed, by build and epoch."""


def feed(values: np.ndarray, changed: Changed, build: int = 0, plan: Plan | None = PLAN) -> Feed:
    epochs = iter(range(1000))

    def open_epoch() -> Iterator[Batch]:
        made, epoch = values.copy(), next(epochs)
        for row in changed(build, epoch):
            made[row] = np.roll(made[row], 1 + epoch + 10 * build)
        rows = np.arange(COUNT)
        yield Batch(made, rows % 3, ids=rows.astype(str))

    return Feed(
        name="by hand",
        open_epoch=open_epoch,
        plan=plan,
        fresh=lambda: feed(values, changed, build + 1, plan),
    )


def codes(values: np.ndarray, changed: Changed) -> set[str]:
    """What is said of such a feed beside one that draws a third of its examples anew in each epoch."""
    anew = seen(feed(values, lambda build, epoch: range((epoch + build) % 3, COUNT, 3)))
    found = compare(seen(feed(values, changed)), anew, measures=MEASURES).findings
    return {one.code for one in found}


@pytest.mark.parametrize("values", [X[:COUNT], CUT_OFF])
def test_few_that_change_between_builds_are_no_frozen_draws(values):
    def changed(build: int, epoch: int) -> Sequence[int]:
        return [] if not build else [3, 40, 77] if epoch else [5, 41, 78]

    assert "AUG202" not in codes(values, changed)


def test_draws_that_cut_off_values_hide_are_neither_frozen_nor_repeated():
    assert not codes(CUT_OFF, lambda _build, _epoch: [])
    assert not codes(CUT_OFF, lambda build, _epoch: range(40) if build else [])


def test_draws_that_show_are_told():
    assert codes(X[:COUNT], lambda _build, _epoch: []) == {"AUG203"}
    assert codes(X[:COUNT], lambda build, _epoch: range(40) if build else []) == {"AUG202"}


def test_few_that_come_again_do_not_show_that_nothing_is_drawn():
    def anew(rows: slice, by: float, seed: int) -> Feed:
        random = np.random.default_rng(seed)

        def open_epoch() -> Iterator[Batch]:
            made = X[:COUNT].copy()
            made[rows] = made[rows] / by + random.normal(size=made[rows].shape)
            yield Batch(made.astype(np.float32), np.arange(COUNT) % 3)

        return Feed(name="by hand", open_epoch=open_epoch)

    past_recognition, a_little = anew(slice(30, None), 100, 1), anew(slice(40), 0.05, 2)
    report = compare(seen(past_recognition), seen(a_little), measures=[CATALOGUE["AUG201"]])
    assert not report.findings
    assert report.verdict.kind == "undecided"
