"""Whole levels of which one side's were rounded down and the other's to the nearest.

``(x * 255).astype("uint8")`` cuts off what follows the point. Of values that were resized, about half
end one level lower than rounded ones, the others at the same one, and none higher.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._values._cut_off import paired_points

_STEPS = ((1.0, 0.0), (1 / 255, 0.0), (2 / 255, -1.0))
"""A level and where they start, of 0..255, 0..1 and -1..1."""
_WHOLE = 1e-3  # of a level, by which values may be off it
_LEAST_LEVELS = 16  # that pictures have at least
_HALF = (0.25, 0.75)  # share of the points that are one lower: other fractions are no rounding
_EACH = (0.05, 0.95)  # the same in nine of ten pictures: flat places all go one way
_NEARLY_ALL, _MOST = 0.9, 0.999  # pictures; points


@dataclass(frozen=True, slots=True)
class RoundedDown:
    """The side whose values were cut off after the point.

    Attributes:
        side: Which.
        share: Of the points, that are one level lower there.
        pairs: Pictures that were compared.
    """

    side: SideName
    share: float
    pairs: int


@remembered
def rounded_down(twins: Twins) -> RoundedDown | None:
    """Tell the side whose levels are the other's or one less, each at about half of the points."""
    points = paired_points(twins)
    levels = None if points is None else _in_levels(*points)
    if levels is None or np.unique(levels[1]).size < _LEAST_LEVELS:
        return None
    apart = levels[1] - levels[0]
    for side, lower in zip(SIDES, (apart, -apart), strict=True):
        one = lower == 1
        share, each = float(one.mean()), one.mean(axis=1)
        followed = float(((lower == 0) | one).mean()) >= _MOST
        in_each = float(((each > _EACH[0]) & (each < _EACH[1])).mean()) >= _NEARLY_ALL
        if followed and in_each and _HALF[0] < share < _HALF[1]:
            return RoundedDown(side, share, len(lower))
    return None


def _in_levels(left: Array, right: Array) -> tuple[Array, Array] | None:
    """Both sides as whole numbers, where one scale makes them so."""
    for step, start in _STEPS:
        sides = tuple((side - start) / step for side in (left, right))
        whole = tuple(np.rint(side) for side in sides)
        off = max(float(np.abs(a - b).max()) for a, b in zip(sides, whole, strict=True))
        if off < _WHOLE and max(float(side.max()) for side in whole) <= 255:
            return whole[0], whole[1]
    return None
