"""Draws that a group shares, as the examples of a batch may."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array


def draws_as_one(values: Array, group: Array) -> float:
    """How many draws count as one, because those of a group go the same way; at least 1.

    Args:
        values: What was drawn, shape ``(draws,)``.
        group: The group of each, such as its batch, shape ``(draws,)``.

    >>> draws_as_one(np.repeat([1.0, -1.0, 1.0, -1.0], 8), np.repeat(np.arange(4), 8))
    8.0
    """
    _, of, sizes = np.unique(group, return_inverse=True, return_counts=True)
    means = np.bincount(of, values) / sizes
    power = float(values.var())
    if len(sizes) < 2 or not power > 0:
        return float(sizes.max())
    return max(1.0, float(np.square(means - values.mean()).mean()) * float(sizes.mean()) / power)
