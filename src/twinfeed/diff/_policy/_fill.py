"""What geometric augmentation puts where a view shows more than its picture has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._policy._tones import Tones
from twinfeed.diff._views._refine import grid_of

_LEAST_CELLS, _LEAST_VIEWS = 12, 12
_CLEAR = 0.7  # of the error of the second best at which a mode is named
_FITS = 0.5  # of a view's own spread that the best mode may leave
_ALL = 0.02  # of it that even the second best leaves less of: the pictures cannot tell
_SAME = 0.02  # of the range by which a constant may vary


@dataclass(frozen=True, slots=True)
class Fill:
    """How the outside is filled.

    Attributes:
        mode: ``nearest``, ``constant``, ``reflect``, ``wrap``, or ``""`` where it cannot be told.
        value: The constant, as a share of the range from black; NaN for other modes.
        views: Views that it rests on.
        error: What the mode leaves, as a share of the views' spread.
        second: What the next best mode leaves.
    """

    mode: str
    value: float
    views: int
    error: float
    second: float


NO_FILL = Fill("", float("nan"), 0, float("nan"), float("nan"))


def fill(cells: Cells, tones: Tones) -> Fill:
    """Name the mode that predicts best what lies outside."""
    side = cells.side
    x, y = grid_of(side)
    column, row = (
        cells.maps[:, axis, 0:1] * x + cells.maps[:, axis, 1:2] * y + cells.maps[:, axis, 2:3]
        for axis in (0, 1)
    )
    # A whole cell beyond the edge: nearer, all modes say the same.
    beyond = np.maximum(np.abs(column), np.abs(row)) > 1 + 2 / side
    beyond &= np.maximum(np.abs(column), np.abs(row)) < 2.5
    usable = np.flatnonzero((beyond.sum(axis=1) >= _LEAST_CELLS) & np.isfinite(tones.gain))
    if len(usable) < _LEAST_VIEWS:
        return NO_FILL
    column, row, beyond = column[usable], row[usable], beyond[usable]
    seen = cells.seen[usable]
    spread = np.maximum(seen.std(axis=(1, 2)), 1e-6)
    modes: dict[str, Callable[[Array], Array]] = {
        "nearest": _clamped,
        "reflect": _folded,
        "wrap": _wrapped,
    }
    errors = {
        name: _error(cells, tones, usable, (place(column), place(row)), beyond) / spread
        for name, place in modes.items()
    }
    middle = np.stack(
        [np.median(view[out], axis=0) for view, out in zip(seen, beyond, strict=True)]
    )
    away = np.abs(seen - middle[:, None]).mean(axis=2)
    errors["constant"] = _mean(away, beyond) / spread
    told = sorted((float(np.median(error)), name) for name, error in errors.items())
    (least, best), (second, _) = told[0], told[1]
    # Behind a dark edge all of them say the same.
    if second < _ALL or least > _CLEAR * second or least > _FITS:
        return Fill("", float("nan"), len(usable), least, second)
    value = float("nan")
    if best == "constant":
        value = float(np.median(middle))
    return Fill(best, value, len(usable), least, second)


def _clamped(at: Array) -> Array:
    return at.clip(-1, 1)


def _wrapped(at: Array) -> Array:
    return (at + 1) % 2 - 1


def _folded(at: Array) -> Array:
    """Reflected about the edges, the edge itself doubled."""
    phase = (at + 1) % 4
    return np.where(phase < 2, phase, 4 - phase) - 1


def _error(
    cells: Cells, tones: Tones, views: Array, places: tuple[Array, Array], beyond: Array
) -> Array:
    """Mean absolute difference outside of a prediction, per view."""
    gain = tones.gain[views][:, None]
    total = np.zeros(len(views))
    channels = cells.seen.shape[-1]
    for channel in range(channels):
        values = _at(cells.reference[views][..., channel], *places)
        inside = cells.inside[views]
        # The offset that the inside has, whatever its pivot.
        mine = cells.seen[views][..., channel]
        bias = _mean(mine - gain * cells.expected[views][..., channel], inside)
        total += _mean(np.abs(gain * values + bias[:, None] - mine), beyond)
    return total / channels


def _at(pictures: Array, column: Array, row: Array) -> Array:
    """Bilinear values at given places in -1..1, clamped."""
    count, side = pictures.shape[:2]
    x, y = (((at + 1) * side / 2 - 0.5).clip(0, side - 1.001) for at in (column, row))
    left, top = x.astype(int), y.astype(int)
    across, down = x - left, y - top
    flat = pictures.reshape(count, -1)
    at = top * side + left
    corners = [np.take_along_axis(flat, at + step, axis=1) for step in (0, 1, side, side + 1)]
    above = corners[0] * (1 - across) + corners[1] * across
    below = corners[2] * (1 - across) + corners[3] * across
    return above * (1 - down) + below * down


def _mean(values: Array, counted: Array) -> Array:
    return (values * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
