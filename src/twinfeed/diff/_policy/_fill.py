"""What geometric augmentation puts where a view shows more than its picture has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._policy._tones import Tones
from twinfeed.diff._views._refine import grid_of
from twinfeed.diff._views._threads import by_pairs

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
    away = np.abs(seen - middle[:, None]).mean(axis=2)
    left = {"constant": float(np.median(_mean(away, beyond) / spread))}
    found = NO_FILL
    for steps in _WAYS:
        maps = steps(cells.maps[usable].astype(float))
        for name, back in _MODES.items():
            error = _error(cells, tones, usable, _places(maps, x, y, back), beyond) / spread
            left[name] = min(left.get(name, np.inf), float(np.median(error)))
        found = _named(left, middle, len(usable))
        if found.mode:
            break
    return found


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
    """Where the points of views lead, brought back into the picture after each step."""
    column, row = x, y
    for step in maps:
        column, row = (
            back(step[:, axis, :1] * column + step[:, axis, 1:2] * row + step[:, axis, 2:])
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


def _error(
    cells: Cells, tones: Tones, views: Array, places: tuple[Array, Array], beyond: Array
) -> Array:
    """Mean absolute difference outside of a prediction, per view."""
    parts = cells.reference, cells.seen, cells.expected, cells.inside, tones.gain
    return by_pairs(_left_outside, *(each[views] for each in parts), *places, beyond)[0]


def _left_outside(  # noqa: PLR0917 - the columns of one table
    reference: Array,
    seen: Array,
    expected: Array,
    inside: Array,
    gain: Array,
    column: Array,
    row: Array,
    beyond: Array,
) -> tuple[Array]:
    total = np.zeros(len(seen))
    channels = seen.shape[-1]
    for channel in range(channels):
        values = _at(reference[..., channel], column, row)
        # The offset that the inside has, whatever its pivot.
        mine = seen[..., channel]
        bias = _mean(mine - gain[:, None] * expected[..., channel], inside)
        total += _mean(np.abs(gain[:, None] * values + bias[:, None] - mine), beyond)
    return (total / channels,)


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
