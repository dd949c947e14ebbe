"""A filter is looked for both ways, and told from noise by where the pictures differ."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.diff.seen import findings, seen

RANDOM = np.random.default_rng(5)


def shapes(side: int) -> np.ndarray:
    """Flat squares and discs of several sizes, of which each picture has other ones."""
    rows, columns = np.mgrid[:side, :side] / side
    made = np.full((side, side, 3), RANDOM.uniform(60, 200, 3))
    for _ in range(14):
        y, x, size = *RANDOM.uniform(0, 1, 2), RANDOM.uniform(0.03, 0.2)
        inside = np.hypot(rows - y, columns - x) < size
        made[inside] = RANDOM.uniform(0, 255, 3)
    made[:, : side // 3] += (
        60 * np.sin(columns[:, : side // 3] * RANDOM.uniform(80, 200))[..., None]
    )
    return np.clip(made, 0, 255).astype(np.uint8)


LARGE = [shapes(side) for side in RANDOM.integers(70, 170, 24)]
SOFT, SHARP = (
    np.stack([cv2.resize(each, (48, 48), interpolation=kernel) for each in LARGE])
    for kernel in (cv2.INTER_AREA, cv2.INTER_LINEAR)
)


@pytest.mark.parametrize(
    ("left", "right", "said"), [(SOFT, SHARP, "sharper"), (SHARP, SOFT, "softer")]
)
def test_detail_that_was_folded_in_is_told_either_way(
    left: np.ndarray, right: np.ndarray, said: str
) -> None:
    found = findings(seen(left), seen(right))
    assert f"B is {said}" in found["PIX207"].sentence
    assert float(str(found["PIX207"].evidence["filter_takes_share"])) > 0.25
    assert "VAL206" not in found


def test_noise_is_not_a_sharper_picture() -> None:
    noisy = SOFT + RANDOM.normal(0, 12, SOFT.shape)
    found = findings(seen(SOFT.astype(np.float32)), seen(noisy.astype(np.float32)))
    assert "VAL206" in found
    assert "PIX207" not in found


def test_what_differs_at_every_fifth_point_is_seen() -> None:
    """Nearest neighbours on two grids: rows evenly spaced would miss each of those that differ."""
    small = np.stack([shapes(32) for _ in range(24)])
    left, right = (
        small[:, picks[:, None], picks]
        for picks in (np.floor((np.arange(80) + start) * 0.4).astype(int) for start in (0, 0.5))
    )
    assert "PIX207" in findings(seen(left), seen(right))
