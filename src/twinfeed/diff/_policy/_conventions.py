"""One affine map can be told in several orders of its steps: which one a side's views follow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._register import Views

_NARROWER = 0.97  # of a spread that another order must leave to be taken


class Way(NamedTuple):
    """An order of steps: which of three the shifts are told in, and whether rows zoom last."""

    shift: int
    long: bool


class Told(NamedTuple):
    """Parameters that depend on the order of steps, each of shape ``(views,)``, and that order."""

    zoom_y: Array
    shift_x: Array
    shift_y: Array
    way: Way


def conventions(views: Views, sound: Array, way: Way | None = None) -> Told:
    """Zoom down and shifts across and down, told in the order that spreads them least.

    A shift that is drawn from a box and then turned fills more than the box; the order of the
    steps in which it fills least is the one that the pipeline has.

    Args:
        views: The registered views.
        sound: Which of them speak of the order, shape ``(views,)``.
        way: The order to tell them in, whatever it spreads them over.
    """
    if not len(views):
        return Told(views.zoom_y, views.shift_x, views.shift_y, Way(0, long=False))
    linear = views.map[:, :2, :2]
    shift = views.map[:, :2, 2:]
    turn = np.radians(views.rotation_degrees)
    back = np.stack(
        [np.stack([np.cos(turn), np.sin(turn)], 1), np.stack([-np.sin(turn), np.cos(turn)], 1)], 1
    )
    told = [shift[..., 0], (back @ shift)[..., 0], np.linalg.solve(linear, shift)[..., 0]]
    long = np.hypot(linear[:, 0, 1], linear[:, 1, 1])
    if way is None:
        best = 0
        for other in (1, 2):
            if _area(told[other][sound]) < _NARROWER * _area(told[best][sound]):
                best = other
        way = Way(best, _width(long[sound]) < _NARROWER * _width(views.zoom_y[sound]))
    shifts = told[way.shift] / 2
    return Told(long if way.long else views.zoom_y, shifts[:, 0], shifts[:, 1], way)


def _width(values: Array) -> float:
    return float(np.ptp(np.quantile(values, (0.02, 0.98))))


def _area(shift: Array) -> float:
    return _width(shift[:, 0]) * _width(shift[:, 1])
