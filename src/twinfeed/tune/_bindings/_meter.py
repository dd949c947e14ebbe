"""A pipeline of ``tf.data`` under the watch: how fast it gives, and what each step costs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
import xxhash

from twinfeed.tune._reader import Reader, guarded

_ASK_S = 0.03
_OURS = 3
"""Nodes that the watching adds at the end: the root, a prefetch, a repeat."""


class Runner(Reader):
    """Reads a dataset in turns.

    Args:
        dataset: The ``tf.data.Dataset``.
    """

    def __init__(self, dataset: Any) -> None:
        endless = int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY
        super().__init__(dataset.__iter__, endless=endless)


@dataclass(frozen=True, slots=True)
class Measured:
    """One node of a running pipeline, as TensorFlow accounts for it.

    Attributes:
        name: Its kind: ``"ParallelMapV2"``.
        elements: Elements that left it.
        seconds: Time spent in it alone, over all threads.
        bytes_out: Bytes of an element that left it.
    """

    name: str
    elements: int
    seconds: float
    bytes_out: float


def nodes_of(dataset: Any, seconds: float) -> list[Measured]:
    """What each step of a pipeline costs while it runs, the last step first.

    Steps are kept apart for this: TensorFlow would fuse some of them.

    Args:
        dataset: The dataset.
        seconds: How long it is run.
    """
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = True
    # TensorFlow keeps accounts only where there is something that it may tune.
    watched = dataset.repeat().prefetch(tf.data.AUTOTUNE)
    iterator = iter(watched.with_options(options))
    begin = time.perf_counter()
    asked, told = 0.0, list[list[Measured]]()
    for _ in guarded(iterator):
        now = time.perf_counter()
        if now - asked > _ASK_S:
            model, asked = _model(iterator), now
            if model is not None:
                told.append(_chain(model))
        if now - begin > seconds:
            break
    return _typical(told)


def _typical(told: list[list[Measured]]) -> list[Measured]:
    """Of several accounts those that saw most, step by step the median of these.

    What has ended is forgotten, so an account in the middle of an epoch is fuller than one at its
    begin. The longest one would be that in which the machine was busy with something else.
    """
    steps = max((len(one) for one in told), default=0)
    whole = [one for one in told if len(one) == steps]
    most = max((sum(node.elements for node in one) for one in whole), default=0)
    full = [one for one in whole if sum(node.elements for node in one) >= most / 2]
    found: list[Measured] = []
    for nodes in zip(*full, strict=True):
        by_element = [node.seconds / max(1, node.elements) for node in nodes]
        fullest = max(nodes, key=lambda node: node.elements)
        spent = float(np.median(by_element)) * max(1, fullest.elements)
        found.append(replace(fullest, seconds=spent))
    return found


def _chain(model: Any) -> list[Measured]:
    found: list[Measured] = []
    node = model.nodes.get(model.output)
    while node is not None:
        count = max(1, node.num_elements)
        found.append(
            Measured(
                name=node.name,
                elements=node.num_elements,
                # What a step makes inside, as a generator or an interleave's files, is its work.
                seconds=(node.processing_time + _below_ns(model, node.inputs[1:])) / 1e9,
                bytes_out=node.bytes_produced / count,
            )
        )
        node = model.nodes.get(node.inputs[0]) if node.inputs else None
    return found[_OURS:]


def _below_ns(model: Any, inputs: Iterable[int]) -> int:
    """Time in nodes and in all that they rest on."""
    found = [model.nodes[number] for number in inputs if number in model.nodes]
    return sum(node.processing_time + _below_ns(model, node.inputs) for node in found)


def _model(iterator: Any) -> Any:
    try:
        return tf.data.experimental.get_model_proto(iterator)
    except (tf.errors.OpError, ValueError):
        return None


def bytes_of(dataset: Any, *, most: int, seconds: float) -> tuple[float, int]:
    """Mean bytes of an element, and how many were read for it."""
    end = time.perf_counter() + seconds
    total, count = 0, 0
    for element in guarded(dataset.take(most)):
        total += sum(_nbytes(leaf) for leaf in tf.nest.flatten(element, expand_composites=True))
        count += 1
        if time.perf_counter() > end:
            break
    return (total / count if count else 0.0), count


def is_same(left: Any, right: Any, *, most: int, seconds: float) -> bool:
    """Whether two datasets give the same elements, bit by bit, as far as they are read."""
    end = time.perf_counter() + seconds
    for count, (a, b) in enumerate(zip(_prints(left, most), _prints(right, most), strict=False)):
        if a != b:
            return False
        if time.perf_counter() > end and count:
            break
    return left.element_spec == right.element_spec


def _prints(dataset: Any, most: int) -> Iterator[tuple[int, ...]]:
    for element in dataset.take(most):
        yield tuple(
            _print(np.asarray(leaf.numpy()))
            for leaf in tf.nest.flatten(element, expand_composites=True)
        )


def _print(array: Any) -> int:
    if array.dtype == object:
        return xxhash.xxh3_64_intdigest(repr(array.tolist()).encode())
    return xxhash.xxh3_64_intdigest(
        np.ascontiguousarray(array).tobytes() + str(array.shape).encode()
    )


def _nbytes(leaf: Any) -> int:
    if leaf.dtype == tf.string:
        return sum(len(text) for text in np.ravel(leaf.numpy()).tolist())
    return int(leaf.shape.num_elements() or 0) * leaf.dtype.size


def examples_in(dataset: Any) -> int:
    """Examples in the first element: its first axis, or 1 where it has none."""
    for element in guarded(dataset.take(1)):
        for leaf in tf.nest.flatten(element, expand_composites=True):
            if leaf.shape.rank:
                return int(leaf.shape[0])
    return 1
