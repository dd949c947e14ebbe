"""Registered cells put together to blocks, which interpolation has no part in."""

from __future__ import annotations

from itertools import product

import numpy as np

from twinfeed._core.batch import Array

BLOCK = 3
"""Cells of a side that are put together."""
_LEAST_BLOCKS = 10  # of a side, that are left


def blocks(expected: Array, seen: Array, counted: Array, side: int) -> tuple[Array, Array, Array]:
    """Means of neighbouring cells that count, expected and seen, and how much each counts.

    Interpolation takes from the finest detail, and not from the same share of it in both: means of
    a few cells have no part in that.
    """
    views, channels = len(counted), counted.shape[-1]
    few = min(BLOCK, max(1, side // _LEAST_BLOCKS))
    kept = side // few * few

    def summed(values: Array) -> Array:
        grid = values.reshape(views, side, side, channels)[:, :kept, :kept]
        made = np.zeros((views, kept // few, kept // few, channels), values.dtype)
        for down, across in product(range(few), repeat=2):
            made += grid[:, down::few, across::few]
        return made.reshape(views, -1, channels)

    weight = summed(counted)
    total = np.maximum(weight, 1e-9)
    return summed(expected * counted) / total, summed(seen * counted) / total, weight
