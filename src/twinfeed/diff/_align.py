"""How far two 16 x 16 views are apart once an affine map of plane and values has aligned them.

Inverse compositional Gauss-Newton (Baker and Matthews 2004): what a step needs depends on the
view alone and is worked out once, so that tens of thousands of pairs take seconds.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._candidates import Candidates
from twinfeed.diff._warp import SIDE, Warp, centres

_FAR = 0.5  # of a map from its first guess: further is another picture made to fit
_COVERED = 0.3  # share of the view that must lie inside the reference
_DAMPING = 1e-2
_ROUNDS = 8
_CHUNK = 2048  # pairs aligned at a time; bounds memory at 50 MB
_LONGEST_STEP = 0.2


def aligned(left: Array, right: Array, near: Candidates, warps: tuple[Warp, ...]) -> Array:
    """How far each candidate pair is apart: 0 the same, 1 nothing in common.

    Args:
        left: ``Rows.signature`` of 16 x 16 pictures, shape ``(count, 256)``.
        right: The same of the other set.
        near: Pairs, each with the warp to start from.
        warps: What ``near.warp`` points into.
    """
    apart = np.ones(len(near.left))
    order = np.argsort(near.right, kind="stable")  # what a view needs is made once per view
    guesses = np.array([_matrix(warp) for warp in warps], np.float32)
    for begin in range(0, len(order), _CHUNK):
        some = order[begin : begin + _CHUNK]
        views, which = np.unique(near.right[some], return_inverse=True)
        view = right[views].astype(np.float32)
        solver = _solver(view)
        reference = left[near.left[some]].reshape(-1, SIDE, SIDE).astype(np.float32)
        for number in sorted(set(cast("list[int]", near.warp[some].tolist()))):
            mine = near.warp[some] == number
            reference[mine] = _turned(reference[mine], warps[number])
        guess = guesses[near.warp[some]]
        apart[some] = _refined(reference.reshape(len(some), -1), view, solver, which, guess)
    return apart


def _refined(reference: Array, view: Array, solver: Array, which: Array, guess: Array) -> Array:
    target = view[which]
    spread = np.maximum(target.var(axis=1), 1e-6)
    solve = solver[which]
    state = guess.copy()
    best = np.ones(len(target))
    for _ in range(_ROUNDS):
        values, inside = _sample(reference, state)
        left, gain = _line(values, target, inside)
        covered = inside.mean(axis=1)
        error = np.square(left).sum(axis=1) / np.maximum(inside.sum(axis=1), 1) / spread
        near = np.abs(state - guess)[:, :2].max(axis=(1, 2)) < _FAR
        believed = near & (covered > _COVERED) & (gain > 0)
        best = np.where(believed, np.minimum(error, best), best)
        step = np.clip(np.einsum("nij,nj->ni", solve, left), -_LONGEST_STEP, _LONGEST_STEP)
        state = state @ np.linalg.inv(_near_identity(step))
    return best


def _matrix(warp: Warp) -> Array:
    a11, a12, a21, a22, tx, ty = warp.affine
    return np.array([[a11, a12, tx], [a21, a22, ty], [0, 0, 1]])


def _near_identity(step: Array) -> Array:
    made = np.tile(np.eye(3, dtype=np.float32), (len(step), 1, 1))
    made[:, 0, :2] += step[:, 0:2]
    made[:, 1, :2] += step[:, 2:4]
    made[:, :2, 2] += step[:, 4:6]
    return made


def _solver(view: Array) -> Array:
    """From what is left to the step that takes it away, float32, shape ``(views, 6, 256)``."""
    picture = view.reshape(-1, SIDE, SIDE)
    slope_y, slope_x = (
        cast("Array", np.gradient(picture, 2 / SIDE, axis=axis)).reshape(len(view), -1)
        for axis in (1, 2)
    )
    x, y = (axis.ravel().astype(np.float32) for axis in np.meshgrid(centres(SIDE), centres(SIDE)))
    slopes = np.stack([slope_x * x, slope_x * y, slope_y * x, slope_y * y, slope_x, slope_y], 1)
    # Gain and bias are fitted at every step: what they can explain moves nothing.
    slopes -= slopes.mean(axis=2, keepdims=True)
    level = view - view.mean(axis=1, keepdims=True)
    level /= np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-6)
    slopes -= np.einsum("nij,nj->ni", slopes, level)[:, :, None] * level[:, None, :]
    normal = slopes @ slopes.transpose(0, 2, 1)
    scale = np.einsum("nii->ni", normal)
    normal += np.eye(6, dtype=np.float32) * (scale * _DAMPING + 1e-3)[:, None, :]
    return cast("Array", np.linalg.solve(normal, slopes))


def _sample(reference: Array, state: Array) -> tuple[Array, Array]:
    """Bilinear values of each picture where its map leads, and which points lie inside."""
    x, y = (axis.ravel().astype(np.float32) for axis in np.meshgrid(centres(SIDE), centres(SIDE)))
    half = np.float32(SIDE / 2)
    places: list[Array] = []
    for axis in (0, 1):
        at = state[:, axis, 0:1] * x + state[:, axis, 1:2] * y + state[:, axis, 2:3]
        places.append((at + 1) * half - np.float32(0.5))
    column, row = places
    inside = (column > -0.01) & (column < SIDE - 0.99) & (row > -0.01) & (row < SIDE - 0.99)
    column, row = (np.clip(place, 0, SIDE - 1.001) for place in places)
    left, top = column.astype(np.int32), row.astype(np.int32)
    across, down = column - left, row - top
    at = top * SIDE + left + (np.arange(len(reference), dtype=np.int32) * SIDE**2)[:, None]
    flat = reference.ravel()
    above, below = (
        flat[at + step] * (1 - across) + flat[at + step + 1] * across for step in (0, SIDE)
    )
    return above * (1 - down) + below * down, inside.astype(np.float32)


def _line(values: Array, target: Array, weight: Array) -> tuple[Array, Array]:
    """What the best gain and bias leave, 0 outside; and the gain, shape ``(pairs,)``."""
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1)
    v = values - (weight * values).sum(axis=1, keepdims=True) / total
    t = target - (weight * target).sum(axis=1, keepdims=True) / total
    weighted = weight * v
    variance = np.einsum("ij,ij->i", weighted, v)
    gain = np.einsum("ij,ij->i", weighted, t) / np.where(variance > 0, variance, np.inf)
    return weight * (gain[:, None] * v - t), gain


def _turned(pictures: Array, warp: Warp) -> Array:
    """Flipped and transposed as the warp says, so that only its affine part is left to do."""
    turned = pictures.transpose(0, 2, 1) if warp.transposed else pictures
    return turned[:, :: warp.flip_y, :: warp.flip_x]
