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
