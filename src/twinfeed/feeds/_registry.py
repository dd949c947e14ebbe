"""Which adapter reads which type. No library is imported here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple

from twinfeed._core.feed import Feed
from twinfeed._core.optional import is_instance
from twinfeed.errors import AdapterError, UnknownFeedTypeError, UsageError

ENTRY_POINTS = "twinfeed.adapters"
"""Functions of other packages: an object in, a ``Feed`` or ``None`` (not mine) out."""


class Row(NamedTuple):
    """One supported type.

    Attributes:
        library: The module that a user imports, as it stands in ``sys.modules``.
        path: Where that module shows the type.
        adapter: The module of ours that is imported once an object matches.
        name: What messages call objects of the type.
    """

    library: str
    path: str
    adapter: str
    name: str


_ARRAYS = (
    ("numpy", "ndarray"),
    ("tensorflow", "Tensor"),
    ("tensorflow", "Variable"),
    ("tensorflow", "RaggedTensor"),
    ("tensorflow", "SparseTensor"),
    ("torch", "Tensor"),
    ("jax", "Array"),
    ("keras", "Variable"),
    ("pandas", "DataFrame"),
    ("pandas", "Series"),
    ("scipy", "sparse.sparray"),
    ("scipy", "sparse.spmatrix"),
    ("h5py", "Dataset"),
    ("builtins", "tuple"),
    ("builtins", "list"),
    ("builtins", "dict"),
)
# First match wins, so a subclass stands above its base.
ROWS = (
    Row("tensorflow", "data.Dataset", "_tfdata", "tf.data.Dataset"),
    Row("tensorflow_datasets", "core.DatasetBuilder", "_tfds", "TFDS builder"),
    Row(
        "tensorflow_datasets.core.data_sources.base", "BaseDataSource", "_tfds", "TFDS data source"
    ),
    Row(
        "tensorflow_datasets.core.data_sources.python",
        "PythonDataSource",
        "_tfds",
        "TFDS data source",
    ),
    Row("twinfeed.images.iterator", "Iterator", "_keras_image", "ImageDataGenerator"),
    Row("keras", "src.legacy.preprocessing.image.Iterator", "_keras_image", "ImageDataGenerator"),
    Row("keras", "utils.PyDataset", "_pydataset", "keras.utils.PyDataset"),
    Row("torch", "utils.data.DataLoader", "_torch", "torch DataLoader"),
    Row("grain", "DataLoader", "_grain", "grain DataLoader"),
    Row("grain", "MapDataset", "_grain", "grain MapDataset"),
    Row("grain", "IterDataset", "_grain", "grain IterDataset"),
    *(Row(library, path, "_arrays", "arrays") for library, path in _ARRAYS),
    Row("pathlib", "PurePath", "_folder", "a pathlib.Path to a folder of images"),
    Row("collections", "abc.Iterator", "_generator", "a function that yields batches"),
    Row("collections", "abc.Callable", "_generator", "a function that yields batches"),
)
_LOADER = "an object that yields batches each time it is iterated"
# Iterated too, but one example at a time: a batch is what a loader makes of it.
_SINGLY = (
    ("torch", "utils.data.IterableDataset"),
    ("datasets", "Dataset"),
    ("datasets", "IterableDataset"),
)


def as_feed(
    pipeline: object,
    y: object = None,
    sample_weight: object = None,
    /,
    *,
    batch_size: int | None = None,
    name: str | None = None,
    consume: bool = False,
) -> Feed:
    """View a pipeline as a feed. Nothing is read, and the pipeline itself is left untouched.

    Args:
        pipeline: Anything ``keras.Model.fit`` takes as ``x``; a tuple is ``(x, y)`` or
            ``(x, y, sample_weight)`` of arrays; a function that yields batches, or an object
            that yields them each time it is iterated.
        y: Targets, if ``pipeline`` is the inputs as arrays.
        sample_weight: Sample weights, if ``pipeline`` is the inputs as arrays.
        batch_size: Examples per batch of arrays; 32 by default, as in ``fit``.
        name: What reports call the feed.
        consume: Allow an iterator that can be read only once to be used up.

    Raises:
        UnknownFeedTypeError: If no adapter recognises the object.
        OneShotFeedError: If it can be read only once and ``consume`` is not set.
        AdapterError: If an adapter of another package fails.
        UsageError: If an argument is given that this kind of pipeline does not take.

    >>> import numpy as np
    >>> feed = as_feed(np.zeros((70, 2)), np.arange(70))
    >>> feed.batches, next(feed.open_epoch()).size
    (3, 32)
    """
    adapter = None if isinstance(pipeline, Feed) else _adapter(pipeline)
    extra: dict[str, Any] = {}
    if adapter == "_arrays":
        extra = {"y": y, "sample_weight": sample_weight, "batch_size": batch_size}
    else:
        _refuse(pipeline, y=y, sample_weight=sample_weight, batch_size=batch_size)
    if adapter == "_generator":
        extra = {"consume": consume}
    if isinstance(pipeline, Feed):
        feed = pipeline
    elif adapter is None:
        feed = _from_other_packages(pipeline)
    else:
        open_feed: Callable[..., Feed] = _load(adapter)
        feed = open_feed(pipeline, **extra)
    return feed if name is None else _renamed(feed, name)


def _adapter(pipeline: object) -> str | None:
    for row in ROWS:
        if is_instance(pipeline, row.library, row.path):
            return row.adapter
    # Whatever says that it is an array is one to Keras, too.
    if hasattr(type(pipeline), "__array__"):
        return "_arrays"
    return "_generator" if _is_loader(pipeline) else None


def _is_loader(pipeline: object) -> bool:
    """Whether this may be someone's own loader: a text, a set or a mapping is none."""
    return (
        hasattr(type(pipeline), "__iter__")
        and not isinstance(pipeline, Mapping)
        and type(pipeline).__module__ != "builtins"
        and not any(is_instance(pipeline, library, path) for library, path in _SINGLY)
    )


def _load(adapter: str) -> Callable[..., Feed]:
    # By name, so that nothing leans on an adapter by accident.
    return import_module(f"twinfeed.feeds._adapters.{adapter}").open_feed


def _refuse(pipeline: object, **arguments: object) -> None:
    for argument, value in arguments.items():
        if value is not None:
            kind = type(pipeline)
            raise UsageError(
                f"{argument} beside a {kind.__module__}.{kind.__qualname__}",
                f"{argument} only beside arrays; any other pipeline brings its own",
                "as_feed(x, y, batch_size=32) takes arrays",
            )


def _from_other_packages(pipeline: object) -> Feed:
    failure: AdapterError | None = None
    for entry in _entries():
        try:
            feed = entry.load()(pipeline)
        except Exception as error:  # noqa: BLE001 - another adapter may know it; else it is raised
            failed = AdapterError(entry.name, entry.value, error)
            failed.__cause__ = error
            failure = failure or failed
        else:
            if isinstance(feed, Feed):
                return feed
    if failure is not None:
        raise failure
    raise UnknownFeedTypeError(pipeline, known=[*dict.fromkeys(row.name for row in ROWS), _LOADER])


def _entries() -> Iterator[EntryPoint]:
    yield from sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)


def _renamed(feed: Feed, name: str) -> Feed:
    fresh, plain = feed.fresh, feed.plain
    return replace(
        feed,
        name=name,
        fresh=None if fresh is None else lambda: _renamed(fresh(), name),
        plain=None if plain is None else lambda: _renamed(plain(), name),
    )
