"""Inputs beside the main one: whether the same examples have the same values there.

Of these inputs no examples are kept. What tells are the counts of all their values, which the same
examples must give in any order, and the contents of whole examples, which hold all inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import LeafStats, Trace
from twinfeed.diff._leaves import matched
from twinfeed.diff._remembered import remembered
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._streams._tails import same_data
from twinfeed.diff._twins import SIDES, Twins

_ALL = 0.95  # share of both first epochs in pairs from which they are the same examples
_MOVED, _MOVED_BY_CHANCE = 0.05, 0.5  # of the spread, by which the mean is another
_WIDER, _WIDER_BY_CHANCE = 1.05, 1.5  # ratio of two spreads that are not the same
_TELLING = 8  # bins of an input's values, so many that strangers do not fill them alike
_MOSTLY = 0.5  # share of the inputs that must hold the same values, to be of the same examples
_LEAST_OTHER = 0.05  # share of the examples that differ in nothing but other inputs


@dataclass(frozen=True, slots=True)
class OtherInput:
    """What differs in inputs beside the main one.

    Attributes:
        path: The input, or the inputs.
        how: Whether its values are others, or the same beside other examples.
        said: The numbers, in words.
        share: Share of the examples, or how far the values are apart; 0 to 1.
        pairs: Examples that were held against each other.
    """

    path: str
    how: Literal["values", "rows"]
    said: str
    share: float
    pairs: int


@remembered
def same_examples(twins: Twins) -> bool:
    """Whether both feeds gave the same examples, all of them, in every epoch that was read."""
    for trace in (twins.left, twins.right):
        looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
        if not looked or not all(is_whole(trace, index) for index in looked):
            return False
    pairs = twins.pairs
    longer = max(len(pairs.left_rows), len(pairs.right_rows))
    paired = same_data(twins, share=_ALL) and len(pairs) >= _ALL * longer
    return paired or _mostly_alike(twins)


def _mostly_alike(twins: Twins) -> bool:
    """Whether most inputs hold the same values, each as often, as columns handed in by name do."""
    left, right = twins.left.rows, twins.right.rows
    if len(left) != len(right) or not all(twins.is_plain(name) for name in SIDES):
        return False
    counted = [_both_stats(twins, *leaves) for leaves in matched(twins, "x")]
    alike = [mine for mine, theirs in counted if mine and counted_alike(mine, theirs)]
    telling = any(len(one.histogram) >= _TELLING for one in alike)
    return telling and len(alike) >= _MOSTLY * len(counted)


def _both_stats(
    twins: Twins, left: LeafSpec, right: LeafSpec
) -> tuple[LeafStats | None, LeafStats | None]:
    return twins.left.stats_of(left.path), twins.right.stats_of(right.path)


@remembered
def other_inputs(twins: Twins) -> tuple[OtherInput, ...]:
    """The inputs beside the main one that are not the same for the same examples."""
    beside = _beside(twins)
    if not beside or not same_examples(twins):
        return ()
    plain = all(twins.is_plain(name) for name in SIDES)
    found: list[OtherInput] = []
    for left, right in beside:
        mine, theirs = _both_stats(twins, left, right)
        values = _values(left, mine, theirs, plain=plain) if mine and theirs else None
        found += [values] if values else []
    return tuple(found) if found or not plain else _rows(twins, [left for left, _ in beside])


def _beside(twins: Twins) -> list[tuple[LeafSpec, LeafSpec]]:
    mains = twins.left.main, twins.right.main
    unpaired = not len(twins.pairs)  # then nothing else is said of the main one
    moved = [leaf for both in exchanged(twins) for leaf in both]
    return [
        (left, right)
        for left, right in matched(twins, "x")
        if (unpaired or (left is not mains[0] and right is not mains[1]))
        and not any(left is leaf for leaf in moved)
        and (left.kind, left.dtype, left.shape) == (right.kind, right.dtype, right.shape)
    ]


def _values(leaf: LeafSpec, left: LeafStats, right: LeafStats, *, plain: bool) -> OtherInput | None:
    spread = [np.maximum(np.array(side.std, float), 0) for side in (left, right)]
    mean = [np.array(side.mean, float) for side in (left, right)]
    if not all(np.isfinite(each).all() and len(each) for each in (*spread, *mean)):
        return None
    wide = np.maximum(spread[0], spread[1])
    moved = float((np.abs(mean[1] - mean[0]) / np.where(wide > 0, wide, 1)).max())
    narrow = np.minimum(spread[0], spread[1])
    varied = wide > 0
    wider = float((wide / np.maximum(narrow, 1e-9 * wide))[varied].max(initial=1.0))
    least = (_MOVED, _WIDER) if plain else (_MOVED_BY_CHANCE, _WIDER_BY_CHANCE)
    if moved <= least[0] and wider <= least[1]:
        return None
    said = (
        f"of mean {mean[0].mean():.4g} and spread {spread[0].mean():.4g} in A,"
        f" {mean[1].mean():.4g} and {spread[1].mean():.4g} in B"
    )
    return OtherInput(leaf.path, "values", said, min(1.0, moved + wider - 1), left.examples)


def _rows(twins: Twins, beside: list[LeafSpec]) -> tuple[OtherInput, ...]:
    """Examples that are equal in the main input and not in the others, which hold the same values."""
    if not all(_counted_alike(twins, leaf) for leaf in beside):
        return ()  # rounded otherwise, perhaps: then contents say nothing
    kept = _same_main(twins)
    if kept is None:
        return ()
    differ, pairs = kept
    if differ < max(3, _LEAST_OTHER * pairs):
        return ()
    main = twins.left.main
    path = ", ".join(leaf.path for leaf in beside)
    said = (
        f"{differ:,} of {pairs:,} paired examples are equal in {main.path if main else 'x'} and have"
        f" another {path}, of which both feeds hold the same values"
    )
    return (OtherInput(path, "rows", said, differ / pairs, pairs),)


def _counted_alike(twins: Twins, leaf: LeafSpec) -> bool:
    left, right = (trace.stats_of(leaf.path) for trace in (twins.left, twins.right))
    # Words are not rounded, and not counted either.
    return counted_alike(left, right) or (left is right is None and leaf.kind == "text")


def counted_alike(left: LeafStats | None, right: LeafStats | None) -> bool:
    """Whether two inputs hold the same values, each as often, to the last bit of their ends."""
    if left is None or right is None or (left.low, left.high) != (right.low, right.high):
        return False
    shares = [
        [(edge, round(count / side.count, 9)) for edge, count in side.histogram]
        for side in (left, right)
    ]
    return shares[0] == shares[1]


@remembered
def exchanged(twins: Twins) -> tuple[tuple[LeafSpec, LeafSpec], ...]:
    """Inputs of one shape that change places: each holds to the last count what the other has."""
    leaves = [left for left, right in matched(twins, "x") if left.path == right.path]
    found: list[tuple[LeafSpec, LeafSpec]] = []
    for one, other in combinations(leaves, 2):
        if (one.kind, one.dtype, one.shape) != (other.kind, other.dtype, other.shape):
            continue
        (a, b), (c, d) = (
            [trace.stats_of(leaf.path) for leaf in (one, other)]
            for trace in (twins.left, twins.right)
        )
        if not counted_alike(a, c) and counted_alike(a, d) and counted_alike(b, c):
            found.append((one, other))
    return tuple(found)


def _same_main(twins: Twins) -> tuple[int, int] | None:
    """How many of the pairs with one main input have other contents, and of how many pairs."""
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or mains[0].dtype != mains[1].dtype:
        return None
    at = twins.kept_pairs
    left, right = (
        [trace.kept.values[int(i)] for i in side]
        for trace, side in zip((twins.left, twins.right), at, strict=True)
    )
    equal = np.array([np.array_equal(a, b) for a, b in zip(left, right, strict=True)], bool)
    if not len(equal) or equal.mean() < _ALL:
        return None
    contents = [
        _contents(trace, side) for trace, side in zip((twins.left, twins.right), at, strict=True)
    ]
    return int((contents[0] != contents[1])[equal].sum()), int(equal.sum())


def _contents(trace: Trace, kept: Array) -> Array:
    return trace.rows.content[trace.kept.row[kept]]
