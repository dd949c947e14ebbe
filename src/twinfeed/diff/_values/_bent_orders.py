"""A power that leads from one feed's values to the other's, where chance stands between the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._paired_values import paired_values

_LEAST_PAIRS = 20
_POWERS = tuple(4 ** (step / 40) for step in range(-40, 41))
_NO_POWER = 1.15  # up to which a power is none
_MOST = 0.4  # of the mean square that a line leaves
_FOLLOWS = 0.05  # of the variance, that a power may leave


@dataclass(frozen=True, slots=True)
class BentOrders:
    """B's values are A's to a power, but for a scale.

    Attributes:
        power: The exponent.
        bend_share: How far it leaves the straight line at most, as a share of the range.
        left_share: Mean square that it leaves, as a share of what a line leaves.
        pairs: Paired examples it rests on.
    """

    power: float
    bend_share: float
    left_share: float
    pairs: int


@remembered
def bent_orders(twins: Twins) -> BentOrders | None:
    """The power by which order statistics of paired pictures go; ``None`` where a line is as good.

    Those outlast flips, and nearly outlast small crops and zooms.
    """
    found, main = paired_values(twins), twins.left.main
    if found is None or main is None or not main.is_image or len(found) < _LEAST_PAIRS:
        return None
    colours = channel_order(twins)
    order = list(colours.order) if colours else slice(None)
    x, y = found.left_orders[..., order], found.right_orders
    low, span = x.min(axis=(0, 1)), np.ptp(x, axis=(0, 1))
    if x.shape != y.shape or not (span > 0).all() or not (np.ptp(y, axis=(0, 1)) > 0).all():
        return None
    unit, y = (x - low) / span, (y - y.mean(axis=(0, 1))) / y.std(axis=(0, 1))
    # At random in time: what comes every second time must not fall into one half.
    fit = np.random.default_rng(0).permutation(len(x)) < (len(x) + 1) // 2
    power = min(_POWERS, key=lambda each: _left(unit[fit] ** each, y[fit]))
    bent, straight = (_left(unit[~fit] ** each, y[~fit]) for each in (power, 1.0))
    if max(power, 1 / power) < _NO_POWER or bent > min(_MOST * straight, _FOLLOWS):
        return None
    ramp = np.linspace(0, 1, 256)
    bend = float(np.abs(ramp**power - ramp).max())
    return BentOrders(power, bend, bent / straight, len(x))


def _left(x: Array, y: Array) -> float:
    """Mean square that one line per channel leaves, shape ``(pairs, orders, channels)``."""
    dx, dy = (side - side.mean(axis=(0, 1)) for side in (x, y))
    gain = (dx * dy).sum(axis=(0, 1)) / np.maximum(np.square(dx).sum(axis=(0, 1)), 1e-300)
    return float(np.square(dy - gain * dx).mean())
