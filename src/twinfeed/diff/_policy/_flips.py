"""Which examples of a feed are mirrored, told from the coarse views of all of them.

Whole examples are kept by what they hold, so a mirrored one is kept in another measure than its
original: their share of flips would be biased. Coarse views exist of every example.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._pair import plain_signatures
from twinfeed.diff._views._align import aligned
from twinfeed.diff._views._candidates import Candidates
from twinfeed.diff._views._warp import SIDE, Warp

_WAYS = (Warp(), Warp(flip_x=-1), Warp(flip_y=-1), Warp(-1, -1))
_MOST = 1000  # examples looked at; their share is then known to 3 %
_CLEAR = 0.7  # of what the second best way leaves; above it the picture is its own mirror image


def flipped(trace: Trace, rows: Array, other: Trace, others: Array) -> tuple[Array, Array]:
    """Whether views are mirrored left to right, and top to bottom, against their references.

    Args:
        trace: The feed that may flip.
        rows: Rows of it.
        other: The feed that does not.
        others: Its rows with the same examples.

    Returns:
        Two boolean arrays, of the examples of which it can be told.
    """
    nothing = np.zeros(0, bool)
    if trace.rows.signature.shape[1] != SIDE**2 or other.rows.signature.shape[1] != SIDE**2:
        return nothing, nothing
    some = np.linspace(0, len(rows) - 1, min(len(rows), _MOST)).astype(int)
    references = plain_signatures(other, others[some])
    views = trace.rows.signature[rows[some]]
    index, way = (axis.ravel() for axis in np.indices((len(some), len(_WAYS))))
    near = Candidates(index, index, way, np.zeros(len(index)))
    apart = aligned(references, views, near, _WAYS).apart.reshape(len(some), len(_WAYS))
    best = apart.argmin(axis=1)
    ordered = np.sort(apart, axis=1)
    clear = ordered[:, 0] <= _CLEAR * ordered[:, 1]
    return np.isin(best[clear], (1, 3)), np.isin(best[clear], (2, 3))
