"""What is left of paired examples once lines have been taken away, each as a share of its spread."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._bent_columns import bent_columns
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._paired_values import paired_values
from twinfeed.stats.coarse import GRID_SIDE, channels_last, scattered

MOST = 128
"""Pairs of pictures that are looked at."""
_LEAST_ROWS = 20  # of two tables, to fit a line for each column
_LEAST_POINTS = 16  # of a series, from which it tells a line of its own
_FAINT = 1e-6  # spread of a column, as a share of its values, that is only rounding
_ODD = 0.1  # share of the rows that must not bend the lines of the others


def rests(twins: Twins, *, shift: int = 0) -> Array:
    """What is left of each pair of pictures, as a share of the spread; 0 where they are equal.

    Args:
        twins: The two traces.
        shift: Hold each picture against the partner of one so many places on instead.
    """
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or not (mains[0].is_image and mains[1].is_image):
        return np.zeros(0)
    colours = channel_order(twins)
    found: list[float] = []
    rows: list[list[int]] = [side[:MOST].tolist() for side in twins.kept_pairs]
    for i, j in zip(rows[0], [*rows[1][shift:], *rows[1][:shift]], strict=True):
        one, other = twins.left.kept.values[i], twins.right.kept.values[j]
        whole = channels_last(one[None], mains[0]), channels_last(other[None], mains[1])
        if whole[0].shape != whole[1].shape:  # no point of one is a point of the other
            continue
        left, right = _picture(one, mains[0]), _picture(other, mains[1])
        order = list(colours.order) if colours else list(range(left.shape[-1]))
        if len(order) == left.shape[-1]:
            found.append(_rest(left[..., order].astype(float), right.astype(float)))
    shares = np.array(found, dtype=float)
    return shares[np.isfinite(shares)]


def rests_of_columns(twins: Twins) -> Array:
    """What a line per column leaves of each pair of rows of two tables, as a share of the spread."""
    found = paired_values(twins)
    if found is None or len(found) < _LEAST_ROWS:
        return np.zeros(0)
    order = channel_order(twins)
    left = found.left if order is None else found.left[..., list(order.order)]
    x, y = (side.reshape(len(found), -1) for side in (left, found.right))
    varies = [side.std(axis=0) > _FAINT * np.abs(side).max(axis=0) for side in (x, y)]
    # A column that one side has emptied follows no line of the other; told is the one that varies.
    emptied = varies[0] & ~varies[1]
    told = varies[0] | varies[1]
    told[[one.column for one in bent_columns(twins)]] = False
    if not told.any():
        return np.zeros(0)
    x, y = np.where(emptied, y, x)[:, told], np.where(emptied, x, y)[:, told]
    spread = y.std(axis=0)
    as_it_is = np.sqrt(np.square((y - x) / spread).mean(axis=1))
    rests = _rests_of_lines(x, y, spread, np.ones(len(x), bool))
    usual = rests <= 3 * float(np.median(rests))
    if usual.mean() > 1 - _ODD:  # a few odd rows must not bend the lines of the others
        rests = _rests_of_lines(x, y, spread, usual)
    return np.minimum.reduce([rests, as_it_is, _rests_of_own_lines(left, found.right)])


def _rests_of_own_lines(left: Array, right: Array) -> Array:
    """What a line for each series and channel leaves, as of one that was scaled to its own peak."""
    if left.shape[1] < _LEAST_POINTS:
        return np.full(len(left), np.inf)
    dx, dy = (side - side.mean(axis=1, keepdims=True) for side in (left, right))
    power = np.square(dx).sum(axis=1, keepdims=True)
    gain = (dx * dy).sum(axis=1, keepdims=True) / np.where(power > 0, power, np.inf)
    spread = np.maximum(right.std(axis=(0, 1)), _FAINT)
    return np.sqrt(np.square((dy - gain * dx) / spread).mean(axis=(1, 2)))


def _rests_of_lines(x: Array, y: Array, spread: Array, keep: Array) -> Array:
    dx, dy = x - x[keep].mean(axis=0), y - y[keep].mean(axis=0)
    power = np.square(dx[keep]).sum(axis=0)
    gain = (dx[keep] * dy[keep]).sum(axis=0) / np.where(power > 0, power, np.inf)
    return np.sqrt(np.square((dy - gain * dx) / spread).mean(axis=1))


def _picture(example: Array, leaf: LeafSpec) -> Array:
    picture = channels_last(example[None], leaf)[0]
    rows, columns = (scattered(length, GRID_SIDE) for length in picture.shape[:2])
    return picture[rows[:, None], columns]


def _rest(left: Array, right: Array) -> float:
    """Root mean square of what a line per channel leaves, as a share; the same either way round."""
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        return float("nan")
    x, y = (side - side.mean(axis=(0, 1)) for side in (left, right))
    power_x, power_y, both = (
        np.einsum("hwc,hwc->c", one, other) for one, other in ((x, x), (y, y), (x, y))
    )
    weights = np.sqrt(power_x * power_y)
    if not weights.any():
        return float("nan")
    followed = np.square(both) / np.where(weights > 0, weights, np.inf)
    return float(np.sqrt(max(0.0, 1 - followed.sum() / weights.sum())))
