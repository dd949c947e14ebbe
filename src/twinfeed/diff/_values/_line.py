"""One straight line through paired values, and what each example says of it by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._values._few_pairs import surely_of

MANY = 20
"""Pairs from which scatter is known well enough to see a small difference."""
WITHIN = 16
"""Points of one example from which it tells a gain of its own."""
_FAINT = 0.1  # share of the usual spread below which an example tells no gain
_CLEAR = 2.0  # how far a map must leave the identity, in spreads of the examples' own maps
_SURELY = 4.0  # standard errors within which what is added to examples has its middle at 0
_ALIKE, _SOME = 0.9, 0.03  # correlation of a picture or its negative; share that are not as others
_APART = 0.05  # of the spread, by which the offsets of single examples must scatter
_OWN_LEFT = 0.1  # of that, which they may leave
_FACTORS, _FACTORS_LEFT = 1.1, 0.2  # times that factors of single examples are apart; share left
_NEARLY_ALL = 0.95  # share of the examples that must follow


@dataclass(frozen=True, slots=True)
class Line:
    """A fit: per channel, and for each example what it says by itself.

    Attributes:
        gain: Factor per channel.
        bias: What is added after it, in the units of what is led to.
        correlation: Per channel, 0 to 1.
        spread: Standard deviation of what is led to, per channel.
        error: What is left of each example, in spreads.
        own_gains: Logarithms of the examples' own factors, relative to ``gain``; none where an
            example has too few points to tell one.
        own_shifts: What is added to each example beyond ``bias``, in spreads.
    """

    gain: Array
    bias: Array
    correlation: Array
    spread: Array
    error: Array
    own_gains: Array
    own_shifts: Array


def line_of(x: Array, y: Array, keep: Array) -> Line:
    """Gain, bias and correlation; the gain is a ratio of spreads, so the same either way round."""
    within = x.shape[1] >= WITHIN
    # Inside the examples where they have an inside: brightness drawn per example is no gain.
    axes = (1,) if within else (0, 1)
    dx, dy = (side[keep] - side[keep].mean(axis=axes, keepdims=True) for side in (x, y))
    power_x, power_y, both = (
        product.sum(axis=(0, 1)) for product in (np.square(dx), np.square(dy), dx * dy)
    )
    # A column that only examples left out by now made vary tells no gain.
    varied = (power_x > 0) & (power_y > 0)
    gain = np.where(both < 0, -1.0, 1.0)
    gain[varied] *= np.sqrt(power_y[varied] / power_x[varied])
    correlation = ((power_x > 0) == (power_y > 0)).astype(float)
    correlation[varied] = np.abs(both[varied]) / np.sqrt(power_x[varied] * power_y[varied])
    offsets = y.mean(axis=1) - gain * x.mean(axis=1)
    bias = np.median(offsets[keep], axis=0)
    spread = y[keep].std(axis=(0, 1))
    spread[spread == 0] = y.std(axis=(0, 1))[spread == 0]
    left = (y - gain * x - bias) / spread
    return Line(
        gain=gain,
        bias=bias,
        correlation=correlation,
        spread=spread,
        error=np.sqrt(np.square(left).mean(axis=(1, 2))),
        own_gains=_own_gains(x, y, gain) if within else np.zeros(0),
        own_shifts=np.median((offsets - bias) / spread, axis=1),
    )


def _own_gains(x: Array, y: Array, gain: Array) -> Array:
    widths = x.std(axis=1), y.std(axis=1)
    clear = np.logical_and.reduce(
        [(width > np.maximum(_FAINT * np.median(width, axis=0), 0)) for width in widths]
    ).all(axis=1)
    if not clear.any():
        return np.zeros(0)
    return np.median(np.log(widths[1][clear] / widths[0][clear] / np.abs(gain)), axis=1)


def some_negative(x: Array, y: Array) -> bool:
    """Whether some examples are negatives of their partners, and others not."""
    if x.shape[1] < WITHIN:
        return False
    dx, dy = (side - side.mean(axis=1, keepdims=True) for side in (x, y))
    both, power = (dx * dy).sum(axis=(1, 2)), np.square(dx).sum(axis=(1, 2))
    likeness = both / np.sqrt(np.maximum(power * np.square(dy).sum(axis=(1, 2)), 1e-300))
    clear = np.abs(likeness) > _ALIKE
    share = float((likeness[clear] < 0).mean()) if clear.any() else 0.0
    return _SOME < share < 1 - _SOME and int(clear.sum()) >= MANY


def own_offsets(line: Line, x: Array, y: Array) -> tuple[float, float] | None:
    """The offsets of single examples, where those explain what one for all leaves."""
    if x.shape[1] < WITHIN or len(x) < MANY:
        return None
    left = y - line.gain * x
    own = left.mean(axis=1, keepdims=True)
    apart = np.median([_robust(channel) for channel in (own[:, 0] / line.spread).T])
    rest = np.sqrt(np.square((left - own) / line.spread).mean(axis=(1, 2)))
    if apart < _APART or float(np.quantile(rest, _NEARLY_ALL)) > _OWN_LEFT * apart:
        return None
    low, high = np.quantile(own.mean(axis=(1, 2)), (0.05, 0.95))
    return float(low), float(high)


def own_factors(line: Line, x: Array, y: Array) -> bool:
    """Whether each example has a factor of its own, and these explain what one for all leaves."""
    if x.shape[1] < WITHIN or len(x) < MANY or ratio_of(line.own_gains) < _FACTORS:
        return False
    dx, dy = (side - side.mean(axis=1, keepdims=True) for side in (x, y))
    power_x, power_y = (np.square(side).sum(axis=(1, 2)) for side in (dx, dy))
    both = (dx * dy).sum(axis=(1, 2))
    clear = (power_x > 0) & (power_y > _FAINT**2 * np.median(power_y))
    if clear.sum() < MANY:
        return False
    dx, dy = dx[clear], dy[clear]
    own = (both[clear] / power_x[clear])[:, None, None]
    middle = np.median(line.gain)
    left = np.square(dy - middle * dx).mean(axis=(1, 2))
    rest = np.square(dy - own * dx).mean(axis=(1, 2))
    return bool(np.sqrt(np.quantile(rest, _NEARLY_ALL) / left.mean()) < _FACTORS_LEFT)


def scatter(own: Array) -> float:
    """How far from 0 a middle must be: outside of the examples' own, and of its own interval."""
    if not len(own):
        return 0.0
    noise = (_CLEAR + 2 / np.sqrt(len(own))) * _robust(own)
    return float(max(noise, surely_of(len(own)) * own.std(ddof=1) if 1 < len(own) < MANY else 0))


def offset_of(line: Line) -> Array:
    """The offset, but 0 where what is added to each example has its middle there."""
    doubt = _SURELY * 1.25 * _robust(line.own_shifts) / np.sqrt(len(line.own_shifts))
    return np.where(np.abs(line.bias) < doubt * line.spread, 0.0, line.bias)


def extent(line: Line) -> tuple[float, float]:
    """5 % and 95 % quantile of the examples' own factors; NaN without them."""
    if not len(line.own_gains):
        return float("nan"), float("nan")
    low, high = np.exp(np.quantile(line.own_gains, (0.05, 0.95))) * float(np.median(line.gain))
    return float(low), float(high)


def ratio_of(own_gains: Array) -> float:
    """The 95 % quantile of factors over the 5 % quantile; 1 for fewer than ten."""
    if len(own_gains) < 10:
        return 1.0
    low, high = np.quantile(own_gains, (0.05, 0.95))
    return float(np.exp(high - low))


def _robust(values: Array) -> float:
    """Spread as 1.48 median absolute deviations."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


def middle_of(own_gains: Array) -> tuple[float, float]:
    """The 95 % interval of a median from order statistics, as factors; NaN below six values."""
    count = len(own_gains)
    if count < 6:
        return float("nan"), float("nan")
    ordered = np.sort(own_gains)
    half = 0.98 * np.sqrt(count)
    low = max(0, int(np.floor(count / 2 - half)))
    high = min(count - 1, int(np.ceil(count / 2 + half)))
    return float(np.exp(ordered[low])), float(np.exp(ordered[high]))
