"""Sums that do not depend on the order or grouping of their terms."""

from __future__ import annotations

from typing import Any

import numpy as np

# The smallest float64, 2**-1074, times the 2**-53 to 1 of a mantissa taken as an integer.
UNIT_BITS = 1126
"""An ``ExactSum`` counts in units of 2**-UNIT_BITS."""


class ExactSum:
    """The exact sum of float64 values, as one integer in units of 2**-1126.

    Any grouping and order gives the same integer, so sums from shards merge to the same
    bytes. The result is rounded once, to the nearest float64.

    >>> total = ExactSum()
    >>> total.add(np.array([1e100, 1.0, -1e100]))
    >>> float(total)
    1.0
    """

    __slots__ = ("units",)

    def __init__(self, units: int = 0) -> None:
        self.units = units

    def add(self, values: np.ndarray[Any, np.dtype[Any]]) -> None:
        """Add finite float64 values of any shape."""
        mantissas, exponents = np.frexp(np.asarray(values, dtype=np.float64).ravel())
        whole = np.ldexp(mantissas, 53).astype(np.int64)
        for mantissa, exponent in zip(whole.tolist(), exponents.tolist(), strict=True):
            self.units += mantissa << (exponent - 53 + UNIT_BITS)

    def add_integer(self, value: int) -> None:
        """Add an integer of any size."""
        self.units += value << UNIT_BITS

    def merge(self, other: ExactSum) -> None:
        """Add another sum."""
        self.units += other.units

    def __float__(self) -> float:
        return self.units / (1 << UNIT_BITS)
