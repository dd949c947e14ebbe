"""Levels that one side cuts off after the point and the other rounds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import findings, seen
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._rounded_down import rounded_down

HALVED = np.stack([photograph(64, 64, seed) for seed in range(24)]).reshape(24, 32, 2, 32, 2, 3)
EXACT = HALVED.mean(axis=(2, 4)) * 0.83  # as many fractions as a resize leaves
DOWN, NEAREST = EXACT.astype(np.uint8), np.rint(EXACT).astype(np.uint8)


@pytest.mark.parametrize("scale", [None, 1 / 255])
def test_values_cut_off_after_the_point_are_named(scale: float | None) -> None:
    sides = [side if scale is None else side * np.float32(scale) for side in (DOWN, NEAREST)]
    found = findings(seen(sides[0]), seen(sides[1]))["VAL206"]
    assert "A's values are B's or one level lower" in found.sentence
    assert found.severity == "note"
    other = rounded_down(Twins(seen(sides[1]), seen(sides[0])))
    assert other is not None
    assert other.side == "B"


@pytest.mark.parametrize(
    "other",
    [
        NEAREST,
        NEAREST + np.uint8(1),
        np.where(np.random.default_rng(0).random(EXACT.shape) < 0.5, DOWN, NEAREST + np.uint8(1)),
    ],
    ids=["equal", "one more everywhere", "up and down"],
)
def test_other_steps_of_a_level_are_none(other: np.ndarray) -> None:
    assert rounded_down(Twins(seen(NEAREST), seen(other))) is None
