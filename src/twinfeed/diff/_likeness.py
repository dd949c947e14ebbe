"""The same example in two sets of coarse views, by nearest neighbour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._warp import BANK, FLIPS, SIDE, UPSIDE_DOWN, Warp, operator, standardise

_BLOCK = 2048  # rows compared at a time; bounds memory at 2048 x columns floats
_LEAST = 0.6  # correlation below which two views are not taken for the same example
_CLEAR = 0.5  # (1 - best) / (1 - second best) above which the best is not clearly best
_ENOUGH = 0.97  # share of clear matches after flips alone that makes the zooms unnecessary


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs found, as indices into both sets.

    Attributes:
        left: Index into the left set, shape ``(pairs,)``.
        right: Index into the right set, shape ``(pairs,)``.
        doubt: Per pair, (1 - best) / (1 - second best), 0 to ``0.5``: 0 is beyond doubt.
    """

    left: Array
    right: Array
    doubt: Array


def match(left: Array, right: Array) -> Matches:
    """Match coarse views one to one: mutually best and clearly so.

    Args:
        left: ``Rows.signature`` of one set, shape ``(count, values)``.
        right: The same of the other, with the same number of values.
    """
    if left.shape[1] != right.shape[1] or left.shape[1] < 8 or not len(left) or not len(right):
        return _nothing()
    if left.shape[1] != SIDE**2:
        return _search(left, right, (None,))
    found = _search(left, right, FLIPS)
    rest_left = np.setdiff1d(np.arange(len(left)), found.left)
    rest_right = np.setdiff1d(np.arange(len(right)), found.right)
    if min(len(rest_left), len(rest_right)) <= (1 - _ENOUGH) * min(len(left), len(right)):
        return found
    more = _search(left[rest_left], right[rest_right], (*BANK, *UPSIDE_DOWN))
    return Matches(
        np.concatenate([found.left, rest_left[more.left]]),
        np.concatenate([found.right, rest_right[more.right]]),
        np.concatenate([found.doubt, more.doubt]),
    )


def _search(left: Array, right: Array, warps: tuple[Warp | None, ...]) -> Matches:
    columns = standardise(right).T
    best = np.full(len(left), -1.0, np.float32)
    second = best.copy()
    best_at = np.zeros(len(left), int)
    column_best = np.full(len(right), -1.0, np.float32)
    column_at = np.zeros(len(right), int)
    views = [left if warp is None else left.astype(np.float32) @ operator(warp).T for warp in warps]
    for start in range(0, len(left), _BLOCK):
        block = slice(start, start + _BLOCK)
        scores = np.full((len(left[block]), len(right)), -1.0, np.float32)
        for view in views:
            np.maximum(scores, standardise(view[block]) @ columns, out=scores)
        rows = np.arange(len(scores))
        best_at[block] = scores.argmax(axis=1)
        best[block] = scores[rows, best_at[block]]
        top = scores.argmax(axis=0)
        values = scores[top, np.arange(len(right))]
        better = values > column_best
        column_best = np.where(better, values, column_best)
        column_at = np.where(better, top + start, column_at)
        scores[rows, best_at[block]] = -1.0
        second[block] = scores.max(axis=1)
    doubt = np.clip(1 - best, 1e-6, None) / np.clip(1 - second, 1e-6, None)
    good = (column_at[best_at] == np.arange(len(left))) & (best >= _LEAST) & (doubt <= _CLEAR)
    chosen = np.flatnonzero(good)
    return Matches(chosen, best_at[chosen], doubt[chosen])


def _nothing() -> Matches:
    none = np.zeros(0, int)
    return Matches(none, none, np.zeros(0))
