"""Leaves of a ``tf.data`` element as numpy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf

from twinfeed._core.batch import Array, SparseRow
from twinfeed._core.unpack import as_rows, as_text

_QUANTISED = {tf.qint8: np.int8, tf.quint8: np.uint8, tf.qint16: np.int16,
              tf.quint16: np.uint16, tf.qint32: np.int32}  # fmt: skip


def leaf_reader(native: Any) -> Callable[[Any], Array]:
    """What turns a leaf of this element into an array.

    Leaves without values of their own (a nested data set, an optional, ``None``) become one
    object per example, so that they can be named.
    """
    size = _size(native)
    return lambda value: _leaf(value, size)


def _size(native: Any) -> int:
    """Examples in an element, as far as one of its leaves tells."""
    for value in tf.nest.flatten(native):
        if isinstance(value, tf.RaggedTensor):
            return int(value.nrows())
        if isinstance(value, tf.SparseTensor):
            return int(value.dense_shape[0])
        if isinstance(value, tf.Tensor) and value.shape.rank:
            return int(value.shape[0])
    return 1


def _leaf(value: Any, size: int) -> Array:
    if isinstance(value, tf.Tensor) and value.dtype not in (tf.variant, tf.resource):
        return _dense(value)
    if isinstance(value, tf.RaggedTensor):
        return as_rows(_ragged_rows(value))
    if isinstance(value, tf.SparseTensor):
        return as_rows(_sparse_rows(value))
    named = np.empty(size, dtype=object)
    named[:] = [value] * size
    return named


def _dense(tensor: Any) -> Array:
    # Shares the tensor's memory and keeps it alive. A cache hands out its own tensors, so
    # nobody may write there.
    array = tensor._numpy()
    if tensor.dtype == tf.string:
        return as_text(array)
    if tensor.dtype in _QUANTISED:
        return np.asarray(array).view(_QUANTISED[tensor.dtype])
    if not isinstance(array, np.ndarray):  # one number
        return np.asarray(array)
    array.setflags(write=False)
    return array


def _ragged_rows(tensor: Any) -> list[Array]:
    """One array per example: of its own shape if it has one, else one vector."""
    levels: list[Array] = []
    values = tensor
    while isinstance(values, tf.RaggedTensor):
        levels.append(values.row_splits.numpy())
        values = values.values
    flat = _dense(values)
    return [_ragged_row(flat, levels, low, high) for low, high in pairwise(levels[0])]


def _ragged_row(flat: Array, levels: list[Array], low: int, high: int) -> Array:
    shape: list[int] | None = [high - low]
    for splits in levels[1:]:
        lengths = set(np.diff(splits[low : high + 1]).tolist())
        if shape is not None and len(lengths) <= 1:
            shape.append(*(lengths or {0}))
        else:
            shape = None
        low, high = splits[low], splits[high]
    row = flat[low:high]
    if shape is not None:
        row = row.reshape(*shape, *flat.shape[1:])
    # Texts of unequal length have no array of their own but this.
    return row.astype(np.bytes_) if row.dtype == object else row


def _sparse_rows(tensor: Any) -> list[SparseRow]:
    indices, values = tensor.indices.numpy(), _dense(tensor.values)
    rows, *shape = (int(side) for side in tensor.dense_shape.numpy())
    order = np.lexsort(indices.T[::-1])
    indices, values = indices[order], values[order]
    ends = np.searchsorted(indices[:, 0], np.arange(rows + 1))
    return [
        SparseRow(indices[low:high, 1:], values[low:high], tuple(shape))
        for low, high in pairwise(ends)
    ]
