"""One colour for another, without the files that would tell what it stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.diff.replay.material import image_library, photograph
from tests.diff.seen import SCANS, findings, seen
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._ledger._background_step import _two_colours

COUNT, SIDE = 32, 48
PHOTOS = np.stack([photograph(SIDE, SIDE, seed) for seed in range(COUNT)])
BILINEAR: Any = image_library().Resampling.BILINEAR
Change = Callable[[np.ndarray], np.ndarray]


def on(ground: float, pictures: np.ndarray, scale: float = 1.0) -> np.ndarray:
    """Pictures with two edges of a width of their own laid over one colour."""
    random = np.random.default_rng(0)
    made = pictures.astype(np.float32).copy()
    for picture in made:
        top, right = random.integers(5, 14, 2)
        picture[:top] = ground
        picture[:, -right:] = ground
    return made * np.float32(scale)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 1 / 255])
def test_black_in_place_of_white_is_told_and_nothing_else(scale: float) -> None:
    found = findings(seen(on(255, PHOTOS)), seen(on(0, PHOTOS, scale)))
    assert found["PIX211"].evidence["a_colour"] == "255"
    assert found["PIX211"].evidence["b_colour"] == "0"
    assert set(found) <= {"PIX211", "VAL201", "VAL203", "VAL204"}
    assert ("VAL203" in found) == (scale != 1)


def test_a_few_pairs_of_strangers_do_not_hide_it() -> None:
    left, right = on(255, PHOTOS), on(0, PHOTOS)
    right[:2] = right[1::-1]
    found = _two_colours(left, right)
    assert found is not None
    assert found[0].tolist() == [255] * 3
    assert found[1].tolist() == [0] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        lambda x: 255 - x,
        pytest.param(lambda x: (x + 60).clip(0, 255), marks=pytest.mark.slow),
        pytest.param(lambda x: 255 * (x / 255) ** 0.6, marks=pytest.mark.slow),
        lambda x: x / 255,
        lambda x: x - x.mean(axis=(1, 2, 3), keepdims=True),
    ],
    ids=["negative", "brighter and cut off", "curve", "scaled", "centred"],
)
def test_a_ground_that_follows_what_became_of_the_rest_is_none(change: Change) -> None:
    dark = SCANS[:80].astype(np.float32)  # most points have one colour
    for pictures in (dark, on(0, PHOTOS)):
        for sides in ((pictures, change(pictures)), (change(pictures), pictures)):
            left, right = (seen(side.astype(np.float32)) for side in sides)
            found = compare(left, right, measures=[CATALOGUE["PIX211"]]).findings
            assert not found


def test_black_that_a_slight_curve_leaves_black_is_none() -> None:
    dark = SCANS[:40].astype(np.float32)
    assert _two_colours(dark, 255 * (dark / 255) ** 1.2) is None


@pytest.mark.slow
def test_edges_that_a_resize_mixes_with_the_colour_hide_nothing() -> None:
    library = image_library()
    y, x = np.mgrid[:60, :60]

    def cut_out(number: int, ground: int) -> np.ndarray:
        picture = photograph(60, 60, number)
        outside = (y - 30) ** 2 + (x - 24 - number % 12) ** 2 > (16 + number % 10) ** 2
        picture[outside] = ground
        return np.asarray(library.fromarray(picture).resize((SIDE, SIDE), BILINEAR))

    sides = [np.stack([cut_out(number, ground) for number in range(COUNT)]) for ground in (0, 255)]
    found = findings(seen(sides[0]), seen(sides[1]))
    assert found["PIX211"].severity == "warning"
    assert {code for code, one in found.items() if one.severity != "note"} == {"PIX211"}


def test_several_colours_beneath_what_is_transparent_are_told_and_nothing_is_turned() -> None:
    """A cut-out's round outline fits any way round, and black beneath it was not cut off."""
    y, x = np.mgrid[:SIDE, :SIDE]
    sides = PHOTOS.copy(), PHOTOS.copy()
    for number in range(COUNT):
        outside = (y - 24) ** 2 + (x - 24) ** 2 > 290 + 6 * (number % 16)
        sides[0][number][outside] = (240, 30, 10) if number % 2 else (0, 0, 0)
        sides[1][number][outside] = 255
    found = findings(*(seen(side) for side in sides))
    assert {code for code, one in found.items() if one.severity != "note"} == {"PIX211"}


def test_padding_below_the_range_is_no_other_normalisation() -> None:
    """What is padded with -1 before values are brought to -1..1 ends at -3."""
    left, right = (on(value, PHOTOS / np.float32(127.5) - 1) for value in (-3, -1))
    found = findings(seen(left), seen(right))
    assert found["PIX211"].evidence["a_colour"] == "-3"
    assert found["PIX211"].evidence["b_colour"] == "-1"
    assert "VAL203" not in found


def test_a_normalisation_beside_other_padding_is_told_as_well() -> None:
    left, right = on(-3, PHOTOS / np.float32(127.5) - 1), on(0, PHOTOS / np.float32(255))
    assert {"PIX211", "VAL203"} <= set(findings(seen(left), seen(right)))
