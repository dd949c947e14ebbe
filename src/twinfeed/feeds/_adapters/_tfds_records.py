"""Splits of a TFDS builder, read through ``tf.data``."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_datasets as tfds

from twinfeed._core.batch import Array
from twinfeed._core.feed import Feed
from twinfeed.feeds._adapters._tfdata import id_names, open_elements

_ID = "tfds_id"


def open_split(
    builder: Any, split: str, *, name: str, batch_size: int, shuffle_files: bool
) -> Feed:
    """View a split as a feed: ``(x, y)`` where TFDS knows them, else its features by name.

    Args:
        builder: A builder whose data are on disk.
        split: One of its splits or a part of one.
        name: What reports call the feed.
        batch_size: Examples per batch. Examples of unequal shape become ragged batches.
        shuffle_files: Read the record files in random order.

    Raises:
        ValueError: If the builder has no such split.
    """
    dataset = builder.as_dataset(
        split=split, shuffle_files=shuffle_files, read_config=tfds.ReadConfig(add_tfds_id=True)
    )
    keys = builder.info.supervised_keys
    if keys is not None:
        dataset = dataset.map(lambda item: (*_picked(item, keys), item[_ID]))
    fixed = all(
        isinstance(part, tf.TensorSpec) and part.shape.is_fully_defined()
        for part in tf.nest.flatten(dataset.element_spec)
    )
    dataset = dataset.batch(batch_size) if fixed else dataset.ragged_batch(batch_size)
    return open_elements(dataset, name=name, take_ids=_apart if keys is None else _last)


def _picked(item: Any, keys: Any) -> tuple[Any, ...]:
    """The features that supervised keys name, as TFDS's ``as_supervised`` gives them."""
    return tuple(tf.nest.map_structure(lambda key: item[key], part) for part in keys)


def _last(native: Any) -> tuple[Any, Array]:
    *parts, ids = native
    return tuple(parts), id_names(ids)


def _apart(native: Any) -> tuple[Any, Array]:
    """The id was added here: it is not one of the data set's features."""
    return {name: part for name, part in native.items() if name != _ID}, id_names(native[_ID])
