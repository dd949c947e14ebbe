"""How far two 16 x 16 views are apart once an affine map of plane and values has aligned them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._candidates import Candidates
from twinfeed.diff._views._refine import refine, solver
from twinfeed.diff._views._threads import at_once
from twinfeed.diff._views._warp import SIDE, Warp

_FAR = 0.5  # of a map from its first guess: further is another picture made to fit
_FIRST, _THEN = 3, 6  # rounds on all candidates, and on those that may be best or second best
_STILL = 3e-3
_CHUNK = 512  # pairs aligned at a time: what they need stays in the processor's cache


@dataclass(frozen=True, slots=True)
class Aligned:
    """One row per candidate pair.

    Attributes:
        apart: 0 the same, 1 nothing in common, shape ``(candidates,)``.
        map: From the right view to the left one flipped as the candidate's warp says, as
            ``Fit.map`` has it.
    """

    apart: Array
    map: Array


def aligned(left: Array, right: Array, near: Candidates, warps: tuple[Warp, ...]) -> Aligned:
    """How far each candidate pair is apart, and how the two lie to each other.

    Args:
        left: ``Rows.signature`` of 16 x 16 pictures, shape ``(count, 256)``.
        right: The same of the other set.
        near: Pairs, each with the warp to start from.
        warps: What ``near.warp`` points into.
    """
    guess = np.array([warp.matrix for warp in warps], np.float32)[near.warp]
    found, apart = _refined(left, right, near, warps, guess, _FIRST)
    some = np.flatnonzero(_leading(near.left, apart) | _leading(near.right, apart))
    nearer = Candidates(near.left[some], near.right[some], near.warp[some], near.score[some])
    again, closer = _refined(left, right, nearer, warps, found[some], _THEN)
    drift = np.abs(again - guess[some])[:, :2].max(axis=(1, 2))
    nearest = closer < apart[some]
    found[some[nearest]] = again[nearest]
    apart[some] = np.where(drift < _FAR, np.minimum(closer, apart[some]), 1)
    return Aligned(apart, found)


def _leading(key: Array, apart: Array) -> Array:
    """Whether a candidate is among the two nearest of its key."""
    order = np.lexsort((apart, key))
    ordered = key[order]
    leads = np.zeros(len(key), bool)
    leads[order] = np.r_[[True] * min(2, len(key)), ordered[2:] != ordered[:-2]]
    return leads


def _refined(  # noqa: PLR0917 - a loop cut in two
    left: Array, right: Array, near: Candidates, warps: tuple[Warp, ...], start: Array, rounds: int
) -> tuple[Array, Array]:
    found, apart = start.copy(), np.ones(len(near.left))
    order = np.argsort(near.right, kind="stable")  # what a view needs is made once per view

    def chunk(begin: int) -> None:
        some = order[begin : begin + _CHUNK]
        views, which = np.unique(near.right[some], return_inverse=True)
        view = right[views].reshape(-1, SIDE, SIDE).astype(np.float32)
        solve = solver(view)
        reference = left[near.left[some]].reshape(-1, SIDE, SIDE).astype(np.float32)
        for number in sorted(set(cast("list[int]", near.warp[some].tolist()))):
            mine = near.warp[some] == number
            reference[mine] = _turned(reference[mine], warps[number])
        fit = refine(
            reference, view[which], start[some], rounds=rounds, still=_STILL, solve=solve[which]
        )
        found[some] = fit.map
        apart[some] = np.where(fit.gain > 0, np.minimum(fit.error**2, 1), 1)

    for _ in at_once(chunk, range(0, len(order), _CHUNK)):
        pass
    return found, apart


def _turned(pictures: Array, warp: Warp) -> Array:
    """Flipped and transposed as the warp says, so that only its affine part is left to do."""
    turned = pictures.transpose(0, 2, 1) if warp.transposed else pictures
    return turned[:, :: warp.flip_y, :: warp.flip_x]
