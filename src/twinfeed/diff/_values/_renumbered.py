"""Numbers that stand for things, such as words, and that stand for others on the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins

_LEAST_PAIRS = 12
_LEAST_NUMBERS = 8  # different ones; of fewer each may follow another by chance
_MOST_VALUES = 2_000_000
_ALWAYS = 0.9  # share of the values that differ, that must be one number for each
_OFTEN = 3  # times a number must be there
_FIRST = 4  # numbers that are told


@dataclass(frozen=True, slots=True)
class Renumbered:
    """What became of A's numbers in B.

    Attributes:
        kind: ``shifted``: those that change have one number added; ``merged``: they are all one
            number in B, or all one in A; ``other``: each is another.
        shift: What is added, where one number is.
        said: The same in words.
        numbers: Different numbers of A.
        changed: Of these, those that are another in B.
        pairs: Paired examples it rests on.
    """

    kind: Literal["shifted", "merged", "other"]
    shift: int | None
    said: str
    numbers: int
    changed: int
    pairs: int


@remembered
def renumbered(twins: Twins) -> Renumbered | None:
    """What became of whole numbers in tables, where each is always the same in B.

    ``None`` where that is not so, or none changes.
    """
    shown = _values(twins)
    if shown is None:
        return None
    left, right, pairs = shown
    forth, back = _function(left, right), _function(right, left)
    known = forth or back
    if known is None:
        return None
    source, target = known
    moved = source != target
    numbers, changed = len(source), int(moved.sum())
    if numbers < _LEAST_NUMBERS or not changed:
        return None
    a, b = ("A", "B") if forth is not None else ("B", "A")
    steps, ends = np.unique(target[moved] - source[moved]), np.unique(target[moved])
    shift = None
    if changed == 1:
        kind = "other"
        said = f"{int(source[moved][0])} of {a} is {int(ends[0])} in {b}, of {numbers:,} numbers"
    elif len(steps) == 1:
        kind, shift = "shifted", int(steps[0]) * (1 if forth is not None else -1)
        said = f"B's values are A's {'plus' if shift > 0 else 'less'} {abs(shift)}"
        kept = source[~moved]
        if len(kept):
            said += f", but for {_list(kept)}, which {'stays' if len(kept) == 1 else 'stay'}"
    elif len(ends) == 1:
        kind = "merged"
        said = f"{changed:,} numbers of {a} ({_list(source[moved])}) are all {int(ends[0])} in {b}"
    elif (np.diff(target) >= 0).all() or (np.diff(target) <= 0).all():
        return None  # a line or a curve of quantities
    else:
        kind = "other"
        told = [
            f"{int(one)}->{int(other)}"
            for one, other in np.stack([source[moved], target[moved]], axis=1)[:_FIRST].tolist()
        ]
        told += ["..."] if changed > _FIRST else []
        said = f"{changed:,} of {numbers:,} numbers of {a} are others in {b}: {', '.join(told)}"
    return Renumbered(kind, shift, said, numbers, changed, pairs)


def _list(numbers: Array) -> str:
    shown = ", ".join(str(int(one)) for one in numbers[:_FIRST])
    return shown + (", ..." if len(numbers) > _FIRST else "")


def _function(x: Array, y: Array) -> tuple[Array, Array] | None:
    """Each number of one side, and which one of the other it is; ``None`` if that is not one.

    Of the values that differ nearly all must follow it: equal ones, such as what fills up short
    examples, say nothing for it. Numbers that are seldom there are left out.
    """
    both, count = np.unique(np.stack([x.ravel(), y.ravel()]), axis=1, return_counts=True)
    order = np.lexsort((-count, both[0]))
    both, count = both[:, order], count[order]
    numbers, first, which = np.unique(both[0], return_index=True, return_inverse=True)
    target = both[1][first]
    differ = both[0] != both[1]
    follows = (both[1] == target[which]) & differ
    strays = differ & ~follows
    if not follows.any() or count[strays].sum() > (1 - _ALWAYS) * count[differ].sum():
        return None
    often = np.bincount(which, count) >= _OFTEN
    return numbers[often], target[often]


def _values(twins: Twins) -> tuple[Array, Array, int] | None:
    """Whole numbers at the same places of paired examples, int64, of one shape; and the pairs.

    Of sequences that are not equally long what both have counts.
    """
    if twins.pairs.method == "values":
        return None  # at other places
    at = twins.kept_pairs
    mains = twins.left.main, twins.right.main
    if any(main is None or main.is_image for main in mains) or len(at[0]) < _LEAST_PAIRS:
        return None
    places: zip[tuple[int, int]] = zip(*(each.tolist() for each in at), strict=True)
    parts: tuple[list[Array], list[Array]] = ([], [])
    for one, other in places:
        mine, theirs = twins.left.kept.values[one], twins.right.kept.values[other]
        if mine.ndim == theirs.ndim == 1:
            both = min(len(mine), len(theirs))
            mine, theirs = mine[:both], theirs[:both]
        if mine.shape != theirs.shape or {mine.dtype.kind, theirs.dtype.kind} - set("iuf"):
            return None
        for side, values in zip(parts, (mine, theirs), strict=True):
            side.append(values.ravel())
        if len(parts[0]) >= _LEAST_PAIRS and len(parts[0]) * mine.size >= _MOST_VALUES:
            break
    left, right = (np.concatenate(side) for side in parts)
    for side in (left, right):
        if not np.isfinite(side).all() or (side != np.rint(side)).any():
            return None
    return left.astype(np.int64), right.astype(np.int64), len(parts[0])
