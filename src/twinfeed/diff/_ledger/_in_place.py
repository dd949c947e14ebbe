"""Whether the same point of both sides' pictures shows the same thing."""

from __future__ import annotations

import numpy as np

from twinfeed.diff._ledger._ground import Ground, grey, misfit
from twinfeed.diff._views._register import register

_COARSE = 16
_APART = 0.1  # share of the variance of coarse pictures that another kernel hardly ever leaves
_GRAIN = 0.5  # of what is left, in means of cells: 0.1 to 0.35 for points of a third, 0.9 for CLAHE
_FINE = 40  # side of the pictures that are registered
_LEAST = 4  # pictures that must register: strangers do not agree on where they lie
_NEAR = 0.02  # zoom or shift of one cut: 0.002 and 0.011 were seen, of a third of a point of 32


def in_place(now: Ground) -> bool:
    """Whether both sides are cut alike, so that a filter may lead from one to the other.

    Coarse pictures tell as long as what a kernel does is finer than they are. Of a picture that is
    shrunk to a third of its size by its nearest points much is left even there: then those that
    can be laid onto each other tell, as they lie where they are.
    """
    side = min(_COARSE, *now.left.shape[1:3])
    coarse = [grey(pictures, side)[..., None] for pictures in (now.left, now.right)]
    if float(np.quantile(misfit(*coarse), 0.8)) < _APART:
        return True
    # Of what grain makes, a quarter of the side has a fraction; another tone is as much there.
    coarser = [grey(pictures, max(side // 2, 4))[..., None] for pictures in (now.left, now.right)]
    if float(np.median(misfit(*coarser))) > _GRAIN * float(np.median(misfit(now.left, now.right))):
        return False
    fine = min(_FINE, *now.left.shape[1:3])
    some = np.flatnonzero(now.fit)
    views = register(*(grey(pictures[some], fine) for pictures in (now.left, now.right)))
    if len(views) < _LEAST:
        return False
    moved = np.stack([views.zoom_x - 1, views.zoom_y - 1, views.shift_x, views.shift_y])
    ends = np.quantile(moved, (0.1, 0.5, 0.9), axis=1)
    return bool((np.abs(ends[1]) < _NEAR).all() and (ends[2] - ends[0] < 2 * _NEAR).all())
