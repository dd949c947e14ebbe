"""How sure a few pairs can make one of what they have in common."""

from __future__ import annotations

import math

_LEAST = 3
_STUDENT = (
    31.60, 12.92, 8.610, 6.869, 5.959, 5.408, 5.041, 4.781, 4.587, 4.437, 4.318, 4.221, 4.140,
    4.073, 4.015, 3.965, 3.922, 3.883,
)  # fmt: skip
"""The 99.95 % quantiles of Student's t from two degrees of freedom on.

SciPy's function takes longer to load than all else that a comparison loads: it stays out of it.
"""


def surely_of(count: int) -> float:
    """Half of the 99.9 % interval of a mean of so many values, in their standard deviations.

    Args:
        count: How many; of fewer than three no such interval is known.

    >>> [round(surely_of(count), 2) for count in (3, 12)]
    [18.24, 1.28]
    """
    if count < _LEAST:
        return math.inf
    return _STUDENT[min(count - _LEAST, len(_STUDENT) - 1)] / math.sqrt(count)
