"""A cache is offered only behind what is the same in every epoch."""

from __future__ import annotations

from typing import Any

import pytest

from twinfeed.graph.caching import cache_places
from twinfeed.graph.editing import open_chain
from twinfeed.graph.recipe import Recipe


def pipelines(tf: Any) -> dict[str, Any]:
    rows, data = tf.data.Dataset.range, tf.data.Dataset
    halves = [rows(0, 40).map(lambda x: x + 1), rows(100, 140)]
    seen = tf.Variable(0, dtype=tf.int64)
    mixed = [halves[0].shuffle(40), halves[1]]
    return {
        "a zip": data.zip((rows(40).map(lambda x: x + 1), rows(40))),
        "a zip beside a shuffle": data.zip((rows(40).map(lambda x: x + 1), rows(40).shuffle(40))),
        "a zip beside a map that draws": data.zip(
            (rows(40), rows(40).map(lambda _: tf.random.uniform(())))
        ),
        "an end that is shuffled": halves[0].concatenate(rows(40).shuffle(40)),
        "files opened in order": rows(4).interleave(lambda _: rows(20)),
        "files that are each shuffled": rows(4).interleave(lambda _: rows(20).shuffle(20)),
        "a choice of shuffled sets": data.choose_from_datasets(mixed, rows(2).repeat(30)),
        "a sample drawn again": data.sample_from_datasets(
            halves, [0.5, 0.5], rerandomize_each_iteration=True
        ),
        "numbers without a seed": data.random().take(40),
        "a map that counts": rows(40).map(lambda x: x + seen.assign_add(1)),
        "a filter that draws": rows(40).filter(lambda _: tf.random.uniform(()) > 0.5),
        "windows": rows(40).window(4).flat_map(lambda one: one.batch(4)),
    }


FIXED = ("a zip", "files opened in order", "numbers without a seed", "windows")
FRESH = (
    "a zip beside a shuffle", "a zip beside a map that draws", "an end that is shuffled",
    "files that are each shuffled", "a choice of shuffled sets", "a sample drawn again",
    "a filter that draws", "a map that counts",
)  # fmt: skip


def chain_of(dataset: Any) -> Any:
    chain = open_chain(dataset.map(lambda *parts: parts[-1]).batch(8))
    assert not isinstance(chain, str)
    return chain


def epoch(dataset: Any) -> list[str]:
    return [str(element) for element in dataset.as_numpy_iterator()]


@pytest.mark.parametrize("name", FIXED)
def test_there_are_places_behind_what_repeats_itself(tf: Any, name: str) -> None:
    assert cache_places(chain_of(pipelines(tf)[name]).recipe)


@pytest.mark.parametrize("name", [*FIXED, *FRESH])
def test_what_stands_in_front_of_a_place_is_the_same_each_epoch(tf: Any, name: str) -> None:
    chain = chain_of(pipelines(tf)[name])
    whole = chain.build(chain.recipe)
    assert (epoch(whole) == epoch(whole)) == (name in FIXED)
    places = cache_places(chain.recipe)
    assert (len(chain.recipe.stages) in places) == (name in FIXED)
    for place in places:
        front = chain.build(Recipe(chain.recipe.stages[:place]))
        assert epoch(front) == epoch(front)
