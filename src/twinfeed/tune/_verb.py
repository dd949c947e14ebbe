"""From a pipeline to a measured faster one, or to the word that there is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, overload

from twinfeed.errors import UsageError
from twinfeed.graph.editing import open_chain
from twinfeed.lint._machine import memory_bytes
from twinfeed.tune._foreign import foreign
from twinfeed.tune._loaders import LoaderTuner, forms_of
from twinfeed.tune._tuner import Tuner
from twinfeed.tune.outcome import Tuned

_SHARE_OF_MEMORY = 2


@overload
def tune(
    dataset: Any, /, *, report: Literal[True], memory: int | None = ..., cores: int | None = ..., seconds: float = ..., any_order: bool = ..., unsafe: bool = ..., cache_dir: str | None = ..., progress: Callable[[str], None] | None = ...,
) -> Tuned: ...  # fmt: skip
@overload
def tune(
    dataset: Any, /, *, report: Literal[False] = ..., memory: int | None = ..., cores: int | None = ..., seconds: float = ..., any_order: bool = ..., unsafe: bool = ..., cache_dir: str | None = ..., progress: Callable[[str], None] | None = ...,
) -> Any: ...  # fmt: skip
def tune(
    dataset: Any,
    /,
    *,
    memory: int | None = None,
    cores: int | None = None,
    seconds: float = 60.0,
    any_order: bool = False,
    unsafe: bool = False,
    cache_dir: str | None = None,
    report: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Any:
    """A measured faster pipeline that feeds the same examples in the same order.

    What each step costs is read from the running pipeline. Combinations of parallel calls, places
    for a cache, prefetching, maps on whole batches and options are run in turn with the original;
    one is kept only if it is surely faster, and if looking at both finds no difference. Your
    dataset stays as it is.

    A loader without a graph is built again with other arguments: the workers of a torch
    ``DataLoader`` and of a ``PyDataset``, the threads of a Grain ``MapDataset``, and for an iterator
    of Keras's ``ImageDataGenerator`` that of the drop-in.

    Args:
        dataset: A ``tf.data.Dataset``, or one of these loaders.
        memory: Bytes that caches may take; half of the machine's memory by default.
        cores: Cores to count on; those of this process by default.
        seconds: Seconds to spend, about.
        any_order: Whether the order may change from run to run (``deterministic=False``).
        unsafe: Whether Python code may run in several threads, and seeded draws lose their seed.
        cache_dir: A folder for a cache that does not fit into memory; none by default.
        report: Return a ``Tuned``, which holds the dataset and everything that was measured.
        progress: Called with what is being done.

    Returns:
        The tuned dataset, or a ``Tuned`` with ``report=True``. Where nothing wins, the dataset is
        your own.

    Raises:
        UsageError: If a number means nothing.
    """
    if memory is not None and memory < 0:
        raise UsageError(f"memory={memory}", "bytes, at least 0", "leave it out for the default")
    if cores is not None and cores < 1:
        raise UsageError(f"cores={cores}", "at least 1", "leave it out for the default")
    if seconds <= 0:
        raise UsageError(f"seconds={seconds}", "more than 0", "leave it out for the default")
    chain = open_chain(dataset)
    if isinstance(chain, str):
        forms = forms_of(dataset, cores or own_cores(), unsafe=unsafe)
        done = foreign(dataset, chain) if forms is None else LoaderTuner(
            feed=dataset, forms=forms, cores=cores or own_cores(), seconds=seconds,
            say=progress or _silent,
        ).run()  # fmt: skip
    else:
        done = Tuner(
            chain=chain,
            memory=memory_bytes() // _SHARE_OF_MEMORY if memory is None else memory,
            cores=cores or own_cores(),
            seconds=seconds,
            any_order=any_order,
            unsafe=unsafe,
            cache_dir=cache_dir,
            say=progress or _silent,
        ).run()
    return done if report else done.dataset


def own_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _silent(_what: str) -> None:
    """Progress that nobody watches."""
