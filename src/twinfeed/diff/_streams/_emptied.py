"""Pictures that hold one value only, where the other side shows something in all of its own.

A loader that gives zeros for a file it cannot read, and an overflow that turns a picture white,
leave nothing of what an example was: it pairs with nothing, and is no other example.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SideName, Twins
from twinfeed.stats.intervals import wilson

_LEAST, _SHARE = 3, 0.02  # pictures, and share of them that are surely so
_OTHER = 0.01  # share of the other side's that may be: a scene may be all sky
_ONE = 0.9  # share of them that are the same picture
_SAME_LENGTH = 0.01  # of an epoch, that one may be shorter: who leaves them out has fewer


@dataclass(frozen=True, slots=True)
class Emptied:
    """The side with such pictures.

    Attributes:
        side: Which one.
        pictures: How many of those of an epoch hold one value only.
        of: Pictures of the epoch.
        value: The value that most of them hold.
        other: How many of the other side's do.
        other_of: Pictures of its epoch.
    """

    side: SideName
    pictures: int
    of: int
    value: float
    other: int
    other_of: int


@remembered
def emptied(twins: Twins) -> Emptied | None:
    """The side that lost what its pictures show; ``None`` where neither did."""
    pairs = twins.pairs
    rows = {"A": pairs.left_rows, "B": pairs.right_rows}
    count = {name: len(each) for name, each in rows.items()}
    if not min(count.values()) or np.ptp([*count.values()]) > _SAME_LENGTH * max(count.values()):
        return None
    for name, other in EACH_WAY:
        mine, theirs = _flat(twins.side(name), rows[name]), _flat(twins.side(other), rows[other])
        if len(mine) < _LEAST or wilson(len(mine), count[name])[0] < _SHARE:
            continue
        contents, times = np.unique(twins.side(name).rows.content[mine], return_counts=True)
        one = times.max() >= _ONE * len(mine)
        value = _value(twins.side(name), int(contents[times.argmax()])) if one else None
        if value is not None and len(theirs) <= _OTHER * count[other]:
            return Emptied(name, len(mine), count[name], value, len(theirs), count[other])
    return None


def _flat(trace: Trace, rows: Array) -> Array:
    """Those of some rows whose picture is the same all over."""
    if trace.main is None or not trace.main.is_image or not trace.rows.signature.shape[1]:
        return rows[:0]
    return rows[np.ptp(trace.rows.signature[rows], axis=1) == 0]


def _value(trace: Trace, content: int) -> float | None:
    """The one value of the pictures of a content, or ``None`` where they hold several."""
    for row, picture in zip(trace.kept.row.tolist(), trace.kept.values, strict=True):
        if int(trace.rows.content[row]) == content:
            return float(picture.flat[0]) if bool((picture == picture.flat[0]).all()) else None
    return None
