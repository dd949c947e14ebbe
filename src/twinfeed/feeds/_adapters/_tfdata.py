"""``tf.data.Dataset`` as a feed.

What is read is a copy made from the dataset's graph: its caches are empty, its shuffles and
random layers start where the user's stand, and reading it moves none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._tfdata_leaves import leaf_reader
from twinfeed.feeds._adapters._tfdata_own import open_own
from twinfeed.feeds._adapters._tfdata_seeds import renewed_values
from twinfeed.feeds._random_state import PrivateRandom
from twinfeed.feeds._random_turns import Turns
from twinfeed.graph.copies import Blueprint, Copy, open_blueprint
from twinfeed.graph.read import outcome, read

NAME = "tf.data.Dataset"
_END = object()
_ID = "tfds_id"
"""What TFDS calls the id of an example; ``ReadConfig(add_tfds_id=True)`` adds it."""

TakeIds: TypeAlias = "Callable[[Any], tuple[Any, Array | None]]"
"""Splits an element into what ``fit`` takes and the ids of its examples."""


def open_feed(dataset: tf.data.Dataset) -> Feed:
    """View a dataset as a feed.

    Args:
        dataset: Any dataset whose elements are batches.
    """
    return open_elements(dataset, name=NAME, take_ids=ids_of_dict)


def open_elements(dataset: Any, *, name: str, take_ids: TakeIds) -> Feed:
    """View a dataset as a feed, with ids taken from its elements.

    Args:
        dataset: The dataset.
        name: What reports call it.
        take_ids: Splits an element into a batch and the ids of its examples.
    """
    blueprint = open_blueprint(dataset)
    if isinstance(blueprint, str):
        return open_own(dataset, blueprint, name=name, take_ids=take_ids)
    return _feed(
        blueprint,
        PrivateRandom(blueprint.python_functions) if blueprint.python_functions else None,
        {},
        name=name,
        take_ids=take_ids,
        elements=blueprint.network.nodes[blueprint.network.last].elements,
        spec=dataset.element_spec,
        notes=_notes(blueprint),
        plan=read(blueprint.network),
        salt=0,
    )


def ids_of_dict(native: Any) -> tuple[Any, Array | None]:
    """The ids of an element whose inputs are a dict with one."""
    x = native[0] if isinstance(native, tuple) and native else native
    ids = x.get(_ID) if isinstance(x, Mapping) else None
    return native, None if ids is None else id_names(ids)


def id_names(ids: Any) -> Array:
    """A tensor of TFDS ids as an array of ``str``."""
    return np.asarray([name.decode(errors="replace") for name in ids.numpy()], np.str_)


def _feed(
    blueprint: Blueprint,
    private: PrivateRandom | None,
    values: Mapping[int, Array],
    *,
    name: str,
    take_ids: TakeIds,
    elements: int,
    spec: Any,
    notes: tuple[str, ...],
    plan: Plan,
    salt: int,
) -> Feed:
    training = _Training(blueprint, private, values, name, take_ids)

    def fresh() -> Feed:
        return _feed(
            blueprint,
            None if private is None else private.renewed(),
            renewed_values(blueprint, salt + 1),
            name=name,
            take_ids=take_ids,
            elements=elements,
            spec=spec,
            notes=notes,
            plan=plan,
            salt=salt + 1,
        )

    leaves = outcome(blueprint.network)
    return Feed(
        name=name,
        open_epoch=training.open_epoch,
        batches=elements if elements >= 0 else None,
        examples=leaves.examples if leaves.batched else examples_of(spec, elements),
        infinite=elements == tf.data.INFINITE_CARDINALITY,
        plan=plan,
        fresh=fresh,
        notes=notes,
    )


class _Training:
    """Successive epochs of one copy, which is made when the first one begins."""

    def __init__(
        self,
        blueprint: Blueprint,
        private: PrivateRandom | None,
        values: Mapping[int, Array],
        name: str,
        take_ids: TakeIds,
    ) -> None:
        self._blueprint = blueprint
        self._values = values
        self._name = name
        self._take_ids = take_ids
        self._copy: Copy | None = None
        # Operations of TensorFlow draw from no state that this process shares.
        self._turns = None if private is None else Turns(private)

    def open_epoch(self) -> Iterator[Batch]:
        """The next epoch."""
        for index, native in enumerate(self._elements()):
            element, ids = self._take_ids(native)
            yield unpack(element, leaf_reader(element), feed_name=self._name, index=index, ids=ids)

    def _elements(self) -> Iterator[Any]:
        turns = self._turns
        if self._copy is None:
            around = None if turns is None else turns.calling
            self._copy = self._blueprint.copy(around=around, values=self._values)
        if turns is None:
            yield from self._copy.dataset
            return
        try:
            with turns.reading():
                elements = iter(self._copy.dataset)
            while True:
                with turns.reading():
                    native = next(elements, _END)
                if native is _END:
                    return
                yield native
        finally:
            elements = None  # its threads end with it
            turns.settle()


def examples_of(spec: Any, elements: int) -> int | None:
    """Examples in an epoch of a dataset whose source makes the batches, where their size is fixed."""
    sizes = {
        part.shape[0] if part.shape.rank else None
        for part in tf.nest.flatten(spec)
        if isinstance(part, tf.TensorSpec)
    }
    size = sizes.pop() if len(sizes) == 1 else None
    return elements * size if size is not None and elements >= 0 else None


def _notes(blueprint: Blueprint) -> tuple[str, ...]:
    notes = [
        f"the cache file {path} is whole already and was read as it is"
        for path in blueprint.kept_files
    ]
    notes += [
        f"what the pipeline writes to {path} was written to a temporary folder instead"
        for path in dict.fromkeys(blueprint.redirected)
    ]
    if blueprint.shared:
        notes.append(
            "the pipeline draws from objects that cannot be copied "
            f"({', '.join(blueprint.shared)}), so reading it moves them"
        )
    if any(node.op.startswith("DataServiceDataset") for node in blueprint.network.nodes.values()):
        notes.append("the pipeline runs on tf.data service: reading it takes part in its job")
    return tuple(notes)
