"""Handwritten digits, bundled: real scans, 1,797 of them, small enough to ship.

Source: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine
Learning Repository, 1998, licence CC BY 4.0; the test part, as scikit-learn ships it.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np

from twinfeed._core.batch import Array

SIDE = 32


def load() -> tuple[Array, Array]:
    """The digits and their classes.

    Returns:
        Images, uint8 in 0..255, shape ``(1797, 32, 32)``, enlarged from 8 x 8 with bilinear
        interpolation; classes 0..9, int64, shape ``(1797,)``.
    """
    with as_file(files("twinfeed.demo") / "digits.npz") as path, np.load(path) as stored:
        small, labels = stored["images"].astype(np.float64), stored["labels"].astype(np.int64)
    along = _enlarge(small.shape[1])
    levels = np.einsum("ij,njk,lk->nil", along, small, along) * (255 / 16)
    return np.rint(levels).clip(0, 255).astype(np.uint8), labels


def _enlarge(length: int) -> Array:
    """Bilinear interpolation from ``length`` to ``SIDE`` points, half-pixel centres."""
    at = np.clip((np.arange(SIDE) + 0.5) * length / SIDE - 0.5, 0, length - 1)
    low = np.floor(at).astype(int).clip(max=length - 2)
    weights = np.zeros((SIDE, length))
    weights[np.arange(SIDE), low] = 1 - (at - low)
    weights[np.arange(SIDE), low + 1] += at - low
    return weights
