"""Where a distribution ends, from draws of it, and between which values that end lies.

The k-th smallest of n even draws lies a share of their range above its lower end that follows a
beta distribution (David and Nagaraja 2003, section 2.3): what the sample's quantile must be moved
by, and the interval, follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array

_TAIL = 0.01  # quantile that a bound rests on: a hundredth of the draws may be measured wrongly
_Z = 1.96
_PLACES = 4000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Both ends of a distribution.

    Attributes:
        low: The lower end.
        high: The upper end.
        low_between: Its 95 % interval.
        high_between: That of the upper end.
    """

    low: float
    high: float
    low_between: tuple[float, float]
    high_between: tuple[float, float]


def bounds_of(values: Array, *, draws: int | None = None, noise: float = 0.0) -> Bounds:
    """The ends of an even distribution.

    Of one that thins out towards its ends, they hold 98 % of what is drawn.

    Args:
        values: Draws, shape ``(draws,)``, at least 2.
        draws: How many of them are independent; all by default.
        noise: Deviation by which a measured end may be off whatever the number of draws.
    """
    count = max(2, len(values) if draws is None else draws)
    first, last = (float(q) for q in np.quantile(values, (_TAIL, 1 - _TAIL)))
    whole = (last - first) / (1 - 2 * _TAIL)
    rank = max(1.0, _TAIL * (count - 1) + 1)
    outside = _TAIL * whole
    places = np.random.default_rng(0).beta(rank, count - rank + 1, _PLACES)
    least, most = (float(q) for q in np.quantile(places, (0.025, 0.975)))
    down, up = (most * whole - outside, outside - least * whole)
    down, up = (float(np.hypot(max(side, 0.0), _Z * noise)) for side in (down, up))
    low, high = first - outside, last + outside
    return Bounds(low, high, (low - down, low + up), (high - up, high + down))
