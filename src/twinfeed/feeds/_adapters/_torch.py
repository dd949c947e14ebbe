"""``torch.utils.data.DataLoader`` as a feed.

Values stay as the loader made them: a channels-first loader stays channels-first, and the
diff says so.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Setting, Step
from twinfeed._core.unpack import unpack
from twinfeed.feeds._adapters._leaf import any_leaf, keras_parts
from twinfeed.feeds._held_files import folder_of_held_files
from twinfeed.feeds._private_copy import private_copy
from twinfeed.feeds._random_state import PrivateRandom

NAME = "torch DataLoader"


def open_feed(loader: DataLoader[Any]) -> Feed:
    """View a loader as a feed; each epoch is ``iter(loader)``, as in ``Model.fit``.

    Args:
        loader: Any loader whose batches are ``x``, ``(x, y)`` or ``(x, y, weight)``; a list at
            the top, which is what torch's own collate function makes of a tuple, is a tuple.
    """
    return _feed(_private(loader), PrivateRandom([loader]))


def _feed(start: DataLoader[Any], random: PrivateRandom) -> Feed:
    reader = _private(start)

    def open_epoch() -> Iterator[Batch]:
        for index, native in enumerate(random.guarded(lambda: iter(reader))):
            yield unpack(keras_parts(native), any_leaf, feed_name=NAME, index=index)

    # An iterable data set may state a length and still yield another number of examples.
    batches = None if isinstance(start.dataset, IterableDataset) else _length(start)
    examples = _examples(start)
    kept = examples
    if batches is not None and examples is not None and start.batch_size and start.drop_last:
        kept = batches * start.batch_size
    return Feed(
        name=NAME,
        open_epoch=open_epoch,
        batches=batches,
        examples=kept,
        plan=_plan(start, examples),
        fresh=lambda: _feed(start, random.renewed()),
    )


def _private(loader: DataLoader[Any]) -> Any:
    """A loader of our own: persistent workers hang on the loader, counters on its data set."""
    twin: Any = copy.copy(loader)
    twin._iterator = None
    held = vars(twin)  # the loader's own ``__setattr__`` refuses to exchange these
    for name in ("dataset", "sampler", "batch_sampler"):
        copied = private_copy(held[name])
        held[name] = held[name] if copied is None else copied
    if getattr(twin.batch_sampler, "sampler", None) is loader.sampler:
        twin.batch_sampler.sampler = twin.sampler
    return twin


def _length(sized: Any) -> int | None:
    try:
        return len(sized)
    except (TypeError, NotImplementedError):  # a sampler need not know how much it gives
        return None


def _examples(loader: DataLoader[Any]) -> int | None:
    """Examples that the sampler gives in one epoch, before a partial batch is dropped."""
    if isinstance(loader.dataset, IterableDataset) or loader.batch_size is None:
        return None
    return _length(loader.sampler)


def _plan(loader: DataLoader[Any], examples: int | None) -> Plan:
    workers = loader.num_workers
    dataset: Any = loader.dataset
    held = None if isinstance(dataset, IterableDataset) else _length(dataset)
    source: dict[str, Setting] = {"python": workers == 0, "num_workers": workers}
    source |= folder_of_held_files(dataset)
    if isinstance(dataset, IterableDataset):
        source["asks_for_worker"] = _asks_for_worker(dataset)
    steps = [_step("source", "dataset", dataset, source, held, calls=workers)]
    sampler = _sampler(loader)
    steps += _order(sampler, held)
    function = _transform(dataset)
    if function is not None:
        text: dict[str, Setting] = {
            "function": getattr(function, "__name__", type(function).__name__)
        }
        steps.append(_step("map", "transform", function, text, examples, calls=workers))
    if loader.batch_size is not None:
        batch: dict[str, Setting] = {
            "batch_size": loader.batch_size,
            "drop_remainder": loader.drop_last,
        }
        steps.append(_step("batch", "batch_size", loader, batch, examples, calls=workers))
    elif loader.batch_sampler is not None:
        steps.append(_step("batch", "batch_sampler", loader.batch_sampler, {}, examples))
    if workers:
        ahead: dict[str, Setting] = {
            "buffer_size": workers * (loader.prefetch_factor or 0),
            "prefetch_factor": loader.prefetch_factor,
            "persistent_workers": loader.persistent_workers,
            "pin_memory": bool(loader.pin_memory),
        }
        steps.append(_step("prefetch", "num_workers", loader, ahead, examples, calls=workers))
    return Plan(tuple(steps), library=NAME)


def _step(
    kind: Any, where: str, what: Any, settings: Any, examples: int | None, *, calls: int = 1
) -> Step:
    return Step(
        kind=kind,
        where=where,
        name=type(what).__name__,
        settings=settings,
        examples_in=examples,
        parallel_calls=max(1, calls),
    )


def _transform(dataset: Any) -> Any:
    """The ``transform`` of torchvision's data sets, also below a ``Subset``."""
    for _ in range(8):
        held: dict[str, Any] = getattr(dataset, "__dict__", {})
        if held.get("transform") is not None:
            return held["transform"]
        dataset = held.get("dataset")
    return None


def _asks_for_worker(dataset: Any) -> bool | None:
    """Whether a data set asks which worker it runs in; ``None`` where its code does not tell."""
    code = getattr(type(dataset).__iter__, "__code__", None)
    if code is None or "site-packages" in code.co_filename:
        return None
    called = [
        getattr(type(dataset), name, None) or function.__globals__.get(name)
        for function in (type(dataset).__iter__,)
        for name in code.co_names
    ]
    codes = [code, *(inner for one in called if (inner := getattr(one, "__code__", None)))]
    return any("worker" in name for one in codes for name in (*one.co_names, *one.co_varnames))


def _sampler(loader: DataLoader[Any]) -> Any:
    batch_sampler: Any = loader.batch_sampler
    if loader.batch_size is None and isinstance(batch_sampler, BatchSampler):
        return batch_sampler.sampler
    return loader.sampler


def _order(sampler: Any, held: int | None) -> list[Step]:
    """What the sampler does to the order: nothing, a shuffle over all, or its own thing."""
    drawn = _length(sampler)
    settings: dict[str, Setting] = {"buffer_size": drawn}
    if (
        isinstance(sampler, SequentialSampler)
        or type(sampler).__name__ == "_InfiniteConstantSampler"
    ):
        return []
    if isinstance(sampler, DistributedSampler):
        shard: dict[str, Setting] = {"num_shards": sampler.num_replicas, "index": sampler.rank}
        steps = [_step("shard", "sampler", sampler, shard, held)]
        if sampler.shuffle:
            # It draws the same order each epoch unless set_epoch was called.
            settings |= {"seed": sampler.seed, "epoch": sampler.epoch}
            steps.append(_step("shuffle", "sampler", sampler, settings, drawn))
        return steps
    if isinstance(sampler, RandomSampler | WeightedRandomSampler):
        settings |= {"replacement": sampler.replacement, "num_samples": drawn}
        return [_step("shuffle", "sampler", sampler, settings, held)]
    if isinstance(sampler, SubsetRandomSampler):
        return [_step("shuffle", "sampler", sampler, settings, drawn)]
    return [_step("other", "sampler", sampler, {}, held)]
