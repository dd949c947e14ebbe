"""A ``tf.data.Dataset`` as a feed: every kind of leaf, and nothing of the user's moves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from twinfeed._core.batch import Array, Batch, SparseRow
from twinfeed._core.feed import Feed
from twinfeed._core.spec import LeafSpec, leaf_spec, spec_of
from twinfeed.errors import BatchFormError, BatchSizeError
from twinfeed.testing import check_feed


class Pair(NamedTuple):
    left: Any
    right: Any


@pytest.fixture(scope="module")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


def open_feed(dataset: Any) -> Feed:
    from twinfeed.feeds._adapters._tfdata import open_feed as open_it

    return open_it(dataset)


def first(dataset: Any) -> Batch:
    return next(open_feed(dataset).open_epoch())


def values(feed: Feed) -> list[Any]:
    return [np.asarray(batch.x).tolist() for batch in feed.open_epoch()]


def leaf(dataset: Any) -> tuple[Array, LeafSpec]:
    array = first(dataset).x
    assert isinstance(array, np.ndarray)
    return array, leaf_spec("x", array)


def test_what_is_known_before_reading(tf: Any) -> None:
    feed = open_feed(tf.data.Dataset.range(10).shuffle(10).batch(4))
    assert (feed.name, feed.batches, feed.examples, feed.infinite) == (
        "tf.data.Dataset", 3, 10, False,
    )  # fmt: skip
    assert feed.plan is not None
    assert [step.kind for step in feed.plan.steps] == ["source", "shuffle", "batch"]
    assert feed.notes == ()


def test_an_infinite_feed_says_so(tf: Any) -> None:
    feed = open_feed(tf.data.Dataset.range(10).repeat().batch(4))
    assert (feed.batches, feed.examples, feed.infinite) == (None, None, True)
    epoch = feed.open_epoch()
    assert [next(epoch).size for _ in range(5)] == [4] * 5


def test_an_unknown_length_is_none(tf: Any) -> None:
    feed = open_feed(tf.data.Dataset.range(10).filter(lambda x: x > 2).batch(4))
    assert (feed.batches, feed.examples, feed.infinite) == (None, None, False)


def test_examples_of_batches_that_the_source_makes(tf: Any) -> None:
    batches = tf.data.Dataset.from_tensor_slices((np.zeros((5, 8, 3)), np.zeros((5, 8))))
    assert open_feed(batches).examples == 40


def test_x_y_and_weight_are_told_apart(tf: Any) -> None:
    numbers = tf.data.Dataset.range(4).batch(2)
    batch = first(numbers.map(lambda x: ({"a": x, "b": (x, x)}, {"mask": x}, x)))
    assert [path for path, _ in batch.leaves()] == [
        'x["a"]', 'x["b"][0]', 'x["b"][1]', 'y["mask"]', "weight",
    ]  # fmt: skip
    batch = first(numbers.map(lambda x: (x, None, x)))
    assert batch.y is None
    assert batch.weight is not None
    named = first(numbers.map(lambda x: Pair(x, x + 1)))
    assert [path for path, _ in named.leaves()] == ["x", "y"]
    with pytest.raises(BatchFormError):
        first(numbers.map(lambda x: (x, x, x, x)))


def test_single_examples_are_refused_with_a_hint(tf: Any) -> None:
    with pytest.raises(BatchSizeError, match=r"batch\(32\)"):
        first(tf.data.Dataset.range(3))


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float16", "float64", "bool", "complex64"])
def test_dense_leaves_keep_their_dtype_and_values(tf: Any, dtype: str) -> None:
    given = np.arange(6).reshape(3, 2).astype(dtype)
    array, spec = leaf(tf.data.Dataset.from_tensors(given))
    assert (spec.kind, spec.dtype, spec.shape) == ("dense", dtype, (2,))
    np.testing.assert_array_equal(array, given)


def test_bfloat16_stays(tf: Any) -> None:
    array, spec = leaf(tf.data.Dataset.from_tensors(tf.cast([1.5, 2.0], tf.bfloat16)))
    assert (spec.kind, spec.dtype) == ("dense", "bfloat16")
    assert array.astype(np.float32).tolist() == [1.5, 2.0]


def test_quantised_numbers_are_their_integers(tf: Any) -> None:
    array, spec = leaf(tf.data.Dataset.from_tensors(tf.bitcast(np.uint8([1, 200]), tf.quint8)))
    assert (spec.kind, spec.dtype) == ("dense", "uint8")
    assert array.tolist() == [1, 200]


def test_text_is_bytes(tf: Any) -> None:
    array, spec = leaf(tf.data.Dataset.from_tensors([["a", "ü"], ["", "\0"]]))
    assert (spec.kind, spec.shape) == ("text", (2,))
    assert array.tolist() == [[b"a", "ü".encode()], [b"", b"\0"]]


def test_ragged_rows_are_arrays_of_their_own_shape(tf: Any) -> None:
    array, spec = leaf(tf.data.Dataset.from_tensors(tf.ragged.constant([[1], [2, 3], []])))
    assert (spec.kind, spec.dtype, spec.shape) == ("ragged", "int32", (None,))
    assert [row.tolist() for row in array] == [[1], [2, 3], []]
    nested = tf.ragged.constant([[[1, 2], [3, 4]], [[5], [6, 7]], []])
    array, _ = leaf(tf.data.Dataset.from_tensors(nested))
    assert [row.tolist() for row in array] == [[[1, 2], [3, 4]], [5, 6, 7], []]
    array, spec = leaf(tf.data.Dataset.from_tensors(tf.ragged.constant([["a", "bcd"], ["e"]])))
    assert spec.kind == "ragged"
    assert [row.tolist() for row in array] == [[b"a", b"bcd"], [b"e"]]


def test_images_of_unequal_size_keep_their_shapes(tf: Any) -> None:
    sizes = [(2, 3), (4, 2), (1, 1)]

    def images() -> Iterator[Array]:
        for height, width in sizes:
            yield np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)

    dataset = tf.data.Dataset.from_generator(
        images, output_signature=tf.TensorSpec((None, None, 3), tf.uint8)
    )
    array, _ = leaf(dataset.ragged_batch(3))
    for row, image in zip(array, images(), strict=True):
        np.testing.assert_array_equal(row, image)


def test_sparse_rows_keep_their_indices(tf: Any) -> None:
    dense = np.asarray([[1, 0], [0, 0], [3, 4]])
    array, spec = leaf(tf.data.Dataset.from_tensors(tf.sparse.from_dense(dense)))
    assert (spec.kind, spec.dtype, spec.shape) == ("sparse", "int64", (2,))
    rows: list[SparseRow] = list(array)
    assert [row.indices.tolist() for row in rows] == [[[0]], [], [[0], [1]]]
    assert [row.values.tolist() for row in rows] == [[1], [], [3, 4]]


def test_leaves_without_values_are_named(tf: Any) -> None:
    numbers = tf.data.Dataset.range(4).batch(2)
    batch = first(
        numbers.map(lambda x: {"a": x, "o": tf.experimental.Optional.from_value(x), "n": None})
    )
    assert [(one.path, one.kind, one.dtype) for one in spec_of(batch).leaves] == [
        ('x["a"]', "dense", "int64"),
        ('x["o"]', "opaque", "_OptionalImpl"),
        ('x["n"]', "opaque", "NoneType"),
    ]
    _, spec = leaf(tf.data.Dataset.range(4).window(2))
    assert spec.kind == "opaque"


def test_arrays_share_memory_that_nobody_else_writes(tf: Any) -> None:
    dataset = tf.data.Dataset.range(64).batch(8).map(lambda x: tf.cast(x, tf.float32)).cache()
    feed = open_feed(dataset)
    kept = [batch.x for _ in range(2) for batch in feed.open_epoch()]
    assert np.concatenate(kept).tolist() == [*range(64), *range(64)]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(kept[0])[0] = 1


def test_epochs_go_on_and_a_fresh_feed_starts_again(tf: Any) -> None:
    feed = open_feed(tf.data.Dataset.range(20).shuffle(20, seed=1).batch(5))
    epochs = [values(feed) for _ in range(2)]
    assert epochs[0] != epochs[1]
    assert feed.fresh is not None
    fresh = feed.fresh()
    assert [values(fresh) for _ in range(2)] == epochs


def test_a_frozen_augmentation_is_frozen_in_a_copy_and_new_in_a_fresh_one(tf: Any) -> None:
    dataset = tf.data.Dataset.range(4).map(lambda _: tf.random.uniform([])).cache().batch(4)
    feed = open_feed(dataset)
    assert values(feed) == values(feed)
    assert feed.fresh is not None
    assert values(feed.fresh()) != values(feed)


def test_the_order_of_the_users_next_epochs_stays(tf: Any) -> None:
    def build() -> Any:
        return tf.data.Dataset.range(20).shuffle(20, seed=1).batch(5)

    read, unread = build(), build()
    feed = open_feed(read)
    values(feed)
    values(feed)
    for _ in range(2):
        assert [x.tolist() for x in read.as_numpy_iterator()] == [
            x.tolist() for x in unread.as_numpy_iterator()
        ]


def drawing(tf: Any, draw: Callable[[], float]) -> dict[str, Any]:
    """Pipelines whose Python functions draw from shared random states."""
    numbers = tf.data.Dataset.range(12)

    def generate() -> Iterator[float]:
        for _ in range(12):
            yield draw()

    return {
        "numpy_function": numbers.map(
            lambda _: tf.numpy_function(lambda: np.float32(draw()), [], tf.float32),
            num_parallel_calls=4,
        ),
        "py_function": numbers.map(
            lambda _: tf.py_function(lambda: draw() + tf.random.uniform([]), [], tf.float32)
        ),
        "from_generator": tf.data.Dataset.from_generator(
            generate, output_signature=tf.TensorSpec((), tf.float32)
        ),
    }


@pytest.mark.parametrize("kind", ["numpy_function", "py_function", "from_generator"])
def test_reading_moves_no_random_state(tf: Any, kind: str) -> None:
    own = np.random.default_rng(3)

    def draw() -> float:
        return random.random() + np.random.rand() + np.random.randn() + own.random()  # noqa: NPY002

    feed = open_feed(drawing(tf, draw)[kind].map(lambda x: tf.ensure_shape(x, [])).batch(3))
    np.random.randn()  # noqa: NPY002 - leaves a spare number behind
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    held = own.bit_generator.state
    epochs = [values(feed) for _ in range(2)]
    assert epochs[0] != epochs[1]
    half = feed.open_epoch()
    next(half)
    half.close()  # pyright: ignore[reportAttributeAccessIssue] - a generator
    assert random.getstate() == python
    assert str(np.random.get_state()) == str(numpy)  # noqa: NPY002
    assert own.bit_generator.state == held


def test_reading_moves_no_state_of_tensorflow(tf: Any) -> None:
    from tensorflow.python.eager import context

    generator = tf.random.Generator.from_seed(1)
    shared = tf.random.get_global_generator()
    variable = tf.Variable(0)
    dataset = (
        tf.data.Dataset.range(8)
        .map(lambda x: tf.cast(x, tf.float32) + generator.uniform([]) + shared.uniform([]))
        .map(lambda x: (x, variable.assign_add(1)))
        .batch(4)
    )
    before = [generator.state.numpy().tolist(), shared.state.numpy().tolist()]
    operations = dict(vars(context.context()))
    feed = open_feed(dataset)
    values(feed)
    assert feed.fresh is not None
    values(feed.fresh())
    assert [generator.state.numpy().tolist(), shared.state.numpy().tolist()] == before
    assert variable.numpy() == 0
    after = vars(context.context())
    assert [after.get(name) for name in ("_seed", "_rng")] == [
        operations.get(name) for name in ("_seed", "_rng")
    ]


@pytest.mark.parametrize("seed", [None, 5])
def test_a_keras_layer_keeps_its_counter_and_repeats_only_with_a_seed(
    tf: Any, seed: int | None
) -> None:
    keras = pytest.importorskip("keras")
    flip = keras.layers.RandomFlip("horizontal_and_vertical", seed=seed)
    images = np.random.default_rng(0).random((16, 4, 4, 1)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(images).map(lambda x: flip(x, training=True))
    feed = open_feed(dataset.batch(8))
    before = flip.generator.state.numpy().tolist()
    epochs = [values(feed) for _ in range(2)]
    assert epochs[0] != epochs[1]
    assert feed.fresh is not None
    assert (values(feed.fresh()) == epochs[0]) is (seed is not None)
    assert flip.generator.state.numpy().tolist() == before
    assert [x.tolist() for x in dataset.batch(8).as_numpy_iterator()] == epochs[0]


def test_the_users_caches_stay_as_they_are(tf: Any, tmp_path: Path) -> None:
    calls = [0]

    def count(value: Any) -> Any:
        calls[0] += 1
        return value

    source = tf.data.Dataset.range(6).map(lambda x: tf.numpy_function(count, [x], tf.int64))
    in_memory = source.cache().batch(2)
    feed = open_feed(in_memory)
    values(feed)
    values(feed)
    assert calls == [6]
    list(in_memory)
    assert calls == [12]

    feed = open_feed(source.cache(str(tmp_path / "cache")).batch(2))
    assert values(feed) == values(feed)
    assert calls == [18]
    assert list(tmp_path.iterdir()) == []
    written = str(tmp_path / "cache")
    assert feed.notes == (
        f"what the pipeline writes to {written} was written to a temporary folder instead",
    )


def test_opening_reads_nothing(tf: Any) -> None:
    calls: list[int] = []

    def numbers() -> Iterator[int]:
        calls.append(1)
        yield 1

    dataset = tf.data.Dataset.from_generator(
        numbers, output_signature=tf.TensorSpec((), tf.int32)
    ).batch(1)
    feed = open_feed(dataset)
    epoch = feed.open_epoch()
    assert calls == []
    assert next(epoch).size == 1
    assert calls == [1]


def test_what_cannot_be_copied_is_read_with_care(tf: Any) -> None:
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([0, 1], tf.int64), tf.constant([5, 6])),
        -1,
        experimental_is_anonymous=True,
    )
    variable = tf.Variable(0)
    dataset = (
        tf.data.Dataset.range(4)
        .shuffle(4)
        .map(lambda x: table.lookup(x) + 0 * variable.assign_add(1))
        .batch(2)
    )
    feed = open_feed(dataset)
    assert feed.fresh is None
    assert "its shuffles are further on" in feed.notes[0]
    assert feed.plan is not None
    assert [step.kind for step in feed.plan.steps] == ["source", "shuffle", "map", "batch"]
    assert (feed.batches, feed.examples) == (2, 4)
    epochs = [sorted(np.ravel(values(feed)).tolist()) for _ in range(2)]
    assert epochs == [[-1, -1, 5, 6]] * 2
    assert variable.numpy() == 0


def test_objects_that_no_copy_has_are_named(tf: Any) -> None:
    other = iter(tf.data.Dataset.range(100))
    feed = open_feed(tf.data.Dataset.range(3).map(lambda _: next(other)).batch(3))
    (note,) = feed.notes
    assert "IteratorResource" in note


def test_ids_are_found_in_a_dict(tf: Any) -> None:
    dataset = tf.data.Dataset.from_tensor_slices({"image": [1, 2], "tfds_id": ["a", "b"]})
    ids = first(dataset.batch(2)).ids
    assert ids is not None
    assert ids.tolist() == ["a", "b"]


def test_image_dataset_from_directory(tf: Any, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    for label in "ab":
        (tmp_path / label).mkdir()
        for number in range(5):
            image = np.full((6, 5, 3), 40 * number, np.uint8)
            tf.io.write_file(str(tmp_path / label / f"{number}.png"), tf.io.encode_png(image))
    dataset = keras.utils.image_dataset_from_directory(
        str(tmp_path), image_size=(4, 4), batch_size=4, seed=1, verbose=False
    )
    feed = open_feed(dataset)
    assert (feed.batches, feed.examples) == (3, 10)
    assert feed.plan is not None
    kinds = [step.kind for step in feed.plan.steps]
    assert {"source", "shuffle", "decode", "batch", "prefetch"} <= set(kinds)
    (shuffle,) = feed.plan.of_kind("shuffle")
    assert shuffle.examples_in == 10
    epochs = [np.concatenate([np.asarray(batch.y) for batch in feed.open_epoch()])] * 2
    theirs = [np.concatenate([y for _, y in dataset.as_numpy_iterator()])]
    np.testing.assert_array_equal(epochs[0], theirs[0])


@pytest.mark.parametrize("kind", ["numpy_function", "py_function", "from_generator"])
def test_python_functions_keep_the_contract(tf: Any, kind: str) -> None:
    def make() -> Any:
        def draw() -> float:
            return random.random() + np.random.rand()  # noqa: NPY002

        scalar = drawing(tf, draw)[kind].map(lambda x: tf.ensure_shape(x, []))
        return scalar.batch(2).prefetch(4)

    check_feed(make, random=True)


def test_seeded_pipelines_keep_the_contract(tf: Any) -> None:
    keras = pytest.importorskip("keras")

    def make() -> Any:
        flip = keras.layers.RandomFlip(seed=1)
        return (
            tf.data.Dataset.from_tensor_slices(np.random.default_rng(0).random((20, 4, 4, 1)))
            .shuffle(8, seed=2)
            .map(lambda x: flip(x, training=True))
            .batch(4)
            .prefetch(2)
        )

    check_feed(make, random=True, seeded=True)
