"""What was done to the views that found their like is what to look for in the others."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._warp import Warp

_LEAST = 30  # pairs to learn from
_DRAWS = 400  # combinations of what was seen
_APART = 0.11  # of half a picture, in which a corner's place may differ from that of the nearest
MOST = 32  # places per way of flipping
_RARE = 0.02  # share of the pairs below which a way of flipping is not looked for
_OUTER = 0.02  # share of the pairs at either end of a parameter that may be wrong


def learned(maps: Array, flips: Array, most: int = MOST) -> tuple[Warp, ...]:
    """Warps that cover what was done to pairs, in all combinations.

    A view that lost the least is found first, and one that was moved along both axes last:
    parameters are drawn from what was seen of each by itself.

    Args:
        maps: As ``Aligned.map``, of pairs, shape ``(pairs, 3, 3)``.
        flips: Whether each is flipped across, down, and transposed, shape ``(pairs, 3)``.
        most: Places per way of flipping.
    """
    if len(maps) < _LEAST:
        return ()
    zoom_x = np.hypot(maps[:, 0, 0], maps[:, 1, 0])
    turned = np.degrees(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))
    zoom_y = (np.linalg.det(maps[:, :2, :2])) / np.where(zoom_x > 0, zoom_x, 1)
    seen = [zoom_x, zoom_y, turned, maps[:, 0, 2], maps[:, 1, 2]]
    random = np.random.default_rng(0)
    draws = [np.clip(one, *np.quantile(one, (_OUTER, 1 - _OUTER))) for one in seen]
    together = random.integers(0, len(maps), _DRAWS)  # the two zooms are often one
    picks = [together, together, *random.integers(0, len(maps), (3, _DRAWS))]
    drawn = np.stack([one[at] for one, at in zip(draws, picks, strict=True)], axis=1)
    places = [Warp(1, 1, *row) for row in _covering(drawn, most).tolist()]
    kinds, counts = np.unique(flips, axis=0, return_counts=True)
    usual: list[list[bool]] = kinds[counts > _RARE * len(maps)].tolist()
    return tuple(
        Warp(
            -1 if across else 1,
            -1 if down else 1,
            *(place.zoom_x, place.zoom_y, place.degrees, place.shift_x, place.shift_y),
            transposed=swapped,
        )
        for across, down, swapped in usual
        for place in places
    )


def _covering(drawn: Array, most: int) -> Array:
    """Some of the draws that leave none far from all of them: always the farthest next."""
    corners = np.stack([_corners(row) for row in drawn])
    chosen = [int(np.abs(corners - np.median(corners, axis=0)).max(axis=1).argmin())]
    far = np.full(len(drawn), np.inf)
    while len(chosen) < most:
        far = np.minimum(far, np.abs(corners - corners[chosen[-1]]).max(axis=1))
        if far.max() < _APART:
            break
        chosen.append(int(far.argmax()))
    return drawn[chosen]


def _corners(row: Array) -> Array:
    """Where a map takes the corners of a view, shape ``(8,)``."""
    matrix = Warp(1, 1, *row.tolist()).matrix
    square = np.array([[-1, -1, 1, 1], [-1, 1, -1, 1], [1, 1, 1, 1]])
    return (matrix @ square)[:2].ravel()
