"""``keras.utils.PyDataset`` (and ``Sequence``, its older name) as a feed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Step
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._leaf import any_leaf, keras_parts
from twinfeed.feeds._held_files import folder_of_held_files
from twinfeed.feeds._private_copy import private_copy, thaw
from twinfeed.feeds._random_state import PrivateRandom

NAME = "keras.utils.PyDataset"


def open_feed(dataset: Any) -> Feed:
    """View a data set as a feed, read as ``Model.fit`` reads it: by index, in order.

    ``fit(shuffle=True)``, its default, mixes the batches; that is its doing and not the
    feed's. Several workers are read one after the other: the batches are the same.

    Args:
        dataset: A ``keras.utils.PyDataset``, or what has its methods where Keras is not there.
    """
    original = private_copy(dataset, freeze=True)
    if original is not None:
        return _feed(original, PrivateRandom([original]), ())
    note = "the data set cannot be copied: your own object was read, and put back after each batch"
    return _feed(dataset, PrivateRandom([dataset]), (note,), copied=False)


def _feed(
    dataset: Any, random: PrivateRandom, notes: tuple[str, ...], *, copied: bool = True
) -> Feed:
    batches = dataset.num_batches
    reader = private_copy(dataset, freeze=True) if copied else dataset
    epochs = Epochs(reader, keep=not copied)

    def open_epoch() -> Iterator[Batch]:
        for index, native in random.guarded(epochs.next_epoch):
            yield unpack(keras_parts(native), any_leaf, feed_name=NAME, index=index)

    return Feed(
        name=NAME,
        open_epoch=open_epoch,
        batches=batches,
        infinite=batches is None,
        plan=Plan((_source(dataset),), library=NAME),
        fresh=lambda: _feed(dataset, random.renewed(), notes, copied=copied),
        notes=notes,
    )


def _source(dataset: Any) -> Step:
    # Not the properties: they warn, and set what is missing on the user's object.
    workers = int(getattr(dataset, "_workers", 1))
    return Step(
        kind="source",
        where=type(dataset).__name__,
        name=type(dataset).__name__,
        settings={
            "python": True,
            "workers": workers,
            "use_multiprocessing": bool(getattr(dataset, "_use_multiprocessing", False)),
            "max_queue_size": int(getattr(dataset, "_max_queue_size", 10)),
            **folder_of_held_files(dataset),
        },
        parallel_calls=max(1, workers),
    )


class Epochs:
    """Successive epochs of one training.

    Args:
        dataset: A data set of our own, or with ``keep`` the user's, whose attributes are put
            back after each step.
    """

    def __init__(self, dataset: Any, *, keep: bool = False) -> None:
        self.dataset = dataset
        self._within = False
        self._ours: dict[str, Any] | None = dict(vars(dataset)) if keep else None

    def next_epoch(self) -> Iterator[tuple[int, Any]]:
        """The batches of the next epoch with their indices, as ``Model.fit`` asks for them."""
        if self._within:  # the last epoch was left early; fit ends those, too
            self._call(self.dataset.on_epoch_end)
        self._within = True
        self._call(self.dataset.on_epoch_begin)
        count = self.dataset.num_batches
        for index in itertools.count() if count is None else range(count):
            yield index, self._call(self.dataset.__getitem__, index)
        self._within = False
        self._call(self.dataset.on_epoch_end)

    def _call(self, method: Any, *arguments: Any) -> Any:
        if self._ours is not None:
            return self._call_in_place(self._ours, method, *arguments)
        try:
            return method(*arguments)
        except ValueError as error:
            # NumPy's word for a write into an array that is shared with the user's object.
            if "read-only" not in str(error) or not thaw(self.dataset):
                raise
            return method(*arguments)

    def _call_in_place(self, ours: dict[str, Any], method: Any, *arguments: Any) -> Any:
        attributes = vars(self.dataset)
        theirs = dict(attributes)
        _replace(attributes, ours)
        try:
            return method(*arguments)
        finally:
            self._ours = dict(attributes)
            _replace(attributes, theirs)


def _replace(attributes: dict[str, Any], values: dict[str, Any]) -> None:
    attributes.clear()
    attributes.update(values)
