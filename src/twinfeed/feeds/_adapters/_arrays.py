"""Arrays as a feed: what ``Model.fit(x, y, sample_weight)`` accepts.

In the order of the arrays: whether batches are mixed is an argument of ``fit``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

import numpy as np

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.optional import is_instance
from twinfeed._core.plan import Plan, Step
from twinfeed._core.unpack import plain_leaf, unpack
from twinfeed.errors import BatchFormError, BatchSizeError, UnknownFeedTypeError, UsageError
from twinfeed.feeds._adapters._leaf import any_leaf

NAME = "arrays"
BATCH_SIZE = 32  # Keras's own
KNOWN = ("numpy arrays", "tensors", "pandas objects", "scipy sparse matrices", "lists of numbers")


class Column:
    """One leaf over all examples, cut into batches without copying where the type allows.

    Attributes:
        rows: Examples.
        kind: What it is, for the plan.
    """

    def __init__(self, value: Any) -> None:
        self.kind = type(value).__name__
        self.cut, self.rows = _cutter(value)


Columns: TypeAlias = "Column | dict[str, Columns] | tuple[Columns, ...] | None"


def open_feed(
    x: Any, *, y: Any = None, sample_weight: Any = None, batch_size: int | None = None
) -> Feed:
    """View arrays as a feed.

    Args:
        x: Inputs, or a tuple ``(x, y)`` or ``(x, y, sample_weight)``; each part an array, or a
            dict, list or tuple of arrays.
        y: Targets, if ``x`` is the inputs alone.
        sample_weight: Weights, if ``x`` is the inputs alone.
        batch_size: Examples per batch.

    Raises:
        BatchFormError: If the parts are not ``x``, ``(x, y)`` or ``(x, y, weight)``.
        BatchSizeError: If the arrays have different numbers of examples.
        UnknownFeedTypeError: If a part is no array.
        UsageError: If ``batch_size`` is below 1.
    """
    size = BATCH_SIZE if batch_size is None else batch_size
    if size < 1:
        raise UsageError(f"batch_size={batch_size}", "at least 1", "leave batch_size out for 32")
    parts = _parts(x, y, sample_weight)
    columns = tuple(None if part is None else _columns(part) for part in parts)
    rows = _common_rows(columns)
    steps = (
        Step(
            kind="source",
            where="arrays",
            name=next(leaf.kind for _, leaf in _walk(columns)),
            examples_in=rows,
        ),
        Step(
            kind="batch",
            where="batch_size",
            name="fit",
            settings={"batch_size": size, "drop_remainder": False},
            examples_in=rows,
        ),
    )

    def open_epoch() -> Iterator[Batch]:
        for index, low in enumerate(range(0, rows, size)):
            native = tuple(_cut(part, low, min(low + size, rows)) for part in columns)
            yield unpack(native, _identity, feed_name=NAME, index=index)

    feed = Feed(
        name=NAME,
        open_epoch=open_epoch,
        batches=-(-rows // size),
        examples=rows,
        plan=Plan(steps, library=NAME),
        fresh=lambda: feed,
        plain=None,
    )
    return feed


def _identity(leaf: Array) -> Array:
    return leaf


def _parts(x: Any, y: Any, sample_weight: Any) -> tuple[Any, ...]:
    if y is None and sample_weight is None and isinstance(x, tuple):
        parts = cast("tuple[Any, ...]", x)
        if not 1 <= len(parts) <= 3 or parts[0] is None:
            raise BatchFormError(NAME, 0, f"a tuple of {len(parts)} parts")
        return parts
    return (x, y, sample_weight)


def _columns(tree: Any) -> Columns:
    if isinstance(tree, Mapping):
        return {str(key): _columns(v) for key, v in cast("Mapping[Any, Any]", tree).items()}
    if isinstance(tree, tuple) or (isinstance(tree, list) and _several(cast("list[Any]", tree))):
        return tuple(_columns(branch) for branch in cast("list[Any]", tree))
    return Column(tree)


def _several(values: list[Any]) -> bool:
    """Whether a list is several inputs, as in Keras, and not the examples of one.

    Arrays in a list are inputs; numbers, strings and plain lists are examples.
    """
    return bool(values) and all(_is_array(value) or isinstance(value, Mapping) for value in values)


def _is_array(value: Any) -> bool:
    shape = getattr(value, "shape", None)
    return shape is not None and len(shape) > 0


def _cutter(value: Any) -> tuple[Callable[[int, int], Array], int]:
    """How to cut rows out of an array of any library, and how many it has."""
    whole = _cuttable(value)
    if hasattr(whole, "iloc"):
        return (lambda low, high: plain_leaf(whole.iloc[low:high].to_numpy())), len(whole)
    return (lambda low, high: any_leaf(whole[low:high])), int(whole.shape[0])


def _cuttable(value: Any) -> Any:
    """The same array in a form that can be cut along its first axis."""
    if is_instance(value, "keras", "Variable"):
        return _cuttable(value.value)
    if hasattr(value, "tocsr"):
        return value.tocsr()  # a matrix of coordinates cannot be cut
    if isinstance(value, list) or is_instance(value, "tensorflow", "SparseTensor"):
        return any_leaf(value)
    if is_instance(value, "tensorflow", "Tensor") or is_instance(value, "jax", "Array"):
        return np.asarray(value)  # shares memory; cutting a tensor runs an operation
    if not _is_array(value):
        if not hasattr(value, "__array__") or not np.ndim(value):
            raise UnknownFeedTypeError(value, known=KNOWN)
        return np.asarray(value)
    return value


def _cut(columns: Columns, low: int, high: int) -> Any:
    if columns is None:
        return None
    if isinstance(columns, Column):
        return columns.cut(low, high)
    if isinstance(columns, dict):
        return {key: _cut(branch, low, high) for key, branch in columns.items()}
    return tuple(_cut(branch, low, high) for branch in columns)


def _common_rows(columns: tuple[Columns, ...]) -> int:
    sizes = {path: leaf.rows for path, leaf in _walk(columns)}
    if len(set(sizes.values())) > 1:
        raise BatchSizeError(NAME, 0, sizes)
    if not sizes:
        raise BatchFormError(NAME, 0, "a structure without any array")
    return next(iter(sizes.values()))


def _walk(columns: tuple[Columns, ...]) -> Iterator[tuple[str, Column]]:
    for name, part in zip(("x", "y", "weight"), columns, strict=False):
        yield from _leaves(part, name)


def _leaves(columns: Columns, path: str) -> Iterator[tuple[str, Column]]:
    if isinstance(columns, Column):
        yield path, columns
    elif isinstance(columns, dict):
        for key, branch in columns.items():
            yield from _leaves(branch, f'{path}["{key}"]')
    elif columns is not None:
        for index, branch in enumerate(columns):
            yield from _leaves(branch, f"{path}[{index}]")
