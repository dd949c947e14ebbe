"""A Keras ``PyDataset`` with other workers, read as ``Model.fit`` reads it."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np

from twinfeed.feeds._private_copy import private_copy
from twinfeed.feeds._random_state import PrivateRandom
from twinfeed.tune._forms import Form, Forms, counts

_PROVED_BATCHES = 64
_KIND = "PyDataset"


def forms_of(dataset: Any, cores: int, *, unsafe: bool) -> Forms:
    """Other numbers of threads that make batches."""
    why = ""
    if dataset.num_batches is None:
        why = "an endless PyDataset was not tried"
    elif private_copy(dataset) is None:
        why = "it cannot be copied, so it cannot be read without moving your own"
    elif bool(getattr(dataset, "_use_multiprocessing", False)):
        why = "its workers are processes already; try other numbers of them in your code"
    elif not unsafe and _differs(dataset, dataset):
        why = (
            "its batches differ from reading to reading, so threads could change what is drawn; "
            "unsafe=True tries them"
        )
    own = int(getattr(dataset, "_workers", 1))
    wanted = [] if why else [n for n in counts(max(1, own), cores) if n]
    return Forms(
        kind=_KIND,
        open_epoch=_open_epoch,
        forms=[_form(dataset, workers) for workers in wanted],
        differs=lambda other: "" if unsafe else _differs(dataset, other),
        why=why or "there is one core, and it has one worker",
        note="__getitem__ is called from several threads at once: it must change nothing they share",
    )


def _form(dataset: Any, workers: int) -> Form:
    def build() -> Any:
        made = copy.copy(dataset)
        made.workers = workers
        return made

    return Form(
        name=f"{workers} worker{'' if workers == 1 else 's'}",
        code=f"dataset.workers = {workers}",
        build=build,
    )


def _open_epoch(dataset: Any) -> Callable[[], Iterator[Any]]:
    reader: Any = private_copy(dataset)
    random = PrivateRandom([reader])
    return lambda: random.guarded(lambda: _epoch(reader))


def _epoch(reader: Any) -> Iterator[Any]:
    workers = int(getattr(reader, "_workers", 1))
    indices = iter(range(reader.num_batches))
    reader.on_epoch_begin()
    if workers <= 1:
        yield from (reader[index] for index in indices)
    else:
        with ThreadPoolExecutor(workers) as pool:
            ahead = int(getattr(reader, "_max_queue_size", 10))
            waiting: deque[Future[Any]] = deque(
                pool.submit(reader.__getitem__, index) for index in islice(indices, ahead)
            )
            while waiting:
                made = waiting.popleft().result()
                waiting.extend(pool.submit(reader.__getitem__, i) for i in islice(indices, 1))
                yield made
    reader.on_epoch_end()


def _differs(left: Any, right: Any) -> str:
    """What differs in the first batches of two epochs, bit by bit."""
    pairs = zip(_leaves(left), _leaves(right), strict=False)
    for number, (a, b) in enumerate(islice(pairs, 2 * _PROVED_BATCHES)):
        same = len(a) == len(b) and all(map(_is_equal, a, b))
        if not same:
            return f"batch {number + 1} has other values"
    return ""


def _leaves(dataset: Any) -> Iterator[list[Any]]:
    read = _open_epoch(dataset)
    for _ in range(2):
        for native in islice(read(), _PROVED_BATCHES):
            yield list(_arrays(native))


def _arrays(native: Any) -> Iterator[Any]:
    parts: Any = native
    if isinstance(native, dict):
        parts = native.values()
    if isinstance(native, dict | list | tuple):
        for part in parts:
            yield from _arrays(part)
    elif native is not None:
        yield np.asarray(native)


def _is_equal(a: Any, b: Any) -> bool:
    floats = a.dtype.kind in "fc" and b.dtype.kind in "fc"
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=floats)
