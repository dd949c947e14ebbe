"""From a native batch to a ``Batch``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from twinfeed._core.batch import Array, Batch, Tree
from twinfeed.errors import BatchFormError, BatchSizeError


def unpack(
    native: object,
    leaf: Callable[[Any], Array],
    *,
    feed_name: str,
    index: int,
    ids: Array | None = None,
) -> Batch:
    """Read ``x``, ``(x, y)`` or ``(x, y, weight)``, turning each leaf into an array with ``leaf``.

    A top-level ``list`` is one input with several parts, as in ``keras.Model.fit``; only
    a ``tuple`` is taken apart.

    Raises:
        BatchFormError: If the batch has no part or more than three.
        BatchSizeError: If a leaf has no first axis or the leaves disagree about it.
    """
    parts = cast("tuple[object, ...]", native) if isinstance(native, tuple) else (native,)
    if not 1 <= len(parts) <= 3:
        raise BatchFormError(feed_name, index, f"a tuple of {len(parts)} parts")
    x, y, weight = (*(None if part is None else _map(leaf, part) for part in parts), None, None)[:3]
    if x is None:
        raise BatchFormError(feed_name, index, "None")
    batch = Batch(x, y, weight, ids)
    sizes = {path: (len(array) if array.ndim else None) for path, array in batch.leaves()}
    if not sizes:
        raise BatchFormError(feed_name, index, "a structure without any array")
    if None in sizes.values() or len(set(sizes.values())) > 1:
        raise BatchSizeError(feed_name, index, sizes)
    return batch


def _map(leaf: Callable[[Any], Array], tree: object) -> Tree:
    if isinstance(tree, Mapping):
        return {str(k): _map(leaf, v) for k, v in cast("Mapping[object, object]", tree).items()}
    if isinstance(tree, tuple):
        return tuple(_map(leaf, v) for v in cast("tuple[object, ...]", tree))
    # A list of numbers is one array; a list of anything larger is several inputs.
    if isinstance(tree, list) and not all(
        np.isscalar(v)
        for v in cast("list[object]", tree)  # pyright: ignore[reportArgumentType]
    ):
        return tuple(_map(leaf, v) for v in cast("list[object]", tree))
    return leaf(tree)


def as_text(values: object) -> Array:
    """Strings of any kind as an object array of ``bytes``, one per example."""
    flat = np.asarray(values, dtype=object)
    encode = [v.encode() if isinstance(v, str) else bytes(v) for v in flat.ravel()]
    return _objects(encode).reshape(flat.shape)


def as_rows(rows: list[Any]) -> Array:
    """Rows of unequal shape as an object array with one array per example."""
    return _objects(rows)


def plain_leaf(value: Any) -> Array:
    """A leaf that no framework owns: numpy, a list, a number, a pandas or scipy object."""
    if hasattr(value, "tocsr") and hasattr(value, "shape"):  # any scipy.sparse container
        return np.asarray(value.todense())
    array = np.asarray(value)
    if array.dtype.kind in "US" or (
        array.dtype == object
        and array.size
        # A column of text with a hole in it is no text: it is named ``opaque``.
        and all(isinstance(value, str | bytes) for value in array.flat)
    ):
        return as_text(array)
    return array


def _objects(items: list[Any]) -> Array:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
