"""Masks whose classes bear other numbers: told by how often each is there, to the last value."""

from __future__ import annotations

from math import isclose

from twinfeed._core.trace import LeafStats, Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._twins import Twins

_EXACT = 16  # whole numbers below this have a bin each, whatever their type; bytes always have


def renumbered(twins: Twins) -> dict[int, int] | None:
    """A's class to B's, where each is exactly as frequent as the other; ``None`` where not.

    Masks are not kept whole, but no two classes fill equally many of the values of some hundred
    masks by chance. A plane for each class is a class with the number of its plane.
    """
    left, right = (_shares(side) for side in (twins.left, twins.right))
    if len(left) < 2 or sorted(left.values()) != sorted(right.values()):
        return None
    there = {share: number for number, share in right.items()}
    if len(there) < len(right):
        return None  # two classes are equally frequent
    mapping = {number: there[share] for number, share in left.items()}
    return mapping if any(a != b for a, b in mapping.items()) else None


def _shares(trace: Trace) -> dict[int, float]:
    """How often each class is there among all values; empty where values are no class numbers.

    Quotients of whole numbers are rounded alike, so that equal ones are the same to the last bit.
    """
    if label_form(trace).form != "picture":
        return {}
    leaf = trace.spec.part("y")[0]
    stats = trace.stats_of(leaf.path)
    if stats is None or not stats.count or stats.nan or stats.inf:
        return {}
    if len(stats.mean) > 1:
        return _planes(stats)
    edges = [edge for edge, _ in stats.histogram]
    if any(edge != int(edge) for edge in edges) or (leaf.dtype != "uint8" and edges[-1] >= _EXACT):
        return {}
    return {int(edge): count / stats.count for edge, count in stats.histogram}


def _planes(stats: LeafStats) -> dict[int, float]:
    """The same of a plane for each class, of which one is 1 at each place."""
    if {edge for edge, _ in stats.histogram} != {0.0, 1.0} or not isclose(sum(stats.mean), 1):
        return {}
    return dict(enumerate(stats.mean))
