"""The code of a rewritten pipeline runs as it is printed, and feeds what the rewritten one feeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from twinfeed.graph.change import Change, Limits
from twinfeed.graph.editing import open_chain
from twinfeed.graph.rewrites import rewrite
from twinfeed.graph.written import code

COUNT = 24


def rewritten(dataset: Any, *names: str) -> tuple[Any, Any]:
    """The chain of a dataset, and its recipe after some rewrites."""
    chain = open_chain(dataset)
    assert not isinstance(chain, str), chain
    recipe = chain.recipe
    for name in names:
        change = rewrite(name, recipe, Limits(cores=2))
        assert isinstance(change, Change), (name, change)
        recipe = change.recipe
    return chain, recipe


def elements(tf: Any, dataset: Any) -> list[list[Any]]:
    return [
        [np.asarray(leaf.numpy()).tolist() for leaf in tf.nest.flatten(element)]
        for element in dataset
    ]


def halved(x: Any) -> Any:
    return x / 2


def by_name(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    return numbers.map(halved).shuffle(5, seed=3).batch(4), {"halved": halved}


def by_lambda(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    made = numbers.map(lambda x: (x, x + 1)).map(lambda x, y: x * y)
    return made.filter(lambda x: x > 3).batch(4, drop_remainder=True), {}


def padded(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    made = numbers.map(lambda x: tf.range(tf.cast(x, tf.int64) % 5))
    return made.padded_batch(4, padded_shapes=[7], padding_values=np.int64(-1)), {}


def zipped(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    labels = tf.data.Dataset.range(COUNT)
    made = tf.data.Dataset.zip((numbers.map(halved), labels)).map(lambda x, y: (x, y + 1))
    return made.batch(4), {"halved": halved, "other": labels}


def nested(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    made = numbers.interleave(
        lambda x: tf.data.Dataset.from_tensors(x).repeat(2), cycle_length=2, block_length=1
    )
    return made.map(halved).batch(4), {"halved": halved}


def held_back(tf: Any, numbers: Any) -> tuple[Any, dict[str, Any]]:
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    options.experimental_optimization.noop_elimination = True
    return numbers.map(halved).batch(4).with_options(options), {"halved": halved}


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (by_name, ["shuffle-before-map", "parallel-map", "parallel-batch", "add-prefetch"]),
        (by_lambda, ["parallel-map", "add-prefetch"]),
        (by_name, ["shuffle-before-map", "add-prefetch"]),
        (zipped, ["add-cache", "parallel-map"]),
        (by_name, ["batch-before-map"]),
        (padded, ["parallel-map", "add-prefetch"]),
        (zipped, ["vectorised-map"]),
        (zipped, ["batch-before-map", "parallel-map"]),
        (nested, ["interleave-parallel", "vectorised-map"]),
        (held_back, ["default-options", "add-prefetch"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "-".join(value),
)
def test_printed_code_runs_and_feeds_the_same(
    tf: Any, make: Callable[..., Any], names: list[str]
) -> None:
    numbers = tf.data.Dataset.from_tensor_slices(np.arange(COUNT, dtype=np.float32))
    dataset, own = make(tf, numbers)
    if make is by_name and names == ["batch-before-map"]:
        dataset = numbers.map(halved).batch(4)
    chain, recipe = rewritten(dataset, *names)
    text = code(recipe)
    scope = {"tf": tf, "source": numbers, **own}
    exec(text, scope)
    built = chain.build(recipe)
    assert scope["ds"].element_spec == built.element_spec, text
    assert elements(tf, scope["ds"]) == elements(tf, built), text


def test_a_cache_of_bytes_is_printed_where_it_stands(tf: Any) -> None:
    pictures = tf.data.Dataset.from_tensor_slices(np.arange(48, dtype=np.uint8).reshape(4, 2, 2, 3))
    dataset = pictures.map(lambda x: tf.cast(x, tf.float32) / 255.0).cache().batch(2)
    _, recipe = rewritten(dataset, "cache-as-uint8")
    text = code(recipe)
    assert text.index(".cache()") < text.index(".map(lambda x: tf.cast(x, tf.float32) / 255.0)")
    scope = {"tf": tf, "source": pictures}
    exec(text, scope)
    assert elements(tf, scope["ds"]) == elements(tf, dataset)


def test_lambdas_of_one_line_are_told_apart(tf: Any) -> None:
    numbers = tf.data.Dataset.range(COUNT)
    dataset = numbers.map(lambda x: x + 1).map(lambda x: x * 2)
    _, recipe = rewritten(dataset)
    assert ".map(lambda x: x + 1)\n    .map(lambda x: x * 2)" in code(recipe)
    there, here = (lambda x: x + 1), (lambda x: x * 2)
    assert ".map(lambda x: x * 2)" in code(rewritten(numbers.map(here))[1])
    assert ".map(lambda x: x + 1)" in code(rewritten(numbers.map(there))[1])
