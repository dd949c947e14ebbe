"""The same picture in two sets although much of it is other: by the points that are equal.

What lies under transparency, a frame or a stamp may be more than half of a picture, too much for
any likeness. What it left alone is equal value for value, which no two strangers are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array

_EQUAL = (1e-4, 0.01)  # of the range: how far apart points may be; first of the same resize
_LEAST = 0.15  # share of the points that must be equal
_CLEAR = 0.5  # of the best share, that the second best may have
_SIDE = 32  # rows and columns of a picture that are looked at
_MOST = 600  # pictures of each side
_UNLIKE = 0.1  # of the range, by which the points of an overwritten part differ in the middle
_TRIAL, _WORTH = 24, 0.1  # pictures of a trial, and the share of them that must find a partner


def same_points(
    left: Sequence[Array], right: Sequence[Array], *, exactly: bool = False
) -> tuple[Array, Array, Array]:
    """Pair pictures by their equal points: mutually best, and clearly so.

    Args:
        left: Pictures of one side, channels last.
        right: Of the other.
        exactly: Whether the two feeds are known to show pictures alike to the last bit, so that
            what is nearly equal is another one.

    Returns:
        Indices into both and the doubt of each pair, 0 to 0.5; none where hardly any is told.
    """
    none = np.zeros(0, int), np.zeros(0, int), np.zeros(0)
    if not left or not right or len({picture.shape for picture in (*left, *right)}) != 1:
        return none
    if any(side[0].dtype.kind not in "biuf" for side in (left, right)):
        return none
    rows, columns = (_points(side[:_MOST]) for side in (left, right))
    wide = float(max(rows.max(), columns.max()) - min(rows.min(), columns.min()))
    if not np.isfinite(wide) or not wide:
        return none
    some = rows[:: max(1, len(rows) // _TRIAL)]
    for equal in _EQUAL[:1] if exactly else _EQUAL:
        if len(_judged(_shares(some, columns, wide * equal))[0]) >= _WORTH * len(some):
            found = _judged(_shares(rows, columns, wide * equal))
            return _overwritten(found, rows, columns, wide, equal) if exactly else found
    return none


def _overwritten(
    found: tuple[Array, Array, Array], rows: Array, columns: Array, wide: float, equal: float
) -> tuple[Array, Array, Array]:
    """The pairs whose other points show something else: slightly other ones are those of a stranger.

    Tiles of plain sea have many points in common to the bit.
    """
    at, best, _ = found
    apart = np.abs(rows[at] - columns[best]).max(axis=2) / wide
    middle = np.array(
        [np.median(one[one > equal]) if (one > equal).any() else 1.0 for one in apart]
    )
    kept = middle > _UNLIKE
    return at[kept], best[kept], found[2][kept]


def _points(pictures: Sequence[Array]) -> Array:
    """Evenly spaced points, float32, shape ``(pictures, points, channels)``."""
    height, width = pictures[0].shape[:2]
    rows, columns = _picks(height), _picks(width)
    found = np.stack([picture[rows[:, None], columns] for picture in pictures])
    return found.astype(np.float32).reshape(len(pictures), len(rows) * len(columns), -1)


def _picks(length: int) -> Array:
    return np.linspace(0, length - 1, min(length, _SIDE)).astype(int)


def _shares(left: Array, right: Array, most: float) -> Array:
    """Share of the points in which all channels are equal, shape ``(left, right)``."""
    found = np.empty((len(left), len(right)), np.float32)
    for row, one in zip(found, left, strict=True):
        row[:] = (np.abs(right - one) <= most).all(axis=2).mean(axis=1)
    return found


def _judged(shares: Array) -> tuple[Array, Array, Array]:
    best = shares.argmax(axis=1)
    at = np.arange(len(shares))
    top = shares[at, best]
    rivals = shares.copy()
    rivals[at, best] = 0
    second = np.maximum(rivals.max(axis=1), rivals.max(axis=0)[best])
    good = (shares.argmax(axis=0)[best] == at) & (top >= _LEAST) & (second <= _CLEAR * top)
    return at[good], best[good], second[good] / top[good] * 0.5
