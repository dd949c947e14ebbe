"""A curve of its own for each picture: histograms that were made even or stretched one by one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._ledger._ground import Ground, points
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._ledger._value_steps import follows_one_curve
from twinfeed.diff._twins import Twins

_KNOTS = 25
_LEAST_POINTS = 300  # of a picture, between its ends
_LEFT = 0.15  # of what a line leaves, that a curve may leave of points it was not fitted on
_BENT = 0.04  # of the picture's spread, that a line must leave
_MOST = 0.8  # share of the pictures that must follow a curve
_CLEARLY = 0.3  # of what one curve for all leaves, that they may leave
_END = 1e-3  # share of a picture's range within which a value stands at its end


def own_curves(_twins: Twins, now: Ground) -> Change | None:
    """One rising or falling curve for each channel of each picture, where one for all is none."""
    if now.left.shape != now.right.shape:
        return None
    made = now.left.copy()
    follow: list[bool] = []
    bends: list[float] = []
    for at in range(len(made)):
        told = _told(points(now.left[at : at + 1])[0], points(now.right[at : at + 1])[0])
        if told is None:
            continue
        knots, heights, follows, bend = told
        follow.append(follows)
        if follow.count(False) > (1 - _MOST) * len(made):
            return None  # whatever the others do
        bends.append(bend)
        for channel, (x, y) in enumerate(zip(knots, heights, strict=True)):
            made[at, ..., channel] = np.interp(now.left[at, ..., channel], x, y)
    if len(follow) < len(made) / 2 or np.mean(follow) < _MOST:
        return None
    shared = follows_one_curve(now)
    if shared is not None and _off(made, now.right) > _CLEARLY * _off(shared, now.right):
        return None
    return Change(
        step="tone curve",
        says="B's values follow a curve over A's, another one in each picture",
        left=made,
        right=now.right,
        judge="values",
        least=0.3,
        facts={"power": None, "bend_share": float(np.median(bends)), "of_each": True},
    )


def _off(one: Array, other: Array) -> float:
    return float(np.square(points(one).astype(np.float64) - points(other)).mean())


def _told(x: Array, y: Array) -> tuple[list[Array], list[Array], bool, float] | None:
    """Knots and heights of each channel, whether they say what a line does not, and the bend."""
    curves: list[tuple[Array, Array]] = []
    left = line_left = spread = bend = 0.0
    for channel in range(x.shape[-1]):
        a, b = x[..., channel].ravel().astype(np.float64), y[..., channel].ravel()
        within = _between(a) & _between(b)
        if within.sum() < _LEAST_POINTS:
            return None
        a, b = a[within], b[within].astype(np.float64)
        half = _half(len(a))
        knots, heights = _curve(a[half], b[half])
        if len(knots) < 4:
            return None
        rest = ~half
        middle, level = a[half].mean(), b[half].mean()
        off = a[half] - middle
        slope = float(off @ b[half]) / max(float(off @ off), 1e-12)
        left += float(np.square(b[rest] - np.interp(a[rest], knots, heights)).mean())
        line_left += float(np.square(b[rest] - level - slope * (a[rest] - middle)).mean())
        spread += float(b.var())
        chord = np.interp(knots, knots[[0, -1]], heights[[0, -1]])
        bend = max(bend, float(np.abs(heights - chord).max() / max(np.ptp(heights), 1e-12)))
        curves.append((knots, heights))
    follows = left < _LEFT * line_left and line_left > _BENT**2 * spread
    return [each[0] for each in curves], [each[1] for each in curves], follows, bend


@lru_cache(64)
def _half(count: int) -> Array:
    """Half of so many points, by chance; the same half for each picture."""
    return np.random.default_rng(0).permutation(count) % 2 == 0


def _between(values: Array) -> Array:
    slack = _END * np.ptp(values)
    return (values > values.min() + slack) & (values < values.max() - slack)


def _curve(x: Array, y: Array) -> tuple[Array, Array]:
    """Means between quantiles, made to rise or fall throughout."""
    edges = np.unique(np.quantile(x, np.linspace(0, 1, _KNOTS + 1)))
    if len(edges) < 5:
        return np.zeros(0), np.zeros(0)
    part = np.searchsorted(edges[1:-1], x, side="right")
    count = np.maximum(np.bincount(part, minlength=len(edges) - 1), 1)
    knots, heights = (np.bincount(part, each, len(edges) - 1) / count for each in (x, y))
    rising = heights[-1] >= heights[0]
    run = np.maximum.accumulate if rising else np.minimum.accumulate
    return knots, run(heights)
