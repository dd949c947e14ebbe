"""The same rows of a table although each column was scaled: what pairs tables of few columns.

Scaling keeps the order within a column, so that the same rows stand at about the same quantiles
of all columns. Those pairs, right or wrong, give each column its line, which many must follow;
then the same rows are equal in every column, and strangers that are so are few.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array

_MOST = 50_000  # rows of each side
_LEAST = 12
_MOST_COLUMNS = 64
_SOME = 1024  # rows of each side that tell the lines
_SHARE = 0.25  # of the shorter side, that must find one like; of any strangers less than a fifth do
_EQUAL = 1e-4  # of a column's spread, by which values on its line may be apart
_CLEAR = 1e-3  # the same, by which any other row must be apart in some column
_FOLLOWED = 0.15  # share of the first pairs that must follow a column's line
_LINES = 512  # lines through two of the first pairs, that are tried
_OWN = 0.5  # share of a column's values that must be different ones, to tell rows apart
_ONE = 0.99  # correlation of ranks from which two columns tell no more than one
_MOST_NEAR = 4_000_000  # rows near to others in one column, that are held against those


def same_scaled(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Pair whole rows of two tables, each of whose columns was scaled.

    Args:
        left: Rows of one side, of one shape, none twice.
        right: Of the other.

    Returns:
        Indices into both, as long as the pairs, ascending in the left; ``None`` where too few
        have clearly one like, or the columns are too few or too coarse to tell rows apart.
    """
    if not are_tables(left, right):
        return None
    mine, theirs = (np.stack(side).astype(np.float64) for side in (left, right))
    varied = (np.ptp(mine, axis=0) > 0) & (np.ptp(theirs, axis=0) > 0)
    mine, theirs = mine[:, varied], theirs[:, varied]
    theirs /= theirs.std(axis=0)
    telling = [_telling(side) for side in (mine, theirs)]
    if not all(telling):
        return None
    by = telling[0][0]
    share = _SOME / max(len(left), len(right))
    some = [_lowest(side[:, by], share) for side in (mine, theirs)]
    lines = _lines(mine[some[0]], theirs[some[1]])
    if lines is None:
        return None
    moved = mine * lines[0] + lines[1]
    rows, others, clear = equal_rows(moved, theirs, by, equal=_EQUAL, clear=_CLEAR)
    return (rows, others) if clear >= _SHARE * min(len(left), len(right)) else None


def are_tables(left: Sequence[Array], right: Sequence[Array]) -> bool:
    """Whether both have enough rows of one length, not too many, of finite numbers."""
    if min(len(left), len(right)) < _LEAST or max(len(left), len(right)) > _MOST:
        return False
    shapes = {row.shape for row in (*left, *right)}
    if shapes != {left[0].shape} or left[0].ndim != 1 or not 1 < left[0].size <= _MOST_COLUMNS:
        return False
    return all(
        side[0].dtype.kind in "biuf" and bool(np.isfinite(np.stack(side)).all())
        for side in (left, right)
    )


def _telling(table: Array) -> list[int]:
    """Columns that tell rows apart, the finest first; none where all of them tell the same."""
    # Rounding makes values of what is one: the sine of an hour, of every day.
    grains = np.rint(table / (_EQUAL * table.std(axis=0)))
    kinds = np.array([len(np.unique(column)) for column in grains.T])
    own = np.flatnonzero(kinds >= _OWN * len(table))
    if len(own) < 2:
        return []
    if np.abs(np.corrcoef(_quantiles(table[:, own]).T)).min() >= _ONE:
        return []
    finest: list[int] = own[np.argsort(-kinds[own], kind="stable")].tolist()
    return finest


def _lowest(column: Array, share: float) -> Array:
    """Rows of the lowest values: in two tables of the same rows, mostly the same ones."""
    return np.argsort(column, kind="stable")[: max(_LEAST, round(share * len(column)))]


def _quantiles(table: Array) -> Array:
    """Where each value stands in its column, 0 to 1, equal ones alike; the shape of the table."""
    found = np.empty_like(table)
    for at, column in enumerate(table.T):
        ordered = np.sort(column)
        found[:, at] = np.searchsorted(ordered, column)
        found[:, at] += np.searchsorted(ordered, column, side="right")
    return found / (2 * len(table))


def _lines(left: Array, right: Array) -> tuple[Array, Array] | None:
    """Factor and offset of each column from left to right; ``None`` where one follows no line."""
    rows, others = _nearest(_quantiles(left), _quantiles(right))
    if len(rows) < _LEAST:
        return None
    found = [_line(*column) for column in zip(left[rows].T, right[others].T, strict=True)]
    lines = [line for line in found if line is not None]
    if len(lines) < len(found):
        return None
    return np.array([gain for gain, _ in lines]), np.array([offset for _, offset in lines])


def _line(x: Array, y: Array) -> tuple[float, float] | None:
    """The line that most of some points follow, of which many may be no pair."""
    first, second = np.random.default_rng(0).integers(0, len(x), (2, _LINES))
    first[0], second[0] = x.argmin(), x.argmax()  # where nearly all values are one
    run, rise = x[second] - x[first], y[second] - y[first]
    sloping = (run != 0) & (rise != 0)
    if not sloping.any():
        return None
    first, gain = first[sloping], rise[sloping] / run[sloping]
    offset = y[first] - gain * x[first]
    near = np.abs(gain[:, None] * x + offset[:, None] - y) <= _EQUAL
    on = near[near.sum(axis=1).argmax()]
    if on.mean() < _FOLLOWED:
        return None
    gain, offset = np.polyfit(x[on], y[on], 1)
    return float(gain), float(offset)


def _nearest(left: Array, right: Array) -> tuple[Array, Array]:
    """Rows that are mutually nearest by the column in which they are farthest apart."""
    apart = np.empty((len(left), len(right)), np.float32)
    for row, one in zip(apart, left, strict=True):
        row[:] = np.abs(right - one).max(axis=1)
    best, back = apart.argmin(axis=1), apart.argmin(axis=0)
    good = np.flatnonzero(back[best] == np.arange(len(left)))
    return good, best[good]


def equal_rows(
    left: Array, right: Array, by: int, *, equal: float, clear: float
) -> tuple[Array, Array, int]:
    """Rows that are equal in all columns, each with the nearest, and how many have no other near.

    Args:
        left: Rows of one side.
        right: Of the other.
        by: A column of many values, by which most of the others need no look.
        equal: By how much equal values may be apart.
        clear: By how much any other row must be apart in some column.
    """
    order = np.argsort(right[:, by], kind="stable")
    ordered = right[order, by]
    start, stop = (np.searchsorted(ordered, left[:, by] + away) for away in (-clear, clear))
    near = stop - start
    if near.sum() > _MOST_NEAR:
        return np.zeros(0, int), np.zeros(0, int), 0
    rows = np.repeat(np.arange(len(left)), near)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(near) - near, near)
    others = order[start[rows] + within]
    apart = np.zeros(len(rows))
    for mine, theirs in zip(left.T, right.T, strict=True):
        np.maximum(apart, np.abs(mine[rows] - theirs[others]), out=apart)
    close = apart <= clear
    rows, others, apart = rows[close], others[close], apart[close]
    best, back = (_first(key, apart) for key in (rows, others))
    good = best & back & (apart <= equal)
    alone = (np.bincount(rows)[rows] == 1) & (np.bincount(others)[others] == 1)
    return rows[good], others[good], int((good & alone).sum())


def _first(key: Array, apart: Array) -> Array:
    """Of the candidates of each key, which one is the nearest."""
    order = np.lexsort((apart, key))
    found = np.zeros(len(key), bool)
    found[order[np.flatnonzero(np.diff(key[order], prepend=-1))]] = True
    return found
