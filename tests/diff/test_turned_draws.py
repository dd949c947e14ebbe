"""Draws of angles and zooms that come again where both feeds draw."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from tests.diff.replay.material import photograph
from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.observe import Budget, observe

SIDE = 44
COUNT = 96
Change = Literal["turned", "zoomed"]
Sharing = Literal["own", "workers", "epochs", "batch"]


@cache
def picture(seed: int) -> Image.Image:
    return Image.fromarray(photograph(SIDE, SIDE, seed))


def shown(whole: Image.Image, random: np.random.Generator, change: Change) -> Array:
    """The middle of a picture, turned by up to 20 degrees or zoomed by up to a quarter."""
    if change == "turned":
        moved = whole.rotate(random.uniform(-20, 20), Image.Resampling.BILINEAR)
    else:
        zoom = 1 / random.uniform(0.8, 1.25)
        edge = SIDE * (1 - zoom) / 2
        part = (zoom, 0, edge, 0, zoom, edge)
        moved = whole.transform(whole.size, Image.Transform.AFFINE, part, Image.Resampling.BILINEAR)
    return np.asarray(moved)[6:38, 6:38]


def drawn(
    change: Change,
    seed: int,
    sharing: Sharing = "own",
    *,
    batch: int = 8,
    mixed: bool = True,
    count: int = COUNT,
) -> Trace:
    """Pictures changed by draws of their own, or of two workers, all epochs or the batch alike."""

    def open_epoch(epochs: Iterator[int]) -> Iterator[Batch]:
        epoch = next(epochs)
        order = np.random.default_rng((seed, epoch)).permutation(count)
        order = order if mixed else np.arange(count)
        for number in range(count // batch):
            keys = {"workers": (seed, number // 2), "epochs": (seed, number)}
            random = np.random.default_rng(keys.get(sharing, (seed, epoch, number)))
            one = int(random.integers(1 << 30))
            yield Batch(
                np.stack(
                    [
                        shown(
                            picture(row),
                            np.random.default_rng(one) if sharing == "batch" else random,
                            change,
                        )
                        for row in order[number * batch : (number + 1) * batch].tolist()
                    ]
                )
            )

    def build(first: int) -> Feed:
        epochs = iter(range(first, first + 100))
        again = None if first else lambda: build(100)
        return Feed(name="drawn", open_epoch=lambda: open_epoch(epochs), fresh=again)

    return observe(build(0), budget=Budget(timing_s=0))


def found(left: Trace, right: Trace) -> list[str]:
    report = compare(left, right, measures=[CATALOGUE["AUG214"]])
    return [f"{one.evidence['side']} {one.evidence['shared_by']}" for one in report.findings]


@pytest.mark.slow
@pytest.mark.parametrize("change", ["turned", "zoomed"])
def test_workers_that_share_their_numbers_are_told(change: Change) -> None:
    assert found(drawn(change, 1, "workers"), drawn(change, 2)) == ["A workers"]


@pytest.mark.slow
def test_epochs_that_draw_alike_are_told_of_more_pictures_than_moves_are_explained() -> None:
    sides = drawn("turned", 1, "epochs", count=240), drawn("turned", 2, count=240)
    assert found(*sides) == ["A epochs"]


@pytest.mark.parametrize("change", ["turned", pytest.param("zoomed", marks=pytest.mark.slow)])
def test_draws_of_their_own_explain_nothing(change: Change) -> None:
    assert not found(drawn(change, 1), drawn(change, 2))


def test_batches_that_turn_as_one_are_too_few() -> None:
    # Six angles an epoch: those of this seed look as if five workers shared them.
    sides = [drawn("turned", seed, "batch", batch=16, mixed=False) for seed in (10, 15)]
    assert not found(*sides)
