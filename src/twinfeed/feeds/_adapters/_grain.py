"""Grain's ``DataLoader``, ``MapDataset`` and ``IterDataset`` as feeds.

A ``MapDataset`` is read by index, in this thread: ``iter()`` on it starts threads that draw
ahead. Worker processes are not started: their slices are read here, in the order in which
the workers would have given them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grain

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._grain_chain import in_this_process, nodes, starts_processes
from twinfeed.feeds._adapters._grain_plan import examples_of, is_infinite, plan_of
from twinfeed.feeds._adapters._leaf import any_leaf, keras_parts
from twinfeed.feeds._random_calls import may_draw
from twinfeed.feeds._random_state import PrivateRandom

IN_PROCESS = (
    "its worker processes were not started: their batches were read here, in their order, so the"
    " time per batch is that of one process"
)
ONE_BY_ONE = "read one batch after the other, where Model.fit lets threads run ahead"
QUIET = (
    "read without its threads, because a function of yours names a random stream that the whole"
    " program shares"
)


def open_feed(pipeline: Any) -> Feed:
    """View a Grain pipeline as a feed, read from its beginning each epoch as ``Model.fit`` does.

    An epoch of Keras begins again at index 0: a shuffle then gives the same order each time.
    """
    return _feed(pipeline, PrivateRandom([pipeline]))


def _feed(pipeline: Any, random: PrivateRandom) -> Feed:
    name = f"grain.{_public_name(pipeline)}"
    chain = pipeline._dataset if isinstance(pipeline, grain.DataLoader) else pipeline
    infinite = is_infinite(pipeline, chain)
    start, batches, notes = _by_iterator(chain), None, (IN_PROCESS,) * starts_processes(chain)
    if isinstance(chain, grain.MapDataset):
        start, notes = _by_index(chain), (ONE_BY_ONE,)
        batches = None if infinite or _skips(chain) else len(chain)
    elif may_draw([pipeline]):
        start, notes = _by_iterator(chain, threads=False), (*notes, QUIET)

    def open_epoch() -> Iterator[Batch]:
        for index, native in enumerate(random.guarded(start)):
            yield unpack(keras_parts(native), any_leaf, feed_name=name, index=index)

    return Feed(
        name=name,
        open_epoch=open_epoch,
        batches=batches,
        examples=None if infinite else examples_of(pipeline, chain),
        infinite=infinite,
        plan=plan_of(pipeline, chain),
        fresh=lambda: _feed(pipeline, random.renewed()),
        notes=notes,
    )


def _public_name(pipeline: Any) -> str:
    for kind in (grain.DataLoader, grain.MapDataset, grain.IterDataset):
        if isinstance(pipeline, kind):
            return kind.__name__
    return type(pipeline).__name__


def _by_index(dataset: Any) -> Callable[[], Iterator[Any]]:
    def start() -> Iterator[Any]:
        own = in_this_process(dataset, threads=True)
        for index in range(len(own)):
            element = own[index]
            if element is not None:  # how a filter says that nothing is here
                yield element

    return start


def _by_iterator(dataset: Any, *, threads: bool = True) -> Callable[[], Iterator[Any]]:
    return lambda: iter(in_this_process(dataset, threads=threads))


def _skips(chain: Any) -> bool:
    return any(
        type(node).__name__ in {"FilterMapDataset", "FlatMapMapDataset"} for node in nodes(chain)
    )
