"""What differs by chance alone and can be made equal in every training, so that it adds no noise."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed.attribute._causes import KINDS
from twinfeed.attribute._checks import check
from twinfeed.attribute._world import World

ORDER = "order"
_MEMBERS = ("examples", "remainder", "length", ORDER)
"""Kinds of cause that decide which examples come where: with one of them no order is chance."""
_MIXED = 0.5  # share of examples at the same place in two epochs below which an order is drawn anew


def order_is_chance(
    world: World, findings: Iterable[Finding], undecided: Iterable[Undecided]
) -> bool:
    """Whether A and B draw their orders anew in each epoch and nothing tells these apart in kind.

    Then the order in which A drew its examples is as good for B as its own: networks of a seed
    that see one order differ by less chance, and by the same on average.

    Args:
        world: One seed's draws, nothing held out.
        findings: Of the comparison.
        undecided: What it could not settle.
    """
    codes = {code for key in _MEMBERS for code in KINDS[key].codes}
    if any(one.severity is not Severity.NOTE and one.code in codes for one in findings):
        return False
    if any(one.code.startswith("ORD") for one in undecided):
        return False
    sides = (
        (world.ids.a, world.a.bounds),
        (world.ids.b, world.b.bounds),
    )
    for numbers, bounds in sides:
        epochs = [numbers[low:high] for low, high in bounds[:2]]
        if len(epochs) < 2 or len(epochs[0]) != len(epochs[1]):
            return False
        if np.mean(epochs[0] == epochs[1]) > _MIXED:
            return False
    seen = check(world, ORDER, {ORDER})
    return seen is not None and seen.holds
