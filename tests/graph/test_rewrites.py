"""A rewritten dataset gives what the rewrite promises, and the user's dataset does not notice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed._core.finding import Safety
from twinfeed.graph.caching import cache_places
from twinfeed.graph.change import Change, Limits, Refusal
from twinfeed.graph.recipe import Recipe, Stage
from twinfeed.graph.rewrites import REWRITES, rewrite
from twinfeed.graph.written import code

COUNT = 24


def chain_of(dataset: Any) -> Any:
    from twinfeed.graph.editing import open_chain

    chain = open_chain(dataset)
    assert not isinstance(chain, str), chain
    return chain


def changed(name: str, dataset: Any, **limits: Any) -> tuple[Any, Change]:
    chain = chain_of(dataset)
    answer = rewrite(name, chain.recipe, Limits(**limits))
    assert isinstance(answer, Change), answer
    return chain.build(answer.recipe), answer


def refused(name: str, dataset: Any, **limits: Any) -> str:
    answer = rewrite(name, chain_of(dataset).recipe, Limits(**limits))
    assert isinstance(answer, Refusal), answer
    return answer.why


def epoch(dataset: Any) -> list[Any]:
    return [np.asarray(value).tolist() for value in dataset.as_numpy_iterator()]


def flat(dataset: Any) -> list[Any]:
    return [value for batch in epoch(dataset) for value in batch]


@pytest.fixture(scope="module")
def pictures(tf: Any) -> Any:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (COUNT, 4, 4, 3), dtype=np.uint8)
    return tf.data.Dataset.from_tensor_slices(images)


def verbs(recipe: Recipe) -> list[str]:
    return [stage.verb for stage in recipe.stages[1:]]


@pytest.mark.parametrize("name", ["parallel-map", "add-prefetch", "add-cache", "batch-before-map"])
def test_a_safe_rewrite_gives_the_same_batches_in_the_same_order(
    tf: Any, pictures: Any, name: str
) -> None:
    dataset = pictures.map(lambda x: tf.cast(x, tf.float32) / 255.0).batch(5)
    made, change = changed(name, dataset)
    assert change.safety is Safety.SAFE
    assert verbs(change.recipe) != verbs(chain_of(dataset).recipe) or "parallel" in name
    for _ in range(2):
        assert epoch(made) == epoch(dataset)
    assert made.element_spec == dataset.element_spec
    assert made.cardinality() == dataset.cardinality()


def test_a_map_wrapped_for_whole_batches_gives_the_same(tf: Any, pictures: Any) -> None:
    def centre(image: Any) -> Any:
        return image[1:3, 1:3]

    dataset = pictures.map(centre).batch(5)
    plain, _ = changed("batch-before-map", dataset)
    wrapped, change = changed("vectorised-map", dataset)
    assert epoch(wrapped) == epoch(dataset)
    assert epoch(plain) != epoch(dataset)  # which is why whoever applies it looks
    assert "lambda b: tf.vectorized_map(centre, b)" in code(change.recipe)


def test_a_cache_is_put_before_what_draws(tf: Any, pictures: Any) -> None:
    def noisy(x: Any) -> Any:
        return tf.cast(x, tf.float32) + tf.random.uniform([])

    dataset = pictures.map(lambda x: x[:2]).map(noisy).cache().batch(8)
    assert epoch(dataset) == epoch(dataset)
    made, change = changed("cache-before-random-map", dataset)
    assert change.safety is Safety.UNSAFE
    assert verbs(change.recipe) == ["map", "cache", "map", "batch"]
    assert epoch(made) != epoch(made)


def test_a_cache_goes_where_elements_are_small(tf: Any, pictures: Any) -> None:
    dataset = pictures.map(lambda x: tf.cast(x, tf.float32) / 255.0).cache().batch(8)
    made, change = changed("cache-as-uint8", dataset)
    assert verbs(change.recipe) == ["cache", "map", "batch"]
    assert change.safety is Safety.SAFE
    assert epoch(made) == epoch(dataset)
    assert "48 bytes and not 192" in change.said


def test_a_moved_cache_file_is_not_the_old_one(tf: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "kept")
    dataset = (
        tf.data.Dataset.range(COUNT)
        .map(lambda x: tf.cast(x, tf.float32) + tf.random.uniform([]))
        .cache(path)
    )
    epoch(dataset)
    made, _ = changed("cache-before-random-map", dataset)
    assert epoch(made) != epoch(made)
    assert sorted(int(value) for value in epoch(made)) == list(range(COUNT))


def test_dropping_a_cache_of_what_differs_is_not_safe(tf: Any) -> None:
    numbers = tf.data.Dataset.range(COUNT)
    assert changed("drop-cache", numbers.map(lambda x: x + 1).cache())[1].safety is Safety.SAFE
    made, change = changed("drop-cache", numbers.shuffle(COUNT).cache())
    assert change.safety is Safety.UNSAFE
    assert epoch(made) != epoch(made)


def test_a_shuffle_goes_before_the_batch_with_a_buffer_of_examples(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).batch(4).shuffle(6, seed=2)
    made, change = changed("shuffle-before-batch", dataset)
    assert code(change.recipe).split() == (
        [
            "ds",
            "=",
            "(",
            "source",
            "#",
            "as",
            "you",
            "have",
            "it:",
            "range",
            ".shuffle(24,",
            "seed=2)",
            "#",
            "changed",
            ".batch(4)",
            ")",
        ]
    )
    assert sorted(flat(made)) == list(range(COUNT))
    assert any(max(batch) - min(batch) > 3 for batch in epoch(made))


def test_a_shuffle_of_names_draws_the_order_that_it_drew_of_pictures(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).map(lambda x: x * 2).shuffle(7, seed=5).batch(4)
    made, change = changed("shuffle-before-map", dataset)
    assert change.safety is Safety.SAFE
    for _ in range(2):
        assert epoch(made) == epoch(dataset)


def test_a_shuffle_of_pictures_draws_the_order_that_it_drew_of_names(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).shuffle(7, seed=5).map(lambda x: x * 2).batch(4)
    made, change = changed("shuffle-behind-map", dataset)
    assert verbs(change.recipe) == ["map", "shuffle", "batch"]
    for _ in range(2):
        assert epoch(made) == epoch(dataset)


def test_a_shuffle_does_not_cross_a_cache(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).map(lambda x: x * 2).cache().shuffle(7)
    assert "no map" in refused("shuffle-before-map", dataset)


@pytest.mark.parametrize(
    ("name", "build", "verbs_then"),
    [
        ("shuffle-before-repeat", lambda ds: ds.repeat(2).shuffle(9), ["shuffle", "repeat"]),
        ("shuffle-before-take", lambda ds: ds.take(9).shuffle(9), ["shuffle", "take"]),
        ("shard-first", lambda ds: ds.shuffle(9).shard(2, 0), ["shard", "shuffle"]),
        ("drop-repeat", lambda ds: ds.shuffle(9).repeat(), ["shuffle"]),
    ],
)
def test_steps_change_places(
    tf: Any, name: str, build: Callable[[Any], Any], verbs_then: list[str]
) -> None:
    made, change = changed(name, build(tf.data.Dataset.range(COUNT)))
    assert verbs(change.recipe) == verbs_then
    assert change.safety is Safety.UNSAFE
    assert set(epoch(made)) <= set(range(COUNT))


def test_a_buffer_covers_the_data_within_the_memory(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).shuffle(3)
    assert (
        chain_of(changed("buffer-size", dataset)[0]).recipe.stages[1].integer("buffer_size") == 24
    )
    _, less = changed("buffer-size", dataset, memory_bytes=80)
    assert less.recipe.stages[1].integer("buffer_size") == 10
    assert "does not fit" in refused("buffer-size", dataset, memory_bytes=24)


def test_order_each_epoch_is_set(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).shuffle(COUNT, reshuffle_each_iteration=False)
    assert epoch(dataset) == epoch(dataset)
    made, _ = changed("reshuffle-each-iteration", dataset)
    assert epoch(made) != epoch(made)
    again, _ = changed("shuffle-once", made)
    assert epoch(again) == epoch(again)


def test_parallel_steps_keep_order_or_need_not(tf: Any) -> None:
    dataset = tf.data.Dataset.range(4).interleave(
        lambda x: tf.data.Dataset.from_tensors(x).repeat(3), cycle_length=2
    )
    made, change = changed("interleave-parallel", dataset, cores=2)
    assert change.safety is Safety.SAFE
    assert epoch(made) == epoch(dataset)
    loose, change = changed("any-order", made)
    assert change.safety is Safety.UNSAFE
    assert "deterministic=False" in code(change.recipe)
    strict, _ = changed("deterministic", loose)
    assert epoch(strict) == epoch(dataset)


def test_options_that_hold_back_are_left_out(tf: Any) -> None:
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    options.deterministic = True
    dataset = tf.data.Dataset.range(COUNT).with_options(options).map(lambda x: x + 1)
    made, _ = changed("default-options", dataset)
    assert made.options().autotune.enabled is None
    assert made.options().threading.private_threadpool_size is None
    assert made.options().deterministic is True
    assert epoch(made) == epoch(dataset)


@pytest.mark.parametrize("seeded", [True, False])
def test_running_draws_in_parallel_costs_their_seed(tf: Any, seeded: bool) -> None:
    seed = 3 if seeded else None
    dataset = tf.data.Dataset.range(COUNT).map(
        lambda x: tf.cast(x, tf.float32) + tf.random.uniform([], seed=seed)
    )
    assert (changed("parallel-map", dataset)[1].safety is Safety.UNSAFE) is seeded


def test_generators_python_functions_and_tables_work(tf: Any) -> None:
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([7, 8], tf.int64)), -1
    )
    calls: list[int] = []

    def count() -> Any:
        calls.append(1)
        yield from ["a", "b", "c"]

    dataset = (
        tf.data.Dataset.from_generator(count, output_signature=tf.TensorSpec((), tf.string))
        .map(table.lookup)
        .map(lambda x: tf.numpy_function(lambda y: y + 1, [x], tf.int64))
    )
    made, change = changed("parallel-map", dataset)
    assert change.safety is Safety.UNSAFE  # two calls at once are for the user to allow
    assert not calls
    assert epoch(made) == epoch(dataset) == [8, 9, 0]
    assert "may give other examples" in refused("add-cache", dataset)


def test_variables_stay_the_users(tf: Any) -> None:
    by = tf.Variable(1, dtype=tf.int64)
    dataset = tf.data.Dataset.range(3).map(lambda x: x + by)
    made, _ = changed("add-prefetch", dataset)
    by.assign(10)
    assert epoch(made) == [10, 11, 12]


def test_the_users_shuffles_and_caches_do_not_move(tf: Any) -> None:
    def build() -> Any:
        return tf.data.Dataset.range(COUNT).cache().shuffle(COUNT, seed=1).map(lambda x: x)

    dataset, twin = build(), build()
    state = tf.random.get_global_generator().state.numpy().tolist()
    made, _ = changed("parallel-map", dataset)
    for _ in range(3):
        epoch(made)
    assert epoch(dataset) == epoch(twin)
    assert tf.random.get_global_generator().state.numpy().tolist() == state


def test_a_zip_follows_what_is_more_than_a_counter(tf: Any) -> None:
    labels = tf.data.Dataset.range(COUNT).shuffle(4, seed=1)
    dataset = tf.data.Dataset.zip((tf.data.Dataset.range(COUNT).map(lambda x: -x), labels)).batch(3)
    made, _ = changed("parallel-map", dataset)
    twice = [
        [pair for batch in one.as_numpy_iterator() for pair in batch[1]] for one in (made, dataset)
    ]
    assert twice[0] == twice[1]


def test_a_step_that_two_branches_share_stays_one(tf: Any) -> None:
    shared = tf.data.Dataset.range(COUNT).shuffle(COUNT)
    dataset = tf.data.Dataset.zip((shared.map(lambda x: x), shared))
    from twinfeed.graph.editing import open_chain

    assert "nothing to change" in str(open_chain(dataset))


def test_memory_of_any_size_stays_where_it_is(tf: Any) -> None:
    values = tf.zeros([COUNT, 1000])
    dataset = tf.data.Dataset.from_tensor_slices(values).map(lambda x: x + 1).batch(2)
    chain = chain_of(dataset)
    made = chain.build(chain.recipe)
    assert chain.parts[0] is dataset._input_dataset._input_dataset
    assert made._input_dataset._input_dataset is chain.parts[0]


def test_places_for_a_cache_end_at_the_first_draw() -> None:
    stages = (
        Stage(kind="source", verb="from_tensor_slices"),
        Stage(kind="decode", verb="map"),
        Stage(kind="map", verb="map"),
        Stage(kind="shuffle", verb="shuffle"),
        Stage(kind="map", verb="map"),
    )
    assert cache_places(Recipe(stages)) == [2, 3]


def test_every_rewrite_refuses_where_it_has_nothing_to_do(tf: Any) -> None:
    recipe = chain_of(tf.data.Dataset.range(3).batch(2).prefetch(1)).recipe
    idle = {name for name in REWRITES if isinstance(rewrite(name, recipe), Refusal)}
    assert idle == set(REWRITES) - {"add-cache", "parallel-batch"}
    assert isinstance(rewrite("no-such-thing", recipe), Refusal)


@pytest.mark.parametrize(
    ("build", "verbs_then"),
    [
        (lambda ds: ds.cache().map(lambda x: x + 1).take(5), ["map", "take", "cache"]),
        (lambda ds: ds.map(lambda x: x + 1).repeat(2).cache(), ["map", "cache", "repeat"]),
    ],
)
def test_a_cache_goes_where_it_is_read_to_its_end(
    tf: Any, build: Callable[[Any], Any], verbs_then: list[str]
) -> None:
    dataset = build(tf.data.Dataset.range(COUNT))
    made, change = changed("move-cache", dataset)
    assert verbs(change.recipe) == verbs_then
    assert change.safety is Safety.SAFE
    assert epoch(made) == epoch(dataset)


def test_a_cache_freezes_nothing_that_was_fresh(tf: Any) -> None:
    dataset = tf.data.Dataset.range(COUNT).cache().shuffle(4).take(5)
    assert "stands before the take" in refused("move-cache", dataset)
