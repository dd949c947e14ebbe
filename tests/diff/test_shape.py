"""Size, channels, layout and structure, each said once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.seen import (
    CLASSES,
    COLOURED,
    MEASURES,
    SCANS,
    Draw,
    brightened,
    cropped,
    findings,
    flipped,
    seen,
)
from twinfeed._core.finding import Severity
from twinfeed.diff import compare

RGB = COLOURED[:120]
GREY = SCANS[:120]
Y = CLASSES[:120]


def enlarged(x: np.ndarray, times: int) -> np.ndarray:
    return np.repeat(np.repeat(x, times, axis=1), times, axis=2)


def test_size_is_compared_wherever_the_channels_stand() -> None:
    found = findings(seen(RGB, Y), seen(np.moveaxis(enlarged(RGB, 2), -1, 1), Y))
    assert set(found) == {"GEO201", "GEO204"}
    assert found["GEO201"].evidence["b_height_px"] == 64


def test_swapped_height_and_width() -> None:
    tall, wide = seen(RGB[:, :24], Y), seen(RGB[:, :, :24], Y)
    both = [
        {one.code: one for one in compare(left, right, measures=MEASURES).findings}
        for left, right in ((tall, wide), (wide, tall))
    ]
    assert all(found["GEO201"].evidence["swapped"] is True for found in both)
    # That either shows another part of the scans is seen one way round only.
    assert set(both[0]) ^ set(both[1]) <= {"PIX206"}


def test_only_the_layout_differs() -> None:
    assert set(findings(seen(RGB, Y), seen(np.moveaxis(RGB, -1, 1), Y))) == {"GEO204"}


@pytest.mark.parametrize(
    "draw", [None, flipped, cropped, brightened], ids=["still", "flip", "crop", "bright"]
)
def test_bgr_is_found_under_augmentation(draw: Draw | None) -> None:
    found = findings(seen(RGB, Y, seed=1, draw=draw), seen(RGB[..., ::-1], Y, seed=2, draw=draw))
    assert "GEO202" in found
    assert found["GEO202"].evidence["order"] == "(2, 1, 0)"
    assert not {"VAL201", "VAL202", "VAL203"} & set(found)


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(3)))
def test_any_order_of_channels_is_recovered(order: list[int]) -> None:
    found = findings(seen(RGB, Y, seed=1), seen(RGB[..., order], Y, seed=2))
    if order == [0, 1, 2]:
        assert not found
    else:
        assert set(found) == {"GEO202"}
        assert found["GEO202"].evidence["order"] == str(tuple(order))


def test_an_order_that_fits_eight_of_nine_may_be_chance() -> None:
    mixed = RGB[:9].copy()
    mixed[:8] = mixed[:8, ..., [1, 2, 0]]
    assert "GEO202" not in findings(seen(RGB[:9], Y[:9]), seen(mixed, Y[:9]))
    assert "GEO202" in findings(seen(RGB[:9], Y[:9]), seen(RGB[:9, ..., [1, 2, 0]], Y[:9]))


def test_bgr_and_a_scale_are_two_causes() -> None:
    found = findings(seen(RGB, Y, seed=1), seen(RGB[..., ::-1] / np.float32(255), Y, seed=2))
    assert {"GEO202", "VAL203"} <= set(found)


def test_the_order_of_faint_colours_is_no_factor_for_each_channel() -> None:
    faint = (GREY * np.float32([1.015, 1, 0.985])).astype(np.float32)
    found = findings(seen(faint, Y, seed=1), seen(faint[..., ::-1], Y, seed=2))
    assert set(found) == {"GEO202"}
    scaled = findings(seen(faint, Y, seed=1), seen(faint * np.float32([1.03, 1, 1]), Y, seed=2))
    assert set(scaled) == {"VAL202"}


@pytest.mark.parametrize("draw", [None, cropped], ids=["still", "cropped"])
def test_grey_pictures_have_no_order(draw: Draw | None) -> None:
    grey = np.repeat(GREY, 3, axis=-1)
    one, other = (
        seen(grey[..., order], Y, seed=s, draw=draw)
        for s, order in ((1, [0, 1, 2]), (2, [2, 1, 0]))
    )
    assert not findings(one, other)


@pytest.mark.parametrize(
    "draw", [None, flipped, cropped, brightened], ids=["still", "flip", "crop", "bright"]
)
@settings(max_examples=3, deadline=None)
@given(st.integers(1, len(RGB)), st.integers(0, 10_000))
def test_equal_colours_are_no_finding(draw: Draw | None, count: int, seed: int) -> None:
    one, other = (seen(RGB[:count], Y[:count], seed=seed + s, draw=draw) for s in (0, 1))
    assert not findings(one, other)


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [(1, -1, "mirrored left to right"), (-1, 1, "upside down"), (-1, -1, "turned by half a turn")],
)
def test_pictures_the_other_way_round(rows: int, columns: int, said: str) -> None:
    found = findings(seen(COLOURED[:60], seed=1), seen(COLOURED[:60, ::rows, ::columns], seed=2))
    assert said in found["GEO206"].sentence


def test_pictures_mirrored_at_random_have_no_orientation() -> None:
    found = findings(seen(COLOURED[:60], seed=1), seen(COLOURED[:60], seed=2, draw=flipped))
    assert "GEO206" not in found


def test_a_seam_that_was_coloured_makes_no_colours_of_grey_pictures() -> None:
    copied = np.repeat(GREY[..., :1], 3, axis=-1)
    tinged = copied.copy()
    tinged[3:5, :, 0, 1] = tinged[3:5, :, 0, 1] ^ 8  # what chroma leaves where halves were joined
    assert "GEO203" not in findings(seen(copied, Y), seen(tinged, Y))
    assert "GEO203" in findings(seen(copied, Y), seen(RGB, Y))


def test_channels_that_are_copies() -> None:
    found = findings(seen(GREY, Y), seen(np.repeat(GREY, 3, axis=-1), Y))
    assert set(found) == {"GEO203"}
    assert found["GEO203"].evidence["more_channels_hold"] == "the 3 are copies of one"


def test_alpha_that_is_the_same_everywhere() -> None:
    alpha = np.full((*RGB.shape[:3], 1), 255, np.uint8)
    found = findings(seen(RGB, Y), seen(np.concatenate([RGB, alpha], axis=-1), Y))
    assert set(found) == {"GEO203"}
    assert "alpha" in str(found["GEO203"].evidence["more_channels_hold"])


def test_rank() -> None:
    found = findings(seen(GREY, Y), seen(GREY[..., 0], Y))
    assert "GEO205" in found
    assert "rank 3 against 2" in found["GEO205"].sentence


def test_names_of_inputs() -> None:
    found = findings(seen({"left": RGB, "right": RGB}, Y), seen((RGB, RGB), Y))
    assert set(found) == {"GEO205"}


def test_weights_of_one_are_a_note_and_others_are_not() -> None:
    ones = findings(seen(RGB, Y), seen(RGB, Y, weight=np.ones(len(RGB), np.float32)))
    others = findings(seen(RGB, Y), seen(RGB, Y, weight=np.linspace(0, 1, len(RGB))))
    assert ones["GEO205"].severity is Severity.NOTE
    assert others["GEO205"].severity is Severity.WARNING


def test_names_of_several_labels() -> None:
    found = findings(seen(RGB, {"a": Y, "b": Y}), seen(RGB, {"a": Y, "c": Y}))
    assert "GEO205" in found


@pytest.mark.slow
def test_alpha_laid_over_white_is_no_factor_of_each_example() -> None:
    random = np.random.default_rng(0)
    contrast = np.exp(random.normal(0, 1, (60, 1, 1, 1)))
    waves = random.normal(size=(60, 5, 5, 3)).repeat(8, axis=1).repeat(8, axis=2)
    rgb = (70 + 6 * contrast * waves).clip(0, 255).astype(np.uint8)
    y, x = np.mgrid[-1:1:40j, -1:1:40j]
    outside = x**2 + y**2 > random.uniform(1.0, 1.4, (60, 1, 1))
    rgb[outside] = random.integers(0, 90, (int(outside.sum()), 3))
    alpha = np.where(outside, 0, 255).astype(np.uint8)[..., None]
    white = np.where(outside[..., None], 255, rgb).astype(np.uint8)
    labels = np.arange(60) % 3
    found = findings(seen(np.concatenate([rgb, alpha], axis=-1), labels), seen(white, labels))
    assert "GEO203" in found
    assert "VAL202" not in found
