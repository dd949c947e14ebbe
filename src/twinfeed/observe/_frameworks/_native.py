"""From what a trainer hands to its step to a ``Batch``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import pairwise
from typing import Any, cast

import numpy as np

from twinfeed._core.batch import Array, Batch, SparseRow
from twinfeed._core.optional import is_instance
from twinfeed._core.unpack import as_rows, unpack

# By name: what stands there serves the adapters, and batches must look the same here and there.
_any_leaf: Callable[[Any], Array] = import_module("twinfeed.feeds._adapters._leaf").any_leaf


def batch_of(native: object, backend: str) -> Batch:
    """The batch as the step sees it.

    Args:
        native: What the trainer passes on; a list at the top is a tuple to Keras.
        backend: Keras's backend; JAX narrows 64-bit values on the way into the step.
    """
    leaf = _as_jax_sees if backend == "jax" else _leaf
    if isinstance(native, list):
        native = tuple(cast("list[object]", native))
    parts = cast("tuple[object, ...]", native) if isinstance(native, tuple) else (native,)
    kept = tuple(None if part is None else _without_gaps(part) for part in parts)
    return unpack(kept, leaf, feed_name="Model.fit", index=0)


def size_of(native: object) -> int:
    """Examples of a batch, without converting it; 0 if nothing in it has a first axis."""
    if native is None:
        return 0
    if isinstance(native, Mapping):
        branches: Any = cast("Mapping[object, object]", native).values()
    elif isinstance(native, tuple | list):
        branches = cast("tuple[object, ...]", native)
    else:
        shape = getattr(native, "shape", None)
        return int(shape[0] or 0) if shape is not None and len(shape) else 0
    return next(filter(None, map(size_of, branches)), 0)


def _without_gaps(tree: object) -> object:
    """The tree without ``None`` and empty optionals, which stand for inputs left out."""
    if isinstance(tree, Mapping):
        items = cast("Mapping[object, object]", tree).items()
        return {key: _without_gaps(branch) for key, branch in items if not _is_gap(branch)}
    if isinstance(tree, tuple | list):
        branches = cast("tuple[object, ...]", tree)
        return tuple(_without_gaps(branch) for branch in branches if not _is_gap(branch))
    return tree


def _is_gap(leaf: object) -> bool:
    return leaf is None or is_instance(leaf, "tensorflow", "experimental.Optional")


def _leaf(value: Any) -> Array:
    if is_instance(value, "tensorflow", "Tensor") and value.dtype.name != "string":
        return np.asarray(value)
    return _any_leaf(value)


def _as_jax_sees(value: Any) -> Array:
    if type(value).__module__.startswith("jax.experimental.sparse"):
        return _from_jax_sparse(value)
    array = _leaf(value)
    if array.dtype == object:
        return array
    narrow = sys.modules["jax"].numpy.asarray(array[:0]).dtype
    return array if narrow == array.dtype else array.astype(narrow)


def _from_jax_sparse(matrix: Any) -> Array:
    indices, values = np.asarray(matrix.indices), np.asarray(matrix.data)
    shape = tuple(int(side) for side in matrix.shape[1:])
    # Slots beyond the last value point past the end: they are padding.
    inside = (indices < np.asarray(matrix.shape)).all(axis=1)
    indices, values = indices[inside], values[inside]
    order = np.lexsort(indices.T[::-1])
    indices, values = indices[order], values[order]
    ends = np.searchsorted(indices[:, 0], np.arange(matrix.shape[0] + 1))
    return as_rows(
        [
            SparseRow(indices[low:high, 1:].astype(np.int64), values[low:high], shape)
            for low, high in pairwise(ends)
        ]
    )
