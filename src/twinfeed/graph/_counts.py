"""How many examples leave each dataset of a graph in one epoch.

TensorFlow counts elements: behind a batch these are batches. Examples are counted here, so
that a shuffle of 10 batches of 32 is known to mix 320 examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from twinfeed.graph._functions import facts
from twinfeed.graph._kinds import kind_of
from twinfeed.graph.network import INFINITE, Network, Node


@dataclass(frozen=True, slots=True)
class Count:
    """What leaves one dataset in one epoch.

    Attributes:
        examples: Examples; ``None`` if unknown or infinite.
        size: Examples in a full element: 1, or the batch size; ``None`` if it varies.
        elements: Elements, as TensorFlow counts them.
    """

    examples: int | None
    size: int | None
    elements: int


def count(network: Network) -> dict[str, Count]:
    """The count of every dataset, by name."""
    counts: dict[str, Count] = {}
    packs = packing(network)
    for node in network.inputs_first():
        before = [counts[name] for name in node.before]
        if node.name in packs:
            counts[node.name] = Count(
                node.elements if node.elements >= 0 else None, 1, node.elements
            )
        else:
            counts[node.name] = _count(network, node, before)
    return counts


def packing(network: Network) -> frozenset[str]:
    """The batches that make one example of several elements: what leaves them is batched again."""
    packs: set[str] = set()
    again: set[str] = set()
    for node in reversed(list(network.inputs_first())):
        batches = node.op == "MapAndBatchDataset" or kind_of(node.op) == "batch"
        opens = bool(node.functions) and kind_of(node.op) == "other" and node.op != "FilterDataset"
        if opens or node.op.startswith("RebatchDataset") or node.op == "UnbatchDataset":
            continue  # what came in is cut anew
        if batches and node.name in again:
            packs.add(node.name)
        if batches or node.name in again:
            again.update(node.before)
    return frozenset(packs)


def _count(network: Network, node: Node, before: list[Count]) -> Count:
    if node.op == "TensorDataset":  # one element, also inside a function, where nobody counted
        return Count(1, 1, 1)
    if not before:
        return Count(node.elements if node.elements >= 0 else None, 1, node.elements)
    main = before[0]
    rule = _RULES.get(node.op)
    if rule is not None:
        examples, size = rule(node, before)
    elif kind_of(node.op) == "batch" or node.op == "MapAndBatchDataset":
        examples, size = _batch(node, main)
    elif node.functions and kind_of(node.op) == "other":
        examples, size = _opened(network, node, main)
    else:
        examples, size = _same(node, before)
    return Count(None if node.elements == INFINITE else examples, size, node.elements)


def _batch(node: Node, main: Count) -> tuple[int | None, int | None]:
    per_batch = node.settings.get("batch_size")
    if isinstance(per_batch, bool) or not isinstance(per_batch, int) or main.size is None:
        return main.examples, None
    size = main.size * per_batch
    if node.settings.get("drop_remainder"):
        return (node.elements * size if node.elements >= 0 else None), size
    return main.examples, size


def _opened(network: Network, node: Node, main: Count) -> tuple[int | None, int | None]:
    """Elements come out of datasets that a function builds."""
    if main.elements >= 0 and _stacks_windows(network, node):
        return main.elements, 1
    batched = any(kind_of(op) == "batch" for op in facts(network, node.functions).datasets)
    examples = node.elements if node.elements >= 0 and not batched else None
    return examples, None if batched else 1


def _stacks_windows(network: Network, node: Node) -> bool:
    """Whether each window becomes one example: all that its function does is to batch it whole."""
    window = network.nodes[node.before[0]]
    size = window.settings.get("size")
    inner = network.inner.get(node.functions[0]) if len(node.functions) == 1 else None
    if window.op != "WindowDataset" or inner is None or not isinstance(size, int):
        return False
    inside = list(inner.inputs_first())
    batches = [one for one in inside if kind_of(one.op) == "batch"]
    widths = [one.settings.get("batch_size") for one in batches]
    rest = {one.op for one in inside if one not in batches and one.before}
    whole = all(isinstance(width, int) and width >= size for width in widths)
    return bool(batches) and whole and rest <= {"ZipDataset"}


def _same(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    """As many as came in, unless TensorFlow says otherwise."""
    main = before[0]
    if node.elements < 0:
        return None, main.size
    if node.elements == main.elements:
        return main.examples, main.size
    return (node.elements if main.size == 1 else None), main.size


def _take(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    main, wanted = before[0], node.settings.get("count")
    if not isinstance(wanted, int) or main.size is None:
        return None, main.size
    if wanted < 0:
        return main.examples, main.size
    if main.elements == INFINITE:
        return wanted * main.size, main.size
    return (None if main.examples is None else min(main.examples, wanted * main.size)), main.size


def _skip(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    main, left_out = before[0], node.settings.get("count")
    if not isinstance(left_out, int) or main.size is None or main.examples is None:
        return None, main.size
    return (0 if left_out < 0 else max(0, main.examples - left_out * main.size)), main.size


def _repeat(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    main, times = before[0], node.settings.get("count")
    if not isinstance(times, int) or times < 0 or main.examples is None:
        return None, main.size
    return main.examples * times, main.size


def _shard(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    main = before[0]
    shards, index = node.settings.get("num_shards"), node.settings.get("index")
    if not isinstance(shards, int) or not isinstance(index, int) or shards < 1:
        return None, main.size
    if main.examples is None or main.size is None or node.elements < 0:
        return None, main.size
    missing = main.elements * main.size - main.examples  # the last batch may be short
    holds_last = main.elements > 0 and (main.elements - 1) % shards == index
    return node.elements * main.size - (missing if holds_last else 0), main.size


def _zip(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    known = [part.examples for part in before if part.examples is not None]
    sizes = {part.size for part in before if part.elements != INFINITE}
    size = sizes.pop() if len(sizes) == 1 else None
    if size == 1:
        return (node.elements if node.elements >= 0 else None), 1
    return (min(known) if known and node.elements >= 0 else None), size


def _concatenate(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    sizes = {part.size for part in before}
    examples = [part.examples for part in before if part.examples is not None]
    total = sum(examples) if len(examples) == len(before) else None
    return (total if node.elements >= 0 else None), sizes.pop() if len(sizes) == 1 else None


def _unbatch(node: Node, before: list[Count]) -> tuple[int | None, int | None]:
    main = before[0]
    batched = main.size is not None and main.size > 1
    return (main.examples if batched else node.elements if node.elements >= 0 else None), 1


def _unknown(_node: Node, _before: Iterable[Count]) -> tuple[int | None, int | None]:
    return None, None


_RULES: dict[str, Callable[[Node, list[Count]], tuple[int | None, int | None]]] = {
    "TakeDataset": _take,
    "SkipDataset": _skip,
    "RepeatDataset": _repeat,
    "ShuffleAndRepeatDataset": _repeat,
    "ShuffleAndRepeatDatasetV2": _repeat,
    "ShardDataset": _shard,
    "ZipDataset": _zip,
    "ConcatenateDataset": _concatenate,
    "UnbatchDataset": _unbatch,
    "WindowDataset": _unknown,
    "GroupByWindowDataset": _unknown,
}
