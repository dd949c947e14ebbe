"""How strong and which colours registered views have beside their references.

A colour is a point of the plane across the grey axis: its distance from grey is how strong it is,
its direction the hue. A factor on saturation moves all of a view's points by one factor beyond that
of its greys, a shift of hue turns them by one angle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._blocks import BLOCK, blocks
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._policy._spread import LEAST_VIEWS
from twinfeed.diff._views._threads import by_pairs

SATURATION_NOISE, HUE_NOISE = 0.2, 10.0
"""Widths, a factor and degrees, up to which they vary by what registration alone leaves."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_ROUNDS = 3
_OUTLIER = 3.0  # deviations from which a block shows something else
_ENOUGH = 15  # blocks that must count
_COLOURED = 0.02  # of the range, that colours must spread by to be told from grey
_AGREES = (
    0.95  # correlation of colours below which noise makes up a part of how far they lie from grey
)
_GREY = 0.1  # of the spread of its reference's colours, at which a view has none
_EDGE = 0.01  # of a picture's range: nearer to its extremes a value may have been cut off
_FEW = 0.2  # share of the views that must have colours
_MOST = 0.05  # of the views that may lie outside of a width


@dataclass(frozen=True, slots=True)
class Colours:
    """One row per registered view.

    Attributes:
        saturation: The factor on the distance from grey, beyond a factor on all values; NaN where
            a picture has too little colour to tell.
        hue_degrees: The angle by which colours are turned, in (-180, 180]; NaN as above.
        cells: The views beside what they should show with the colours they have.
    """

    saturation: Array
    hue_degrees: Array
    cells: Cells


def colours(cells: Cells) -> Colours:
    """Fit them; where they vary, what is expected of each view gets its colours."""
    unknown = np.full(len(cells), np.nan)
    if cells.seen.shape[-1] != 3:
        return Colours(unknown, unknown, cells)

    def fit(*columns: Array) -> tuple[Array, ...]:
        return _fitted(*columns, side=cells.side)

    clear = cells.clear & _within(cells.expected, cells.reference)
    expected = cells.expected
    strong, turned, *left = by_pairs(fit, expected, cells.seen, cells.inside, clear)
    if np.isfinite(strong[:, 0]).sum() < max(LEAST_VIEWS, _FEW * len(cells)):
        return Colours(unknown, unknown, cells)  # the odd ones among grey pictures
    hued = _width(turned) > HUE_NOISE
    if hued:
        # Turned in HSV, colours keep their largest channel and their smallest, not their distance
        # from grey.
        expected = _recoloured(expected, np.ones(len(cells)), turned, hsv=True)
        strong, further, *left = by_pairs(fit, expected, cells.seen, cells.inside, clear)
        turned = turned + further
    # Libraries keep the largest channel (HSV), or a weighted mean of all: what leaves less is it.
    kept = [np.where(np.isfinite(strong[:, 0]), each, np.nan) for each in left]
    hsv = bool(np.nansum(kept[0]) <= np.nansum(kept[1]))
    saturation = strong[:, 0 if hsv else 1]
    if _width(saturation) > SATURATION_NOISE:
        expected = _recoloured(expected, saturation, np.zeros(len(cells)), hsv=hsv)
    return Colours(saturation, turned, replace(cells, expected=expected))


def _within(expected: Array, reference: Array) -> Array:
    """Where a reference is not at its extremes: it may be cut off there, as a view is."""
    flat = reference.reshape(len(reference), -1)
    low, high = (end(axis=1)[:, None, None] for end in (flat.min, flat.max))
    slack = _EDGE * (high - low)
    return np.asarray((expected > low + slack) & (expected < high - slack))


def _width(values: Array) -> float:
    kept = values[np.isfinite(values)]
    return float(np.ptp(np.quantile(kept, (_MOST / 2, 1 - _MOST / 2)))) if len(kept) else 0.0


def _fitted(
    expected: Array, seen: Array, inside: Array, clear: Array, *, side: int
) -> tuple[Array, ...]:
    """Factors beyond that of the largest channel and of the mean, angles, and what either leaves."""
    weight = inside * clear.all(axis=-1)
    crowded = weight.sum(axis=1) < _ENOUGH * BLOCK**2
    weight[crowded] = inside[crowded]
    wide = np.broadcast_to(weight[..., None], (*weight.shape, 4))
    e, s, counted = blocks(_planes(expected), _planes(seen), wide, side)
    colour_e, colour_s = (each[..., 0] + 1j * each[..., 1] for each in (e, s))
    weight, moved = _moved(colour_e, colour_s, counted[..., 0])
    greys = [_line(e[..., at], s[..., at], weight) for at in (2, 3)]
    strong = np.stack([np.abs(moved) / gain for gain, _ in greys], axis=1)
    none = np.abs(moved) < _GREY
    turned = np.where(none, np.nan, np.degrees(np.angle(moved)))
    return strong, turned, *(left for _, left in greys)


def _planes(values: Array) -> Array:
    """Two axes of colour, the largest channel and the mean as eyes weigh it (ITU-R BT.601)."""
    red, green, blue = (values[..., at] for at in range(3))
    return np.stack(
        [
            red - (green + blue) / 2,
            np.float32(np.sqrt(0.75)) * (green - blue),
            values.max(axis=-1),
            values @ _LUMA,
        ],
        axis=-1,
    )


def _moved(e: Array, s: Array, weight: Array) -> tuple[Array, Array]:
    """What counts, and the complex factor from expected colours to seen ones; NaN if not known."""
    for _ in range(_ROUNDS):
        factor, at_e, at_s, _ = _turn(e, s, weight)
        left = np.abs(at_s[:, None] + factor[:, None] * (e - at_e[:, None]) - s)
        ordered = np.sort(np.where(weight > 0, left, np.inf), axis=1)
        middle = ordered[np.arange(len(e)), (weight > 0).sum(axis=1) // 2 - 1]
        weight = weight * (left <= _OUTLIER * 1.5 * np.maximum(middle, 1e-4)[:, None])
    factor, _, _, agrees = _turn(e, s, weight)
    spread = np.sqrt(_variance(e, weight))
    told = (spread >= _COLOURED) & ((weight > 0).sum(axis=1) >= _ENOUGH)
    told &= (agrees >= _AGREES) | (np.abs(factor) < _GREY)
    return weight, np.where(told, factor, np.nan)


def _turn(e: Array, s: Array, weight: Array) -> tuple[Array, Array, Array, Array]:
    total = np.maximum(weight.sum(axis=1), 1e-9)
    at_e, at_s = ((weight * each).sum(axis=1) / total for each in (e, s))
    both = (weight * (s - at_s[:, None]) * (e - at_e[:, None]).conj()).sum(axis=1) / total
    spread_e, spread_s = (np.maximum(_variance(each, weight), 1e-12) for each in (e, s))
    # Neither is without noise: the ratio of their spreads is biased to neither side.
    factor = np.sqrt(spread_s / spread_e) * np.exp(1j * np.angle(both))
    return factor, at_e, at_s, np.abs(both) / np.sqrt(spread_e * spread_s)


def _variance(values: Array, weight: Array) -> Array:
    total = np.maximum(weight.sum(axis=1), 1e-9)
    mean = (weight * values).sum(axis=1) / total
    return (weight * np.square(np.abs(values - mean[:, None]))).sum(axis=1) / total


def _line(e: Array, s: Array, weight: Array) -> tuple[Array, Array]:
    """The factor between two grey planes, NaN where they are flat, and what a line leaves."""
    total = np.maximum(weight.sum(axis=1), 1e-9)
    spread_e, spread_s = _variance(e, weight), _variance(s, weight)
    at_e, at_s = ((weight * each).sum(axis=1) / total for each in (e, s))
    e, s = e - at_e[:, None], s - at_s[:, None]
    flat = np.minimum(spread_e, spread_s) < _COLOURED**2
    gain = np.sqrt(spread_s / np.maximum(spread_e, 1e-12))
    left = (weight * np.square(gain[:, None] * e - s)).sum(axis=1) / total
    return np.where(flat, np.nan, gain), np.sqrt(left)


def _recoloured(values: Array, factor: Array, angle: Array, *, hsv: bool) -> Array:
    known = (
        np.where(np.isfinite(each), each, neutral).astype(np.float32)
        for each, neutral in ((factor, 1.0), (angle, 0.0))
    )
    (made,) = by_pairs(lambda *columns: (_coloured(*columns, hsv=hsv),), values, *known)
    return made


def _coloured(values: Array, factor: Array, angle: Array, *, hsv: bool) -> Array:
    """Values with other colours: stronger by a factor, turned by an angle.

    Args:
        values: Shape ``(views, cells, 3)``.
        factor: One per view.
        angle: One per view, in degrees.
        hsv: Whether the largest channel is kept; else the weighted mean is.
    """
    top = values.max(axis=-1, keepdims=True)
    depth = top - values
    factor = factor[:, None, None]
    if hsv:
        # No colour is stronger than one whose smallest channel is black.
        most = top / np.maximum(depth.max(axis=-1, keepdims=True), 1e-6)
        values = top - np.minimum(factor, np.maximum(most, 1)) * depth
    else:
        grey = values @ _LUMA
        values = grey[..., None] + factor * (values - grey[..., None])
    if not np.abs(angle).max(initial=0) > HUE_NOISE / 4:
        return values
    top = values.max(axis=-1, keepdims=True)
    reach = top - values.min(axis=-1, keepdims=True)
    turned = values @ _about_grey(angle)
    depth = turned.max(axis=-1, keepdims=True) - turned
    return top - depth * reach / np.maximum(depth.max(axis=-1, keepdims=True), 1e-6)


def _about_grey(degrees: Array) -> Array:
    """Matrices that turn colours, as rows, about the grey axis: red to green (Rodrigues)."""
    turn = np.radians(degrees)[:, None, None]
    across = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]], np.float32) / np.float32(np.sqrt(3))
    made = np.cos(turn) * np.eye(3) + (1 - np.cos(turn)) / 3 + np.sin(turn) * across
    return made.astype(np.float32)
