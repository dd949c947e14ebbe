"""Memory of batches is used again, and never while somebody can see it."""

from __future__ import annotations

import gc

import numpy as np

from twinfeed.engine.buffers import Buffers

SHAPE = (32, 64, 64, 3)


def test_memory_comes_back_when_the_last_view_is_gone() -> None:
    buffers = Buffers()
    first = buffers.empty(SHAPE, np.float32)
    where = first.ctypes.data
    view = first[3:4].reshape(-1)[10:]
    held = memoryview(view)
    del first
    assert buffers.empty(SHAPE, np.float32).ctypes.data != where
    del view
    assert buffers.empty(SHAPE, np.float32).ctypes.data != where
    held.release()
    del held
    gc.collect()
    taken = [buffers.empty(SHAPE, np.float32) for _ in range(4)]
    assert where in {each.ctypes.data for each in taken}


def test_it_is_an_array_like_any_other() -> None:
    buffers = Buffers()
    made = buffers.empty(SHAPE, np.float32)
    assert made.shape == SHAPE
    assert made.dtype == np.float32
    assert made.flags.writeable
    assert made.flags.c_contiguous
    assert buffers.empty((2, 3), np.int8).flags.owndata  # too small to be worth it
    assert buffers.empty((31, 64, 64, 3), np.float64).shape == (31, 64, 64, 3)
