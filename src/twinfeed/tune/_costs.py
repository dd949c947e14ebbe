"""From what TensorFlow counts to what each step costs, and what the machine allows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from twinfeed.graph.recipe import Recipe, Stage
from twinfeed.tune.outcome import Cost

_TOKENS = {"flat_map": "flatmap", "padded_batch": "paddedbatch", "take_while": "takewhile"}
_READERS = ("TFRecordDataset", "TextLineDataset", "FixedLengthRecordDataset", "ReadFile")
_NOTHING_S = 1e-9
_COPIED_BYTES = 64 << 20


class Node(Protocol):
    """What is known of one node of a running pipeline."""

    @property
    def name(self) -> str: ...
    @property
    def elements(self) -> int: ...
    @property
    def seconds(self) -> float: ...


def seconds_per_example(
    recipe: Recipe, nodes: Sequence[Node], sizes: Sequence[int]
) -> tuple[float, ...]:
    """Time spent in each stage alone, per example that leaves it.

    Args:
        recipe: The pipeline.
        nodes: What was measured, the last step first.
        sizes: Examples in an element that leaves each stage, shape ``(stages,)``.
    """
    found = [0.0] * len(recipe.stages)
    at = len(recipe.stages) - 1
    tokens = [_TOKENS.get(stage.verb, stage.verb) for stage in recipe.stages]
    for node in nodes:
        name = node.name.lower()
        place = next((number for number in range(at, 0, -1) if tokens[number] in name), None)
        if place is not None:
            at = place - 1
        elif node is nodes[-1] or (at == 0 and tokens[min(1, len(tokens) - 1)] not in name):
            place = 0  # the source, of which TensorFlow makes several nodes
        else:
            place = min(at + 1, len(tokens) - 1)  # an inner part of the stage behind it
        found[place] += node.seconds / max(1, node.elements) / sizes[place]
    return tuple(found)


def costs(recipe: Recipe, spent: Sequence[float], cores: int) -> tuple[Cost, ...]:
    """The stages that cost something, the dearest first."""
    total = sum(spent) or _NOTHING_S
    found: list[Cost] = []
    for number, (stage, seconds) in enumerate(zip(recipe.stages, spent, strict=True)):
        if seconds <= _NOTHING_S:
            continue
        resource = resource_of(stage)
        many = 1 if resource == "python" else cores
        found.append(
            Cost(
                step=f"{_named(stage)}, step {number + 1} of {len(recipe.stages)}",
                resource=resource,
                ms_per_example=seconds * 1e3,
                share=seconds / total,
                ceiling=calls(stage, cores) / seconds,
                ceiling_on_all_cores=many / seconds,
            )
        )
    return tuple(sorted(found, key=lambda cost: -cost.ms_per_example))


def calls(stage: Stage, cores: int) -> int:
    """Cores that a stage can use as it is written."""
    if not stage.is_parallel or stage.python:
        return 1
    wanted = stage.integer("num_parallel_calls") or 1
    return cores if wanted < 0 else min(wanted, cores)


def resource_of(stage: Stage) -> str:
    """What a stage uses up."""
    if stage.python:
        return "python"
    if stage.kind == "decode":
        return "decode"
    if any(op.startswith(_READERS) for op in (stage.verb, stage.function, *stage.ops)):
        return "disk"
    if stage.kind == "source":
        return "source"
    if stage.verb in {"map", "filter", "flat_map", "interleave"}:
        return "map"
    return "memory" if stage.verb in {"batch", "padded_batch", "cache"} else "order"


def ceilings(
    recipe: Recipe, spent: Sequence[float], cores: int, example_bytes: float
) -> Mapping[str, float]:
    """Examples per second that each resource allows if it alone were the limit."""
    by: dict[str, float] = {}
    for stage, seconds in zip(recipe.stages, spent, strict=True):
        by[resource_of(stage)] = by.get(resource_of(stage), 0.0) + seconds
    found = {
        name: (1 if name == "python" else cores) / seconds
        for name, seconds in by.items()
        if seconds > _NOTHING_S and name != "order"
    }
    if example_bytes > 0:
        found["memory"] = _copy_bytes_per_s() / example_bytes
    total = sum(spent)
    if total > _NOTHING_S:
        found["all cores busy"] = cores / total
    return found


def _copy_bytes_per_s() -> float:
    """What one core copies, measured."""
    source = np.zeros(_COPIED_BYTES, np.uint8)
    target = np.empty_like(source)
    best = 0.0
    for _ in range(3):
        begin = time.perf_counter()
        np.copyto(target, source)
        best = max(best, _COPIED_BYTES / max(time.perf_counter() - begin, _NOTHING_S))
    return best


def _named(stage: Stage) -> str:
    return f"{stage.verb}({stage.function})" if stage.function else stage.verb
