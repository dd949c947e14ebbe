"""What geometric augmentation puts where a view shows more than its picture has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    beyond, seen = beyond[usable], cells.seen[usable]
    spread = np.maximum(seen.std(axis=(1, 2)), 1e-6)
    middle = np.stack(
        [np.median(view[out], axis=0) for view, out in zip(seen, beyond, strict=True)]
    )
    outside = _outside(cells, tones, usable, beyond)
    away = np.abs(outside.seen - middle[outside.view]).mean(axis=1)
    left = {"constant": float(np.median(outside.mean(away) / spread))}
    found = NO_FILL
    for steps in _WAYS:
        maps = [step[outside.view] for step in steps(cells.maps[usable].astype(float))]
        for name, back in _MODES.items():
            column, row = _places(maps, x[outside.cell], y[outside.cell], back)
            error = outside.mean(outside.left(column, row)) / spread
            left[name] = min(left.get(name, np.inf), float(np.median(error)))
        found = _named(left, middle, len(usable))
        if found.mode:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Outside:
    """The points of some views that lie outside; every column has shape ``(points,)``.

    Attributes:
        view: The view of each, from 0 on without a gap.
        cell: Where it stands in that.
        seen: What it shows, shape ``(points, channels)``.
        reference: The references of the views, shape ``(views, side, side, channels)``.
        gain: The factor of each view.
        bias: What is added to each channel of each view, shape ``(views, channels)``.
    """

    view: Array
    cell: Array
    seen: Array
    reference: Array
    gain: Array
    bias: Array

    def mean(self, values: Array) -> Array:
        """The mean per view of a value per point."""
        return np.bincount(self.view, values) / np.bincount(self.view)

    def left(self, column: Array, row: Array) -> Array:
        """How far each point is from what its reference shows at a place in -1..1."""
        values = _at(self.reference, self.view, column, row)
        expected = self.gain[self.view, None] * values + self.bias[self.view]
        return np.abs(expected - self.seen).mean(axis=1)


def _outside(cells: Cells, tones: Tones, usable: Array, beyond: Array) -> _Outside:
    view, cell = np.nonzero(beyond)
    seen, gain, inside = cells.seen[usable], tones.gain[usable], cells.inside[usable]
    # The offset that the inside has, whatever its pivot.
    apart = seen - gain[:, None, None] * cells.expected[usable]
    counted = np.maximum(inside.sum(axis=1), 1)[:, None]
    bias = np.einsum("vc,vcd->vd", inside, apart) / counted
    return _Outside(view, cell, seen[view, cell], cells.reference[usable], gain, bias)


def _named(left: dict[str, float], middle: Array, views: int) -> Fill:
    """The mode that leaves least, where it is clear and the pictures can tell."""
    (least, best), (second, _) = sorted((error, name) for name, error in left.items())[:2]
    # Behind a dark edge all of them say the same.
    if second < _ALL or least > _CLEAR * second or least > _FITS:
        return Fill("", float("nan"), views, least, second)
    value = float(np.median(middle)) if best == "constant" else float("nan")
    return Fill(best, value, views, least, second)


def _places(
    maps: Sequence[Array], x: Array, y: Array, back: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """Where points lead, each by its own maps, brought back into the picture after each step."""
    column, row = x, y
    for step in maps:
        column, row = (
            back(step[:, axis, 0] * column + step[:, axis, 1] * row + step[:, axis, 2])
            for axis in (0, 1)
        )
    return column, row


def _at_once(maps: Array) -> list[Array]:
    return [maps[:, :2]]


def _zoomed_last(maps: Array) -> list[Array]:
    """Shifted, turned and then zoomed, each by a step of its own: of a view, in reverse."""
    turn, zoom = _turn_and_zoom(maps[:, :2, :2])
    return [_step(zoom), _step(turn), _step(np.eye(2), maps[:, :2, 2:])]


def _turned_last(maps: Array) -> list[Array]:
    turn, zoom = (np.linalg.inv(each) for each in _turn_and_zoom(np.linalg.inv(maps[:, :2, :2])))
    return [_step(turn), _step(zoom), _step(np.eye(2), maps[:, :2, 2:])]


def _shifted_last(maps: Array) -> list[Array]:
    turn, zoom = _turn_and_zoom(maps[:, :2, :2])
    first = np.linalg.solve(maps[:, :2, :2], maps[:, :2, 2:])
    return [_step(np.eye(2), first), _step(zoom), _step(turn)]


_WAYS: tuple[Callable[[Array], list[Array]], ...] = (
    _at_once,
    _zoomed_last,
    _turned_last,
    _shifted_last,
)
"""In which steps a pipeline may move a picture, and fill what is outside after each."""


def _turn_and_zoom(linear: Array) -> tuple[Array, Array]:
    """A turn, and the zoom and shear that come before it."""
    angle = np.arctan2(linear[:, 1, 0], linear[:, 0, 0])
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, -sin], 1), np.stack([sin, cos], 1)], 1)
    return turn, turn.transpose(0, 2, 1) @ linear


def _step(linear: Array, shift: Array | None = None) -> Array:
    if shift is None:
        shift = np.zeros((len(linear), 2, 1))
    return np.concatenate([np.broadcast_to(linear, (len(shift), 2, 2)), shift], axis=2)


def _clamped(at: Array) -> Array:
    return at.clip(-1, 1)


def _wrapped(at: Array) -> Array:
    return (at + 1) % 2 - 1


def _folded(at: Array) -> Array:
    """Reflected about the edges, the edge itself doubled."""
    phase = (at + 1) % 4
    return np.where(phase < 2, phase, 4 - phase) - 1


_MODES: dict[str, Callable[[Array], Array]] = {
    "nearest": _clamped,
    "reflect": _folded,
    "wrap": _wrapped,
}


def _at(pictures: Array, which: Array, column: Array, row: Array) -> Array:
    """Bilinear values of some pictures at places in -1..1, clamped, shape ``(points, channels)``."""
    count, side, _, channels = pictures.shape
    x, y = (((at + 1) * side / 2 - 0.5).clip(0, side - 1.001) for at in (column, row))
    left, top = x.astype(int), y.astype(int)
    across, down = (x - left)[:, None], (y - top)[:, None]
    flat = pictures.reshape(count * side**2, channels)
    at = (which * side + top) * side + left
    corners = [flat.take(at + step, axis=0) for step in (0, 1, side, side + 1)]
    above = corners[0] * (1 - across) + corners[1] * across
    below = corners[2] * (1 - across) + corners[3] * across
    return above * (1 - down) + below * down
