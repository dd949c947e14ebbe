"""Which column of one table is which of the other, told by what they hold over paired examples."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._by_ranks import likeliest

_LEAST_COLUMNS = 8  # from which a common step along a row is no order of columns
_NEARLY_ALL = 0.9  # share of the columns that must be moved by it
_LEAST_ROWS = 20  # below them a column follows some stranger by chance


def matched_columns(left: Array, right: Array) -> tuple[tuple[int, ...], Array, Array]:
    """The order of the left columns in which they follow the right ones best.

    Args:
        left: Values, float64, shape ``(rows, columns)``.
        right: The same of as many rows and columns.

    Returns:
        The order, as ``ChannelOrder`` has it; and what the best lines leave of each row, as shares
        of all the variance: without and with that order. Columns that never change have no part.
    """
    columns = left.shape[1]
    x, y = (_standard(side) for side in (left, right))
    order = list(range(columns))
    if len(left) >= _LEAST_ROWS:
        # Equal columns stay where they are.
        order = likeliest(np.abs(x.T @ y) / len(x) + 1e-6 * np.eye(columns))
    return tuple(order), _left(x, y), _left(x[:, order], y)


def moved_along(order: tuple[int, ...], right: Array) -> int | None:
    """By how many places nearly all columns moved along their row, as a sequence without its start does.

    Args:
        order: Which left column is each right one.
        right: The right values, shape ``(rows, columns)``; columns that never change have no part.
    """
    steps = (np.array(order) - np.arange(len(order)))[np.ptp(right, axis=0) > 0]
    if len(steps) < _LEAST_COLUMNS:
        return None
    step, counts = np.unique(steps, return_counts=True)
    most = int(counts.argmax())
    if not step[most] or counts[most] < _NEARLY_ALL * len(steps):
        return None
    return int(step[most])


def _standard(side: Array) -> Array:
    centred = side - side.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 1e-9 * np.abs(side).max(axis=0, initial=0), spread, np.inf)


def _left(x: Array, y: Array) -> Array:
    gain = (x * y).mean(axis=0)
    return np.square(y - gain * x).sum(axis=1) / max(float(np.square(y).sum()), 1e-300)
