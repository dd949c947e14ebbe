"""How one picture is an affine map of the plane and of the values away from another.

Gauss-Newton on all pairs at once (Lucas and Kanade 1981, with gain and bias as in Bartoli 2008).
"""

from __future__ import annotations

from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._warp import centres, sample

_DAMPING = 1e-3
_EXACT = 1e-9
_COVERED = 0.3  # share of the view that must lie inside the reference


def refine(
    reference: Array, view: Array, start: Array, *, rounds: int = 15, still: float = 1e-5
) -> tuple[Array, Array]:
    """Gauss-Newton on eight numbers per pair: a11 a12 a21 a22 tx ty gain bias.

    Args:
        reference: Grey pictures, shape ``(pairs, side, side)``.
        view: Grey pictures of the same shape, none of them flat.
        start: The first guess at ``a11 a12 a21 a22 tx ty``, shape ``(pairs, 6)``.
        rounds: Steps at most.
        still: Step, as a share of half the picture, below which a pair has settled.

    Returns:
        The eight numbers with the lowest error, shape ``(pairs, 8)``; that error, the root
        mean square of what is left as a share of the view's spread, shape ``(pairs,)``;
        infinite where too little of the view lies inside the reference.
    """
    count, side = view.shape[:2]
    x, y = (axis.ravel() for axis in np.meshgrid(centres(side), centres(side)))
    slope_y, slope_x = (np.gradient(reference, 2 / side, axis=axis) for axis in (1, 2))
    target = view.reshape(count, -1)
    state = np.zeros((count, 8))
    state[:, :6] = start
    best, best_error = state.copy(), np.full(count, np.inf)
    going = cast("Array", np.arange(count))
    for _ in range(rounds):
        pictures = reference[going], slope_x[going], slope_y[going]
        now, error, step = _step(pictures, target[going], state[going], x, y)
        improved = error < best_error[going]
        best[going[improved]], best_error[going[improved]] = now[improved], error[improved]
        state[going] = now
        state[going, :6] += step
        going = going[(np.abs(step).max(axis=1) > still) & (error > _EXACT)]
        if not len(going):
            break
    return best, best_error


def _step(
    pictures: tuple[Array, Array, Array], target: Array, state: Array, x: Array, y: Array
) -> tuple[Array, Array, Array]:
    """One step: the state with its best gain and bias, its error, and where to go from it."""
    picture, slope_x, slope_y = pictures
    at_x = state[:, 0:1] * x + state[:, 1:2] * y + state[:, 4:5]
    at_y = state[:, 2:3] * x + state[:, 3:4] * y + state[:, 5:6]
    values, inside = sample(picture, at_x, at_y)
    weight = inside.astype(float)
    gain, bias = _line(values, target, weight)
    now = np.concatenate([state[:, :6], gain[:, None], bias[:, None]], axis=1)
    left = target - gain[:, None] * values - bias[:, None]
    mean_square = (weight * left**2).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
    error = np.sqrt(mean_square) / target.std(axis=1)
    error[weight.mean(axis=1) <= _COVERED] = np.inf
    along_x = gain[:, None] * sample(slope_x, at_x, at_y)[0]
    along_y = gain[:, None] * sample(slope_y, at_x, at_y)[0]
    columns = [along_x * x, along_x * y, along_y * x, along_y * y, along_x, along_y]
    slopes = np.stack([*columns, values, np.ones_like(values)], axis=1)
    weighted = slopes * weight[:, None, :]
    normal = weighted @ slopes.transpose(0, 2, 1)
    scale = np.einsum("nii->ni", normal)
    normal += np.eye(8) * (scale * _DAMPING + 1e-12)[:, None, :]
    step = cast("Array", np.linalg.solve(normal, weighted @ left[:, :, None]))[:, :6, 0]
    return now, error, np.clip(step, -0.2, 0.2)


def _line(values: Array, target: Array, weight: Array) -> tuple[Array, Array]:
    """Gain and bias of the least squares line per row."""
    total = np.maximum(weight.sum(axis=1), 1)
    mean_v, mean_t = (weight * values).sum(axis=1) / total, (weight * target).sum(axis=1) / total
    v, t = values - mean_v[:, None], target - mean_t[:, None]
    variance = (weight * v * v).sum(axis=1)
    gain = (weight * v * t).sum(axis=1) / np.where(variance > 0, variance, np.inf)
    return gain, mean_t - gain * mean_v
