"""The black and the white of a feed, told by its pictures alone, and what reaches past them.

Pictures that keep to a range stop at its ends: many hold exactly the lowest value of all, and exactly
the highest. After a normalisation these are no round numbers, and others in each channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last
from twinfeed._core.trace import Trace

_MOST, _POINTS = 800, 10_000_000  # pictures that are looked at, and points of them in all
_FEW = 20  # pictures, from which ends are told
_STOP = 0.15  # of the pictures, that must stop at an end of each channel
_EXACT = 1e-4  # of the range, within which two extremes are one value
_BEYOND = 0.02  # of the range, by which values must leave it
_FARTHEST = 1.0  # of the range beyond which another scale is the likelier cause


@dataclass(frozen=True, slots=True)
class Ends:
    """The lowest and the highest value of each channel, shape ``(channels,)``, in the feed's units."""

    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Past:
    """What leaves a range.

    Attributes:
        low: The lowest value.
        high: The highest.
        share: Of the values, that are outside.
        values: How many were looked at.
        leaves: Whether each kept picture does, shape ``(pictures,)``; False of those that were
            not looked at.
    """

    low: float
    high: float
    share: float
    values: int
    leaves: Array


def own_ends_of(trace: Trace) -> Ends | None:
    """The ends that pictures stop at in each channel; ``None`` where too few do at either."""
    lows, highs = _extremes(_pictures(trace))
    if len(lows) < _FEW:
        return None
    low, high = lows.min(axis=0), highs.max(axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return None
    near = _EXACT * (high - low)
    stop = np.minimum((lows <= low + near).mean(axis=0), (highs >= high - near).mean(axis=0))
    return Ends(low, high) if float(stop.min()) >= _STOP and bool((high > low).all()) else None


def past_ends(trace: Trace, ends: Ends) -> Past | None:
    """What of a feed's pictures lies surely past the ends of another; ``None`` where nothing does."""
    pictures = _pictures(trace)
    lows, highs = _extremes(pictures)
    if len(lows) < _FEW or lows.shape[1] != len(ends.low):
        return None
    width = ends.high - ends.low
    beyond = np.maximum(ends.low - lows, highs - ends.high) / width
    if not _BEYOND < float(beyond.max()) < _FARTHEST:
        return None
    leaves = np.zeros(len(trace.kept.values), bool)
    leaves[: len(lows)] = (beyond > _BEYOND).any(axis=1)
    near = _EXACT * width
    outside = [((x < ends.low - near) | (x > ends.high + near)).mean() for x in pictures]
    return Past(
        low=float(lows.min()),
        high=float(highs.max()),
        share=float(np.mean(outside)),
        values=sum(picture.size for picture in pictures),
        leaves=leaves,
    )


def _extremes(pictures: list[Array]) -> tuple[Array, Array]:
    """Of each picture and channel, shape ``(pictures, channels)`` both."""
    if not pictures:
        return np.zeros((0, 1)), np.zeros((0, 1))
    lows, highs = (
        np.array([end(picture, axis=(0, 1)) for picture in pictures], float)
        for end in (np.min, np.max)
    )
    return lows, highs


def _pictures(trace: Trace) -> list[Array]:
    """Whole pictures of numbers that are not counted in levels, channels last, of every epoch."""
    main, kept = trace.main, trace.kept.values
    if main is None or not main.is_image or not len(kept) or kept[0].dtype.kind != "f":
        return []
    most = min(_MOST, max(_FEW, _POINTS // max(kept[0].size, 1)))
    return [channels_last(view, main) for view in kept[:most]]
