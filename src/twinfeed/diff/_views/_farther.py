"""First guesses for views that were moved so far that no usual warp comes near."""

from __future__ import annotations

from itertools import product

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._warp import SIDE, Warp, centres, standardise, warped

_STEPS = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)  # of half a picture: overlaps down to a half
_CORNERS = (-0.25, 0.0, 0.25)
FARTHER = (
    *(
        Warp(x, y, shift_x=across, shift_y=down)
        for x, y, across, down in product((1, -1), (1, -1), _STEPS, _STEPS)
        if (across, down) != (0.0, 0.0)
    ),
    *(
        Warp(x, y, zoom, zoom, shift_x=across, shift_y=down)
        for x, y, zoom, across, down in product((1, -1), (1, -1), (0.75, 1.3), _CORNERS, _CORNERS)
    ),
)
"""Moves by up to a third of a picture in any direction, and windows in its corners."""


def likeliest(reference: Array, view: Array, warps: tuple[Warp, ...]) -> Array:
    """Which warp of each pair shows what is most alike in both.

    What fills the outside of a picture is not in its partner: only points that come from inside
    are compared.

    Args:
        reference: Flattened 16 x 16 pictures, shape ``(pairs, 256)``.
        view: The same of the views.
        warps: What may have been done to the references.
    """
    best = np.full(len(view), -2.0)
    chosen = np.zeros(len(view), int)
    for number, warp in enumerate(warps):
        seen = _inside(warp)
        rows = standardise(warped(reference, warp, seen))
        # Fewer points agree by chance more easily.
        score = (rows * standardise(view[:, seen])).sum(axis=1) * np.sqrt(seen.mean())
        better = score > best
        best[better], chosen[better] = score[better], number
    return chosen


def _inside(warp: Warp) -> Array:
    x, y = np.meshgrid(centres(SIDE), centres(SIDE))
    a11, a12, a21, a22, tx, ty = warp.affine
    edge = 1 - 1 / SIDE
    inside = (np.abs(a11 * x + a12 * y + tx) <= edge) & (np.abs(a21 * x + a22 * y + ty) <= edge)
    return np.asarray(inside.ravel())
