"""Channels of another colour space are named, and brightness, order and greys are not taken for it."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed._core.batch import Array
from twinfeed.diff import compare
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._colour_space import _hsv as hsv, colour_space

PICTURES = np.stack([photograph(32, 32, seed) for seed in range(40)])
UNIT = PICTURES / 255
LUMA = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])


def by_pillow(mode: str) -> Array:
    image = pytest.importorskip("PIL.Image")
    return np.stack([np.asarray(image.fromarray(each).convert(mode)) for each in PICTURES])


def by_colorsys() -> Array:
    points = UNIT.reshape(-1, 3)[:500].tolist()
    return np.array([colorsys.rgb_to_hsv(*point) for point in points])


def test_hue_saturation_and_value_are_those_of_the_standard_library() -> None:
    np.testing.assert_allclose(hsv(UNIT.reshape(-1, 3)[:500]), by_colorsys(), atol=1e-12)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("YCbCr or YUV", lambda: by_pillow("YCbCr")),
        ("YCbCr or YUV", lambda: UNIT @ LUMA.T),
        ("YCrCb", lambda: UNIT @ LUMA[[0, 2, 1]].T),
        ("HSV", lambda: by_pillow("HSV")),
        ("", lambda: UNIT @ (np.array([[0.5, 0.4, 0.1], [0.1, 0.6, 0.3], [0.4, 0.0, 0.6]]).T)),
    ],
    ids=["ycbcr-levels", "ycbcr", "ycrcb", "hsv", "mix"],
)
def test_a_colour_space_is_named(name: str, made: Callable[[], Array], *, left: bool) -> None:
    sides = (made(), PICTURES) if left else (PICTURES, made())
    report = compare(*(seen(side, ids=np.arange(len(side))) for side in sides))
    first = report.findings[0]
    assert first.code == "GEO202"
    assert first.evidence["colour_space"] == name
    assert not name or first.evidence["converted_side"] == "AB"[not left]
    assert not {"VAL202", "VAL203", "VAL206"} & {one.code for one in report.findings}


@pytest.mark.parametrize(
    "other",
    [
        UNIT,
        PICTURES[..., ::-1],
        UNIT * [0.5, 0.7, 0.9] + 0.1,
        UNIT**2.2,
        UNIT.mean(axis=-1, keepdims=True).repeat(3, axis=-1),
        np.random.default_rng(0).random(UNIT.shape),
        UNIT + np.random.default_rng(0).normal(0, 0.1, UNIT.shape),
    ],
    ids=["same", "reversed", "lines", "power", "grey", "noise", "grain"],
)
def test_no_other_change_is_taken_for_it(other: Array) -> None:
    assert colour_space(Twins(seen(PICTURES), seen(other))) is None
