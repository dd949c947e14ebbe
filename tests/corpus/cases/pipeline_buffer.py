"""Reports about buffers: of finished work, too short, or of whole pools of pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.fitting import fitted
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, stored

BATCH = 10


def files(material: Material) -> tf.data.Dataset:
    """The names of picture files and their classes, in order."""
    paths = sorted(map(str, Path(material.folder(".jpg")).rglob("*.jpg")))
    return tf.data.Dataset.from_tensor_slices((paths, material.labels))


def decoded(path: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    return tf.image.resize(picture, (SIDE, SIDE)), label


def in_order_of(
    material: Material, draw: Callable[[np.random.Generator], np.ndarray]
) -> Callable[[], Iterator[Any]]:
    """A loader that draws an order for each epoch."""
    images, labels = material.images(SIDE), material.labels
    random = np.random.default_rng()

    def walk() -> Iterator[Any]:
        order = draw(random)
        for start in range(0, len(order), BATCH):
            at = order[start : start + BATCH]
            yield images[at], labels[at]

    return walk


@case(
    "first-batch-shuffle-after-augment",
    url="https://github.com/tensorflow/tensorflow/issues/47687",
    cause="finished batches were shuffled: a buffer of them is made before the first comes out",
    tags=("heavy-buffer", "shuffle-misplaced"),
    expect=("ORD203", "SPD201", "PIP205"),
)
def batches_made_then_shuffled(material: Material) -> Pair:
    data = stored(material)
    work = lambda x, y: (tf.image.resize(x, (SIDE, SIDE)), y)  # noqa: E731
    return data.map(work).batch(8).shuffle(200), data.shuffle(120).map(work).batch(8)


@case(
    "shuffle-refill-every-epoch",
    url="https://github.com/tensorflow/tensorflow/issues/47090",
    cause="decoded pictures fill the buffer again in each epoch; names would cost nothing",
    tags=("heavy-buffer",),
    expect=("PIP205", "SPD201"),
)
def decoded_then_shuffled(material: Material) -> Pair:
    data = files(material)
    return data.map(decoded).shuffle(120).batch(BATCH), data.shuffle(120).map(decoded).batch(BATCH)


@case(
    "openillumi-filling-shuffle-buffer-600k",
    url="https://openillumi.com/en/en-tfdata-shuffle-buffer-optimization",
    cause="the shuffle holds decoded pictures instead of file names",
    tags=("heavy-buffer",),
    expect=("PIP205", "SPD201"),
)
def names_against_pictures(material: Material) -> Pair:
    data = files(material)
    late = data.map(decoded).shuffle(5000).batch(BATCH).prefetch(2)
    early = data.shuffle(5000).map(decoded).batch(BATCH).prefetch(2)
    return late, early


@case(
    "shuffle-memory-2-5x",
    url="https://github.com/tensorflow/tensorflow/issues/54299",
    cause="`fit` reads the same examples; two buffers may be held at the turn of an epoch",
    tags=("heavy-buffer",),
    expect=(),
)
def fitted_twice_the_buffer(material: Material) -> Pair:
    data = stored(material).shuffle(120).batch(BATCH)
    return fitted(data), fitted(data)


@case(
    "hf-to-tf-dataset-shuffle-memory",
    url="https://github.com/huggingface/datasets/issues/5855",
    cause="examples were loaded into a shuffle buffer where shuffled indices would do",
    tags=("heavy-buffer",),
    expect=("PIP205", "SPD201"),
)
def examples_in_the_buffer(material: Material) -> Pair:
    images, labels = tf.constant(material.images(SIDE)), tf.constant(material.labels)
    load = lambda index: (tf.gather(images, index), tf.gather(labels, index))  # noqa: E731
    indices = tf.data.Dataset.range(120)
    return indices.map(load).shuffle(120).batch(BATCH), indices.shuffle(120).map(load).batch(BATCH)


@case(
    "webdataset-few-shards-per-worker",
    url="https://github.com/webdataset/webdataset/issues/71",
    cause="each worker mixes only its own few shards, and batches are built inside a worker",
    tags=("shuffle-buffer-too-small", "shard-bias"),
    expect=("ORD202", "ORD201", "ORD203"),
)
def mixed_inside_each_worker(material: Material) -> Pair:
    def by_worker(random: np.random.Generator) -> np.ndarray:
        parts = np.arange(120).reshape(6, 20)
        return np.concatenate([random.permutation(part) for part in parts])

    mixed = in_order_of(material, lambda random: random.permutation(120))
    return in_order_of(material, by_worker), mixed


@case(
    "webdataset-initial-100",
    url="https://github.com/webdataset/webdataset/issues/62",
    cause="the buffer gives examples before it is full, so the first ones are the first stored",
    tags=("shuffle-buffer-too-small",),
    expect=("ORD202", "ORD201"),
)
def begun_before_it_is_full(material: Material) -> Pair:
    def early(random: np.random.Generator) -> np.ndarray:
        held, given, coming = list(range(5)), [], iter(range(5, 120))
        while held:
            given.append(held.pop(int(random.integers(len(held)))))
            held += [row for row in (next(coming, None),) if row is not None]
        return np.array(given)

    mixed = in_order_of(material, lambda random: random.permutation(120))
    return in_order_of(material, early), mixed


@case(
    "yolov6-cache-ram-zero-ap",
    url="https://github.com/meituan/YOLOv6/issues/962",
    cause="pictures kept in memory were flipped in place, so they change under the reader",
    tags=("iterator-state-carried-over", "label-file-misalignment"),
    expect=("AUG201", "AUG204"),
)
def flipped_in_place(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    class Kept(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.kept = images.copy()
            self.random = np.random.default_rng()

        def __len__(self) -> int:
            return 12

        def __getitem__(self, index: int) -> Any:
            part = self.kept[index * BATCH : (index + 1) * BATCH]
            flip = self.random.random(BATCH) < 0.5
            part[flip] = part[flip, :, ::-1]
            return part.copy(), labels[index * BATCH : (index + 1) * BATCH]

    data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(BATCH)
    return Kept(), data


@case(
    "mosaic-buffer-with-ram-cache",
    url="https://github.com/ultralytics/ultralytics/issues/18938",
    cause="with a cache, the partners of a mixed picture come from a few recent ones only",
    tags=("augment-semantics", "shuffle-buffer-too-small"),
    expect=("AUG210",),
    gap="the partners of mixed pictures are not told apart, so two pools look alike",
)
def partners_from_recent_pictures(material: Material) -> Pair:
    images, labels = material.images(SIDE).astype(np.float32), material.labels

    def mixed(pool: int) -> Callable[[], Iterator[Any]]:
        random = np.random.default_rng()

        def walk() -> Iterator[Any]:
            for start in range(0, 120, BATCH):
                at = np.arange(start, start + BATCH)
                partner = (at - random.integers(1, pool, BATCH)) % 120
                yield 0.8 * images[at] + 0.2 * images[partner], labels[at]

        return walk

    return mixed(8), mixed(120)


@case(
    "autotune-map-oom-batch1",
    url="https://github.com/tensorflow/tensorflow/issues/33516",
    cause="fixed since: a map that chooses its own calls gives the same single examples",
    tags=("heavy-buffer", "library-version-drift"),
    expect=(),
)
def map_of_single_examples(material: Material) -> Pair:
    data = stored(material)
    scale = lambda x, y: (x / 255, y)  # noqa: E731
    chosen = data.map(scale, num_parallel_calls=tf.data.AUTOTUNE).batch(1)
    return chosen, data.map(scale, num_parallel_calls=2).batch(1)
