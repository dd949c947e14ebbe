"""Rectangles of one colour are told by their pictures alone, where no draw can be laid over another."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.calibration.augmenting import Change, moved, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.results import Report
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._policy._boxes import boxes, boxes_on_one_side
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

COUNT, SIDE = 120, 32


@lru_cache(1)
def pictures() -> np.ndarray:
    return np.stack([photograph(SIDE, SIDE, seed) for seed in range(COUNT)]).astype(np.float32)


def cut(size: int, degrees: float = 0.0) -> Change:
    """A square about any point, cut off at the edges, after a turn with black corners."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        x = moved(x, degrees=random.uniform(-degrees, degrees)) if degrees else x
        top, left = random.integers(0, SIDE, 2) - size // 2
        made = x[:, ::-1].copy() if random.random() < 0.5 else x.copy()
        made[max(0, top) : top + size, max(0, left) : left + size] = 0
        return made

    return change


def told(one: Change, other: Change) -> Report:
    sides = [
        observe(transformed(pictures(), change, seed=seed), budget=Budget(timing_s=0.0))
        for seed, change in enumerate((one, other))
    ]
    return compare(*sides, measures=[CATALOGUE["AUG212"]])


def test_squares_of_another_size_are_told_on_small_pictures() -> None:
    (found,) = told(cut(16), cut(8)).findings
    assert found.evidence["a_height_high_share"] == pytest.approx(0.5, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "degrees"), [(8, 10.0), (16, 0.0)])
def test_the_same_squares_are_no_finding(size: int, degrees: float) -> None:
    assert not told(cut(size), cut(size, degrees)).findings


def filled(value: float, scale: float = 1.0) -> Change:
    """A rectangle of one value inside of half the pictures, which are scaled afterwards."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        made = x.copy()
        if random.random() < 0.5:
            height, width = random.integers(8, 16, 2)
            top, left = random.integers(1, SIDE - height - 1), random.integers(1, SIDE - width - 1)
            made[top : top + height, left : left + width] = value
        return made * np.float32(scale)

    return change


def test_rectangles_of_another_value_are_told_and_not_missed_on_that_side() -> None:
    (found,) = told(filled(0.0), filled(124.0)).findings
    assert "hardly any" not in found.sentence
    assert found.evidence["a_colour"] == "0"
    assert found.evidence["b_colour"] == "124"


def test_one_value_on_another_scale_is_no_finding() -> None:
    assert not told(filled(124.0), filled(124.0, 1 / 255)).findings


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 20), st.integers(3, 20), st.integers(0, 2**32 - 1))
def test_the_size_of_a_rectangle_is_exact(height: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    views = random.integers(1, 256, (4, 32, 24, 3)).astype(np.float32)
    top, left = random.integers(0, 32 - height + 1), random.integers(0, 24 - width + 1)
    views[:, top : top + height, left : left + width] = 0
    found = boxes(list(views))
    np.testing.assert_allclose(found.height, height / 32)
    np.testing.assert_allclose(found.width, width / 24)
    assert len(found) == (4 if height * width >= 0.01 * 32 * 24 else 0)


def test_what_lies_outside_and_ragged_shapes_are_no_rectangles() -> None:
    strip, ring, none = (np.arange(1.0, 3073).reshape(32, 32, 3) for _ in range(3))
    strip[:5] = 0
    ring[:] = 0
    ring[4:-4, 4:-4] = np.arange(1.0, 1729).reshape(24, 24, 3)
    assert not len(boxes([strip, ring, none]))
    assert not boxes([]).views


def turned_and_erased(share: float) -> Change:
    """A turn with black corners, and then a black rectangle in so many of the examples."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        made = moved(x, degrees=random.uniform(-20, 20))
        if random.random() < share:
            height, width = random.integers(6, 14, 2)
            top, left = random.integers(1, SIDE - height - 1), random.integers(1, SIDE - width - 1)
            made[top : top + height, left : left + width] = 0
        return made

    return change


def test_rectangles_are_told_from_black_corners() -> None:
    sides = [
        observe(
            transformed(pictures(), turned_and_erased(share), seed=seed),
            budget=Budget(timing_s=0.0),
        )
        for seed, share in enumerate((0.3, 0.0, 0.3))
    ]
    found = boxes_on_one_side(Twins(*sides[:2]))
    assert found is not None
    assert found[0] == "A"
    assert found[1].height.min() == pytest.approx(6 / SIDE, abs=0.04)
    assert not len(found[2])
    assert boxes_on_one_side(Twins(sides[0], sides[2])) is None
