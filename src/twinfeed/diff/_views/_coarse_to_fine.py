"""The map of each view from a first guess: first on half as many points, then on all of them.

A step on pictures of half the side costs a quarter and reaches twice as far; pairs that do not fit
there fit nowhere, and cost no more.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._occluded import mirrored
from twinfeed.diff._views._refine import Fit, refine, shown
from twinfeed.diff._views._threads import by_pairs

_HALVED = 32  # points per axis from which half of them still show what a picture is
_ROUNDS, _FEW_ROUNDS = 25, 12  # steps at most, and from a map that is near already
_NEAR = 1e-3  # step, as a share of half the picture, at which the finer points take over
_HOPELESS = 0.6  # residual on half the points above which a pair is let be
_MARGIN = 0.5  # points at the edge that show in part what fills the outside


def coarse_to_fine(reference: Array, view: Array, flips: Array, start: Array) -> Fit:
    """Refine a first guess per pair.

    Args:
        reference: Grey pictures, shape ``(pairs, side, side)``.
        view: Grey pictures of the same shape, none of them flat.
        flips: How the references are mirrored before, -1 or 1 across and down, ``(pairs, 2)``.
        start: The first guess as ``Fit.map`` has it.
    """
    return Fit(*by_pairs(_part, reference, view, flips, start))


def _part(reference: Array, view: Array, flips: Array, start: Array) -> tuple[Array, Array, Array]:
    # Flipping the reference first leaves a map near the identity to refine.
    below = mirrored(reference, flips).astype(np.float32)
    fit = _fitted(below, view.astype(np.float32), start)
    return fit.map, fit.gain, fit.error


def _fitted(reference: Array, view: Array, start: Array) -> Fit:
    fine, side = (reference, view), view.shape[1]
    if side < _HALVED or side % 2:
        return _of_inside(fine, refine(*fine, start, rounds=_ROUNDS, margin=_MARGIN))
    half = _halved(reference), _halved(view)
    fit = refine(*half, start, rounds=_ROUNDS, still=_NEAR, margin=_MARGIN)
    near = np.flatnonzero(fit.error < _HOPELESS)
    if len(near):
        some = reference[near], view[near]
        found = refine(*some, fit.map[near], rounds=_FEW_ROUNDS, margin=_MARGIN)
        _replace(fit, near, _of_inside(some, found))
    return fit


def _halved(pictures: Array) -> Array:
    count, side = pictures.shape[:2]
    return pictures.reshape(count, side // 2, 2, side // 2, 2).mean(axis=(2, 4))


def _of_inside(pictures: tuple[Array, Array], fit: Fit) -> Fit:
    """Fit again to what each map shows itself of the inside of a picture.

    What fills the outside holds a map back and hides how badly it fits. A map that moved by this
    shows other points: those once more.
    """
    moved = np.ones(len(fit.error), bool)
    for _ in range(2):
        weight = shown(fit.map, pictures[1].shape[1], _MARGIN)
        some = np.flatnonzero(moved & (fit.error < np.inf) & (weight.min(axis=1) < 1))
        if not len(some):
            break
        again = refine(
            *(each[some] for each in (*pictures, fit.map)),
            rounds=_ROUNDS,
            margin=_MARGIN,
            weight=weight[some],
        )
        moved[:] = False
        moved[some] = np.abs(again.map - fit.map[some]).max(axis=(1, 2)) > _NEAR
        _replace(fit, some, again)
    return fit


def _replace(fit: Fit, at: Array, found: Fit) -> None:
    fit.map[at], fit.gain[at], fit.error[at] = found.map, found.gain, found.error
