"""A line of its own for each place of a picture, the same for all examples.

``x - x_train.mean(axis=0)`` takes away one picture, and ``StandardScaler`` on flattened pixels divides
by one as well; one mean per channel, as ``featurewise_center`` has it, leaves other pictures. Between
the two no scale and offset leads, but at each place one line goes through all examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._cut_off import paired_points

CENTRED_PLACES = "centred over the data set, each point by a mean of its own"
STANDARD_PLACES = "standardised over the data set, each point by itself"
_LEAST_PAIRS = 24  # through few examples a line of its own at each place goes by chance
_LEFT = 0.03  # of the spread, that such lines may leave
_MORE = 3.0  # times as much must be left by one line for all places
_NEARER = 0.8  # of the other side's means over the examples, that those taken away may have


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """The side from which a picture was taken away.

    Attributes:
        left: What A's values are, in words; ``None`` where they are not those.
        right: The same of B.
        pairs: Pairs it rests on.
    """

    left: str | None
    right: str | None
    pairs: int


@remembered
def own_places(twins: Twins) -> OwnPlaces | None:
    """Which side was centred or standardised place by place; ``None`` where neither was."""
    plain, main = twins.is_plain("A") and twins.is_plain("B"), twins.left.main
    shown = paired_points(twins) if plain else None
    if shown is None or main is None or len(shown[0]) < _LEAST_PAIRS:
        return None
    x, y = shown
    spread = float(y.std())
    if not spread > 0 or not x.std() > 0:
        return None
    channels = main.shape[0 if main.channels_first else -1] or 1
    colours = channel_order(twins)
    if colours is not None and colours.moved:
        x = x.reshape(len(x), -1, channels)[..., list(colours.order)].reshape(x.shape)
    usual = _rest(_by_channels(x, channels), _by_channels(y, channels), (0, 1)) / spread
    dx, dy = (side - side.mean(axis=0) for side in (x, y))
    moved, scaled = (_rest(dx, dy, axis) / spread for axis in (None, 0))
    left = moved if moved < _LEFT else scaled
    if left >= _LEFT or usual < max(_LEFT, _MORE * left):
        return None
    said = CENTRED_PLACES if moved < _LEFT else STANDARD_PLACES
    # What was measured of each place and taken away leaves nothing there but what few examples do.
    sizes = [np.sqrt(np.square(side.mean(axis=0)).mean()) / side.std() for side in shown]
    if sizes[0] < _NEARER * sizes[1]:
        return OwnPlaces(said, None, len(x))
    return OwnPlaces(None, said, len(x)) if sizes[1] < _NEARER * sizes[0] else None


def _by_channels(points: Array, channels: int) -> Array:
    """Points less the mean of their channel, shape ``(pairs, places, channels)``."""
    each = points.reshape(len(points), -1, channels)
    return each - each.mean(axis=(0, 1))


def _rest(dx: Array, dy: Array, axis: int | tuple[int, ...] | None) -> float:
    """Root mean square of what factors leave that are the same along some axes."""
    power = np.square(dx).sum(axis=axis)
    gain = (dx * dy).sum(axis=axis) / np.where(power > 0, power, np.inf)
    return float(np.sqrt(np.square(dy - gain * dx).mean()))
