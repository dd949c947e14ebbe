"""The same examples by the order of their values: what pairs spectrograms that were bent.

A square, a logarithm or decibels keep which of an example's values is larger than which. So the
same example has the same ranks on both sides, whatever curve its values were put through, and
two strangers have not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array

_LEAST, _MOST = 12, 4096  # examples of each side
_LEAST_VALUES, _POINTS = 64, 256  # of an example; those that are asked, evenly spread
_SHARE = 0.8  # of the shorter side, that must find its like
_EQUAL = 0.01  # of the variance of the ranks, that rounding and values cut off may leave
_CLEAR = 0.1  # of what the second best leaves, that the best may leave


def same_order(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Pair whole examples whose values stand in one order.

    Args:
        left: Examples of one side, of one shape, none twice.
        right: Of the other.

    Returns:
        Indices into both, as long as the pairs, ascending in the left; ``None`` where too few
        have clearly one like.
    """
    counts = len(left), len(right)
    if min(counts) < _LEAST or max(counts) > _MOST:
        return None
    if len({example.shape for example in (*left, *right)}) != 1 or left[0].size < _LEAST_VALUES:
        return None
    if any(example.dtype.kind not in "iuf" for example in (left[0], right[0])):
        return None
    mine, theirs = _ranks(left), _ranks(right)
    apart = 1 - mine @ theirs.T
    nearest, back = _two_least(apart), _two_least(apart.T)
    rows = np.arange(len(mine))
    best = nearest[0]
    least, second = apart[rows, best], np.minimum(nearest[1], back[1][best])
    good = (back[0][best] == rows) & (least <= _EQUAL) & (least <= _CLEAR * second)
    return (rows[good], best[good]) if good.sum() >= _SHARE * min(counts) else None


def _ranks(examples: Sequence[Array]) -> Array:
    """Ranks of some values of each example, equal ones alike, centred and of length 1."""
    picks = np.unique(np.linspace(0, examples[0].size - 1, _POINTS).round().astype(int))
    found = np.zeros((len(examples), len(picks)), np.float32)
    for row, example in zip(found, examples, strict=True):
        values = example.reshape(-1)[picks]
        ordered = np.sort(values)
        row[:] = np.searchsorted(ordered, values) + np.searchsorted(ordered, values, side="right")
    found -= found.mean(axis=1, keepdims=True)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.where(length > 0, length, 1)


def _two_least(apart: Array) -> tuple[Array, Array]:
    """Per row, where the least stands, and the second least."""
    return apart.argmin(axis=1), np.partition(apart, 1, axis=1)[:, 1]
