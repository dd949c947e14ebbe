"""A copy behaves as the dataset would, and the dataset does not notice it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def blueprint_of(dataset: Any) -> Any:
    from twinfeed.graph.copies import open_blueprint

    blueprint = open_blueprint(dataset)
    assert not isinstance(blueprint, str), blueprint
    return blueprint


def epoch(dataset: Any) -> list[Any]:
    return [np.asarray(value).tolist() for value in dataset.as_numpy_iterator()]


def shuffled(tf: Any, **arguments: Any) -> Any:
    return tf.data.Dataset.range(12).shuffle(12, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [{"seed": 1}, {"seed": 1, "reshuffle_each_iteration": False}],
    ids=["reshuffled", "one order"],
)
def test_a_seeded_copy_gives_the_epochs_that_the_dataset_will_give(
    tf: Any, arguments: dict[str, Any]
) -> None:
    dataset = shuffled(tf, **arguments)
    copy = blueprint_of(dataset).copy()
    copied = [epoch(copy.dataset) for _ in range(3)]
    assert [epoch(dataset) for _ in range(3)] == copied
    assert (copied[0] == copied[1]) is ("reshuffle_each_iteration" in arguments)


def test_every_copy_starts_at_the_first_epoch(tf: Any) -> None:
    dataset = shuffled(tf, seed=1)
    first = epoch(dataset)
    blueprint = blueprint_of(dataset)
    assert epoch(blueprint.copy().dataset) == first
    assert epoch(blueprint.copy().dataset) == first


def test_an_unseeded_copy_has_an_order_of_its_own_that_changes(tf: Any) -> None:
    dataset = tf.data.Dataset.range(100).shuffle(100)
    copy = blueprint_of(dataset).copy()
    orders = [epoch(copy.dataset) for _ in range(2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_with_a_global_seed_a_copy_draws_what_the_dataset_will_draw(
    tf: Any, set_seed: Callable[[int], None]
) -> None:
    set_seed(7)
    dataset = shuffled(tf).map(lambda x: tf.cast(x, tf.float32) + tf.random.uniform([]))
    drawn = tf.random.uniform([]).numpy()
    copy = blueprint_of(dataset).copy()
    copied = [epoch(copy.dataset) for _ in range(2)]
    after = tf.random.uniform([]).numpy()
    assert [epoch(dataset) for _ in range(2)] == copied
    set_seed(7)
    shuffled(tf)
    assert [tf.random.uniform([]).numpy() for _ in range(2)] == [drawn, after]


def test_the_users_memory_cache_stays_empty_and_the_copys_is_its_own(tf: Any) -> None:
    calls = [0]

    def count(value: Any) -> Any:
        calls[0] += 1
        return value

    dataset = (
        tf.data.Dataset.range(4).map(lambda x: tf.numpy_function(count, [x], tf.int64)).cache()
    )
    blueprint = blueprint_of(dataset)
    copy = blueprint.copy()
    assert calls == [0]
    assert epoch(copy.dataset) == epoch(copy.dataset) == [0, 1, 2, 3]
    assert calls == [4]
    epoch(blueprint.copy().dataset)
    assert calls == [8]
    epoch(dataset)
    assert calls == [12]
    epoch(dataset)
    assert calls == [12]


def test_a_cache_file_is_written_elsewhere_and_removed(tf: Any, tmp_path: Path) -> None:
    import gc

    dataset = tf.data.Dataset.range(5).cache(str(tmp_path / "cache"))
    blueprint = blueprint_of(dataset)
    assert blueprint.redirected == (str(tmp_path / "cache"),)
    copy = blueprint.copy()
    next(iter(copy.dataset))
    assert epoch(copy.dataset) == epoch(copy.dataset) == [0, 1, 2, 3, 4]
    assert list(tmp_path.iterdir()) == []
    import tempfile

    folders = list(Path(tempfile.gettempdir()).glob("twinfeed-*/*.index"))
    assert folders
    del copy
    gc.collect()
    assert not any(folder.exists() for folder in folders)


def test_a_cache_file_that_is_whole_is_read_where_it_is(tf: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "cache")
    epoch(tf.data.Dataset.range(5).cache(path))
    before = {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    blueprint = blueprint_of(tf.data.Dataset.range(5).map(lambda x: x + 1).cache(path))
    assert blueprint.kept_files == (path,)
    assert epoch(blueprint.copy().dataset) == [0, 1, 2, 3, 4]
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


def test_a_cache_file_inside_a_function_is_not_written(tf: Any, tmp_path: Path) -> None:
    dataset = tf.data.Dataset.range(2).flat_map(
        lambda _: tf.data.Dataset.range(3).cache(str(tmp_path / "cache"))
    )
    assert epoch(blueprint_of(dataset).copy().dataset) == [0, 1, 2, 0, 1, 2]
    assert list(tmp_path.iterdir()) == []


def test_a_snapshot_is_not_written_beside_the_data(tf: Any, tmp_path: Path) -> None:
    dataset = tf.data.Dataset.range(3).snapshot(str(tmp_path / "snapshot"))
    copy = blueprint_of(dataset).copy()
    assert epoch(copy.dataset) == [0, 1, 2]
    assert list(tmp_path.iterdir()) == []


def test_variables_are_copied_with_their_values_and_shared_as_in_the_dataset(tf: Any) -> None:
    variable = tf.Variable(1.0)
    dataset = (
        tf.data.Dataset.range(3)
        .map(lambda _: variable.assign_add(1.0))
        .map(lambda first: (first, variable.assign_add(10.0)))
    )
    blueprint = blueprint_of(dataset)
    expected = [[2.0, 12.0], [13.0, 23.0], [24.0, 34.0]]
    copy = blueprint.copy()
    assert epoch(copy.dataset) == expected
    assert epoch(copy.dataset)[0] == [35.0, 45.0]
    assert variable.numpy() == 1.0
    variable.assign(5.0)
    assert epoch(blueprint.copy().dataset) == expected
    (handle,) = blueprint.variables
    started = blueprint.copy(values={id(handle): np.float32(100)})
    assert epoch(started.dataset)[0] == [101.0, 111.0]


def test_one_shuffled_dataset_used_twice_stays_out_of_step(tf: Any) -> None:
    shared = shuffled(tf, seed=3)
    dataset = tf.data.Dataset.zip(shared, shared.map(lambda x: x * 10))
    copied = epoch(blueprint_of(dataset).copy().dataset)
    assert any(left * 10 != right for left, right in copied)
    assert epoch(dataset) == copied


def test_tables_are_copied(tf: Any) -> None:
    static = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([0, 1], tf.int64), tf.constant([5, 6])), -1
    )
    mutable = tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, -1)

    def look_up(x: Any) -> Any:
        mutable.insert([x], [x * 100])
        return static.lookup(x), mutable.lookup(x)

    dataset = tf.data.Dataset.range(3).map(look_up)
    assert epoch(blueprint_of(dataset).copy().dataset) == [[5, 0], [6, 100], [-1, 200]]
    assert mutable.size() == 0


def test_python_functions_run_inside_the_given_context(tf: Any) -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)

    inside: list[int] = []

    @contextmanager
    def around() -> Generator[None, None, None]:
        inside.append(1)
        yield

    dataset = (
        tf.data.Dataset.from_generator(numbers, output_signature=tf.TensorSpec((), tf.int64))
        .map(lambda x: tf.numpy_function(lambda v: v + 1, [x], tf.int64))
        .map(lambda x: tf.py_function(lambda v: v * 2, [x], tf.int64))
    )
    blueprint = blueprint_of(dataset)
    assert numbers in blueprint.python_functions
    assert epoch(blueprint.copy(around=around).dataset) == [2, 4, 6]
    assert len(inside) >= 3 + 3 + 3
    before = len(inside)
    assert epoch(dataset) == [2, 4, 6]
    assert len(inside) == before


def test_a_copy_outlives_the_dataset(tf: Any) -> None:
    import gc

    def build() -> Any:
        scale = tf.Variable(3)
        dataset = tf.data.Dataset.range(3).map(
            lambda x: tf.numpy_function(lambda v: v + 1, [x], tf.int64) * tf.cast(scale, tf.int64)
        )
        return blueprint_of(dataset).copy()

    copy = build()
    gc.collect()
    assert epoch(copy.dataset) == [3, 6, 9]


def test_large_tensors_are_shared_and_not_written_into_the_graph(tf: Any) -> None:
    numbers = np.random.default_rng(0).random((300, 100, 100)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices((numbers, numbers + 1)).batch(300)
    blueprint = blueprint_of(dataset)
    assert blueprint._graph.ByteSize() < 10_000
    held = dataset._input_dataset._tensors
    assert [any(a is b for b in held) for a in blueprint._large.values()] == [True, True]
    left, right = next(blueprint.copy().dataset.as_numpy_iterator())
    np.testing.assert_array_equal(left, numbers)
    np.testing.assert_array_equal(right, numbers + 1)


def test_functions_are_taken_from_the_context_again(tf: Any) -> None:
    import gc

    from tensorflow.python.eager import context

    def count() -> int:
        names = context.context().list_function_names()
        return sum(b"twinfeed_" in name for name in map(_bytes, names))

    gc.collect()
    before = count()
    blueprint = blueprint_of(tf.data.Dataset.range(3).map(lambda x: x + 1))
    copy = blueprint.copy()
    assert count() > before
    assert epoch(copy.dataset) == [1, 2, 3]
    del copy, blueprint
    gc.collect()
    assert count() == before


def _bytes(name: Any) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


def test_what_cannot_be_copied_says_why(tf: Any) -> None:
    from twinfeed.graph.copies import open_blueprint

    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([0], tf.int64), tf.constant([5])),
        -1,
        experimental_is_anonymous=True,
    )
    why = open_blueprint(tf.data.Dataset.range(3).map(table.lookup))
    assert isinstance(why, str)
    assert why.startswith("Failed to serialize the input pipeline graph")


def test_what_is_shared_with_the_user_is_named(tf: Any) -> None:
    other = iter(tf.data.Dataset.range(100))
    dataset = tf.data.Dataset.range(3).map(lambda _: next(other))
    assert blueprint_of(dataset).shared == ("IteratorResource",)


def _chained(tf: Any) -> dict[str, Any]:
    images = np.arange(40 * 4).reshape(40, 2, 2).astype(np.uint8)
    source = tf.data.Dataset.from_tensor_slices((images, np.arange(40)))
    shared = source.shuffle(10, seed=3)
    options = tf.data.Options()
    options.threading.private_threadpool_size = 3
    offset = tf.Variable(2.0)
    return {
        "usual": source.shuffle(20, seed=1)
        .map(lambda x, _y: tf.cast(x, tf.float32) + offset, num_parallel_calls=2)
        .cache()
        .batch(8, drop_remainder=True)
        .repeat(2)
        .prefetch(2)
        .with_options(options),
        "diamond": tf.data.Dataset.zip(shared, shared)
        .map(lambda left, right: (left[1], right[1]))
        .filter(lambda left, right: left != right)
        .skip(1)
        .take(20)
        .shard(2, 1)
        .batch(3, num_parallel_calls=2),
        "rebatched": source.concatenate(source).map(lambda _x, y: y).batch(3).unbatch().batch(8),
        "unknown step": source.map(lambda _x, y: y).enumerate().batch(8),
    }


@pytest.mark.parametrize("chain", ["usual", "diamond", "rebatched", "unknown step"])
def test_a_graph_without_its_arrays_makes_the_same_copies(
    tf: Any, monkeypatch: pytest.MonkeyPatch, chain: str
) -> None:
    from twinfeed.graph._bindings import _serialise
    from twinfeed.graph.read import read

    dataset = _chained(tf)[chain]
    written = blueprint_of(dataset)
    monkeypatch.setattr(_serialise, "SLIM_BYTES", 0)
    slim = blueprint_of(dataset)
    assert bool(slim._large) is (chain != "unknown step")
    assert read(slim.network) == read(written.network)
    left, right = slim.copy().dataset, written.copy().dataset
    for _ in range(2):
        assert [tf.nest.flatten(x) for x in map(_lists, left.as_numpy_iterator())] == [
            tf.nest.flatten(x) for x in map(_lists, right.as_numpy_iterator())
        ]


def _lists(element: Any) -> Any:
    return (
        [np.asarray(leaf).tolist() for leaf in element]
        if isinstance(element, tuple)
        else (element.tolist())
    )
