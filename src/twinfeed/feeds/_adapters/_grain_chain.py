"""A Grain pipeline as a chain of nodes, and a copy of it that runs in this process.

Worker processes cannot be started here: in a program that has loaded a framework their start
may hang, and what they draw cannot be kept apart. Each worker reads a slice of the data and
the batches are taken in turns, so one process can give exactly the same batches.

Grain shows no public way to walk or change a pipeline, so nodes are known by the names of
their classes; one that is not known is left as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import grain
from grain._src.python.dataset.transformations import prefetch

_PROCESSES = "ProcessPrefetchIterDataset"
_THREADS_OFF = grain.ReadOptions(num_threads=0, prefetch_buffer_size=0)


def nodes(last: Any) -> Iterator[Any]:
    """Every node of a pipeline once, last one first; datasets to interleave included."""
    waiting, seen = [last], set[int]()
    while waiting:
        node = waiting.pop(0)
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += parents(node)


def parents(node: Any) -> list[Any]:
    """The nodes that a node reads from."""
    found = list(getattr(node, "_parents", ()))
    if type(node).__name__ == "InterleaveIterDataset" and isinstance(node._datasets, list | tuple):
        found += cast("list[Any]", node._datasets)
    return found


def starts_processes(last: Any) -> bool:
    """Whether reading the pipeline would start worker processes."""
    return any(type(node).__name__ == _PROCESSES for node in nodes(last))


def in_this_process(node: Any, *, threads: bool) -> Any:
    """A copy of the pipeline that starts no process and, if told so, no thread.

    Args:
        node: The last node; the user's nodes are not changed, not even their caches.
        threads: Whether threads may run ahead, as they do in the user's pipeline.
    """
    kind = type(node).__name__
    if kind in {_PROCESSES, "_MpContextIterDataset"}:
        return in_this_process(node._parent, threads=threads)
    if kind == "_LazyWorkerSliceIterDataset":
        worker = in_this_process(node._parent, threads=threads)
        prefetch._set_slice_iter_dataset(worker, node._slice, node._sequential_slice)
        return worker
    if kind == "ThreadPrefetchIterDataset" and not threads:
        return in_this_process(node._parent, threads=threads)
    if kind == "InterleaveIterDataset" and (not threads or starts_processes(node)):
        return _Turns(node._datasets, node._cycle_length, threads=threads)
    twin = copy.copy(node)
    vars(twin).pop("_stats", None)
    if "_parents" in vars(twin):
        twin._parents = tuple(in_this_process(p, threads=threads) for p in node._parents)
    if kind == "PrefetchIterDataset" and not threads:
        twin._read_options = _THREADS_OFF
    if kind in {"BatchIterDataset", "BatchMapDataset"}:
        twin._batch_fn = _unshared(twin._batch_fn)
    return twin


def _unshared(batch_fn: Any) -> Any:
    """Without the blocks of shared memory in which workers hand over their batches."""
    if isinstance(batch_fn, partial) and "output_to_shared_memory" in batch_fn.keywords:
        return batch_fn.func
    if hasattr(batch_fn, "_output_to_shared_memory") or hasattr(batch_fn, "values_batch_fn"):
        batch_fn = copy.copy(batch_fn)
        if hasattr(batch_fn, "_output_to_shared_memory"):
            batch_fn._output_to_shared_memory = False
        else:
            batch_fn.values_batch_fn = _unshared(batch_fn.values_batch_fn)
    return batch_fn


class _Turns(grain.IterDataset[Any]):  # pyright: ignore[reportUntypedBaseClass]
    """Takes one element of each data set in turn, in the order of ``InterleaveIterDataset``."""

    def __init__(self, datasets: Any, cycle_length: int, *, threads: bool) -> None:
        super().__init__()
        self._datasets = datasets
        self._cycle_length = min(cycle_length, len(datasets))
        self._threads = threads

    def __iter__(self) -> grain.DatasetIterator[Any]:
        return _TurnsIterator(self)

    def open(self, index: int) -> Iterator[Any]:
        dataset = self._datasets[index]
        if isinstance(dataset, grain.MapDataset):
            dataset = dataset.to_iter_dataset()
        return iter(in_this_process(dataset, threads=self._threads))


class _TurnsIterator(grain.DatasetIterator[Any]):  # pyright: ignore[reportUntypedBaseClass]
    def __init__(self, turns: _Turns) -> None:
        super().__init__()
        self._turns = turns
        self._given = 0
        self._elements = self._take()

    def _take(self) -> Iterator[Any]:
        places: list[Iterator[Any] | None] = [None] * self._turns._cycle_length
        place, opened = 0, 0
        while places:
            iterator = places[place]
            if iterator is None and opened < len(self._turns._datasets):
                iterator = places[place] = self._turns.open(opened)
                opened += 1
            if iterator is not None:
                try:
                    element = next(iterator)
                except StopIteration:
                    places[place] = None
                else:
                    yield element
            elif not any(places):
                return
            place = (place + 1) % len(places)

    def __next__(self) -> Any:
        element = next(self._elements)
        self._given += 1
        return element

    def get_state(self) -> dict[str, Any]:
        return {"given": self._given}

    def set_state(self, state: dict[str, Any]) -> None:
        self._given = 0
        self._elements = self._take()
        for _ in range(state["given"]):
            next(self)
