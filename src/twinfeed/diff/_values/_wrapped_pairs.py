"""Values of one side that lost multiples of 256, told point by point of paired pictures.

A cast to 8 bits keeps of a whole number what 256 leave of it. Then one side is a multiple of the
other plus a constant but for multiples of 256, at every point and to the last bit, which nothing
else brings about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SideName, Twins
from twinfeed.diff._values._cut_off import paired_points
from twinfeed.stats.coarse import grid

_TURN = 256
_FACTORS = (1, 2, 3, 4)  # of brightness or contrast before a cast
_ALL = 0.98  # of the points, at which it must hold
_SOME = 0.005  # of the points, that must have lost 256: equal ones have lost nothing
_MOST_OF_END = 0.9  # of what the other side cut off; some stood there by itself, and does here
_FAR, _NEAR = 0.75 * _TURN, 0.25 * _TURN  # jumps from 254 to 3, and what they are with 256 added
_ONE_VALUE = 0.5  # share of what wrapped that may be one value
_WHOLE = 1e-3  # of a level, by which a whole number may be off once it was scaled


@dataclass(frozen=True, slots=True)
class WrappedPairs:
    """The side whose values wrapped around, and what they would be.

    Attributes:
        side: Which one.
        share: Of its values, those that lost a multiple of 256.
        factor: Without that, the other side's levels times ``factor`` ...
        offset: ... plus ``offset``.
        pairs: Pictures it rests on.
        cut: Whether the other side's values are fractions, of which the cast took the whole part.
    """

    side: SideName
    share: float
    factor: int
    offset: int
    pairs: int
    cut: bool = False


@remembered
def wrapped_pairs(twins: Twins) -> WrappedPairs | None:
    """The side whose values wrap around, or ``None`` where neither's do."""
    shown = paired_points(twins) if twins.is_plain("A") and twins.is_plain("B") else None
    if shown is None:
        return None
    left, right = map(_levels, shown)
    shape = _shape(twins.left)
    if left is None and right is not None:
        return _of_fractions("B", right, shown[0], shape)
    if right is None and left is not None:
        return _of_fractions("A", left, shown[1], shape)
    if left is None or right is None:
        return None
    sides: dict[SideName, Array] = {"A": left, "B": right}
    found = [
        one
        for name, other in EACH_WAY
        for factor in _FACTORS
        if (one := _of(name, factor, sides[name], sides[other], shape)) is not None
    ]
    # Both ways it holds alike; the side that goes on at the other end is the rougher one.
    return max(
        found, key=lambda one: (_roughness(sides[one.side], shape), -one.factor), default=None
    )


def _of(
    name: SideName,
    factor: int,
    mine: Array,
    theirs: Array,
    shape: tuple[int, ...],
    *,
    cut: bool = False,
) -> WrappedPairs | None:
    """Both of shape ``(pairs, values)``, in whole levels, of pictures of a shape."""
    # What stands at an end of the other side may have been cut off there.
    inner = (theirs > theirs.min()) & (theirs < theirs.max())
    lost = (mine - factor * theirs)[inner | cut]
    if not lost.size:
        return None
    offsets, counts = np.unique(lost % _TURN, return_counts=True)
    offset = int(offsets[counts.argmax()])
    if counts.max() < _ALL * lost.size:
        return None
    # Of what all have lost nothing is seen: the constant is the one that most have in whole.
    turns, times = np.unique((lost - offset) // _TURN, return_counts=True)
    offset += _TURN * int(turns[times.argmax()])
    share = 1 - float(times.max()) / float(times.sum())
    if share < _SOME and not cut:
        share = _share_of_ends(mine, theirs, factor * theirs + offset, shape)
    return WrappedPairs(name, share, factor, offset, len(mine), cut) if share >= _SOME else None


def _share_of_ends(mine: Array, theirs: Array, whole: Array, shape: tuple[int, ...]) -> float:
    """The share of values that lie at the other end where the other side was cut off instead."""
    turns = np.zeros(mine.shape, np.int64)
    for end, way in ((theirs.max(), 1), (theirs.min(), -1)):
        at = theirs == end
        far = at & ((whole - mine) * way > _TURN / 2)
        if far.sum() >= _MOST_OF_END * at.sum():
            turns[far] = way
    gone = turns != 0
    return float(gone.mean()) if _goes_on(mine, mine + _TURN * turns, gone, shape) else 0.0


def _goes_on(mine: Array, whole: Array, gone: Array, shape: tuple[int, ...]) -> bool:
    """Whether pictures go on where values wrapped, once those are given back what they lost.

    What one colour was put over on either side, and is at its end there, goes on otherwise.
    """
    jumps: list[Array] = []
    edge, *sides = (each.reshape(-1, *shape) for each in (gone, mine, whole))
    for axis in (1, 2):
        at = np.diff(edge, axis=axis) != 0
        jumps.append(np.stack([np.abs(np.diff(each, axis=axis))[at] for each in sides]))
    both = np.concatenate(jumps, axis=1)
    if not both.size:
        return False
    apart, nearer = np.median(both, axis=1)
    _, counts = np.unique(mine[gone], return_counts=True)  # one colour is no rest of many values
    return bool(apart > _FAR and nearer < _NEAR and counts.max() < _ONE_VALUE * gone.sum())


def _shape(trace: Trace) -> tuple[int, ...]:
    """Of the points that are looked at of a picture: rows, columns and channels."""
    assert trace.main is not None
    return grid(trace.kept.values[0][None], trace.main).shape[1:]


def _levels(values: Array) -> Array | None:
    """Whole numbers, of levels that may have been scaled to 0..1, or ``None``."""
    for scale in (1, 255):
        levels = values * scale
        whole = np.rint(levels)
        if np.ptp(whole) > 1 and float(np.abs(levels - whole).max()) < _WHOLE:
            return whole.astype(np.int64)
    return None


def _of_fractions(
    name: SideName, mine: Array, theirs: Array, shape: tuple[int, ...]
) -> WrappedPairs | None:
    """The same of values that were normalised ahead of the cast, so that some were below zero."""
    whole = np.trunc(theirs)
    if whole.min() >= 0 or np.ptp(whole) <= 1:
        return None
    return _of(name, 1, mine, whole.astype(np.int64), shape, cut=True)


def _roughness(values: Array, shape: tuple[int, ...]) -> float:
    """How far neighbours are apart, in the mean, as a share of the spread."""
    pictures = values.reshape(-1, *shape)
    apart = sum(float(np.abs(np.diff(pictures, axis=axis)).mean()) for axis in (1, 2))
    return apart / float(values.std())
