"""Two feeds of windows without one in common, over the same steps of one measured series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._overlaps import mostly_whole, series

_LEAST = 50  # different steps, which chance does not make the same
_SHARED = 0.3  # of each side's steps that the other has: not all windows are kept whole
_APART, _KEPT = 0.1, 0.5  # of the shared steps, that are followed by the same one as in the other
_FOLLOWERS = 1.1  # different followers of a step, on average: at its place in time it has one
_MOST_STEPS = 1 << 31
_ROUGHER = 1.5  # times as far from step to step, which mixing makes of what changes slowly


@dataclass(frozen=True, slots=True)
class OneSeries:
    """What is alike.

    Attributes:
        share: Of the steps of the side that has fewer in common, those that the other has, too.
        mixed: Whether steps follow other ones; else windows are only cut at other places.
        rougher: Which side's steps lie farther apart, 0 or 1; ``None`` where neither does.
    """

    share: float
    mixed: bool
    rougher: int | None


def one_series(left: Trace, right: Trace) -> OneSeries | None:
    """Compare the steps of windows kept whole; ``None`` where they are not those of one series."""
    mine, theirs = series(left), series(right)
    if mine is None or theirs is None or mine.shape[2] != theirs.shape[2]:
        return None
    if any(mostly_whole(side) or side.shape[1] < 2 for side in (mine, theirs)):
        return None  # words and classes come again everywhere
    numbers = _numbered(mine, theirs)
    steps = [np.unique(side) for side in numbers]
    common = len(np.intersect1d(*steps, assume_unique=True))
    share = common / max(len(side) for side in steps)
    if min(len(side) for side in steps) < _LEAST or share < _SHARED:
        return None
    follows = [_followers(side) for side in numbers]
    if any(len(pairs) > _FOLLOWERS * len(side) for pairs, side in zip(follows, steps, strict=True)):
        return None  # values that come again, as those of a table do
    kept = len(np.intersect1d(*follows, assume_unique=True)) / common
    if _APART < kept < _KEPT or (kept <= _APART and _within_windows(*numbers)):
        return None
    rough = [float(np.abs(np.diff(side, axis=1)).mean()) for side in (mine, theirs)]
    side = int(rough[1] > rough[0])
    clear = rough[side] > _ROUGHER * rough[1 - side]
    return OneSeries(share, kept <= _APART, side if clear else None)


def _numbered(left: Array, right: Array) -> tuple[Array, Array]:
    """Both sides' steps as numbers, equal ones by the same, each of shape ``(windows, steps)``."""
    every: Array = np.concatenate([side.reshape(-1, side.shape[2]) for side in (left, right)])
    which: Array = np.unique(every, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    cut = left.shape[0] * left.shape[1]
    return which[:cut].reshape(left.shape[:2]), which[cut:].reshape(right.shape[:2])


def _followers(numbers: Array) -> Array:
    """Each pair of steps that follow one another, once, as one number."""
    pairs: Array = numbers[:, :-1] * _MOST_STEPS + numbers[:, 1:]
    return np.unique(pairs)


def _within_windows(left: Array, right: Array) -> bool:
    """Whether only the steps of each window stand in another order, as turned round in time."""
    sides = [np.unique(np.sort(side, axis=1), axis=0) for side in (left, right)]
    if left.shape[1] != right.shape[1]:
        back = _followers(right[:, ::-1])
        return len(np.intersect1d(_followers(left), back)) > _APART * len(back)
    return len(np.unique(np.concatenate(sides), axis=0)) < len(sides[0]) + len(sides[1])
