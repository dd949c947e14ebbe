"""One affine map can be told in several orders of its steps: which one a side's views follow."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._register import Views

_NARROWER = 0.97  # of a spread that another order must leave to be taken


def conventions(views: Views, sound: Array) -> tuple[Array, Array, Array]:
    """Zoom down and shifts across and down, told in the order that spreads them least.

    A shift that is drawn from a box and then turned fills more than the box; the order of the
    steps in which it fills least is the one that the pipeline has.

    Args:
        views: The registered views.
        sound: Which of them speak of the order, shape ``(views,)``.

    Returns:
        ``zoom_y``, ``shift_x`` and ``shift_y``, each of shape ``(views,)``.
    """
    if not len(views):
        return views.zoom_y, views.shift_x, views.shift_y
    linear = views.map[:, :2, :2]
    shift = views.map[:, :2, 2:]
    turn = np.radians(views.rotation_degrees)
    back = np.stack(
        [np.stack([np.cos(turn), np.sin(turn)], 1), np.stack([-np.sin(turn), np.cos(turn)], 1)], 1
    )
    told = [shift[..., 0], (back @ shift)[..., 0], np.linalg.solve(linear, shift)[..., 0]]
    best = told[0]
    for other in told[1:]:
        if _area(other[sound]) < _NARROWER * _area(best[sound]):
            best = other
    long = np.hypot(linear[:, 0, 1], linear[:, 1, 1])
    zoom_y = views.zoom_y
    if _width(long[sound]) < _NARROWER * _width(zoom_y[sound]):
        zoom_y = long
    return zoom_y, best[:, 0] / 2, best[:, 1] / 2


def _width(values: Array) -> float:
    return float(np.ptp(np.quantile(values, (0.02, 0.98))))


def _area(shift: Array) -> float:
    return _width(shift[:, 0]) * _width(shift[:, 1])
