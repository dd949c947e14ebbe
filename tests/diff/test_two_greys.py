"""Other grey weights are told from the greys, also where one side was rounded."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import findings, seen

LUMA = np.array([0.299, 0.587, 0.114])


def coloured() -> np.ndarray:
    """Patches of faint colour with grain, whole levels, shape ``(40, 48, 48, 3)``."""
    random = np.random.default_rng(0)
    patches = random.integers(0, 200, (40, 8, 8, 1)) + random.integers(-40, 40, (40, 8, 8, 3))
    large = patches.repeat(6, axis=1).repeat(6, axis=2)
    return np.clip(large + random.normal(0, 8, large.shape), 0, 255).round()


RGB = coloured()
MEAN = RGB.mean(axis=-1, keepdims=True).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("scale", [1, 255])
def test_a_mean_is_told_from_rounded_weights(scale: int, copies: int) -> None:
    rounded = np.round(RGB @ LUMA)[..., None].astype(np.float32)
    sides = [each.repeat(copies, axis=-1) / scale for each in (rounded, MEAN)]
    found = findings(*map(seen, sides))
    assert "VAL206" not in found
    assert found["PIX210"].evidence["b_grey"] == "the mean of the channels"
    assert found["PIX210"].evidence["a_grey"] == ""


def test_a_mean_and_the_same_rounded_are_of_one_weight() -> None:
    assert "PIX210" not in findings(seen(MEAN), seen(np.round(MEAN)))
