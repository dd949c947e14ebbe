"""Which way round one side's pictures are, where both draw theirs and no two lie on each other.

The sky is above in nearly all photos of a set, or in a few more than not. Of paired examples, the half
that is lighter on one side tells which half must be on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, Twins
from twinfeed.diff._values._value_map import value_map
from twinfeed.stats.clusters import draws_as_one

_LEAST_PAIRS = 24
_CLEAR = 0.15  # of a picture's spread, by which its halves must differ to be told apart
_POINTS = 32  # of the shorter side, that are looked at
_MOSTLY = 0.65  # of the pairs, that must lie one way
_SURELY = 5.0  # standard errors by which more of them do than a coin would give
_FOLLOWED = 0.6  # of the spread, that the line from A to B may leave


@dataclass(frozen=True, slots=True)
class WayRound:
    """How B's pictures lie to A's.

    Attributes:
        said: In words.
        share: Of the pairs whose halves can be told apart, that lie so; the smaller of two shares
            after half a turn.
        pairs: Those pairs.
    """

    said: str
    share: float
    pairs: int


@remembered
def way_round(twins: Twins) -> WayRound | None:
    """How B's pictures lie to A's; ``None`` if the same way, or where draws leave it open."""
    if not _comparable(twins):
        return None
    left, right = (
        np.array([_halves(trace, index) for index in at.tolist()])
        for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True)
    )
    batches = np.stack(
        [
            trace.rows.batch[trace.kept.row[at]]
            for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True)
        ]
    )
    # Which axis tells more of a picture survives mirrors that are drawn.
    steeper = [np.abs(side[:, 0]) - np.abs(side[:, 1]) for side in (left, right)]
    on_side = _opposite(steeper[0], steeper[1], batches)
    if on_side is not None:
        return WayRound("on their side: with rows and columns exchanged, or turned", *on_side)
    found = {
        way: told
        for axis, way in enumerate(("upside down", "mirrored left to right"))
        if (told := _opposite(left[:, axis], right[:, axis], batches)) is not None
    }
    if not found:
        return None
    said = "turned by half a turn" if len(found) > 1 else next(iter(found))
    return WayRound(said, *min(found.values()))


def _comparable(twins: Twins) -> bool:
    """Whether both sides draw, and B's values follow A's.

    A negative is lighter where its picture is darker, and what no line leads to may be one in part.
    """
    if any(main is None or not main.is_image for main in (twins.left.main, twins.right.main)):
        return False
    if any(twins.is_plain(name) for name in SIDES) or len(twins.kept_pairs[0]) < _LEAST_PAIRS:
        return False
    line = value_map(twins)
    return line is not None and min(line.gain) > 0 and line.residual_share <= _FOLLOWED


def _halves(trace: Trace, index: int) -> tuple[float, float]:
    """By how many spreads the upper half is lighter than the lower, and the left than the right."""
    assert trace.main is not None
    picture = channels_last(trace.kept.values[index], trace.main)
    step = max(1, min(picture.shape[:2]) // _POINTS)
    grey = picture[::step, ::step].mean(axis=-1, dtype=np.float64)
    spread = float(grey.std()) if np.isfinite(grey).all() else 0.0
    if not spread > 0:
        return 0.0, 0.0
    high, wide = (length // 2 for length in grey.shape)
    down = float(grey[:high].mean() - grey[-high:].mean())
    return down / spread, float(grey[:, :wide].mean() - grey[:, -wide:].mean()) / spread


def _opposite(left: Array, right: Array, batches: Array) -> tuple[float, int] | None:
    """In which share of the clear ones two numbers have opposite signs, and of how many, if surely."""
    clear = (np.abs(left) > _CLEAR) & (np.abs(right) > _CLEAR)
    count = int(clear.sum())
    if count < _LEAST_PAIRS:
        return None
    against = (left[clear] * right[clear] < 0).astype(float)
    share, shared = float(against.mean()), batches[:, clear]
    alike = max(draws_as_one(against, each) for each in shared)
    if share == 1:  # then nothing varies: at most all that share both batches are one draw
        alike = count / np.unique(shared, axis=1).shape[1]
    return (
        (share, count)
        if share >= max(_MOSTLY, 0.5 + _SURELY / 2 * np.sqrt(alike / count))
        else None
    )
