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
_FEW = 8
_SLIGHT, _STRANGERS = 0.015, 0.5  # share of the spread that other weights leave
_STEP, _SMOOTH = 2, 0.3  # points apart, and how alike what is left there must be
_FAINT, _EVERYWHERE = 0.3, 0.4  # of the usual rest, and the share of points that have so much
_BLOCKS, _PIECES = 4, 16  # parts per axis and of the range that get a line of their own
_NOT_LOCAL = 0.33  # share that either must leave
_AS_FINE = 1.3  # factor by which neighbours may differ more on one side
_MEAN, _TF, _USUAL = (
    "the mean of the channels",
    "TensorFlow's rgb_to_grayscale (0.2989, 0.587, 0.114)",
    "0.299, 0.587, 0.114 unrounded",
)


@dataclass(frozen=True, slots=True)
class TwoGreys:
    """What each side's grey is, in words, and how far they are apart.

    Attributes:
        left: A's; empty where only the patches tell that it is not B's.
        right: B's, likewise.
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
    sides = _levels(twins) if twins.is_plain("A") and twins.is_plain("B") else None
    if sides is None:
        return None
    left, right = (side.ravel() for side in sides)
    gap = right - left
    if np.sqrt(np.square(gap).mean()) < _LEAST_LEVELS:
        return None
    names = _name(left), _name(right)
    apart = float(np.abs(gap).mean())
    pairs = len(sides[0])
    # What was rounded to whole levels lies on every grid: then the patches have to tell.
    if None in names and not _as_colours_make(*sides):
        return None
    swapped = names[0] == names[1] is not None
    if swapped and not any(_on(gap, 1 / step) for step in _SWAPPED):
        return None
    return TwoGreys(names[0] or "", names[1] or "", swapped, apart, pairs)


def _levels(twins: Twins) -> tuple[Array, Array] | None:
    """Both sides' values in levels of 255, shape ``(pairs, height, width)``, of one channel."""
    found: list[Array] = []
    for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True):
        main = trace.main
        known = value_range(trace.stats_of(main.path)) if main and main.is_image else None
        if main is None or known is None or known.kind not in {"0..255", "0..1"} or not len(at):
            return None
        kept = [trace.kept.values[int(i)] for i in at[:_PAIRS]]
        if kept[0].dtype.kind not in "uif" or len({one.shape for one in kept}) != 1:
            return None
        whole = channels_last(np.stack(kept), main)
        if (whole != whole[..., :1]).any():  # one grey, or copies of it
            return None
        found.append(whole[..., 0].astype(np.float64) * (255 if known.kind == "0..1" else 1))
    if found[0].shape != found[1].shape or not all(np.isfinite(side).all() for side in found):
        return None
    return found[0], found[1]


def _as_colours_make(left: Array, right: Array) -> bool:
    """Whether the two differ in patches, as sharp as each other, that no line of either explains.

    Colours come in patches: what one weighing makes of them and another does not is as smooth as
    they are, stands everywhere, and is no brightness or contrast of a part of the picture.
    """
    if min(left.shape[1:]) < 2 * _BLOCKS or len(left) < _FEW:
        return False
    rest = _left_by_lines(left, right, 1)
    shares = np.sqrt(np.square(rest).mean(axis=(1, 2))) / np.maximum(right.std(axis=(1, 2)), 1e-9)
    if not _SLIGHT < float(np.median(shares)) < _STRANGERS:
        return False
    near = rest[:, :, _STEP:] * rest[:, :, :-_STEP], rest[:, _STEP:] * rest[:, :-_STEP]
    power = np.maximum(np.square(rest).mean(axis=(1, 2)), 1e-9)
    smooth = min(float(np.median(each.mean(axis=(1, 2)) / power)) for each in near)
    usual = np.sqrt(power)[:, None, None]
    spread = float((np.abs(rest) > _FAINT * usual).mean())
    whole = float(np.square(rest).sum())
    local = float(np.square(_left_by_lines(left, right, _BLOCKS)).sum()) / whole
    bent = _left_by_curves(left, right) / whole
    finer = float(np.median(_fine(right) / np.maximum(_fine(left), 1e-9)))
    named = smooth > _SMOOTH and spread > _EVERYWHERE and min(local, bent) > _NOT_LOCAL
    return named and 1 / _AS_FINE < finer < _AS_FINE


def _fine(pictures: Array) -> Array:
    """Spread of what neighbours differ by, as a share of the picture's: contrast of its parts raises it."""
    return np.diff(pictures, axis=2).std(axis=(1, 2)) / np.maximum(pictures.std(axis=(1, 2)), 1e-9)


def _left_by_curves(left: Array, right: Array) -> float:
    """Sum of squares that a broken line of its own leaves of each picture."""
    total = 0.0
    for x, y in zip(left.reshape(len(left), -1), right.reshape(len(right), -1), strict=True):
        ranks = np.argsort(np.argsort(x, kind="stable"), kind="stable")
        piece = ranks * _PIECES // len(x)
        count = np.bincount(piece, minlength=_PIECES)
        dx, dy = (side - (np.bincount(piece, side) / count)[piece] for side in (x, y))
        power = np.bincount(piece, dx * dx)
        gain = np.bincount(piece, dx * dy) / np.where(power > 0, power, np.inf)
        total += float(np.square(dy - gain[piece] * dx).sum())
    return total


def _left_by_lines(left: Array, right: Array, blocks: int) -> Array:
    """What a line from one to the other leaves in each of so many parts per axis."""
    height, width = (length // blocks * blocks for length in left.shape[1:])
    parts = [
        side[:, :height, :width]
        .reshape(len(side), blocks, height // blocks, blocks, width // blocks)
        .swapaxes(2, 3)
        for side in (left, right)
    ]
    dx, dy = (part - part.mean(axis=(3, 4), keepdims=True) for part in parts)
    power = np.square(dx).sum(axis=(3, 4), keepdims=True)
    gain = (dx * dy).sum(axis=(3, 4), keepdims=True) / np.where(power > 0, power, np.inf)
    return (dy - gain * dx).swapaxes(2, 3).reshape(len(left), height, width)


def _name(levels: Array) -> str | None:
    dark = levels[(levels > 0) & (levels < _DARK)]
    if len(dark) < _POINTS or _on(dark, 1):
        return None
    for name, parts in ((_MEAN, 3), (_USUAL, 1000), (_TF, 10_000)):
        if _on(dark, parts):
            return name
    return None


def _on(values: Array, parts: float) -> bool:
    """Whether values are whole multiples of one part."""
    return float(np.cos(2 * np.pi * parts * values).mean()) > _ON
