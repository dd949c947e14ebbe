"""Which leaf of one feed stands where which leaf of the other does."""

from __future__ import annotations

from typing import Literal

from twinfeed._core.spec import LeafSpec
from twinfeed.diff._twins import Twins


def matched(twins: Twins, part: Literal["x", "y", "weight"]) -> list[tuple[LeafSpec, LeafSpec]]:
    """Leaves with the same path; the main inputs, or the only ones, whatever their paths."""
    left, right = twins.left.spec.part(part), twins.right.spec.part(part)
    if len(left) == len(right) == 1:
        return [(left[0], right[0])]
    by_path = {leaf.path: leaf for leaf in right}
    found = [(leaf, by_path[leaf.path]) for leaf in left if leaf.path in by_path]
    mains = twins.left.main, twins.right.main
    if part == "x" and mains[0] and mains[1] and not any(mains[0] is one for one, _ in found):
        return [(mains[0], mains[1]), *found]
    return found
