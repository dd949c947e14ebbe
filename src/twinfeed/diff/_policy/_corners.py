"""Whether one colour fills what lies outside of moved pictures, told by their corners alone.

Where no example is seen unmoved, nothing predicts what a mirrored or smeared edge would show. A
constant shows by itself: it stands in the corners of most moved pictures, exactly, and pictures of
the world rarely agree to the last digit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_PART = 32  # of a side, that a corner takes; two points at least
_MANY = 0.2  # share of the views that surely have the colour where it fills
_FEW = 0.1  # share of them that surely have not where it does not ...
_FEWER = 0.25  # ... or of the share where it does: 1 photo in 20 has a flat corner of its own
_AS_FAR = 0.5  # of how far one side moves, that the other moves at least
_MOST = 200  # kept pictures that are looked at
_DIMS = 3  # of a picture: height, width, channels
_MOVES = ("rotation_degrees", "shear_degrees", "zoom_x", "zoom_y", "shift_x", "shift_y")


@dataclass(frozen=True, slots=True)
class Corners:
    """The colour that stands in most corners of a side's views.

    Attributes:
        views: Views that were looked at.
        filled: Those with the colour in a corner, whole.
        colour: The colour, one value per channel in the feed's units.
    """

    views: int
    filled: int
    colour: tuple[float, ...]

    @property
    def between(self) -> tuple[float, float]:
        """The 95 % interval of the share that is filled."""
        return wilson(self.filled, self.views)


@dataclass(frozen=True, slots=True)
class OneColour:
    """A side that fills with one colour while the other, which moves as far, does not.

    Attributes:
        side: Which one does.
        mine: Its corners.
        theirs: Those of the other side, held against the same colour.
    """

    side: SideName
    mine: Corners
    theirs: Corners


def two_colours(twins: Twins) -> tuple[Corners, Corners] | None:
    """The colour that each side fills with, where that is another one; ``None`` where it is not.

    Each stands in corners of many views of its side, and of hardly any of the other.
    """
    views = [_kept(twins, name) for name in SIDES]
    if not all(views):
        return None
    left, right = (corners(each) for each in views)
    if min(left.between[0], right.between[0]) <= _MANY or len(left.colour) != len(right.colour):
        return None
    for mine, other in ((left, views[1]), (right, views[0])):
        theirs = sum(mine.colour in _flat_corners(view) for view in other)
        if wilson(theirs, len(other))[1] >= max(_FEW, _FEWER * mine.between[0]):
            return None
    return left, right


def one_colour(twins: Twins) -> OneColour | None:
    """Which side fills with one colour where the other does not; ``None`` where that is open."""
    for name, other in EACH_WAY:
        if not _as_far(policy(twins, name), policy(twins, other)):
            continue
        mine, theirs = corners(_views(twins, name)), corners(_views(twins, other))
        # Whatever colour the other side has there: dark rims are in the pictures of both.
        few = max(_FEW, _FEWER * mine.between[0])
        if mine.views and theirs.views and mine.between[0] > _MANY and theirs.between[1] < few:
            return OneColour(name, mine, theirs)
    return None


def corners(views: list[Array]) -> Corners:
    """Count the views that have the commonest colour in a corner.

    Args:
        views: Pictures, channels last.
    """
    found = [_flat_corners(view) for view in views]
    counts = Counter(colour for each in found for colour in each)
    if not counts:
        return Corners(len(views), 0, ())
    colour, filled = counts.most_common(1)[0]
    return Corners(len(views), filled, colour)


def _flat_corners(view: Array) -> set[tuple[float, ...]]:
    """The colours of the corners that have one."""
    part = max(2, min(view.shape[:2]) // _PART)
    found: set[tuple[float, ...]] = set()
    for rows in (slice(None, part), slice(-part, None)):
        for columns in (slice(None, part), slice(-part, None)):
            corner = view[rows, columns].reshape(part**2, -1)
            if np.isfinite(corner).all() and (corner == corner[:1]).all():
                found.add(tuple(float(value) for value in corner[0]))
    return found


def _views(twins: Twins, name: SideName) -> list[Array]:
    return [view for _, view in twins.basis[name].wholes]


def _kept(twins: Twins, name: SideName) -> list[Array]:
    """Kept pictures, which are there also where none is recognised in another epoch."""
    trace = twins.side(name)
    main = trace.main
    if main is None or not main.is_image:
        return []
    views = trace.kept.values[:_MOST]
    return [channels_last(view, main) for view in views if view.ndim == _DIMS]


def _as_far(mine: Policy, theirs: Policy) -> bool:
    """Whether the other side moves about as far in all that this one does."""
    moved = [field for field in _MOVES if getattr(mine, field).random]
    return bool(moved) and all(
        getattr(theirs, field).random
        and getattr(theirs, field).firm >= _AS_FAR * getattr(mine, field).firm
        for field in moved
    )
