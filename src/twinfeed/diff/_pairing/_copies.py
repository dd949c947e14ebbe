"""Pictures of a validation that are copies of those trained on: moved, turned or changed a little.

Where a set is dealt out picture by picture, the nearest of the other part is about as near as the
next one. Copies that were made before, or frames of one film, lie in a group of their own: some
are far nearer than all the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace

_GROUP = 20  # pictures of one group in the other part
_NEARER = 0.3  # of what the next one is apart, that a whole group may be (squared distances)
_NEAR = 0.1  # squared distance, of which strangers have about 1
_EQUAL = 1e-5
_SHARE, _LEAST = 0.1, 8  # of the validation, that must be so: a few copies come in any data
_MOST = 2048  # pictures of each part
_SMALL = 40  # pictures of each part below which a group may be a quarter of them


@dataclass(frozen=True, slots=True)
class Copies:
    """How many pictures of a validation are copies.

    Attributes:
        found: Pictures that lie in a group with some that are trained on.
        of: Pictures of the validation that were looked at.
    """

    found: int
    of: int


def copies(trained: Trace, held: Trace) -> Copies | None:
    """Count them, in the first epoch of each; ``None`` where they are too few to say so."""
    mains = trained.main, held.main
    if mains[0] is None or mains[1] is None or not (mains[0].is_image and mains[1].is_image):
        return None
    views = [_views(trace) for trace in (trained, held)]
    if min(map(len, views)) < _SMALL:
        return None
    apart = 1 - views[1] @ views[0].T
    most = min(_GROUP, len(views[0]) // 4)
    near = np.maximum(np.sort(apart, axis=1)[:, : most + 1], _EQUAL)
    ends = near[:, :-1] < np.minimum(_NEARER * near[:, 1:], _NEAR)
    found = int(ends.any(axis=1).sum())
    return Copies(found, len(apart)) if found >= max(_LEAST, _SHARE * len(apart)) else None


def _views(trace: Trace) -> Array:
    """Coarse views of the different pictures of an epoch, of length 1, shape ``(count, 256)``."""
    looked = [i for i, epoch in enumerate(trace.epochs) if epoch.looked and epoch.build == 0]
    rows = trace.rows_of(looked[0]) if looked else np.zeros(0, int)
    _, first = np.unique(trace.rows.content[rows], return_index=True)
    rows = rows[np.sort(first)][:_MOST]
    views = trace.rows.signature[rows].astype(np.float32) - 128
    sizes = np.linalg.norm(views, axis=1, keepdims=True)
    return (views / np.maximum(sizes, 1e-6))[sizes[:, 0] > 0]
