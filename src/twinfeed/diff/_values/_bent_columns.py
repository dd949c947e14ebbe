"""Columns of one table, or values of series, that are the other's through a rising curve, no line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._paired_values import paired_values
from twinfeed.stats.curves import left_of_line, named_curve

_LEAST_PAIRS = 12
_LEAST_VALUES = 5  # different ones of a column; fewer may be names of things
_IN_ORDER = 0.99  # share of the rows, that must have about the same rank in both
_RANKS = 0.01  # of all of them, by which a rank may be off: others moved past it
_DIFFERENT = 0.99  # share of the different values that both must have: none were made one
_BENT = 0.01  # of the spread, that the best line must leave
_CLEARLY = 0.5  # of that, that the neighbours of each value on a curve may leave of it
_MOST = 20_000  # values of series that are looked at


@dataclass(frozen=True, slots=True)
class BentColumn:
    """One column.

    Attributes:
        column: Its number in B.
        curve: The one with a name that fits, such as ``log(A)``, over which the other side's
            values follow a line; ``None`` where none does.
        left_over_share: What the best line leaves, as a share of the spread.
        pairs: Rows it rests on.
        with_all: Whether one curve is that of all columns, because the examples are series.
    """

    column: int
    curve: str | None
    left_over_share: float
    pairs: int
    with_all: bool = False


@remembered
def bent_columns(twins: Twins) -> tuple[BentColumn, ...]:
    """The columns of paired rows of two tables that follow a curve; none of pictures.

    Of series, such as spectrograms, all do or none: one curve goes through all of their values.
    """
    main, found, colours = twins.left.main, paired_values(twins), channel_order(twins)
    if main is None or main.is_image or found is None or len(found) < _LEAST_PAIRS:
        return ()
    order = list(colours.order if colours else range(found.left.shape[-1]))
    if found.left.shape[1] > 1:
        step = -(-found.left.size // _MOST)
        values = (side.reshape(-1)[::step] for side in (found.left[..., order], found.right))
        whole = _bent(0, *values)
        if whole is None:
            return ()
        whole = replace(whole, pairs=len(found), with_all=True)
        return tuple(replace(whole, column=at) for at in range(len(order)))
    left, right = found.left[:, 0, order], found.right[:, 0]
    made = [_bent(at, *columns) for at, columns in enumerate(zip(left.T, right.T, strict=True))]
    return tuple(column for column in made if column is not None)


def _bent(at: int, x: Array, y: Array) -> BentColumn | None:
    if (x == np.rint(x)).all() and (y == np.rint(y)).all():
        return None  # numbers of things lie on no curve
    kinds = len(np.unique(x)), len(np.unique(y))
    if min(kinds) < max(_LEAST_VALUES, _DIFFERENT * max(kinds)):
        return None
    same = np.abs(_ranks(x) - _ranks(y)) <= max(1.0, _RANKS * len(x))
    if same.mean() < _IN_ORDER:
        return None
    x, y = x[same], y[same]
    left = left_of_line(x, y)
    if left <= _BENT or _between(x, y) > _CLEARLY * left:
        return None
    return BentColumn(at, named_curve(x, y), left, len(x))


def _between(x: Array, y: Array) -> float:
    """What the line between its two neighbours leaves of each value, as a share of the spread.

    Of a curve hardly anything, of noise or an odd value as much as a line through all of them.
    """
    at = np.unique(x, return_index=True)[1]
    x, y = x[at], y[at]
    share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    rest = y[1:-1] - y[:-2] - share * (y[2:] - y[:-2])
    return float(np.sqrt(np.square(rest).mean()) / y.std()) if y.std() > 0 else 0.0


def _ranks(column: Array) -> Array:
    _, kind, count = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - count / 2)[kind]
