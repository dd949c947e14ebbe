"""Reports about what `fit` and `predict` did with a feed, or did not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.fitting import evaluated, fitted, predicted
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, stored

BATCH = 10


@case(
    "keras-shuffle-arg-ignored-for-dataset",
    url="https://github.com/keras-team/keras/issues/10695",
    cause="`fit(shuffle=True)` means nothing for a tf.data feed, which stayed sorted by class",
    tags=("fit-argument-ignored", "sorted-data-unshuffled"),
    expect=("FIT201",),
    also=("ORD201",),
)
def shuffle_beside_a_dataset(material: Material) -> Pair:
    feed = stored(material).batch(BATCH)
    arrays = material.images(SIDE), material.labels
    return fitted(feed, shuffle=True), fitted(*arrays, batch_size=BATCH, shuffle=True)


@case(
    "shuffle-true-warning-2026",
    url="https://github.com/keras-team/keras/pull/22777",
    cause="`shuffle=True` beside a PyDataset mixes batches, not examples",
    tags=("fit-argument-ignored",),
    expect=("ORD203", "FIT201"),
    also=("ORD201",),
)
def shuffle_beside_a_py_dataset(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    class InOrder(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(images) // BATCH

        def __getitem__(self, index: int) -> Any:
            rows = slice(index * BATCH, (index + 1) * BATCH)
            return images[rows], labels[rows]

    return (
        fitted(InOrder(), shuffle=True),
        fitted(images, labels, batch_size=BATCH, shuffle=True),
    )


@case(
    "fit-doc-shuffle-ignored-46492",
    url="https://github.com/tensorflow/tensorflow/issues/46492",
    cause="`shuffle=True` beside a tf.data feed changed no order; only `.shuffle` does",
    tags=("fit-argument-ignored",),
    expect=("FIT201", "ORD204"),
    also=("ORD201",),
)
def shuffle_argument_against_shuffle_step(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    rows = material.images(SIDE)[order], material.labels[order]
    data = tf.data.Dataset.from_tensor_slices(rows)
    return fitted(data.batch(BATCH), shuffle=True), fitted(data.shuffle(120).batch(BATCH))


@case(
    "batch-size-ignored-for-dataset",
    url="https://github.com/keras-team/keras/issues/18343",
    cause="`batch_size` beside a tf.data feed is ignored; the feed's own batches stay",
    tags=("fit-argument-ignored",),
    expect=("FIT201", "BAT201"),
)
def batch_size_beside_a_dataset(material: Material) -> Pair:
    arrays = material.images(SIDE), material.labels
    feed = stored(material).shuffle(120).batch(2)
    return fitted(feed, batch_size=24), fitted(*arrays, batch_size=24)


@case(
    "arrays-with-steps-make-huge-batches",
    url="https://github.com/tensorflow/tensorflow/issues/30346",
    cause="fixed since: arrays with a batch size and steps give batches of that size",
    tags=("fit-argument-ignored", "epoch-length-mismatch", "library-version-drift"),
    expect=(),
)
def arrays_with_steps(material: Material) -> Pair:
    arrays = material.images(SIDE), material.labels
    asked = fitted(*arrays, batch_size=BATCH, steps_per_epoch=12, shuffle=False)
    return asked, fitted(*arrays, batch_size=BATCH, shuffle=False)


@case(
    "sample-weight-third-element-ignored",
    url="https://github.com/tensorflow/tensorflow/issues/23634",
    cause="fixed since: weights as third part of an element reach the step",
    tags=("fit-argument-ignored", "library-version-drift"),
    expect=(),
)
def weights_in_the_feed(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    weights = np.where(labels == 0, 5.0, 1.0).astype(np.float32)
    feed = tf.data.Dataset.from_tensor_slices((images, labels, weights)).batch(BATCH)
    arrays = fitted(images, labels, sample_weight=weights, batch_size=BATCH, shuffle=False)
    return fitted(feed), arrays


@case(
    "predict-consumes-n-plus-one",
    url="https://github.com/tensorflow/tensorflow/issues/45459",
    cause="Keras takes one batch more of a generator than the steps it was asked for",
    tags=("iterator-state-carried-over",),
    expect=("FIT204",),
)
def one_batch_too_many(material: Material) -> Pair:
    images = material.images(SIDE)

    def walk() -> Iterator[Any]:
        for start in range(0, 120, BATCH):
            yield (images[start : start + BATCH],)

    feed = tf.data.Dataset.from_tensor_slices(images).batch(BATCH)
    return predicted(walk(), steps=3), predicted(feed, steps=3)


@case(
    "keras-sequence-vs-generator-dup",
    url="https://github.com/keras-team/keras/issues/11878",
    cause="a generator has no index: what `fit` draws ahead is gone when it is called again",
    tags=("worker-duplication", "iterator-state-carried-over"),
    expect=("ORD206",),
)
def generator_fitted_twice(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        while True:
            for start in range(0, 120, BATCH):
                yield images[start : start + BATCH], labels[start : start + BATCH]

    class ByIndex(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(images) // BATCH

        def __getitem__(self, index: int) -> Any:
            rows = slice(index * BATCH, (index + 1) * BATCH)
            return images[rows], labels[rows]

    generator = walk()
    fitted(generator, steps_per_epoch=9, epochs=1)
    by_index = ByIndex()
    fitted(by_index, steps_per_epoch=9, epochs=1, shuffle=False)
    return (
        fitted(generator, steps_per_epoch=9, epochs=1),
        fitted(by_index, steps_per_epoch=9, epochs=1, shuffle=False),
    )


def listed(material: Material, *, shuffle: bool = False, side: int = SIDE) -> Any:
    """A reader of 120 files by the legacy generator."""
    return ImageDataGenerator().flow_from_directory(
        material.folder(),
        target_size=(side, side),
        batch_size=BATCH,
        class_mode="sparse",
        shuffle=shuffle,
    )


@case(
    "predict-generator-skips-queue",
    url="https://github.com/keras-team/keras/issues/8002",
    cause="each call left the reader one batch further than it had predicted",
    tags=("iterator-state-carried-over",),
    expect=("ORD206",),
)
def predicted_by_queue(material: Material) -> Pair:
    images = material.images(SIDE)

    def walk() -> Iterator[Any]:
        while True:
            for start in range(0, 120, BATCH):
                yield (images[start : start + BATCH],)

    queued, fresh = walk(), walk()
    predicted(queued, steps=4)
    for _ in range(4):
        next(fresh)
    return predicted(queued, steps=4), predicted(fresh, steps=4)


@case(
    "ensemble-predict-no-reset",
    url="https://github.com/keras-team/keras/issues/6704",
    cause="one reader served several predictions and was not reset in between",
    tags=("iterator-state-carried-over",),
    expect=("ORD206",),
)
def predicted_without_reset(material: Material) -> Pair:
    images = material.images(SIDE)
    flow = ImageDataGenerator().flow(images, batch_size=BATCH, shuffle=False)

    def walk() -> Iterator[Any]:
        while True:
            yield (next(flow),)

    predicted(walk(), steps=5)
    second = predicted(walk(), steps=12)
    flow.reset()
    return second, predicted(walk(), steps=12)


@case(
    "eval-floor-steps-wrong-acc",
    url="https://github.com/keras-team/keras/issues/13212",
    cause="the reader had been used before, so predictions began at a later batch than the labels",
    tags=("iterator-state-carried-over", "predict-shuffled-misaligned"),
    expect=("ORD206",),
)
def used_reader(material: Material) -> Pair:
    used, fresh = listed(material), listed(material)
    for _ in range(3):
        next(used)

    def walk(flow: Any) -> Iterator[Any]:
        while True:
            yield next(flow)

    return evaluated(walk(used), steps=12), evaluated(walk(fresh), steps=12)
