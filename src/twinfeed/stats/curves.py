"""Curves with a name that lead from one feed's values to the other's, and exponents of powers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twinfeed._core.batch import Array

CURVES: dict[str, Callable[[Array], Array]] = {
    "log({})": np.log,
    "log(1 + {})": np.log1p,
    "sqrt({})": np.sqrt,
    "{} ** 2": np.square,
    "exp({})": np.exp,
}
_NAMED = 1e-3  # of the spread, that a line over a curve with a name may leave
_FINER = (0.1, 0.005)  # shares of an exponent within which it is sought, first and last
_STEPS = 20


def named_curve(x: Array, y: Array) -> str | None:
    """The curve of one side's values over which the other's follow a rising line, if one does.

    Args:
        x: A's values, shape ``(count,)``.
        y: B's, of the same shape.

    Returns:
        Such as ``log(A)``, ``B ** 2``, or ``None``.
    """
    with np.errstate(all="ignore"):
        found = [
            (left_of_line(*((curve(x), y) if side == "A" else (x, curve(y)))), name.format(side))
            for name, curve in CURVES.items()
            for side in ("A", "B")
        ]
    left, name = min(found)
    return name if left <= _NAMED else None


def left_of_line(x: Array, y: Array) -> float:
    """What the best rising line leaves, as a share of the spread; infinite where there is none."""
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return float("inf")
    x, y = x - x.mean(), y - y.mean()
    length = float(np.linalg.norm(x) * np.linalg.norm(y))
    follows = max(0.0, float(x @ y) / length) if length else 0.0
    return float(np.sqrt(max(0.0, 1 - min(1.0, follows) ** 2)))


def exponents(unit: Array, heights: Array, about: float) -> Array:
    """The exponent by which each pair's heights follow a line over its values, near a known one.

    Args:
        unit: One side's values, 0 to 1, float64, shape ``(pairs, points)``.
        heights: The other's, of the same shape; of pairs that vary on both sides.
        about: What all pairs together say.

    Returns:
        Shape ``(pairs,)``.
    """
    best = np.full(len(unit), about)
    for share in _FINER:
        tried = best[:, None] * np.exp(np.linspace(-share, share, 2 * _STEPS + 1))
        left = np.stack([_left(unit ** each[:, None], heights) for each in tried.T], axis=1)
        best = tried[np.arange(len(unit)), left.argmin(axis=1)]
    return best


def _left(x: Array, y: Array) -> Array:
    """Share of the variance that a line of each pair leaves, shape ``(pairs,)``."""
    dx, dy = (side - side.mean(axis=1, keepdims=True) for side in (x, y))
    power = np.square(dx).sum(axis=1) * np.square(dy).sum(axis=1)
    return 1 - np.square((dx * dy).sum(axis=1)) / np.where(power > 0, power, np.inf)
