"""Iterators of Keras's ``ImageDataGenerator`` as feeds.

They are ``PyDataset`` objects, so ``Model.fit`` asks for batches by index; ``next()`` draws
them in order from another stream of random numbers. NumPy's global state is reseeded by each
batch where the iterator has a seed.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import xxhash

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._keras_image_plan import STILL, draws, plan_of
from twinfeed.feeds._adapters._leaf import any_leaf, keras_parts
from twinfeed.feeds._adapters._pydataset import Epochs
from twinfeed.feeds._random_state import PrivateRandom

NAME = "ImageDataGenerator"


def open_feed(iterator: Any) -> Feed:
    """View an iterator of ``flow``, ``flow_from_directory`` or ``flow_from_dataframe`` as a feed.

    Args:
        iterator: Any subclass of Keras's ``Iterator``; its counters and its order stay as
            they are, and the feed goes on from them.
    """
    notes = ()
    if getattr(iterator, "save_to_dir", None):
        notes = ("pictures were not written to save_to_dir while reading",)
    return _feed(_private(iterator), PrivateRandom([iterator]), notes)


def _feed(start: Any, random: PrivateRandom, notes: tuple[str, ...]) -> Feed:
    reader = _private(start)
    epochs = Epochs(reader)

    def open_epoch() -> Iterator[Batch]:
        for index, native, ids in random.guarded(lambda: _with_ids(epochs)):
            yield unpack(keras_parts(native), any_leaf, feed_name=NAME, index=index, ids=ids)

    return Feed(
        name=NAME,
        open_epoch=open_epoch,
        batches=len(start),
        examples=start.n,
        plan=plan_of(start),
        fresh=lambda: _feed(start, random.renewed(), notes),
        plain=lambda: _plain(start, random.renewed(), notes),
        notes=notes,
    )


def _plain(start: Any, random: PrivateRandom, notes: tuple[str, ...]) -> Feed:
    calm = _private(start)
    calm.shuffle = False
    calm.index_array = None
    generator = getattr(calm, "image_data_generator", None)
    if generator is not None:
        calm.image_data_generator = without_augmentation(generator)
    return replace(_feed(calm, random, notes), plain=None)


def _with_ids(epochs: Epochs) -> Iterator[tuple[int, Any, Array]]:
    reader = epochs.dataset
    names = getattr(reader, "filenames", None)
    origin = _fingerprint(reader) if names is None else ""
    for index, native in epochs.next_epoch():
        places = reader.index_array[reader.batch_size * index : reader.batch_size * (index + 1)]
        known = [f"{origin}/{place}" if names is None else names[place] for place in places]
        yield index, native, np.asarray(known, np.str_)


def _fingerprint(reader: Any) -> str:
    """What tells the arrays of ``flow`` from others: a place in one is no name in another."""
    held = getattr(reader, "x", None)
    if not isinstance(held, np.ndarray):
        return f"{id(reader):x}"
    return xxhash.xxh3_64_hexdigest(np.ascontiguousarray(held).view(np.uint8))


def _private(iterator: Any) -> Any:
    twin = copy.copy(iterator)
    twin.lock = threading.Lock()
    # The generator of the original is bound to the original.
    twin.index_generator = twin._flow_index()
    if getattr(twin, "save_to_dir", None):
        twin.save_to_dir = None
    return twin


def without_augmentation(generator: Any) -> Any:
    """A copy that keeps every fixed setting and draws no transformation."""
    calm = copy.copy(generator)
    for name, still in STILL.items():
        if draws(generator, name):
            setattr(calm, name, still)
    return calm
