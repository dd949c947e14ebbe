"""Reports about caches that freeze, never fill, or hold too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, stored

BATCH = 10


def worked(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What is worth caching: the picture multiplied by a matrix, many times."""
    grey = tf.reduce_mean(tf.cast(image, tf.float32), axis=-1)
    matrix = tf.tile(grey, (24, 24)) / 255
    for _ in range(3):
        matrix = tf.linalg.matmul(matrix, matrix)
        matrix /= tf.norm(matrix)
    return tf.cast(image, tf.float32) + 1e-6 * matrix[0, 0], label


@case(
    "parrot-cached-augmentation",
    url="https://github.com/chaosparrot/parrot.py/issues/14",
    cause="the loader remembered augmented items, so every epoch repeats the first one's",
    tags=("cache-freezes-randomness",),
    expect=("AUG202",),
)
def remembered_augmentation(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    class Fresh(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.random = np.random.default_rng()

        def __len__(self) -> int:
            return len(images) // BATCH

        def __getitem__(self, index: int) -> Any:
            rows = slice(index * BATCH, (index + 1) * BATCH)
            flip = self.random.random(BATCH) < 0.5
            gain = self.random.uniform(0.7, 1.0, (BATCH, 1, 1, 1))
            chosen = images[rows] * gain
            chosen[flip] = chosen[flip, :, ::-1]
            return chosen.astype(np.float32), labels[rows]

    class Remembering(Fresh):
        def __init__(self) -> None:
            super().__init__()
            self.made: dict[int, Any] = {}

        def __getitem__(self, index: int) -> Any:
            if index not in self.made:
                self.made[index] = super().__getitem__(index)
            return self.made[index]

    return Remembering(), Fresh()


def _walked(images: np.ndarray, labels: np.ndarray) -> Iterator[Any]:
    flow = ImageDataGenerator(rescale=1 / 255).flow(images, labels, BATCH, shuffle=False)
    while True:
        yield next(flow)


@case(
    "cache-on-infinite-idg-generator",
    url="https://github.com/tensorflow/tensorflow/issues/46807",
    cause="the cached stream never ends, so the cache is never whole and never used",
    tags=("cache-incomplete", "epoch-length-mismatch"),
    expect=("PIP204",),
    also=("BAT206",),
)
def cache_of_an_endless_stream(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    spec = (
        tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32),
        tf.TensorSpec((None,), tf.int64),
    )
    made = tf.data.Dataset.from_generator(lambda: _walked(images, labels), output_signature=spec)
    return made.cache(), made.take(len(images) // BATCH).cache()


@case(
    "cache-not-fully-read-take-repeat",
    url="https://github.com/tensorflow/tensorflow/issues/42773",
    cause="only a part of the cached data is taken, so the cache is thrown away each time",
    tags=("cache-incomplete", "epoch-length-mismatch"),
    expect=("PIP204",),
)
def cache_read_in_part(material: Material) -> Pair:
    data = stored(material).map(worked)
    bad = data.cache().take(60).batch(BATCH)
    good = data.take(60).cache().batch(BATCH)
    return bad, good


@case(
    "file-cache-warning-false-positive",
    url="https://github.com/tensorflow/tensorflow/issues/122752",
    cause="the cache in a file was whole; only the warning said otherwise",
    tags=("cache-incomplete",),
    expect=(),
)
def cache_in_a_file(material: Material) -> Pair:
    data = stored(material).map(lambda x, y: (x / 255, y))
    path = str(material.empty_folder() / "cache")
    return data.cache(path).batch(BATCH), data.cache().batch(BATCH)


@case(
    "file-cache-shuffle-mid-epoch",
    url="https://github.com/tensorflow/tensorflow/issues/55361",
    cause="a shuffle behind the cache runs ahead of the reader: the cache is whole before the epoch ends",
    tags=("cache-incomplete", "heavy-buffer"),
    expect=("ORD204", "ORD201", "ORD202"),
)
def shuffle_behind_a_file_cache(material: Material) -> Pair:
    data = stored(material).map(lambda x, y: (x / 255, y))
    paths = [str(material.empty_folder() / "cache") for _ in range(2)]
    return data.cache(paths[0]).shuffle(12).batch(BATCH), data.cache(paths[1]).batch(BATCH)


@case(
    "file-cache-loads-in-memory",
    url="https://github.com/tensorflow/tensorflow/issues/50579",
    cause="a cache that was meant for the disk held on to memory; the examples are the same",
    tags=("heavy-buffer",),
    expect=("PIP201",),
)
def cache_against_none(material: Material) -> Pair:
    data = stored(material).map(lambda x, y: (x / 255, y))
    path = str(material.empty_folder() / "cache")
    return data.cache(path).batch(BATCH), data.batch(BATCH)
