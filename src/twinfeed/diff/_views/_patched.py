"""The same example in two sets of coarse views although a part of it was overwritten.

A patch changes the mean, the spread and a third of the points of a view, so correlation fails.
Which of two neighbouring points is brighter stays as it was everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._warp import FLIPS, SIDE, WIDE, Warp, operator

_STEP = 2.0  # levels between neighbours below which neither is brighter
_LEAST = 0.45  # agreement from which two views are taken for the same example
_CLEAR = 0.65  # of the best agreement that the second best may reach
_COMMON = 100  # neighbours that must differ in both
_TRIAL, _WORTH = 24, 0.1  # rows of a trial, and the share of them that must find a partner
_WORK = 2e10  # multiplications that are affordable: a second or two


@dataclass(frozen=True, slots=True)
class Patched:
    """Pairs found, as indices into both sets, and the doubt of each, 0 to 0.5."""

    left: Array
    right: Array
    doubt: Array


def patched(left: Array, right: Array) -> Patched:
    """Pair views by the signs of their slopes: mutually best, and clearly so.

    Args:
        left: ``Rows.signature`` of pictures of one set, shape ``(count, 256)``.
        right: The same of the other set.
    """
    nothing = Patched(np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    if not len(left) or not len(right) or left.shape[1] != SIDE**2:
        return nothing
    work = 4.0 * len(left) * len(right) * SIDE**2
    warps = next((bank for bank in ((*FLIPS, *WIDE), FLIPS) if work * len(bank) <= _WORK), None)
    if warps is None:
        return nothing
    columns = _slopes(right.astype(np.float32))
    if len(left) > 2 * _TRIAL:
        some = left[:: max(1, len(left) // _TRIAL)]
        if len(_judged(_agreement(some, columns, warps)).left) < _WORTH * len(some):
            return nothing
    # What only overwrites does not move: without maps, strangers seem less alike.
    found = _judged(_agreement(left, columns, FLIPS))
    if warps is FLIPS:
        return found
    rows, rest = (
        np.setdiff1d(np.arange(len(side)), taken)
        for side, taken in ((left, found.left), (right, found.right))
    )
    more = (
        _judged(_agreement(left[rows], columns[rest], warps))
        if len(rows) and len(rest)
        else nothing
    )
    return Patched(
        np.concatenate([found.left, rows[more.left]]),
        np.concatenate([found.right, rest[more.right]]),
        np.concatenate([found.doubt, more.doubt]),
    )


def _judged(agreement: Array) -> Patched:
    best = agreement.argmax(axis=1)
    at = np.arange(len(agreement))
    top = agreement[at, best]
    rivals = agreement.copy()
    rivals[at, best] = -1
    second = np.maximum(rivals.max(axis=1), rivals.max(axis=0)[best])
    mutual = agreement.argmax(axis=0)[best] == at
    good = mutual & (top >= _LEAST) & (second <= _CLEAR * top)
    doubt = (1 - top) / np.maximum(1 - second, 1e-6)
    return Patched(at[good], best[good], np.clip(doubt[good], 0, 0.5))


def _agreement(left: Array, columns: Array, warps: tuple[Warp, ...]) -> Array:
    """The best agreement of each pair over the warps, -1 to 1, shape ``(left, right)``."""
    best = np.full((len(left), len(columns)), -1.0, np.float32)
    steep = np.abs(columns)
    for warp in warps:
        rows = _slopes(left.astype(np.float32) @ operator(warp).T)
        common = np.abs(rows) @ steep.T
        agreed = np.where(common >= _COMMON, (rows @ columns.T) / np.maximum(common, 1), -1.0)
        np.maximum(best, agreed, out=best)
    return best


def _slopes(views: Array) -> Array:
    """1 where the next point is brighter, -1 where darker, 0 where alike; ``(views, 480)``."""
    grid = views.reshape(-1, SIDE, SIDE)
    steps = [np.diff(grid, axis=axis).reshape(len(grid), -1) for axis in (1, 2)]
    step = np.concatenate(steps, axis=1)
    return (np.sign(step) * (np.abs(step) > _STEP)).astype(np.float32)
