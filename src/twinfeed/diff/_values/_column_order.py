"""Which column of one table is which of the other, told by what they hold over paired examples."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._by_ranks import likeliest

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


def _standard(side: Array) -> Array:
    centred = side - side.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 1e-9 * np.abs(side).max(axis=0, initial=0), spread, np.inf)


def _left(x: Array, y: Array) -> Array:
    gain = (x * y).mean(axis=0)
    return np.square(y - gain * x).sum(axis=1) / max(float(np.square(y).sum()), 1e-300)
