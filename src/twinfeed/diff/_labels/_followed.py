"""Whether masks are moved as their pictures are, where a feed draws both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._views._occluded import mirrored
from twinfeed.diff._views._refine import grid_of, sample_at
from twinfeed.diff._views._register import Views, register
from twinfeed.diff._views._warp import SIDE
from twinfeed.stats.intervals import wilson

_FEW = 12  # masks that must be seen moved
_FEW_APART = 5  # of them that must be apart from their pictures
_MISREAD = 0.05  # share of masks whose move, or whose picture's, may be read wrongly
_Z = 2.6  # deviations by which the shares of both sides must differ
_KNOWN = 0.9  # correlation with its own mask moved by itself, from which a mask's move is known
_FOLLOWS = 0.25  # correlation that it loses, moved as the picture is, before the two part
_OTHER = 0.15  # the same of a picture that is moved as its mask is
_ROUND = 0.85  # radius of the disc, as a share of half a side, that no turn fills from outside
_PART = 0.3  # of a picture that both must show for their likeness to say something


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a side's masks.

    Attributes:
        seen: Masks whose own move is known, with pictures whose move is.
        apart: Those of them that no one move explains together with their pictures.
        low: Lower end of the 95 % interval of their share.
        high: Upper end.
    """

    seen: int
    apart: int
    low: float
    high: float


@remembered
def followed(twins: Twins) -> dict[SideName, Followed]:
    """How many masks of each side moved apart from their pictures; sides that show none are left out."""
    found: dict[SideName, Followed] = {}
    for name in SIDES:
        one = _followed(twins, name)
        if one is not None:
            found[name] = one
    return found


@remembered
def parted_side(twins: Twins) -> SideName | None:
    """The side whose masks move apart from their pictures, where those of the other do not so often."""
    found = followed(twins)
    if len(found) < len(SIDES):
        return None  # what the other does is open
    for name, other in EACH_WAY:
        apart = found[name].apart
        low = wilson(apart, found[name].seen, z=_Z)[0]
        high = wilson(found[other].apart, found[other].seen, z=_Z)[1]
        if apart >= _FEW_APART and low > max(high, _MISREAD):
            return name
    return None


def parted_on_both(twins: Twins) -> bool:
    """Whether both sides draw masks apart from their pictures."""
    found = followed(twins).values()
    return len(found) == len(SIDES) and all(
        wilson(one.apart, one.seen, z=_Z)[0] > _MISREAD for one in found
    )


def _followed(twins: Twins, name: SideName) -> Followed | None:
    masks = _masks(twins, name)
    if masks is None:
        return None
    basis, views = twins.basis[name], twins.views[name]
    own = register(*masks, sideways=True)
    if len(own) < _FEW:
        return None  # masks without anything to hold on to, or each with another picture
    at, every = own.index, np.arange(len(own))
    pictures = basis.reference[views.index][at], basis.view[views.index][at]
    below, mask = (each[at] for each in masks)
    moved = _likeness(below, mask, own, every)
    following = _likeness(below, mask, views, at)
    as_found = _likeness(*pictures, views, at)
    as_mask = _likeness(*pictures, own, every)
    known = moved >= _KNOWN
    if known.sum() < _FEW:
        return None
    # A mask may fit a wrong move by chance, as a disc does any turn, and so may a picture: they
    # part where neither move fits the other.
    parted = (following < moved - _FOLLOWS) & (as_mask < as_found - _OTHER)
    seen, apart = int(known.sum()), int((known & parted).sum())
    low, high = wilson(apart, seen)
    return Followed(seen, apart, low, high)


def _masks(twins: Twins, name: SideName) -> tuple[Array, Array] | None:
    """Coarse views of the masks of registered views, those of their references before."""
    basis, views = twins.basis[name], twins.views[name]
    if basis.kind not in {"other", "epochs"} or len(views) < _FEW:
        return None
    trace = twins.side(name)
    owner = twins.other(name) if basis.kind == "other" else trace
    rows = owner.shown[basis.example[views.index]], basis.row[views.index]
    below, mask = owner.rows.label_view[rows[0]], trace.rows.label_view[rows[1]]
    if below.shape != mask.shape or below.shape[1] != SIDE**2:
        return None
    sides = -1, SIDE, SIDE
    return below.reshape(sides).astype(float), mask.reshape(sides).astype(float)


def _likeness(reference: Array, view: Array, views: Views, at: Array) -> Array:
    """The correlation of views with references that are moved as some views are; 0 where unseen."""
    below = mirrored(reference, views.flips[at], views.transposed[at])
    maps = views.map[at].astype(np.float32)
    grid = grid_of(view.shape[1])
    values, inside = sample_at(below.astype(np.float32), maps, grid)
    # What a turn fills the corners with stands still whatever the mask does.
    came_from = maps[:, :2] @ np.stack([*grid, np.ones_like(grid[0])])
    inside = (
        inside * (np.hypot(*grid) < _ROUND) * (np.hypot(came_from[:, 0], came_from[:, 1]) < _ROUND)
    )
    target = view.reshape(len(view), -1)
    count = np.maximum(inside.sum(axis=1), 1)
    first, second = (
        (each - ((each * inside).sum(axis=1) / count)[:, None]) * inside
        for each in (values, target)
    )
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    likeness = (first * second).sum(axis=1) / np.where(lengths > 0, lengths, np.inf)
    return np.where(inside.mean(axis=1) >= _PART, likeness, 0.0)
