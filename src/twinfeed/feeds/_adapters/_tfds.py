"""TensorFlow Datasets as feeds: builders, data sources, and data sets by name.

Nothing is ever downloaded or prepared here: what is not on disk is said to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core import read_only_builder
from tensorflow_datasets.core.registered import DatasetNotFoundError
from tensorflow_datasets.core.utils import file_utils

from twinfeed._core.batch import Array, Batch, Tree
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Step
from twinfeed._core.unpack import unpack
from twinfeed.errors import SourceError
from twinfeed.feeds._adapters._leaf import any_leaf
from twinfeed.feeds._random_state import PrivateRandom

BATCH_SIZE = 32
_PREPARED = "a data set that TensorFlow Datasets has prepared on this machine"


def open_feed(native: Any) -> Feed:
    """View a builder or a data source as a feed, in batches of 32.

    Args:
        native: A builder whose data are on disk, of which ``train`` is read, or its first
            split; or what ``tfds.data_source`` gives.

    Raises:
        SourceError: If the builder's data are not on disk.
    """
    if not isinstance(native, tfds.core.DatasetBuilder):
        return _open_source(native)
    name = native.info.full_name
    splits = list(native.info.splits)
    if not splits:
        raise _not_prepared(f"tfds:{name}", native.info.name, [str(native.data_dir)])
    split = "train" if "train" in splits else splits[0]
    return _open_builder(native, f"tfds:{name}/{split}", split, batch_size=BATCH_SIZE)


def open_named(
    name: str,
    *,
    split: str = "train",
    batch_size: int = BATCH_SIZE,
    data_dir: str | None = None,
    shuffle_files: bool = False,
) -> Feed:
    """View a split of a prepared data set as a feed; its batches carry TFDS's ids.

    Args:
        name: The data set, e.g. ``"mnist"``, ``"eurosat/rgb"`` or ``"mnist:3.0.1"``.
        split: One of its splits, or a part such as ``"train[:10%]"``.
        batch_size: Examples per batch.
        data_dir: Where it was prepared; TFDS's own places by default.
        shuffle_files: Read the record files in random order.

    Raises:
        SourceError: If it is not prepared or has no such split.
    """
    given = f"tfds:{name}/{split}"
    folder = None if data_dir is None else str(Path(data_dir).expanduser())
    places = [str(place) for place in file_utils.list_data_dirs(given_data_dir=folder)]
    try:
        builder = read_only_builder.builder_from_files(name, data_dir=folder)
    except DatasetNotFoundError:
        raise _not_prepared(given, name, places) from None
    return _open_builder(builder, given, split, batch_size=batch_size, shuffle_files=shuffle_files)


def _open_builder(
    builder: Any, given: str, split: str, *, batch_size: int, shuffle_files: bool = False
) -> Feed:
    # TensorFlow is imported only here: a data source is read without it.
    from twinfeed.feeds._adapters import _tfds_records  # noqa: PLC0415

    splits = list(builder.info.splits)
    try:
        return _tfds_records.open_split(
            builder, split, name=given, batch_size=batch_size, shuffle_files=shuffle_files
        )
    except ValueError as error:
        if "split" not in str(error):
            raise
        said = next(iter(str(error).splitlines()), "").rstrip(".")
        raise SourceError(
            given,
            said[:1].lower() + said[1:],
            f"one of its splits ({', '.join(splits)}) or a part of one",
            f"{given.rpartition('/')[0]}/{splits[0]}[:10%] reads a tenth",
        ) from None


def _not_prepared(given: str, name: str, places: list[str]) -> SourceError:
    parts = name.partition(":")[0].split("/")
    present = sorted(
        {
            "/".join([*parts[:depth], folder.name])
            for place in places
            for depth in range(len(parts))
            for folder in _folders(Path(place).joinpath(*parts[:depth]))
        }
    )
    near = get_close_matches(name, present, n=1)
    hint = f"run `tfds build {name}`, or name the folder where it is: ?data_dir=..."
    if near:
        hint = f"did you mean {near[0]}?"
    return SourceError(given, f"it is not prepared in {', '.join(places)}", _PREPARED, hint)


def _folders(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    return [folder for folder in place.iterdir() if folder.is_dir() and folder.name != "downloads"]


def _open_source(source: Any) -> Feed:
    info = getattr(source, "dataset_info", None)
    name = "TFDS data source" if info is None else f"{info.full_name}/{source.split}"
    return _source_feed(source, name, info, PrivateRandom([source]))


def _source_feed(source: Any, name: str, info: Any, private: PrivateRandom) -> Feed:
    examples = len(source)
    keys = None if info is None else info.supervised_keys

    def batches() -> Iterator[tuple[int, Any, Array | None]]:
        for index, start in enumerate(range(0, examples, BATCH_SIZE)):
            rows = range(start, min(start + BATCH_SIZE, examples))
            items = [_supervised(source[row], keys) for row in rows]
            ids = None if info is None else np.asarray([f"{name}/{row}" for row in rows], np.str_)
            yield index, _collated(items), ids

    def open_epoch() -> Iterator[Batch]:
        for index, native, ids in private.guarded(batches):
            yield unpack(native, _as_it_is, feed_name=name, index=index, ids=ids)

    steps = (
        Step(
            kind="source",
            where="data_source, step 1 of 2",
            name=type(source).__name__,
            settings={"python": True},
            examples_in=examples,
        ),
        Step(
            kind="batch",
            where="batch, step 2 of 2",
            name="twinfeed",
            settings={"batch_size": BATCH_SIZE, "drop_remainder": False},
            examples_in=examples,
        ),
    )
    return Feed(
        name=name,
        open_epoch=open_epoch,
        batches=-(-examples // BATCH_SIZE),
        examples=examples,
        plan=Plan(steps, library="tfds"),
        fresh=lambda: _source_feed(source, name, info, private.renewed()),
        notes=(f"a data source has no batches: it was read in order, {BATCH_SIZE} at a time",),
    )


def _supervised(item: Any, keys: Any) -> Any:
    """``(x, y)`` where TFDS knows which features these are."""
    if keys is None or not isinstance(item, dict):
        return item
    return tuple(_picked(item, key) for key in keys)


def _picked(item: dict[str, Any], key: Any) -> Any:
    if isinstance(key, dict):
        return {name: _picked(item, inner) for name, inner in key.items()}
    if isinstance(key, list | tuple):
        return tuple(_picked(item, inner) for inner in key)
    return item[key]


def _collated(items: list[Any]) -> Tree:
    first = items[0]
    if isinstance(first, dict):
        return {str(key): _collated([item[key] for item in items]) for key in first}
    if isinstance(first, tuple):
        return tuple(_collated([item[place] for item in items]) for place in range(len(first)))
    return any_leaf(items)


def _as_it_is(leaf: Array) -> Array:
    return leaf
