"""Memory of batches, used again once nobody looks at it.

A fresh array of 19 MB costs the system as much time to clear as a fifth of a picture's decoding
each. The array that is handed out rests on a lease: when the last array that shows the memory is
gone, whoever held it, the memory goes back.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from typing import Any

import numpy as np

from twinfeed._core.batch import Array

_WORTH_KEEPING_BYTES = 1 << 20
_KEPT = 6
"""Pieces of memory that lie ready for one shape."""


class Buffers:
    """Memory for the batches of one feed."""

    def __init__(self) -> None:
        # No lock: memory may come back from the garbage collector, in the midst of anything.
        self._free: deque[Array] = deque(maxlen=_KEPT)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """``numpy.empty``, in memory of a batch that is gone where there is one of its size."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if size < _WORTH_KEEPING_BYTES:
            return np.empty(shape, dtype)
        memory = np.empty(0, np.uint8)
        with contextlib.suppress(IndexError):
            # What is left of another batch size or type is dropped.
            while memory.nbytes != size:
                memory = self._free.pop()
        if memory.nbytes != size:
            memory = np.empty(size, np.uint8)
        lease = _Lease(self, memory)
        return np.asarray(lease).view(dtype).reshape(shape)

    def give_back(self, memory: Array) -> None:
        """Keep memory that nobody shows any more."""
        self._free.append(memory)

    def __reduce__(self) -> tuple[type[Buffers], tuple[()]]:
        """A copy has memory of its own."""
        return type(self), ()


class _Lease:
    """What every array on the memory refers to; NumPy keeps it alive as their base."""

    def __init__(self, home: Buffers, memory: Array) -> None:
        self._home = home
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        self._home.give_back(self._memory)
