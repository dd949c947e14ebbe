"""How one picture is an affine map of the plane and of the values away from another.

Inverse compositional Gauss-Newton (Baker and Matthews 2004) with gain and bias fitted at every
step: what a step needs depends on the view alone and is worked out once, so that tens of
thousands of pairs of small pictures take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._warp import centres

_COVERED = 0.3  # share of the view that must lie inside the reference
_DAMPING = 1e-3
_LONGEST_STEP = 0.2
_ROUNDING = 1e-6  # what float32 leaves of an error: no other map is better by as little
_LEFT_OUT = 0.2  # share of settled pairs at which they are no longer worked on
ON_EDGE = -0.01
"""Margin at which also the outermost points are inside."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The best map found per pair.

    A view's point ``(x, y)`` shows the reference's point ``A (x, y) + t``, both in -1..1.

    Attributes:
        map: ``a11 a12 tx, a21 a22 ty, 0 0 1``, shape ``(pairs, 3, 3)``.
        gain: Factor from reference values to view values, shape ``(pairs,)``.
        error: Root mean square of what is left as a share of the spread of what counts of the
            view, shape ``(pairs,)``; infinite where too little of that lies inside the reference.
    """

    map: Array
    gain: Array
    error: Array


def refine(
    reference: Array,
    view: Array,
    start: Array,
    *,
    rounds: int,
    still: float = 1e-5,
    solve: Array | None = None,
    weight: Array | None = None,
    margin: float = ON_EDGE,
) -> Fit:
    """Refine a first guess per pair.

    Args:
        reference: Grey pictures, float32, shape ``(pairs, side, side)``.
        view: Grey pictures of the same shape, none of them flat.
        start: The first guess as ``Fit.map`` has it.
        rounds: Steps at most.
        still: Step, as a share of half the picture, below which a pair has settled.
        solve: ``solver(view)`` where it is known.
        weight: What each point of the view counts, 0 to 1, float32, shape ``(pairs, pixels)``;
            all alike by default.
        margin: As ``sample_at`` takes it.
    """
    pairs, side = view.shape[:2]
    solve = solver(view, weight) if solve is None else solve
    target = view.reshape(pairs, -1)
    counted = np.ones_like(target) if weight is None else weight
    level = fit_line(np.zeros_like(target), target, counted)[0]
    spread = np.maximum(_root_mean_square(level, counted), 1e-9)
    grid = grid_of(side)
    best = Fit(start.astype(np.float32), np.zeros(pairs), np.full(pairs, np.inf))
    state = best.map.copy()
    at = cast("Array", np.arange(pairs))
    settled = cast("Array", np.zeros(pairs, bool))
    for _ in range(rounds):
        values, inside = sample_at(reference, state, grid, margin)
        if weight is not None:
            inside *= weight
        left, gain, _ = fit_line(values, target, inside)
        error = _root_mean_square(left, inside) / spread
        error[inside.mean(axis=1) <= _COVERED] = np.inf
        better = error < best.error[at] - _ROUNDING
        best.map[at[better]], best.error[at[better]] = state[better], error[better]
        best.gain[at[better]] = gain[better]
        step: Array = (solve @ left[:, :, None])[:, :, 0]
        step = step.clip(-_LONGEST_STEP, _LONGEST_STEP)
        finite = np.isfinite(step).all(axis=1)
        settled[~finite | (np.abs(step).max(axis=1) <= still)] = True
        left_out = np.count_nonzero(settled) / len(settled)
        if left_out == 1:
            break
        state = state @ np.linalg.inv(_near_identity(np.where(finite[:, None], step, 0)))
        if left_out > _LEFT_OUT:  # to leave them out sooner costs more copies than it saves
            go = ~settled
            reference, target, solve, state = (a[go] for a in (reference, target, solve, state))
            spread, at, settled = spread[go], at[go], settled[go]
            weight = None if weight is None else weight[go]
    return best


def _root_mean_square(left: Array, weight: Array) -> Array:
    return np.sqrt(np.einsum("ij,ij->i", left, left) / np.maximum(weight.sum(axis=1), 1))


def line(reference: Array, view: Array, maps: Array) -> tuple[Array, Array]:
    """Gain and bias of known maps in double precision, each of shape ``(pairs,)``.

    Args:
        reference: Grey pictures, float64, shape ``(pairs, side, side)``.
        view: Grey pictures of the same shape.
        maps: As ``Fit.map`` has them.
    """
    pairs, side = view.shape[:2]
    x, y = np.meshgrid(centres(side), centres(side))
    values, inside = sample_at(reference, maps.astype(float), (x.ravel(), y.ravel()))
    return fit_line(values, view.reshape(pairs, -1), inside.astype(float))[1:]


def solver(view: Array, weight: Array | None = None) -> Array:
    """From what is left to the step that takes it away, float32, shape ``(views, 6, pixels)``.

    Args:
        view: Grey pictures, shape ``(views, side, side)``.
        weight: As ``refine`` takes it.
    """
    views, side = view.shape[:2]
    slope_y, slope_x = (
        cast("Array", np.gradient(view.astype(np.float32), 2 / side, axis=axis)).reshape(views, -1)
        for axis in (1, 2)
    )
    x, y = grid_of(side)
    slopes = np.stack([slope_x * x, slope_x * y, slope_y * x, slope_y * y, slope_x, slope_y], 1)
    # Gain and bias are fitted at every step: what they can explain moves nothing.
    flat = view.reshape(views, -1).astype(np.float32)
    if weight is None:
        slopes -= slopes.mean(axis=2, keepdims=True)
        level = flat - flat.mean(axis=1, keepdims=True)
    else:
        share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
        slopes -= np.einsum("nij,nj->ni", slopes, share)[:, :, None]
        slopes *= weight[:, None, :]
        level = (flat - np.einsum("nj,nj->n", flat, share)[:, None]) * weight
    level /= np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-9)
    slopes -= np.einsum("nij,nj->ni", slopes, level)[:, :, None] * level[:, None, :]
    normal = slopes @ slopes.transpose(0, 2, 1)
    scale = np.einsum("nii->ni", normal)
    least = scale.max(axis=1, keepdims=True) * 1e-4 + 1e-12
    normal += np.eye(6, dtype=np.float32) * (scale * _DAMPING + least)[:, None, :]
    turned = cast("Array", np.linalg.inv(normal.astype(float)))
    return np.asarray(turned.astype(np.float32) @ slopes)


def grid_of(side: int) -> tuple[Array, Array]:
    """The pixel centres of a square picture in -1..1: columns and rows, flattened, float32."""
    x, y = np.meshgrid(centres(side), centres(side))
    return x.ravel().astype(np.float32), y.ravel().astype(np.float32)


def _near_identity(step: Array) -> Array:
    made = np.tile(np.eye(3, dtype=np.float32), (len(step), 1, 1))
    made[:, 0, :2] += step[:, 0:2]
    made[:, 1, :2] += step[:, 2:4]
    made[:, :2, 2] += step[:, 4:6]
    return made


def sample_at(
    reference: Array, state: Array, grid: tuple[Array, Array], margin: float = ON_EDGE
) -> tuple[Array, Array]:
    """Bilinear values of each picture where its map leads, and which points lie inside.

    Args:
        reference: Shape ``(pairs, side, side)``.
        state: As ``Fit.map``.
        grid: ``grid_of(side)``.
        margin: Points by which one must lie within the outermost ones to be inside.

    Returns:
        Values, clamped at the edges, and 0 or 1, both of shape ``(pairs, pixels)``.
    """
    side = reference.shape[1]
    column, row = _places(state, grid, side)
    inside = _inside(column, row, side, margin)
    for place in (column, row):
        np.clip(place, 0, side - 1.001, out=place)
    left, top = np.floor(column), np.floor(row)
    column -= left
    row -= top
    # Half of the time goes into room for what is made on the way: nothing is made twice.
    at = top.astype(np.intp)
    at *= side
    at += left.astype(np.intp)
    at += (np.arange(len(reference)) * side**2)[:, None]
    flat = reference.ravel()
    above = _between(flat.take(at, mode="clip"), flat[1:].take(at, mode="clip"), column)
    at += side
    below = _between(flat.take(at, mode="clip"), flat[1:].take(at, mode="clip"), column)
    return _between(above, below, row), inside.astype(np.float32)


def _between(first: Array, second: Array, share: Array) -> Array:
    """What lies at a share of the way from the first to the second, in place of the second."""
    second -= first
    second *= share
    second += first
    return second


def _places(state: Array, grid: tuple[Array, Array], side: int) -> tuple[Array, Array]:
    """The columns and rows, in pixels, where each map leads, both of shape ``(pairs, pixels)``."""
    half = side / 2
    pixels = state[:, :2] * half
    pixels[:, :, 2] += half - 0.5
    found = pixels @ np.stack([*grid, np.ones_like(grid[0])])
    return found[:, 0], found[:, 1]


def _inside(column: Array, row: Array, side: int, margin: float) -> Array:
    far = side - 1 - margin
    return (column > margin) & (column < far) & (row > margin) & (row < far)


def shown(maps: Array, side: int, margin: float = ON_EDGE) -> Array:
    """1 at points of a view that, with all of their neighbours, show the inside of the reference.

    What fills the outside differs from it by far: a point beside it has a slope that no map of
    the plane moves.

    Args:
        maps: As ``Fit.map``.
        side: Points per axis of both.
        margin: As ``sample_at`` takes it.

    Returns:
        Float32, shape ``(pairs, pixels)``.
    """
    inside = _inside(*_places(maps.astype(np.float32), grid_of(side), side), side, margin)
    grid = np.pad(inside.reshape(-1, side, side), ((0, 0), (1, 1), (1, 1)), constant_values=True)
    across = grid[:, :, :-2] & grid[:, :, 1:-1] & grid[:, :, 2:]
    both = across[:, :-2] & across[:, 1:-1] & across[:, 2:]
    return both.reshape(len(maps), -1).astype(np.float32)


def fit_line(values: Array, target: Array, weight: Array) -> tuple[Array, Array, Array]:
    """What the best line leaves, 0 outside; and its gain and bias, shape ``(pairs,)``.

    Args:
        values: What is mapped, shape ``(pairs, points)``.
        target: What it is mapped to, of the same shape.
        weight: What each point counts, of the same shape.
    """
    total = np.maximum(weight.sum(axis=1), 1)
    mean_v = np.einsum("ij,ij->i", weight, values) / total
    mean_t = np.einsum("ij,ij->i", weight, target) / total
    v, t = values - mean_v[:, None], target - mean_t[:, None]
    weighted = weight * v
    variance = np.einsum("ij,ij->i", weighted, v)
    gain = np.einsum("ij,ij->i", weighted, t) / np.where(variance > 0, variance, np.inf)
    left = np.multiply(v, gain[:, None], out=v)
    left -= t
    left *= weight
    return left, gain, mean_t - gain * mean_v
