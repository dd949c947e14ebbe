"""A leaf of any library as numpy; for pipelines whose batches may hold anything."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import numpy as np

from twinfeed._core.batch import Array, SparseRow
from twinfeed._core.optional import is_instance
from twinfeed._core.unpack import as_rows, plain_leaf


def keras_parts(native: Any) -> Any:
    """A native batch as Keras takes it: a list at the top is ``(x, y)``, not two inputs."""
    return tuple(cast("list[Any]", native)) if isinstance(native, list) else native


def any_leaf(value: Any) -> Array:
    """One leaf: a tensor of any framework, numpy, pandas, scipy, or nested lists.

    Text becomes ``bytes``, rows of unequal length and sparse rows one object per example, as
    ``Batch`` says. Types that numpy lacks (bfloat16 of torch) become float32.
    """
    if is_instance(value, "torch", "Tensor"):
        return _from_torch(value)
    if is_instance(value, "tensorflow", "RaggedTensor"):
        return _rows([any_leaf(row) for row in value])
    if is_instance(value, "tensorflow", "SparseTensor"):
        return _from_tf_sparse(value)
    if is_instance(value, "keras", "Variable"):
        return any_leaf(value.value)
    if isinstance(value, list | tuple):
        return _from_list(list(cast("list[Any] | tuple[Any, ...]", value)))
    return plain_leaf(value.numpy() if is_instance(value, "tensorflow", "Tensor") else value)


def _from_torch(tensor: Any) -> Array:
    if tensor.is_nested:
        return as_rows([_from_torch(row) for row in tensor.unbind()])
    dense = tensor.detach().cpu()
    if dense.layout is not _torch().strided:
        dense = dense.to_dense()
    if dense.dtype in (_torch().bfloat16, _torch().float8_e4m3fn, _torch().float8_e5m2):
        dense = dense.float()
    return dense.resolve_conj().resolve_neg().numpy()


def _torch() -> Any:
    import torch  # noqa: PLC0415 - the tensor in hand proves that it is there; others do not need it

    return torch


def _from_tf_sparse(tensor: Any) -> Array:
    rows, shape = int(tensor.dense_shape[0]), tuple(int(side) for side in tensor.dense_shape[1:])
    indices, values = np.asarray(tensor.indices), np.asarray(tensor.values)
    order = np.lexsort(indices.T[::-1])
    indices, values = indices[order], values[order]
    ends = np.searchsorted(indices[:, 0], np.arange(rows + 1))
    return as_rows(
        [
            SparseRow(indices[low:high, 1:].astype(np.int64), values[low:high], shape)
            for low, high in pairwise(ends)
        ]
    )


def _from_list(values: list[Any]) -> Array:
    if not any(_is_nested(value) for value in values):
        return plain_leaf(values)
    rows = [any_leaf(value) for value in values]
    stackable = len({row.shape for row in rows}) == 1
    if stackable and all(row.dtype != object or _is_text(row) for row in rows):
        return np.stack(rows)
    return _rows(rows)


def _rows(rows: list[Array]) -> Array:
    """A ragged leaf: one array per example, as flat bytes where it is text."""
    return as_rows([np.asarray(row, np.bytes_) if _is_text(row) else _flat(row) for row in rows])


def _is_nested(value: object) -> bool:
    return isinstance(value, list | tuple) or hasattr(value, "shape") or hasattr(value, "__array__")


def _is_text(row: Array) -> bool:
    return row.dtype == object and all(isinstance(value, bytes) for value in row.flat)


def _flat(row: Array) -> Array:
    """A row that is ragged inside, as one vector: a ragged leaf has one array per example."""
    if row.dtype != object or not row.size:
        return row
    return np.concatenate([np.ravel(_flat(np.asarray(part))) for part in row.flat])
