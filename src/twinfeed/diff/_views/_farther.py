"""First guesses for views that were moved so far that no usual warp comes near."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._warp import SIDE, Warp, centres, mirrors, standardise, warped

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
    scores = np.empty((len(warps), len(view)), np.float32)
    mirror = view.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(view.shape)
    for warp, other in mirrors(warps):
        seen = _inside(warps[warp])
        rows = standardise(warped(reference, warps[warp], seen))
        # Fewer points agree by chance more easily.
        rows *= np.sqrt(seen.mean())
        for number, shown in ((warp, view), (other, mirror)):
            if number is not None:
                scores[number] = np.einsum("ij,ij->i", rows, standardise(shown[:, seen]))
    return scores.argmax(axis=0)


@lru_cache(maxsize=512)
def _inside(warp: Warp) -> Array:
    """Which points of a view come from inside of the other picture, shape ``(256,)``."""
    x, y = np.meshgrid(centres(SIDE), centres(SIDE))
    a11, a12, a21, a22, tx, ty = warp.affine
    edge = 1 - 1 / SIDE
    inside = (np.abs(a11 * x + a12 * y + tx) <= edge) & (np.abs(a21 * x + a22 * y + ty) <= edge)
    return np.asarray(inside.ravel())
