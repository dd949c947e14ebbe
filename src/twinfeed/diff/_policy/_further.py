"""Which of two sides changes its examples further, where one changes them past recognition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed.diff._policy._randomness import ENOUGH
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_HARDLY, _MOSTLY = 0.4, 0.6  # share met again of the side that changes further, and of the other
_EPOCHS = 2
_SURELY = 4.0  # deviations by which the two shares must lie apart


@dataclass(frozen=True, slots=True)
class Further:
    """A side of whose examples far fewer are recognised in the next epoch.

    Attributes:
        name: The side.
        other: The other one.
        met: How many of either were recognised, ``name`` first.
        of: How many examples an epoch has.
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
        count = len(twins.pairs.left_rows)
        met = round(mine.found * count), round(theirs.found * count)
        apart = wilson(met[0], count, z=_SURELY)[1] < wilson(met[1], count, z=_SURELY)[0]
        if apart and met[0] < _HARDLY * count and met[1] > _MOSTLY * count:
            return Further(name, other, met, count)
    return None


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
