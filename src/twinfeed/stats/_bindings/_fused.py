"""Counting in one pass over float32 values, compiled by Numba, without the interpreter's lock."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

_INFINITE = np.int32(0x7F800000)  # the first integer that stands for no finite float32
_MAGNITUDE = np.int32(0x7FFFFFFF)


@numba.njit(nogil=True, cache=True, error_model="numpy")
def count(values: Any, integers: Any, sums: Any, squares: Any, bins: Any) -> Any:
    """Add one chunk; the same additions in the same order as the pure NumPy way.

    Args:
        values: float32 of shape ``(examples, rows, width)``.
        integers: The same memory as int32.
        sums: float64 of shape ``(examples, width)``; the sum over rows is added to it.
        squares: The same for squares.
        bins: int64 of shape ``(4, 4096)``; counts by sign, exponent and three bits of mantissa.

    Returns:
        Whether all values are finite, the lowest and the highest, both as integers that
        `as_float` turns back. If not all are finite, nothing was added.
    """
    examples, rows, _ = values.shape
    # Floats in the order of integers: comparing integers runs in all lanes, floats with NaN do not.
    low = high = integers[0, 0, 0] ^ ((integers[0, 0, 0] >> 31) & _MAGNITUDE)
    for e in range(examples):
        for r in range(rows):
            row = integers[e, r]
            for j in range(row.shape[0]):
                key = row[j] ^ ((row[j] >> 31) & _MAGNITUDE)
                low = min(low, key)
                high = max(high, key)
    if high >= _INFINITE or ~low >= _INFINITE:
        return False, low, high
    for e in range(examples):
        for r in range(rows):
            row = values[e, r]
            for j in range(row.shape[0]):
                wide = np.float64(row[j])
                sums[e, j] += wide
                squares[e, j] += wide * wide
            bits = integers[e, r]
            # Four tables side by side: equal neighbours would wait for one another's count.
            for j in range(bits.shape[0]):
                bins[j & 3, (bits[j] >> 20) & 4095] += 1
    return True, low, high


def as_float(key: int) -> float:
    """The float32 that an ordered integer stands for."""
    bits = key if key >= 0 else key ^ 0x7FFFFFFF
    return float(np.int32(bits).view(np.float32))
