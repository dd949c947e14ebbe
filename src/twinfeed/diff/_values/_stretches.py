"""Stretches of consecutive rows, each of which has a scale and an offset of its own."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins

_MOST = 400  # rows
_MOST_COLUMNS = 64
_LEAST = 12  # rows of a stretch, six times as many as a line goes through anyway
_EXPLAINED = 0.8  # share of the rows that lie in such stretches
_APART = 0.02  # of the spread, by which the line of one stretch must miss the next
_EXACT = 2e-3  # share of the spread of a column that a line may leave
_SETTLED = 4  # rows from which on a line is fitted


@remembered
def stretches(twins: Twins) -> int:
    """How many stretches of a table's rows lines explain that differ from one to the next.

    Zero where one line explains all rows, or none explains even a few of them, or where neither
    side gives rows in an order that puts those side by side that were scaled together.
    """
    at = twins.kept_pairs
    rows: list[list[int]] = [side.tolist() for side in at]
    kept = [
        [trace.kept.values[index] for index in side]
        for trace, side in zip((twins.left, twins.right), rows, strict=True)
    ]
    shapes = {one.shape for side in kept for one in side}
    if len(kept[0]) < 2 * _LEAST or len(shapes) != 1 or kept[0][0].ndim != 1:
        return 0
    x, y = (np.stack(side).astype(np.float64)[:, :_MOST_COLUMNS] for side in kept)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return 0
    for trace, side in zip((twins.left, twins.right), at, strict=True):
        order = np.argsort(trace.rows.position[trace.kept.row[side]], kind="stable")[:_MOST]
        found = _count(x[order], y[order])
        if found > 1:
            return found
    return 0


def _count(x: Array, y: Array) -> int:
    """Stretches, each as long as the lines of its columns go through all of its rows.

    Odd rows between two stretches of one line part nothing; few may be odd.
    """
    spread = y.std(axis=0)
    told = (spread > 0) & (x.std(axis=0) > 0)
    if not told.any():
        return 0
    x, y = x[:, told], y[:, told] / spread[told]
    count, start, explained = 0, 0, 0
    before: tuple[Array, Array] | None = None
    while start < len(x):
        end = start + _SETTLED
        while end <= len(x) and _left(x[start:end], y[start:end]) <= _EXACT:
            end += 1
        end = max(end - 1, start + 1)
        if end - start >= _LEAST:
            part = slice(start, end)
            explained += end - start
            if before is None or np.abs(y[part] - x[part] * before[0] - before[1]).max() > _APART:
                count += 1
            before = _line(x[part], y[part])
        start = end
    return count if explained >= _EXPLAINED * len(x) else 0


def _line(x: Array, y: Array) -> tuple[Array, Array]:
    """Gain and offset of each column."""
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    power = np.square(dx).sum(axis=0)
    gain = (dx * dy).sum(axis=0) / np.where(power > 0, power, np.inf)
    return gain, y.mean(axis=0) - gain * x.mean(axis=0)


def _left(x: Array, y: Array) -> float:
    """The most that the line of any column leaves of any row."""
    gain, offset = _line(x, y)
    return float(np.abs(y - gain * x - offset).max())
