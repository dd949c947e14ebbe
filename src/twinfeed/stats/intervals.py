"""Intervals for shares."""

from __future__ import annotations

import math


def wilson(hits: int, tries: int, *, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927), 95 % by default.

    >>> low, high = wilson(90, 100)
    >>> f"{low:.3f} {high:.3f}"
    '0.826 0.945'

    Raises:
        ValueError: If ``tries`` is 0 or ``hits`` lies outside 0..``tries``.
    """
    if not 0 <= hits <= tries or tries == 0:
        raise ValueError(f"{hits} hits of {tries} tries; expected 0 <= hits <= tries, tries > 0")
    share = hits / tries
    centre = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z / (1 + z * z / tries) * math.sqrt(share * (1 - share) / tries + z * z / (4 * tries**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def exact(hits: int, tries: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson 1934), never narrower than it claims.

    >>> low, high = exact(0, 200)
    >>> f"{low:.3f} {high:.4f}"
    '0.000 0.0183'

    Raises:
        ValueError: If ``tries`` is 0 or ``hits`` lies outside 0..``tries``.
    """
    if not 0 <= hits <= tries or tries == 0:
        raise ValueError(f"{hits} hits of {tries} tries; expected 0 <= hits <= tries, tries > 0")
    low = 1 - _highest(tries - hits, tries) if hits else 0.0
    return low, _highest(hits, tries) if hits < tries else 1.0


def _highest(hits: int, tries: int, *, tail: float = 0.025) -> float:
    """The share under which so few hits are just still as likely as ``tail``."""
    low, high = 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        if at_most(hits, tries, share) > tail:
            low = share
        else:
            high = share
    return low


def at_most(hits: int, tries: int, share: float) -> float:
    """The probability of at most that many hits, where a share of all, above 0 and below 1, hits."""
    logs = math.log(share), math.log1p(-share)
    return sum(
        math.exp(
            math.lgamma(tries + 1)
            - math.lgamma(k + 1)
            - math.lgamma(tries - k + 1)
            + k * logs[0]
            + (tries - k) * logs[1]
        )
        for k in range(hits + 1)
    )
