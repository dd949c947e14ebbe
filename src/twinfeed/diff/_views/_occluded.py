"""Registering views of which a part was overwritten: what does not fit must not pull at the map."""

from __future__ import annotations

from itertools import product

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._refine import fit_line, grid_of, refine, sample_at, shown
from twinfeed.diff._views._threads import by_pairs

_ROUGH = 0.1  # residual from which a view may have a part that shows something else
_ODD = 2.0  # residuals of the middle view above which one is looked at again
_OUTLIER = 3.0  # deviations from which a point does not belong to the picture
_FLOOR = 0.04  # of a view's spread: what two resamplings leave between them
_KEPT = 0.35  # share of the view that must still show the reference
_BETTER = 0.7  # of the residual that must be left for another map to be taken
_ROUNDS = 10
_LOST = 0.35  # residual from which a view is not known to show its reference at all
_TRIAL = 24  # lost views that are looked at again before all of them are
_LINES, _SCORED = 24, 3  # lines through two points that are tried, on every third point


def unmasked(
    reference: Array, view: Array, flips: Array, maps: Array, residual: Array
) -> tuple[Array, Array, Array]:
    """Fit again, without the points that do not fit, where a part of a view is foreign.

    Args:
        reference: Grey pictures, shape ``(views, side, side)``.
        view: Grey pictures of the same shape.
        flips: -1 where mirrored, across and down, shape ``(views, 2)``.
        maps: As ``Fit.map``.
        residual: As ``Fit.error``.

    Returns:
        ``flips``, ``maps`` and ``residual``, the last over what is not foreign.
    """
    flips, maps, residual = flips.copy(), maps.copy(), residual.copy()
    usual = float(np.median(residual))
    rough = residual > max(_ROUGH, _ODD * min(usual, _ROUGH))
    lost = residual >= _LOST
    partly = np.flatnonzero(rough & ~lost)
    for again in (*([partly] if len(partly) else ()), *trials(np.flatnonzero(rough & lost))):
        turned, state, error = by_pairs(
            _without_foreign, reference[again], view[again], flips[again], maps[again]
        )
        taken = error < _BETTER * residual[again]
        at = again[taken]
        flips[at], maps[at], residual[at] = turned[taken], state[taken], error[taken]
        if lost[again].all() and not taken.any():
            break
    return flips, maps, residual


def trials(lost: Array) -> tuple[Array, ...]:
    """Those that were not found, before them a few where they are many.

    Strangers are found nowhere: that a few of them show, before all are looked for.
    """
    if len(lost) > 2 * _TRIAL:
        return lost[:: len(lost) // _TRIAL], lost
    return (lost,) if len(lost) else ()


def _without_foreign(
    reference: Array, view: Array, flips: Array, maps: Array
) -> tuple[Array, Array, Array]:
    """Flips, maps and what they leave of what is not foreign; infinite where too little is left."""
    view = view.astype(np.float32)
    turned, state = _likeliest(reference, view, flips, maps)
    small = mirrored(reference, turned).astype(np.float32)
    for _ in range(2):
        weight = (1 - _foreign(small, view, state)) * shown(state, view.shape[1])
        state = refine(small, view, state, rounds=_ROUNDS, weight=weight).map
    weight = 1 - _foreign(small, view, state)
    left, inside = _left(small, view, state)
    weight *= inside
    share = weight.mean(axis=1) / np.maximum(inside.mean(axis=1), 1e-9)
    square = _mean(np.square(left), weight)
    # A flat rest fits anything: what is left is held against the spread of what still counts.
    flat = view.reshape(len(view), -1)
    spread = np.sqrt(_mean(np.square(flat - _mean(flat, weight)[:, None]), weight))
    error = np.sqrt(square) / np.maximum(spread, 1e-9)
    enough = (share > _KEPT) & (weight.mean(axis=1) > 0.5 * _KEPT)
    return turned, state, np.where(enough, error, np.inf)


def mirrored(pictures: Array, flips: Array, transposed: Array | None = None) -> Array:
    """Pictures mirrored as ``flips`` says: -1 across, -1 down, shape ``(pictures, 2)``.

    Those that ``transposed`` marks, of square pictures, have rows and columns swapped before.
    """
    if transposed is not None and transposed.any():
        swapped = transposed.reshape(-1, *[1] * (pictures.ndim - 1))
        pictures = np.where(swapped, pictures.swapaxes(1, 2), pictures)
    shape = (len(pictures),) + (1,) * (pictures.ndim - 1)
    across = np.where(flips[:, 0].reshape(shape) < 0, pictures[:, :, ::-1], pictures)
    return np.where(flips[:, 1].reshape(shape) < 0, across[:, ::-1], across)


def _likeliest(reference: Array, view: Array, flips: Array, maps: Array) -> tuple[Array, Array]:
    """The map found so far, or none with any flip: whichever leaves the middle point least."""
    best, turned, state = _middle(reference, view, flips, maps), flips.copy(), maps.copy()
    still = np.tile(np.eye(3), (len(view), 1, 1))
    for flip in product((1, -1), (1, -1)):
        other = np.tile(np.array(flip, float), (len(view), 1))
        middle = _middle(reference, view, other, still)
        better = middle < 0.8 * best
        best[better], turned[better], state[better] = middle[better], other[better], still[better]
    return turned, state


def _middle(reference: Array, view: Array, flips: Array, maps: Array) -> Array:
    left, inside = _left(mirrored(reference, flips).astype(np.float32), view, maps)
    return _median(np.abs(left), inside)


def _mean(values: Array, weight: Array) -> Array:
    return np.einsum("ij,ij->i", weight, values) / np.maximum(weight.sum(axis=1), 1)


def _median(values: Array, counted: Array) -> Array:
    """The median over the points that count, per row."""
    ordered = np.sort(np.where(counted > 0, values, np.inf), axis=1)
    at = ((counted > 0).sum(axis=1) // 2).clip(max=values.shape[1] - 1)
    return np.take_along_axis(ordered, at[:, None], axis=1)[:, 0]


def _left(reference: Array, view: Array, maps: Array) -> tuple[Array, Array]:
    """What a line that heeds most points leaves of each view, and which points lie inside."""
    pairs, side = view.shape[:2]
    values, inside = sample_at(reference, maps.astype(np.float32), grid_of(side))
    target = view.reshape(pairs, -1)
    # On an even background half of the points fit any line: the others decide.
    least = _FLOOR * target.std(axis=1)
    gain, bias = _first_line(values, target, inside, least)
    left = np.zeros_like(target)
    for _ in range(4):
        left = gain[:, None] * values + bias[:, None] - target
        scale = 1.5 * _median(np.abs(left), inside)
        weight = inside * (np.abs(left) <= np.maximum(2 * scale, least)[:, None])
        _, gain, bias = fit_line(values, target, weight)
    return gain[:, None] * values + bias[:, None] - target, inside


def _first_line(values: Array, target: Array, inside: Array, least: Array) -> tuple[Array, Array]:
    """The line through two points, or the best through all of them, that most points lie near."""
    _, gain, bias = fit_line(values, target, inside)
    some = np.random.default_rng(0).integers(values.shape[1], size=(2, _LINES))
    near = slice(None, None, _SCORED)
    least = np.maximum(2 * least, 1e-9)[:, None]
    apart = 0.3 * values.std(axis=1)

    def missed(gain: Array, bias: Array) -> Array:
        left = gain[:, None] * values[:, near] + bias[:, None] - target[:, near]
        return _mean(np.minimum(np.abs(left) / least, 1), inside[:, near])

    best = missed(gain, bias)
    for one, other in some.T.tolist():
        step = values[:, one] - values[:, other]
        usable = (np.abs(step) > apart) & (inside[:, one] > 0) & (inside[:, other] > 0)
        steep = (target[:, one] - target[:, other]) / np.where(usable, step, 1)
        level = target[:, one] - steep * values[:, one]
        score = np.where(usable & (steep > 0), missed(steep, level), np.inf)
        better = score < best
        best[better], gain[better], bias[better] = score[better], steep[better], level[better]
    return gain, bias


def _foreign(reference: Array, view: Array, maps: Array) -> Array:
    """1 at points that, with most of their neighbours, do not fit, and around these.

    Float32, shape ``(pairs, pixels)``.
    """
    pairs, side = view.shape[:2]
    left, inside = _left(reference, view, maps)
    scale = 1.5 * _median(np.abs(left), inside)
    least = _FLOOR * view.reshape(pairs, -1).std(axis=1)
    odd = np.abs(left) > _OUTLIER * np.maximum(scale, least)[:, None]
    found = _around((odd & (inside > 0)).reshape(pairs, side, side)) > 4
    # At the rim of what was overwritten, points show a part of it.
    return (_around(found) > 0).astype(np.float32).reshape(pairs, -1)


def _around(marked: Array) -> Array:
    """How many of the nine points about each are marked, shape ``(pairs, side, side)``."""
    side = marked.shape[1]
    grid = np.pad(marked, ((0, 0), (1, 1), (1, 1)))
    places = product(range(3), range(3))
    return np.asarray(sum(grid[:, y : y + side, x : x + side].astype(np.int8) for y, x in places))
