"""Reports about feeds that were slow: Python, single examples, nothing ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grain
import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, stored

BATCH = 10
ROWS = 1024


def rows() -> np.ndarray:
    """Rows so small that the cost of each is all there is."""
    return np.random.default_rng(0).random((ROWS, 4)).astype(np.float32)


def one_by_one(values: np.ndarray) -> tf.data.Dataset:
    """A generator of single rows, batched behind it."""
    spec = tf.TensorSpec(values.shape[1:], values.dtype)
    return tf.data.Dataset.from_generator(lambda: iter(values), output_signature=spec)


def in_batches(values: np.ndarray, size: int) -> tf.data.Dataset:
    """A generator of whole batches."""
    spec = tf.TensorSpec((None, *values.shape[1:]), values.dtype)
    parts = [values[start : start + size] for start in range(0, len(values), size)]
    return tf.data.Dataset.from_generator(lambda: iter(parts), output_signature=spec)


def cut(values: np.ndarray, size: int) -> Callable[[], Iterator[Any]]:
    """Slices of an array."""
    return lambda: ((values[start : start + size],) for start in range(0, len(values), size))


@case(
    "generator-batch-inside-vs-outside",
    url="https://github.com/tensorflow/tensorflow/issues/14480",
    cause="a generator of single rows pays one round through Python per row",
    tags=("per-element-overhead", "python-bottleneck"),
    expect=("SPD202", "PIP207"),
)
def rows_through_a_generator(material: Material) -> Pair:
    del material
    return one_by_one(rows()).batch(64), in_batches(rows(), 64)


@case(
    "from-tensor-slices-latency-vs-python",
    url="https://github.com/tensorflow/tensorflow/issues/15694",
    cause="slicing arrays into single rows costs a fixed time per row",
    tags=("per-element-overhead",),
    expect=("SPD202",),
)
def sliced_against_cut(material: Material) -> Pair:
    del material
    # Half a microsecond per row on a quick machine: batches so large that a train step would wait.
    values = np.random.default_rng(0).random((400_000, 4)).astype(np.float32)
    return tf.data.Dataset.from_tensor_slices(values).batch(40_000), cut(values, 40_000)


@case(
    "armory-generator-order-of-magnitude",
    url="https://github.com/twosixlabs/armory/issues/33",
    cause="a generator of single examples instead of arrays",
    tags=("per-element-overhead",),
    expect=("SPD202",),
)
def examples_against_arrays(material: Material) -> Pair:
    del material
    values = np.tile(rows(), (1, 16))
    return one_by_one(values).batch(64), cut(values, 64)


@case(
    "grain-vs-simple-permutation-loader",
    url="https://github.com/google/grain/issues/569",
    cause="a loader that handles one record after the other, against slices of an array",
    tags=("per-element-overhead",),
    expect=("SPD202", "PIP206"),
)
def records_against_slices(material: Material) -> Pair:
    del material
    values = np.concatenate([rows()] * 4)
    data = tf.data.Dataset.from_tensors(values).repeat(16)
    cut_by_step = data.enumerate().map(lambda n, all_rows: all_rows[n * 256 : (n + 1) * 256])
    return grain.MapDataset.source(values).batch(256), cut_by_step


@case(
    "dict-of-strings-78x-59744",
    url="https://github.com/tensorflow/tensorflow/issues/59744",
    cause="elements of ten fields are made field by field; a batch of them costs as much once",
    tags=("per-element-overhead",),
    expect=("SPD202", "BAT201"),
)
def fields_one_by_one(material: Material) -> Pair:
    del material
    fields = {f"field{number}": rows()[:400, 0] for number in range(10)}
    data = tf.data.Dataset.from_tensor_slices(fields)
    return data.batch(1), data.batch(100)


@case(
    "tfdata-overhead-7pct",
    url="https://github.com/tensorflow/tensorflow/issues/38943",
    cause="the overhead of a data set that repeats one batch is too small to matter",
    tags=("per-element-overhead",),
    expect=(),
)
def one_batch_again_and_again(material: Material) -> Pair:
    images, labels = material.images(SIDE)[:BATCH], material.labels[:BATCH]

    def constant() -> Iterator[Any]:
        for _ in range(12):
            yield images, labels

    return tf.data.Dataset.from_tensors((images, labels)).repeat(12), constant


@case(
    "idg-wrapped-in-from-generator-slower",
    url="https://github.com/sayakpaul/TF-2.0-Hacks/issues/4",
    cause="the old reader inside `from_generator` stays Python, one picture at a time",
    tags=("python-bottleneck",),
    expect=("SPD202", "PIP206"),
    also=("BAT204",),
)
def wrapped_generator(material: Material) -> Pair:
    flow = ImageDataGenerator().flow_from_directory(
        material.folder(), target_size=(32, 32), batch_size=5, class_mode="sparse", shuffle=False
    )
    made = np.concatenate([flow[index][0] for index in range(24)])
    spec = (tf.TensorSpec((None, 32, 32, 3), tf.float32), tf.TensorSpec((None,), tf.float32))
    wrapped = tf.data.Dataset.from_generator(
        lambda: (flow[index] for index in range(24)), output_signature=spec
    )
    plain = tf.data.Dataset.from_tensor_slices((made, material.labels.astype(np.float32)))
    return wrapped.apply(tf.data.experimental.assert_cardinality(24)), plain.batch(5)


@case(
    "idg-vs-tfdata-benchmark-doctr",
    url="https://github.com/mindee/doctr/issues/190",
    cause="pictures are read by Python one after the other; tf.data reads them in parallel",
    tags=("python-bottleneck", "no-parallel-or-prefetch"),
    expect=("SPD202", "PIP206", "PIP203"),
)
def folder_by_python(material: Material) -> Pair:
    folder = material.folder()
    flow = ImageDataGenerator().flow_from_directory(
        folder, target_size=(32, 32), interpolation="nearest", batch_size=5,
        class_mode="sparse", shuffle=False,
    )  # fmt: skip
    modern = keras.utils.image_dataset_from_directory(
        folder,
        image_size=(32, 32),
        batch_size=5,
        shuffle=False,
        verbose=False,
        interpolation="nearest",
    )
    cast = modern.map(lambda x, y: (tf.cast(x, tf.float32), tf.cast(y, tf.float32)))
    return flow, cast


@case(
    "mobilenet-flow-from-directory-slow",
    url="https://github.com/keras-team/keras/issues/12807",
    cause="the old reader decodes in Python for each batch",
    tags=("python-bottleneck",),
    expect=("SPD202", "PIP206"),
)
def decoded_for_each_batch(material: Material) -> Pair:
    folder = material.folder()
    flow = ImageDataGenerator().flow_from_directory(
        folder, target_size=(32, 32), batch_size=5, class_mode="sparse", shuffle=False
    )
    made = np.concatenate([flow[index][0] for index in range(24)])
    data = tf.data.Dataset.from_tensor_slices((made, material.labels.astype(np.float32)))
    return flow, data.batch(5)


@case(
    "prefetch-cache-no-effect-fresh-dataset",
    url="https://github.com/tensorflow/tensorflow/issues/37178",
    cause="the costly reading is Python's, in front of the data set, so nothing runs ahead of it",
    tags=("no-parallel-or-prefetch",),
    expect=("SPD202", "PIP206", "PIP202"),
)
def chunks_read_by_python(material: Material) -> Pair:
    images, labels = material.images(64).astype(np.float32), material.labels
    held = tf.constant(images), tf.constant(labels)

    def loaded(start: tf.Tensor) -> tf.data.Dataset:
        rows = tf.range(start, start + 20)
        return tf.data.Dataset.from_tensor_slices(tuple(tf.gather(part, rows) for part in held))

    data = tf.data.Dataset.range(0, 120, 20).flat_map(loaded)

    def chunks() -> Iterator[Any]:
        for start in range(0, 120, 2 * BATCH):
            part = slice(start, start + 2 * BATCH)
            chunk = images[part]
            for _ in range(12):  # the work of reading
                chunk = np.sort(chunk, axis=0)
            assert len(chunk)
            made = tf.data.Dataset.from_tensor_slices((images[part], labels[part]))
            yield from made.batch(5).cache().prefetch(1)

    return chunks, data.batch(5).prefetch(2)


@case(
    "sequence-large-numpy-slow",
    url="https://github.com/keras-team/keras/issues/16333",
    cause="large arrays are made by Python for each batch, with nothing running ahead",
    tags=("python-bottleneck", "no-parallel-or-prefetch"),
    expect=("SPD202", "PIP206"),
)
def large_batches_by_index(material: Material) -> Pair:
    images, labels = material.images(64).astype(np.float32), material.labels

    class Copies(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 12

        def __getitem__(self, index: int) -> Any:
            part = slice(index * BATCH, (index + 1) * BATCH)
            grown = images[part].repeat(6, axis=1).repeat(6, axis=2)
            return np.ascontiguousarray(grown[:, ::6, ::6]), labels[part]

    data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(BATCH)
    return Copies(), data.prefetch(2)


@case(
    "keras-val-enqueuer-recreated",
    url="https://github.com/keras-team/keras/issues/10474",
    cause="the validation's loader works in Python and starts anew for each epoch",
    tags=("python-bottleneck", "library-version-drift"),
    expect=("SPD202", "PIP206", "SPD201"),
)
def loader_started_anew(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        for start in range(0, 120, BATCH):
            assert len(np.sort(np.tile(images.ravel(), 8) * 1.0))
            yield images[start : start + BATCH], labels[start : start + BATCH]

    return walk, stored(material).batch(BATCH)
