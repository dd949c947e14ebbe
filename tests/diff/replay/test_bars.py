"""Where the bars of padded pictures are, and what colour they have, is told from the files."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.diff.replay.material import image_library, jpegs
from twinfeed.diff._replay._identify import identify
from twinfeed.diff._replay._recipe import Recipe
from twinfeed.diff._replay._studio import binding, shot

SIZE = (40, 72)


def padded(path: Path, rounded: Callable[[float], int], colour: int, *, middle: bool) -> np.ndarray:
    """A file made to fit, on a ground of one colour."""
    image = image_library()
    with image.open(path) as opened:
        picture = opened.convert("RGB")
    ratio = max(picture.height / SIZE[0], picture.width / SIZE[1])
    height, width = (rounded(length / ratio) for length in (picture.height, picture.width))
    made = np.full((*SIZE, 3), colour, np.uint8)
    top, left = ((SIZE[0] - height) // 2, (SIZE[1] - width) // 2) if middle else (0, 0)
    small = picture.resize((width, height), image.Resampling.BILINEAR)
    made[top : top + height, left : left + width] = np.asarray(small)
    return made


@pytest.mark.parametrize(
    ("rounded", "middle", "policy"),
    [
        (round, False, "resized to fit and padded at the right or below"),
        (math.ceil, False, "resized to fit, rounded up, and padded at the right or below"),
        (math.floor, True, "resized to fit and padded"),
    ],
)
@pytest.mark.parametrize("colour", [0, 114, 255])
def test_bars_of_any_colour_are_seen(
    rounded: Callable[[float], int], middle: bool, policy: str, colour: int, tmp_path: Path
) -> None:
    library = binding() or pytest.skip("Pillow is not installed")
    shots = [
        # Another scale, so that no colour is that of the empty picture.
        shot(padded(path, rounded, colour, middle=middle) / 127.5 - 1, library.header(path))
        for path in jpegs(tmp_path)
    ]
    recipe = identify(library, shots)
    assert isinstance(recipe, Recipe)
    assert policy in recipe.policy.among
    assert recipe.bars == pytest.approx((colour,) * 3, abs=1)
    assert recipe.left_levels < 0.1
