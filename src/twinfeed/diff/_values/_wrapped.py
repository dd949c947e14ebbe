"""Values that were pushed beyond 255 and came out at 0: bright and dark side by side in smooth places.

A cast to ``uint8`` keeps what is left of a value when 256 are taken away. Where a smooth bright part
of a picture passes 255, its neighbours stand at 254 and at 3, and are as smooth as before on either
side of that jump.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.coarse import channels_last
from twinfeed.stats.intervals import wilson

_EXAMPLES, _LEAST_EXAMPLES = 200, 20
_STEP = 24  # levels by which neighbours in a smooth place differ at most
_TIMES = 2  # as many jumps as there are edges of that height
_LEAST = 4  # jumps of a picture that is one of those
_SURELY, _MORE = 4.0, 0.05  # deviations, and share of the pictures, by which one side has more
_SCALES = {255.0: 1.0, 1.0: 255.0}  # the highest value of a full range, and what makes it levels


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The side whose values came out at the other end of their range.

    Attributes:
        side: Which one.
        pictures: Those of it that have such jumps.
        of: Pictures of it that were looked at.
        other_pictures: Those of the other side.
        other_of: Pictures of the other side.
    """

    side: SideName
    pictures: int
    of: int
    other_pictures: int
    other_of: int


def wrapped(twins: Twins) -> Wrapped | None:
    """The side whose values wrap around while the other side's do not; ``None`` without one."""
    shown = {name: _levels(twins.side(name)) for name in SIDES}
    if not all(shown.values()) or shown["A"][0].shape != shown["B"][0].shape:
        return None
    jumps = {name: np.array([_jumps(each) for each in shown[name]]) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = jumps[name], jumps[other]
        around, edges = mine.T
        count, there = (int((each[:, 0] >= _LEAST).sum()) for each in (mine, theirs))
        low = wilson(count, len(mine), z=_SURELY)[0]
        high = wilson(there, len(theirs), z=_SURELY)[1]
        # Of sharp edges as many go on in either way.
        if low > high + _MORE and around.sum() > _TIMES * edges.sum():
            return Wrapped(name, count, len(mine), there, len(theirs))
    return None


def _levels(trace: Trace) -> list[Array]:
    """Some pictures in levels of 0 to 255; none where they do not fill that range."""
    main = trace.main
    stats = trace.stats_of(main.path) if main and main.is_image else None
    kept = trace.kept.values
    if main is None or stats is None or stats.low != 0 or stats.high not in _SCALES:
        return []
    if len(kept) < _LEAST_EXAMPLES or len({each.shape for each in kept}) != 1:
        return []
    picks: list[int] = np.linspace(0, len(kept) - 1, min(len(kept), _EXAMPLES)).astype(int).tolist()
    finite = [kept[at] for at in picks if np.isfinite(kept[at]).all()]
    return [_picture(example, main, _SCALES[stats.high]) for example in finite]


def _picture(example: Array, main: LeafSpec, scale: float) -> Array:
    """Levels 0 to 255, uint8."""
    picture = channels_last(example[None], main)[0]
    return picture if picture.dtype == np.uint8 else np.rint(picture * scale).astype(np.uint8)


def _jumps(picture: Array) -> tuple[int, int]:
    """Places between two smooth ones at which a row goes on at the other end of the range.

    Returns:
        Those at which it goes on as it came, such as 240, 250, 3, 12; and those where it goes the
        way of the jump, as edges between bright and dark do.
    """
    dark, bright = picture < _STEP, picture >= 256 - _STEP
    left, right = slice(1, -2), slice(2, -1)
    # Few places go from one end to the other: the rest is asked of these alone.
    at = (dark[:, left] & bright[:, right]) | (bright[:, left] & dark[:, right])
    rows, columns, *rest = np.unravel_index(np.flatnonzero(at), at.shape)
    line = np.stack([picture[(rows, columns + on, *rest)] for on in range(4)]).astype(np.int16)
    before, jump, after = np.diff(line, axis=0)
    ends = line[1:3]
    # What stands at an end itself may have been cut off there, or be a ground.
    far = ((ends > 0) & (ends < 255)).all(axis=0)
    far &= (np.abs(before) <= _STEP) & (np.abs(after) <= _STEP) & (np.abs(jump) >= 256 - _STEP)
    ways = np.sign(jump)
    around = (before * ways < 0) & (after * ways < 0)
    edge = (before * ways >= 0) & (after * ways >= 0)
    return int((far & around).sum()), int((far & edge).sum())
