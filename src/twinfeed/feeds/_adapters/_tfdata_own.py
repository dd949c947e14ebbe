"""A dataset that cannot be copied: the user's own is read, with care."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._tfdata_leaves import leaf_reader
from twinfeed.feeds._random_state import PrivateRandom
from twinfeed.graph.copies import held, put_values, values_of, walk_network
from twinfeed.graph.read import outcome, read


def open_own(
    dataset: Any,
    why: str,
    *,
    name: str,
    take_ids: Callable[[Any], tuple[Any, Array | None]],
) -> Feed:
    """View a dataset as a feed without a copy of it.

    Variables that its functions capture are put back after each epoch. Memory caches and the
    counters of seeded shuffles cannot be: the notes say so.

    Args:
        dataset: The dataset.
        why: Why it cannot be copied.
        name: What reports call it.
        take_ids: Splits an element into a batch and the ids of its examples.
    """
    holds = held(dataset)
    private = PrivateRandom(holds.functions)
    handles = holds.variables()
    ours = values_of(handles)

    def open_epoch() -> Iterator[Batch]:
        nonlocal ours
        theirs = values_of(handles)
        put_values(handles, ours)
        elements = private.guarded(lambda: iter(dataset))
        try:
            for index, element in enumerate(elements):
                native, ids = take_ids(element)
                yield unpack(native, leaf_reader(native), feed_name=name, index=index, ids=ids)
        finally:
            elements.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator
            ours = values_of(handles)
            put_values(handles, theirs)

    network = walk_network(dataset)
    elements = network.nodes[network.last].elements
    return Feed(
        name=name,
        open_epoch=open_epoch,
        batches=elements if elements >= 0 else None,
        examples=outcome(network).examples,
        infinite=elements == tf.data.INFINITE_CARDINALITY,
        plan=read(network),
        notes=(f"the dataset cannot be copied ({why}): your own was read{_moved(holds.kinds)}",),
    )


def _moved(kinds: tuple[str, ...]) -> str:
    moved = [
        said
        for part, said in (
            ("Cache", "its caches are filled"),
            ("Shuffle", "its shuffles are further on"),
        )
        if any(part in kind for kind in kinds)
    ]
    return f"; {' and '.join(moved)}" if moved else ""
