"""A Grain ``MapDataset`` with other threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grain

from twinfeed.feeds._random_state import PrivateRandom
from twinfeed.tune._bindings._looked import differs_from
from twinfeed.tune._forms import Form, Forms, counts

_DEFAULT_THREADS = 16


def forms_of(dataset: Any, cores: int, *, unsafe: bool) -> Forms:
    """Other numbers of threads that read ahead; Grain starts 16 where nobody says otherwise."""
    del unsafe  # Grain runs it in threads as it is
    wanted = counts(_DEFAULT_THREADS, cores)
    return Forms(
        kind="Grain MapDataset",
        open_epoch=_open_epoch,
        forms=[_form(dataset, threads) for threads in wanted],
        differs=differs_from(dataset),
    )


def _form(dataset: Any, threads: int) -> Form:
    ahead = 4 * threads
    options = f"grain.ReadOptions(num_threads={threads}, prefetch_buffer_size={ahead})"
    read = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=ahead)
    return Form(
        name=f"{threads} thread{'' if threads == 1 else 's'}" if threads else "no threads",
        code=f"dataset = dataset.to_iter_dataset({options})",
        build=lambda: dataset.to_iter_dataset(read),
    )


def _open_epoch(dataset: Any) -> Callable[[], Iterator[Any]]:
    random = PrivateRandom([dataset])
    return lambda: random.guarded(lambda: iter(dataset))
