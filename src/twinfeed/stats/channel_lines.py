"""One line per channel from A's values to B's, over the points of all pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twinfeed._core.batch import Array


class ChannelLines(NamedTuple):
    """A line per channel; every column has shape ``(channels,)``.

    Attributes:
        gain: The factor, never 0.
        offset: What is added after it.
        left_over: Share of the variance of B's values that it does not explain, 0 to 1.
    """

    gain: Array
    offset: Array
    left_over: Array


def channel_lines(x: Array, y: Array) -> ChannelLines | None:
    """The lines of least squares; ``None`` where a channel of either side is flat.

    Args:
        x: A's points, float64, shape ``(points, channels)``.
        y: B's, of the same shape.
    """
    if len(x) < 2:
        return None
    dx, dy = x - x.mean(axis=0), y - y.mean(axis=0)
    power, total = (dx * dx).sum(axis=0), (dy * dy).sum(axis=0)
    if not (power > 0).all() or not (total > 0).all():
        return None
    gain = (dx * dy).sum(axis=0) / power
    if not gain.all():
        return None
    left_over = np.square(dy - gain * dx).sum(axis=0) / total
    return ChannelLines(gain, y.mean(axis=0) - gain * x.mean(axis=0), left_over)
