"""How many examples it takes to decide: sizes at which nine runs of ten succeed."""

from __future__ import annotations

import math
from collections.abc import Callable

from twinfeed.stats.intervals import at_most, wilson

POWER = 0.9
"""Share of runs in which a difference of the stated size is to be found."""
_DEVIATIONS = 1.281552  # standard normal deviations that nine of ten draws stay above, negated
_MOST = 1 << 30


def for_hits(share: float, hits: int) -> int:
    """Examples among which at least so many have a property that a share of all has.

    >>> for_hits(0.1, 1)
    22

    Args:
        share: Share of all examples that have it, above 0 and at most 1.
        hits: How many must be met, at least 1.
    """
    if share >= 1:
        return hits
    return _least(hits, lambda count: at_most(hits - 1, count, share) <= 1 - POWER)


def to_tell_apart(one: float, other: float) -> int | None:
    """Examples of each of two feeds with which the 95 % intervals of two shares come apart.

    >>> to_tell_apart(0.5, 0.0)
    26

    Args:
        one: Share in the first feed, 0 to 1.
        other: Share in the second.

    Returns:
        ``None`` where the shares are the same, so that no number is enough.
    """
    low, high = sorted((one, other))
    if high - low < 1e-6:
        return None

    def enough(count: int) -> bool:
        spread = math.sqrt((low * (1 - low) + high * (1 - high)) / count)
        # Of nine draws in ten the gap is at least this; each side gives half of what it lacks.
        lost = _DEVIATIONS * spread / 2
        seen = max(0, math.floor((high - lost) * count)), math.ceil((low + lost) * count)
        if seen[0] <= seen[1]:
            return False
        return wilson(seen[0], count)[0] > wilson(seen[1], count)[1]

    return _least(2, enough)


def _least(first: int, enough: Callable[[int], bool]) -> int:
    """The smallest number from which on it is enough, found by doubling and halving."""
    high = max(1, first)
    while not enough(high) and high < _MOST:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
