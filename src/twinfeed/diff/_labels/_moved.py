"""Labels that stand some places from their inputs: an index that is off, or a list that begins later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._labels._paired import paired_labels
from twinfeed.diff._twins import Twins

_LEAST = 40  # pairs that must bear the label of another place
_KEPT = 0.95  # share of them that do: at the ends, and behind what was left out, others stand
_Z = 6.0  # deviations beyond chance, of some hundred distances that are tried
_GAIN = 0.5  # of the way from chance to full agreement, by which a distance must beat none
_NEAR = 64  # places that are tried where labels come again
_OFTEN = 0.5  # share of the labels that come once, from which one tells where it stood


@dataclass(frozen=True, slots=True)
class Moved:
    """How far labels are from where the other side has them.

    Attributes:
        places: B gives an example the label that A gives the one so many places later.
        found: Examples that do.
        of: Examples that have one so many places later.
    """

    places: int
    found: int
    of: int


def moved(twins: Twins) -> Moved | None:
    """The distance at which nearly all labels agree, in the order of either side; else ``None``."""
    pairs = paired_labels(twins)
    if pairs is None or len(pairs) < _LEAST:
        return None
    for trace, rows in zip((twins.left, twins.right), pairs.rows, strict=True):
        order = np.lexsort((trace.rows.position[rows], trace.rows.epoch[rows]))
        found = _distance(pairs.left[order], pairs.right[order])
        if found is not None:
            return found
    return None


def moved_on(twins: Twins) -> str:
    """The same as the end of a sentence about labels that differ; empty where there is none."""
    found = moved(twins)
    if found is None:
        return ""
    places = abs(found.places)
    far = (
        f"{places:,} place{'s' if places > 1 else ''} {'later' if found.places > 0 else 'earlier'}"
    )
    return (
        f"; B gives {found.found:,} of {found.of:,} examples the label that A gives the one {far}"
    )


def _distance(left: Array, right: Array) -> Moved | None:
    chance = _chance(left, right)
    here = float((left == right).mean())
    best: Moved | None = None
    for places in _candidates(left, right):
        mine = left[places:] if places > 0 else left[:places]
        theirs = right[:-places] if places > 0 else right[-places:]
        if len(mine) < _LEAST:
            continue
        agree = int(np.count_nonzero(mine == theirs))
        sure = agree - chance * len(mine) > _Z * (len(mine) * chance * (1 - chance)) ** 0.5
        share = agree / len(mine)
        # Sorted labels agree with their neighbours', too.
        if not sure or share < max(_KEPT, here + _GAIN * (1 - chance)):
            continue
        if best is None or agree > best.found:
            best = Moved(places, agree, len(mine))
    return best


def _chance(left: Array, right: Array) -> float:
    """Agreement of labels drawn independently from either side."""
    labels, at = np.unique(np.concatenate([left, right]), return_inverse=True)
    counts = [np.bincount(side, minlength=len(labels)) for side in np.split(at, 2)]
    return float(counts[0] @ counts[1]) / len(left) ** 2


def _candidates(left: Array, right: Array) -> list[int]:
    """Distances to try: the most frequent one of labels that come once, and all near ones."""
    near = [places for one in range(1, min(_NEAR, len(left) - 1) + 1) for places in (one, -one)]
    labels, first, counts = np.unique(left, return_index=True, return_counts=True)
    once, at = labels[counts == 1], first[counts == 1]
    if len(once) < _OFTEN * len(left):
        return near
    where = np.searchsorted(once, right).clip(max=len(once) - 1)
    known = once[where] == right
    apart = at[where[known]] - np.flatnonzero(known)
    far, times = np.unique(apart[apart != 0], return_counts=True)
    return [int(far[times.argmax()]), *near] if len(far) else near
