"""Which views may show the same example, by the part of each that its partner shows as well.

What fills the outside of a picture that was moved is not in its partner: black borders and wrapped
edges make whole views unlike. Under each warp only the points that come from inside are compared.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._candidates import Candidates
from twinfeed.diff._views._warp import SIDE, Warp, centres, operator, standardise

_MOST = 5  # partners of each view
_WORK = 2e10  # multiplications that are affordable: a second or so


def candidates_within(left: Array, right: Array, warps: tuple[Warp, ...]) -> Candidates | None:
    """The best few partners of each view on either side; ``None`` where there are too many.

    Args:
        left: ``Rows.signature`` of pictures of one set, shape ``(count, 256)``.
        right: The same of the other set.
        warps: What may have been done to a left picture.
    """
    work = len(left) * len(right) * len(warps)
    side = next((one for one in (SIDE, SIDE // 2) if work * one**2 <= _WORK), None)
    if side is None or not len(left) or not len(right):
        return None
    shrink = _means(side)
    rows, columns = left.astype(np.float32), right.astype(np.float32) @ shrink
    best = np.full((len(rows), len(columns)), -2.0, np.float32)
    warp = np.zeros(best.shape, np.int16)
    score = np.empty_like(best)
    for number, one in enumerate(warps):
        seen = _inside(one, side)
        # Fewer points agree by chance more easily.
        view = standardise(rows @ (operator(one).T @ shrink[:, seen])) * np.sqrt(seen.mean())
        np.matmul(view.astype(np.float32), standardise(columns[:, seen]).T, out=score)
        warp[score > best] = number
        np.maximum(best, score, out=best)
    chosen = np.zeros(best.shape, bool)
    for axis in (0, 1):
        few = min(_MOST, best.shape[axis])
        at = np.argpartition(-best, few - 1, axis=axis).take(range(few), axis=axis)
        np.put_along_axis(chosen, at, values=True, axis=axis)
    at_left, at_right = np.nonzero(chosen)
    return Candidates(at_left, at_right, warp[chosen].astype(int), best[chosen])


def _inside(warp: Warp, side: int) -> Array:
    """Which points of a view of ``side`` points an axis come from inside of the other picture."""
    x, y = np.meshgrid(centres(SIDE), centres(SIDE))
    a11, a12, a21, a22, tx, ty = warp.affine
    edge = 1 - 1 / SIDE
    inside = (np.abs(a11 * x + a12 * y + tx) <= edge) & (np.abs(a21 * x + a22 * y + ty) <= edge)
    return np.asarray(inside.ravel().astype(np.float32) @ _means(side) > 1 - 1e-3)


def _means(side: int) -> Array:
    """From flattened 16 x 16 views to ``side`` x ``side``, float32, shape ``(256, side ** 2)``."""
    each = np.repeat(np.eye(side, dtype=np.float32), SIDE // side, axis=0) * (side / SIDE)
    return np.kron(each, each)
