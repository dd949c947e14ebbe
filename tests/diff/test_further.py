"""Small random crops are told from large ones although none of them is recognised again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.calibration.augmenting import moved, transformed
from tests.diff.replay.material import photograph
from tests.diff.seen import Draw, seen
from twinfeed._core.finding import Undecided
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._measures.augment.different_geometry import turned_far
from twinfeed.diff._policy._further import further, laid_over_less
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

COUNT, SIDE = 72, 32
PHOTOS = np.stack([photograph(SIDE, SIDE, seed) for seed in range(COUNT)])
FLOATS = PHOTOS.astype(np.float32)
CLASSES = np.arange(COUNT) % 4


def cropped(least: float) -> Draw:
    """Squares of a random size and place, brought to the size of the picture."""

    def draw(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        made = np.empty_like(x)
        for one, picture in zip(made, x, strict=True):
            size = random.uniform(least, 1) * (SIDE - 1)
            top, left = random.uniform(0, SIDE - 1 - size, 2)
            rows, columns = (
                np.rint(start + np.linspace(0, size, SIDE)).astype(int) for start in (top, left)
            )
            one[:] = picture[rows[:, None], columns]
        return made

    return draw


def of(least: float, seed: int, labels: np.ndarray = CLASSES) -> Trace:
    return seen(PHOTOS, labels, seed=seed, draw=cropped(least), batch_size=8)


def test_who_crops_far_smaller_parts_is_named() -> None:
    small, large = of(0.35, 1), of(0.9, 2)
    found = further(Twins(small, large))
    assert found is not None
    assert found.name == "A"
    assert found.met[0] < found.met[1]
    report = compare(small, large, measures=[CATALOGUE["AUG209"]])
    assert [one.code for one in report.findings] == ["AUG209"]
    assert not report.undecided
    assert "A changes its examples further than B" in report.findings[0].sentence


@pytest.mark.parametrize("least", [0.35, 0.9])
def test_crops_of_one_policy_are_none(least: float) -> None:
    assert further(Twins(of(least, 1), of(least, 2))) is None


def test_other_examples_in_each_epoch_are_none() -> None:
    # Whose labels are not the same ones may not be met again for that reason.
    assert further(Twins(of(0.35, 1), of(0.9, 2, np.roll(CLASSES, 1) // 2))) is None


def in_order(least: float, seed: int) -> Trace:
    """In one order in every epoch: where that shows, examples are met again at their places."""
    own, draw = np.random.default_rng(seed), cropped(least)
    return seen(PHOTOS, CLASSES, draw=lambda x, _: draw(x, own), batch_size=8)


def with_names(least: float, seed: int) -> Trace:
    ids = np.arange(1, COUNT + 1).astype(np.uint64)
    return seen(PHOTOS, CLASSES, ids=ids, seed=seed, draw=cropped(least), batch_size=8)


@pytest.mark.slow
def test_met_at_their_places_is_no_smaller_crop_than_not_recognised() -> None:
    at_places, by_chance = in_order(0.2, 1), in_order(0.2, 0)
    again = [Twins(at_places, by_chance).epochs_of(name) for name in ("A", "B")]
    assert [one.pairs.method for one in again if one is not None] == ["place", "likeness"]
    for twins in (Twins(at_places, by_chance), Twins(by_chance, at_places)):
        assert further(twins) is None
        assert laid_over_less(twins) is None


def test_who_moves_examples_further_is_named_where_all_are_met_again() -> None:
    found = laid_over_less(Twins(with_names(0.25, 1), with_names(0.9, 2)))
    assert found is not None
    assert found.name == "A"
    assert laid_over_less(Twins(with_names(0.25, 1), with_names(0.25, 2))) is None


def turned(most: float, seed: int) -> Trace:
    """Turns by up to so many degrees, with black corners."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return moved(x, degrees=random.uniform(-most, most))

    return observe(transformed(FLOATS, change, seed=seed), budget=Budget(timing_s=0.0))


@pytest.mark.slow
def test_turns_wider_than_can_be_told_leave_the_policy_open() -> None:
    twins = Twins(turned(90, 1), turned(70, 2))
    wide = policy(twins, "A"), policy(twins, "B")
    (answer,) = turned_far(*wide)
    assert isinstance(answer, Undecided)
    assert "turned against each other by as much as can be told" in answer.question
    narrow = [
        replace(one, rotation_degrees=replace(one.rotation_degrees, low=-20.0, high=20.0))
        for one in wide
    ]
    assert not list(turned_far(*narrow))
    assert not list(turned_far(*(replace(one, tried=one.views) for one in wide)))
