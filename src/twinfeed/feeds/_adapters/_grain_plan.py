"""The steps of a Grain pipeline, read from its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grain

from twinfeed._core.plan import Plan, Setting, Step, StepKind
from twinfeed.feeds._adapters._grain_chain import nodes, parents
from twinfeed.feeds._held_files import folder_of_held_files

LIBRARY = "grain"
ENDLESS = 2**44
"""Grain repeats for ever as ``sys.maxsize``, and batches of that as a part of it."""

_KINDS: dict[str, StepKind] = {
    "SourceMapDataset": "source",
    "RangeMapDataset": "source",
    "ParquetIterDataset": "source",
    "TFRecordIterDataset": "source",
    "MapMapDataset": "map",
    "MapIterDataset": "map",
    "MapWithIndexMapDataset": "map",
    "MapWithIndexIterDataset": "map",
    "RandomMapMapDataset": "augment",
    "RandomMapIterDataset": "augment",
    "ShuffleMapDataset": "shuffle",
    "WindowShuffleMapDataset": "shuffle",
    "WindowShuffleIterDataset": "shuffle",
    "BatchMapDataset": "batch",
    "BatchIterDataset": "batch",
    "RepeatMapDataset": "repeat",
    "RepeatIterDataset": "repeat",
    "CacheIterDataset": "cache",
    "LimitIterDataset": "take",
    "PrefetchIterDataset": "prefetch",
    "ThreadPrefetchIterDataset": "prefetch",
}
_SILENT = {
    "_WithSeedMapDataset",
    "_WithSeedIterDataset",
    "WithOptionsIterDataset",
    "_OutputIterDataset",
    "_MpContextIterDataset",
    "_DataLoaderStateIterDataset",
    "_DataLoaderPipelineMarkerIterDataset",
}
# What ``mp_prefetch`` is made of: the interleaving of the workers stands for all of it.
_UNSAID = _SILENT | {"_LazyWorkerSliceIterDataset", "ProcessPrefetchIterDataset"}
_SETTINGS = {
    "_seed": "seed",
    "_window_size": "buffer_size",
    "_batch_size": "batch_size",
    "_drop_remainder": "drop_remainder",
    "_num_epochs": "count",
    "_reseed_each_epoch": "reseed_each_epoch",
    "_count": "count",
    "_prefetch_buffer_size": "buffer_size",
    "_buffer_size": "buffer_size",
    "_cycle_length": "cycle_length",
    "_start": "start",
    "_stop": "stop",
    "_step": "step",
}


def is_infinite(pipeline: Any, chain: Any) -> bool:
    """Whether an epoch never ends."""
    if isinstance(pipeline, grain.DataLoader):
        return (_length(pipeline._sampler) or 0) > ENDLESS
    if isinstance(chain, grain.MapDataset):
        return len(chain) > ENDLESS
    # Only a limit ends what repeats without one.
    kinds = [(type(node).__name__, node) for node in nodes(chain)]
    if any(name == "LimitIterDataset" for name, _ in kinds):
        return False
    repeats = (node for name, node in kinds if _KINDS.get(name) == "repeat")
    return any(node._num_epochs is None for node in repeats)


def examples_of(pipeline: Any, chain: Any) -> int | None:
    """Examples in one epoch, where nothing on the way can drop or add any."""
    if isinstance(pipeline, grain.DataLoader):
        return None  # its operations may filter, and its shards may be of unequal length
    return _examples(chain)


def _examples(node: Any) -> int | None:
    name, before = type(node).__name__, parents(node)
    if not before:
        return _length(node)
    if name in {"BatchMapDataset", "BatchIterDataset"} and node._drop_remainder:
        count = _examples(before[0])
        return None if count is None else count // node._batch_size * node._batch_size
    if isinstance(node, grain.MapDataset) and not _is_batched(node) and name not in _DROPPING:
        return _finite(_length(node))
    kind = _KINDS.get(name)
    if name in _SILENT or kind in {"map", "augment", "shuffle", "batch", "cache", "prefetch"}:
        return _examples(before[0])
    return None


_DROPPING = {"FilterMapDataset", "FlatMapMapDataset"}


def _is_batched(node: Any) -> bool:
    return any(_KINDS.get(type(found).__name__) == "batch" for found in nodes(node))


def _length(sized: Any) -> int | None:
    try:
        return len(sized)
    except (TypeError, NotImplementedError):
        return None


def _finite(length: int | None) -> int | None:
    return None if length is None or length > ENDLESS else length


def plan_of(pipeline: Any, chain: Any) -> Plan:
    """The plan: along the first input where several are joined, which is its own step."""
    if isinstance(pipeline, grain.DataLoader):
        return Plan(tuple(_loader_steps(pipeline)), library=LIBRARY)
    line = [chain]
    while parents(line[-1]):
        line.append(parents(line[-1])[0])
    steps = [_step(node) for node in reversed(line) if type(node).__name__ not in _UNSAID]
    return Plan(tuple(steps), library=LIBRARY)


def _step(node: Any) -> Step:
    name, before = type(node).__name__, parents(node)
    kind = _KINDS.get(name, "other")
    if name == "SliceMapDataset":
        kind = "shard" if node._step != 1 else "take"
    settings: dict[str, Setting] = {
        label: value
        for attribute, label in _SETTINGS.items()
        if isinstance(value := getattr(node, attribute, None), int | float | str)
    }
    reaching = _examples(before[0]) if before else _finite(_length(node))
    calls = 1
    if name == "ShuffleMapDataset":
        # The order is a function of the seed and the number of the epoch.
        settings["buffer_size"] = _finite(_length(before[0]))
        if _is_batched(before[0]):
            settings["unit"] = "batches"
    if before and type(before[0]).__name__ == "ProcessPrefetchIterDataset":
        kind, calls = "prefetch", len(before)
        settings = {"num_workers": calls, "buffer_size": calls * before[0]._buffer_size}
    if name == "PrefetchIterDataset":
        options = node._read_options
        settings["buffer_size"], calls = options.prefetch_buffer_size, options.num_threads
    function = getattr(node, "_map_fn", getattr(node, "_filter_fn", None))
    if function is not None:
        settings["function"] = _name(function)
    if kind == "source":
        settings["python"] = True
        settings |= folder_of_held_files(getattr(node, "_source", node))
    return Step(
        kind=kind,
        where="mp_prefetch" if name == "InterleaveIterDataset" and kind == "prefetch" else name,
        name=name,
        settings=settings,
        examples_in=reaching,
        random=kind == "augment",
        parallel_calls=max(1, int(calls)),
    )


def _name(function: Any) -> str:
    owner = getattr(function, "__self__", None)
    if owner is not None:  # a transformation's method: the user knows its class
        return type(owner).__name__
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def _loader_steps(loader: Any) -> list[Step]:
    sampler, options = loader._sampler, loader._multiprocessing_options
    examples = _finite(_length(sampler))
    workers = int(options.num_workers)
    held = _length(loader._data_source)
    source: dict[str, Setting] = {"python": workers == 0, "num_workers": workers}
    source |= folder_of_held_files(loader._data_source)
    steps = [_of("source", "data_source", loader._data_source, source, held, calls=workers)]
    if getattr(sampler, "_shuffle", False):
        order: dict[str, Setting] = {
            "buffer_size": getattr(sampler, "_num_records", held),
            "seed": getattr(sampler, "_seed", None),
        }
        steps.append(_of("shuffle", "sampler", sampler, order, held))
    epochs = getattr(sampler, "_num_epochs", 1)
    if epochs != 1:
        steps.append(_of("repeat", "sampler", sampler, {"count": epochs}, held))
    shard = loader._shard_options
    if shard.shard_count > 1:
        part: dict[str, Setting] = {"num_shards": shard.shard_count, "index": shard.shard_index}
        steps.append(_of("shard", "shard_options", shard, part, examples))
        examples = None
    for operation in loader._operations:
        kind = next((kind for is_kind, kind in _OPERATIONS if is_kind(operation)), "other")
        settings: dict[str, Setting] = {}
        if kind == "batch":
            settings = {
                "batch_size": operation.batch_size,
                "drop_remainder": operation.drop_remainder,
            }
        steps.append(_of(kind, "operations", operation, settings, examples, calls=workers))
        if kind == "other":
            examples = None
    if workers:
        ahead: dict[str, Setting] = {"buffer_size": options.per_worker_buffer_size * workers}
        steps.append(_of("prefetch", "worker_count", loader, ahead, examples, calls=workers))
    return steps


_OPERATIONS: tuple[tuple[Callable[[Any], bool], StepKind], ...] = (
    (lambda item: isinstance(item, grain.transforms.Batch), "batch"),
    (lambda item: isinstance(item, grain.transforms.RandomMap), "augment"),
    (lambda item: isinstance(item, grain.transforms.Map), "map"),
)


def _of(
    kind: StepKind,
    where: str,
    what: Any,
    settings: dict[str, Setting],
    examples: int | None,
    *,
    calls: int = 1,
) -> Step:
    return Step(
        kind=kind,
        where=where,
        name=type(what).__name__,
        settings=settings,
        examples_in=examples,
        random=kind == "augment",
        parallel_calls=max(1, calls),
    )
