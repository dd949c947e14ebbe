"""Two sides that made grey of the same colours by other weights, told from the greys alone.

A weighted sum of three whole levels lies on a grid of its own: the mean on thirds, Pillow's and
OpenCV's weights on thousandths, TensorFlow's on ten-thousandths; and where one side took blue for red,
the two differ by whole multiples of what red weighs more than blue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._value_range import value_range
from twinfeed.stats.coarse import channels_last

_PAIRS = 32
_DARK = 48.0  # levels up to which float32 keeps ten-thousandths apart
_POINTS = 500
_ON = 0.5  # mean cosine over a grid: 1 on it, 0 off it
_SWAPPED = (0.2989 - 0.114, 0.299 - 0.114)
_LEAST_LEVELS = 0.5  # root mean square; below it is rounding
_MEAN, _TF, _USUAL = (
    "the mean of the channels",
    "TensorFlow's rgb_to_grayscale (0.2989, 0.587, 0.114)",
    "0.299, 0.587, 0.114 unrounded",
)


@dataclass(frozen=True, slots=True)
class TwoGreys:
    """What each side's grey is, in words, and how far they are apart.

    Attributes:
        left: A's.
        right: B's.
        swapped: Whether one side took blue for red.
        levels: Mean difference, in levels of 255.
        pairs: Pictures it rests on.
    """

    left: str
    right: str
    swapped: bool
    levels: float
    pairs: int


@remembered
def two_greys(twins: Twins) -> TwoGreys | None:
    """Both greys, or ``None`` where they are no such sums or not told apart."""
    sides = _levels(twins)
    if sides is None:
        return None
    left, right = sides
    gap = right - left
    if np.sqrt(np.square(gap).mean()) < _LEAST_LEVELS:
        return None
    names = _name(left), _name(right)
    if names[0] is None or names[1] is None:
        return None
    apart = float(np.abs(gap).mean())
    pairs = len(twins.kept_pairs[0][:_PAIRS])
    if names[0] != names[1]:
        return TwoGreys(names[0], names[1], swapped=False, levels=apart, pairs=pairs)
    if any(_on(gap, 1 / step) for step in _SWAPPED):
        return TwoGreys(names[0], names[1], swapped=True, levels=apart, pairs=pairs)
    return None


def _levels(twins: Twins) -> tuple[Array, Array] | None:
    """Both sides' values in levels of 255, flat, where each has one channel of fractions."""
    found: list[Array] = []
    for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True):
        main = trace.main
        known = value_range(trace.stats_of(main.path)) if main and main.is_image else None
        if main is None or known is None or known.kind not in {"0..255", "0..1"} or not len(at):
            return None
        kept = [trace.kept.values[int(i)] for i in at[:_PAIRS]]
        if kept[0].dtype.kind != "f" or len({one.shape for one in kept}) != 1:
            return None
        whole = channels_last(np.stack(kept), main)
        if whole.shape[-1] != 1:
            return None
        found.append(whole.astype(np.float64).ravel() * (255 if known.kind == "0..1" else 1))
    if found[0].shape != found[1].shape or not all(np.isfinite(side).all() for side in found):
        return None
    return found[0], found[1]


def _name(levels: Array) -> str | None:
    dark = levels[(levels > 0) & (levels < _DARK)]
    if len(dark) < _POINTS or _on(levels, 1):
        return None
    for name, parts in ((_MEAN, 3), (_USUAL, 1000), (_TF, 10_000)):
        if _on(dark, parts):
            return name
    return None


def _on(values: Array, parts: float) -> bool:
    """Whether values are whole multiples of one part."""
    return float(np.cos(2 * np.pi * parts * values).mean()) > _ON
