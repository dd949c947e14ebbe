"""Which views may show the same example: coarse comparison of all with all, warped and unwarped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._threads import at_once
from twinfeed.diff._views._warp import SIDE, Warp, mirrors, operator, standardise

_ROWS, _COLUMNS = 512, 1024  # of a tile: its scores stay in the processor's cache
_PARTS = 32  # scores of which the highest is taken before any are sorted
_PER_FEWER, _PER_MORE = 5, 2  # candidates of each view of the shorter side, and of the longer
_FAR = (
    2.0  # times what the best leaves: 1 in 100 of those that alignment brings together lies beyond
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs worth a closer look; every column has shape ``(candidates,)``.

    Attributes:
        left: Index into the left set.
        right: Index into the right set.
        warp: Index of the warp that, put on the left view, comes closest to the right one.
        score: Correlation there.
    """

    left: Array
    right: Array
    warp: Array
    score: Array

    def first_two(self) -> Candidates:
        """The best two of each left view."""
        kept = _first_two(self.left, self.score)
        return Candidates(self.left[kept], self.right[kept], self.warp[kept], self.score[kept])


def candidates(
    left: Array,
    right: Array,
    warps: tuple[Warp, ...],
    *,
    waves: int = SIDE,
    itself: Array | None = None,
) -> Candidates:
    """The best few partners of each view on either side.

    Args:
        left: ``Rows.signature`` of one set, shape ``(count, values)``; 256 for pictures.
        right: The same of the other set.
        warps: What may have been done to a left picture; none for vectors.
        waves: Cosines per axis that are compared; 16 compares all there is.
        itself: Which right view each left one is, and which is no partner for it, shape
            ``(count,)``; none by default.
    """
    rows, columns = standardise(left), standardise(right)
    seen = [_Seen(rows)]
    if warps:
        columns = _unit(columns @ _waves(waves))
        seen = list(at_once(lambda pair: _seen(rows, warps, pair, waves), mirrors(warps)))
    fewer = int(len(rows) > len(columns))
    most = (_PER_FEWER, _PER_MORE) if fewer == 0 else (_PER_MORE, _PER_FEWER)
    best = [np.stack(pair, axis=1) for pair in _best(seen, columns, most)]
    # Of the longer side, what is near to nothing on the shorter one is nobody's partner.
    longer = 1 - fewer
    near = np.isin(best[longer][:, longer], best[fewer][:, longer])
    pairs = np.unique(np.concatenate([best[fewer], best[longer][near]]), axis=0)
    if itself is not None:
        pairs = pairs[itself[pairs[:, 0]] != pairs[:, 1]]
    at_left, at_right = pairs[:, 0], pairs[:, 1]
    theirs = columns[at_right]
    warp = np.zeros(len(pairs), int)
    score = np.full(len(pairs), -2.0, np.float32)
    for one in seen:
        for number, found in one.compared(at_left, theirs):
            better = found > score
            warp[better], score[better] = number, found[better]
    kept = _hopeful(at_left, at_right, score)
    return Candidates(at_left[kept], at_right[kept], warp[kept], score[kept])


def _hopeful(left: Array, right: Array, score: Array) -> Array:
    """Which candidates may become a pair on a closer look, or are the rival of one that may."""
    hopeful = _near_best(left, score) & _near_best(right, score)
    rivals = [
        _first_two(key, score) & np.isin(key, np.unique(key[hopeful])) for key in (left, right)
    ]
    return hopeful | rivals[0] | rivals[1]


def _near_best(key: Array, score: Array) -> Array:
    """Whether what a candidate leaves is not far more than what the best of its key leaves."""
    best = np.full(int(key.max(initial=-1)) + 1, -1.0, np.float32)
    np.maximum.at(best, key, score)
    return 1 - score <= _FAR * (1 - best[key]) + 1e-6


def _first_two(key: Array, score: Array) -> Array:
    """Whether a candidate is one of the best two of its key: a pair and its rival."""
    order = np.lexsort((-score, key))
    ordered = key[order]
    first = np.zeros(len(key), bool)
    first[order] = np.r_[[True] * min(2, len(key)), ordered[2:] != ordered[:-2]]
    return first


@dataclass(frozen=True, slots=True)
class _Seen:
    """Views under a warp, and under the one that shows the mirror image of what it shows.

    Attributes:
        views: float32, shape ``(count, values)``.
        warp: Number of the warp.
        mirror: Number of the other one, if any: of its views all but the first ``even`` values have
            the other sign.
        even: How many values both share.
    """

    views: Array
    warp: int = 0
    mirror: int | None = None
    even: int = 0

    def best(self, rows: slice, columns: Array) -> Array:
        """The better score of both for some views with columns, shape ``(rows, columns)``."""
        views = self.views[rows]
        if self.mirror is None:
            return np.asarray(views @ columns)
        made, odd = (
            views[:, part] @ columns[part] for part in (slice(self.even), slice(self.even, None))
        )
        made += np.abs(odd, out=odd)
        return made

    def compared(self, at: Array, others: Array) -> Iterator[tuple[int, Array]]:
        """Either warp, with the score of some views with one other each."""
        views = self.views[at]
        if self.mirror is None:
            yield self.warp, np.einsum("ij,ij->i", views, others)
            return
        even, odd = (
            np.einsum("ij,ij->i", views[:, part], others[:, part])
            for part in (slice(self.even), slice(self.even, None))
        )
        yield self.warp, even + odd
        yield self.mirror, even - odd


@cache
def _waves(count: int) -> Array:
    """The slowest cosines of both axes, without the constant; float32, shape ``(256, count**2 - 1)``.

    They hold nearly all that photos have in common, and need no decomposition. Those that a mirror
    image leaves alone come first; of the others it has the negative.
    """
    places = (np.arange(SIDE) + 0.5) * np.pi / SIDE
    cosines = np.cos(np.arange(count)[:, None] * places)
    cosines /= np.linalg.norm(cosines, axis=1, keepdims=True)
    both = np.einsum("ai,bj->baij", cosines, cosines)
    both = np.concatenate([both[::2], both[1::2]]).reshape(count**2, SIDE**2)
    return np.ascontiguousarray(both[1:].T, np.float32)


def _seen(rows: Array, warps: tuple[Warp, ...], pair: tuple[int, int | None], waves: int) -> _Seen:
    warp, mirror = pair
    views = _unit(rows @ (operator(warps[warp]).T @ _waves(waves)))
    return _Seen(views, warp, mirror, -(-waves // 2) * waves - 1)


def _unit(rows: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)


def _best(
    seen: list[_Seen], columns: Array, most: tuple[int, int]
) -> Iterator[tuple[Array, Array]]:
    """Indices of the best few of each row, then of each column."""
    by_row, by_column = (
        _Best(len(side), few) for side, few in zip((seen[0].views, columns), most, strict=True)
    )

    def tile(corner: tuple[int, int]) -> tuple[_Top, _Top]:
        top, start = corner
        theirs = columns[start : start + _COLUMNS].T
        rows = slice(top, top + _ROWS)
        scores = seen[0].best(rows, theirs)
        for one in seen[1:]:
            np.maximum(scores, one.best(rows, theirs), out=scores)
        return _top(scores, most[0]), _top(scores.T, most[1])

    corners = list(product(range(0, len(seen[0].views), _ROWS), range(0, len(columns), _COLUMNS)))
    for (top, start), (rows, across) in zip(corners, at_once(tile, corners), strict=True):
        by_row.add(rows, top, start)
        by_column.add(across, start, top)
    yield by_row.pairs()
    columns_first, rows_second = by_column.pairs()
    yield rows_second, columns_first


_Top: TypeAlias = tuple[Array, Array]
"""The highest few scores of each row of a tile, and their columns."""


def _top(scores: Array, most: int) -> _Top:
    """Of each row; a few of every part of it are compared first, which no sorting is as fast as."""
    length = int(scores.shape[1])
    few, parts = min(most, length), length // _PARTS
    all_places: Array = np.arange(length)
    places: Array = np.broadcast_to(all_places, scores.shape)
    if parts > few:
        whole = _PARTS * parts
        highest = scores[:, :whole].reshape(len(scores), _PARTS, parts).max(axis=1)
        # The highest few lie where as many parts have the highest maxima, or in what is left over.
        chosen = np.argpartition(highest, -few, axis=1)[:, -few:, None]
        inside = (chosen + all_places[:whole:parts]).reshape(len(scores), -1)
        places = np.concatenate([inside, places[:, whole:]], axis=1)
        scores = np.take_along_axis(scores, places, 1)
    at: Array = np.argpartition(scores, -few, axis=1)[:, -few:]
    return np.take_along_axis(scores, at, 1), np.take_along_axis(places, at, 1)


class _Best:
    """The highest few scores of each row, from tiles that come one after the other."""

    def __init__(self, rows: int, most: int) -> None:
        self._most = most
        self._scores = np.full((rows, most), -np.inf, np.float32)
        self._at = np.full((rows, most), -1)

    def add(self, top: _Top, first: int, start: int) -> None:
        scores, at = top
        kept = slice(first, first + len(scores))
        values = np.concatenate([self._scores[kept], scores], axis=1)
        places = np.concatenate([self._at[kept], at + start], axis=1)
        best = np.argpartition(values, -self._most, axis=1)[:, -self._most :]
        self._scores[kept] = np.take_along_axis(values, best, 1)
        self._at[kept] = np.take_along_axis(places, best, 1)

    def pairs(self) -> tuple[Array, Array]:
        rows, places = np.repeat(np.arange(len(self._at)), self._most), self._at.ravel()
        return rows[places >= 0], places[places >= 0]
