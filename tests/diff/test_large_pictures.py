"""Feeds of pictures so large that few are kept whole, without names and in any order."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.calibration import material
from tests.diff.seen import flipped, seen
from twinfeed._core.batch import Array
from twinfeed.diff import compare
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._twins import Twins

SIDE, COUNT = 96, 160
RANDOM = np.random.default_rng(3)
FEW = 3 * COUNT // 8 * SIDE * SIDE * 3 * 4
"""Bytes that hold an eighth of the pictures as float32 in each of three epochs."""


def _picture() -> Array:
    coarse = Image.fromarray(RANDOM.integers(0, 256, (7, 7, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC), float)
    return np.clip(smooth + RANDOM.normal(0, 6, smooth.shape), 0, 255).astype(np.float32)


PICTURES = np.stack([_picture() for _ in range(COUNT)])


def zoomed(most: float) -> object:
    """Each picture mirrored by chance, and zoomed by up to this share."""

    def draw(x: Array, random: np.random.Generator) -> Array:
        made: list[Array] = []
        for picture in flipped(x, random):
            scale = random.uniform(1 - most, 1 + most)
            offset = SIDE / 2 * (1 - scale)
            planes = [
                Image.fromarray(picture[..., c]).transform(
                    (SIDE, SIDE),
                    Image.Transform.AFFINE,
                    (scale, 0, offset, 0, scale, offset),
                    Image.Resampling.BILINEAR,
                )
                for c in range(3)
            ]
            made.append(np.stack([np.asarray(plane) for plane in planes], axis=-1))
        return np.stack(made)

    return draw


def test_what_one_feed_draws_is_recovered() -> None:
    left = seen(PICTURES, seed=1, keep_bytes=FEW)
    right = seen(PICTURES, seed=2, draw=zoomed(0.2), keep_bytes=FEW)
    assert len(left.kept.row) < len(left.rows) / 5
    found = policy(Twins(left, right), "B")
    assert found.views >= 100
    assert found.flip_x.low == pytest.approx(0.5, abs=0.1)
    assert (found.zoom_x.low, found.zoom_x.high) == pytest.approx((0.8, 1.2), abs=0.02)


@pytest.mark.parametrize(("other", "codes"), [(0.2, set()), (0.0, {"AUG205"})])
def test_two_feeds_that_draw_are_compared(other: float, codes: set[str]) -> None:
    left, right = (
        seen(PICTURES, seed=seed, draw=zoomed(most), keep_bytes=FEW)
        for seed, most in ((1, 0.2), (2, other))
    )
    report = compare(left, right)
    assert {found.code for found in report.findings} - {"ORD205"} == codes


def test_pictures_mirrored_by_chance_count_alike_whether_they_came_again_or_not() -> None:
    # Unchanged ones are recognised at once, and of the changed ones only some are looked for.
    many, _ = material.draw(np.random.default_rng(1), "textures", 2000)
    left = seen(many, seed=1, draw=flipped)
    twins = Twins(left, seen(many, seed=2, draw=flipped))
    again = twins.epochs_of("A")
    assert again is not None
    assert again.pairs.sought < 1
    assert again.share_same == pytest.approx(0.5, abs=0.05)
    assert policy(twins, "A").flip_x.low == pytest.approx(0.5, abs=0.06)
