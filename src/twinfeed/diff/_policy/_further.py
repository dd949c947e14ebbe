"""Which of two sides changes its examples further, where one changes them past recognition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed.diff._pairing._likeness import match
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._policy._randomness import ENOUGH
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_HARDLY, _MOSTLY = 0.4, 0.6  # share met again of the side that changes further, and of the other
_LESS = 0.7  # of the other side's share of views that could be laid over their like
_EPOCHS = 2
_SEARCHED = 600  # examples that are searched for once more, at most
_SURELY = 4.0  # deviations by which the two shares must lie apart


@dataclass(frozen=True, slots=True)
class Further:
    """A side of whose examples far fewer are recognised in the next epoch.

    Attributes:
        name: The side.
        other: The other one.
        met: How many of either were recognised, ``name`` first.
        of: How many examples were asked for, of the side with fewer.
    """

    name: SideName
    other: SideName
    met: tuple[int, int]
    of: int


def further(twins: Twins) -> Further | None:
    """The side that changes its examples further; ``None`` where both do alike, or that is open.

    One policy leaves as many to be recognised on both sides. Only of the same examples: epochs
    that are whole and of one length, with the same labels as often.
    """
    if len(twins.pairs) < ENOUGH or not _same_examples(twins):
        return None
    again = {name: twins.epochs_of(name) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = again[name], again[other]
        if mine is None or theirs is None or theirs.share_same > _HARDLY:
            continue
        if mine.pairs.method != theirs.pairs.method:
            continue  # met at their places, all are, whatever was done to them
        count = len(twins.pairs.left_rows)
        met = round(mine.found * count), round(theirs.found * count)
        apart = wilson(met[0], count, z=_SURELY)[1] < wilson(met[1], count, z=_SURELY)[0]
        if apart and met[0] < _HARDLY * count and met[1] > _MOSTLY * count:
            if _share_met(twins, name, theirs.pairs) >= _HARDLY:
                continue
            return Further(name, other, met, count)
    return None


def _share_met(twins: Twins, name: SideName, other: Pairs) -> float:
    """What share of a side's examples is met again by what the other side's pairs taught.

    What is found first widens the search for the rest, so that one draw of a policy may have most
    of its examples met and the next one few.
    """
    again = twins.epochs_of(name)
    if again is None or other.clues is None or not other.clues.bank:
        return 0.0
    views, pairs = twins.side(name).rows.signature, again.pairs
    rows = pairs.left_rows[:: -(-len(pairs.left_rows) // _SEARCHED)]
    return len(match(views[rows], views[pairs.right_rows], other.clues).left) / len(rows)


def laid_over_less(twins: Twins) -> Further | None:
    """The side of which far fewer views could be laid over their like in the next epoch.

    One policy leaves as many that can on both sides, whatever it is.
    """
    sides = {name: policy(twins, name) for name in SIDES}
    if any(one.basis != "epochs" or one.randomness.state != "fresh" for one in sides.values()):
        return None
    for name, other in EACH_WAY:
        mine, theirs = sides[name], sides[other]
        if not (mine.tried and theirs.tried):
            continue
        if not _as_surely_met(twins, name, other):
            continue
        met, of = (mine.views, theirs.views), (mine.tried, theirs.tried)
        apart = wilson(met[0], of[0], z=_SURELY)[1] < wilson(met[1], of[1], z=_SURELY)[0]
        if apart and met[0] / of[0] < _LESS * met[1] / of[1]:
            return Further(name, other, met, min(of))
    return None


def _as_surely_met(twins: Twins, name: SideName, other: SideName) -> bool:
    """Whether a side's examples were met again as surely as the other's, whatever was done to them."""
    mine, theirs = twins.epochs_of(name), twins.epochs_of(other)
    if mine is None or theirs is None:
        return False
    return mine.pairs.method in {theirs.pairs.method, "id", "place"}


def _same_examples(twins: Twins) -> bool:
    """Whether the first two epochs of both sides are whole and have the same labels as often."""
    seen: list[np.ndarray] = []
    for name in SIDES:
        trace = twins.side(name)
        if trace.main is None or not trace.main.is_image or np.isnan(trace.rows.label).all():
            return False
        first = [i for i, e in enumerate(trace.epochs) if e.looked and e.build == 0][:_EPOCHS]
        if len(first) < _EPOCHS or not all(trace.epochs[i].ended for i in first):
            return False
        seen += [np.sort(trace.rows.label[trace.rows_of(i)]) for i in first]
    return all(np.array_equal(seen[0], each, equal_nan=True) for each in seen[1:])
