"""Reports about steps, lengths and how many batches an epoch really has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grain
import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.fitting import fitted
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, stored

BATCH = 10
EPOCHS = 3


def in_order(images: np.ndarray, labels: np.ndarray, **options: Any) -> keras.utils.PyDataset:
    """A data set by index, twelve batches."""

    class InOrder(keras.utils.PyDataset):
        def __len__(self) -> int:
            return len(images) // BATCH

        def __getitem__(self, index: int) -> Any:
            rows = slice(index * BATCH, (index + 1) * BATCH)
            return images[rows], labels[rows]

    return InOrder(**options)


@case(
    "steps-per-epoch-dl-book",
    url="https://github.com/fchollet/deep-learning-with-python-notebooks/issues/153",
    cause="a reader of 12 batches was asked for 20 steps; it is finite now and ends early",
    tags=("epoch-length-mismatch", "library-version-drift"),
    expect=("FIT204", "BAT211"),
)
def more_steps_than_batches(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    made = [ImageDataGenerator().flow(images, labels, BATCH, shuffle=False) for _ in range(2)]
    asked = fitted(made[0], steps_per_epoch=20, epochs=EPOCHS, shuffle=False)
    return asked, fitted(made[1], epochs=EPOCHS, shuffle=False)


@case(
    "skimlit-ran-out-mid-epoch-11",
    url="https://github.com/abhi8893/tensorflow-deep-learning-mrdbourke/issues/70",
    cause="a tenth of the batches per epoch, one iterator for all: after ten epochs nothing is left",
    tags=("epoch-length-mismatch",),
    expect=("BAT207", "FIT204"),
)
def a_tenth_per_epoch(material: Material) -> Pair:
    feed = stored(material).batch(BATCH)
    return fitted(feed, steps_per_epoch=1, epochs=EPOCHS), fitted(feed, epochs=EPOCHS)


@case(
    "val-iterator-not-reset",
    url="https://github.com/tensorflow/tensorflow/issues/25254",
    cause="`validation_steps` below the number of batches validates on a part only",
    tags=("eval-covers-partial-set", "iterator-state-carried-over", "library-version-drift"),
    expect=("BAT207",),
)
def validation_cut(material: Material) -> Pair:
    feed = stored(material).batch(BATCH)
    options = {"validation_data": feed, "role": "validation"}
    return fitted(feed, validation_steps=4, **options), fitted(feed, **options)


@case(
    "keras-core-infinite-validation",
    url="https://github.com/keras-team/keras-core/issues/720",
    cause="fixed since: a validation by an endless generator stops after its steps",
    tags=("epoch-length-mismatch",),
    expect=(),
)
def endless_validation(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        while True:
            for start in range(0, 30, BATCH):
                yield images[start : start + BATCH], labels[start : start + BATCH]

    feed = stored(material).take(30).batch(BATCH)
    data = stored(material).batch(BATCH)
    options = {"role": "validation", "validation_steps": 3}
    return (
        fitted(data, validation_data=walk(), epochs=1, **options),
        fitted(data, validation_data=feed, epochs=1, **options),
    )


@case(
    "probing-vits-cardinality-batches",
    url="https://github.com/sayakpaul/probing-vits/issues/6",
    cause="`cardinality()` behind `batch` was taken for examples, so a schedule had a tenth of them",
    tags=("epoch-length-mismatch",),
    expect=("BAT202", "BAT204", "FIT204", "BAT207"),
    also=("BAT205",),
)
def batches_for_examples(material: Material) -> Pair:
    data = stored(material)
    batched = data.batch(BATCH)
    taken_for_examples = int(batched.cardinality())
    options = {"epochs": EPOCHS}
    return (
        fitted(batched.repeat(), steps_per_epoch=taken_for_examples // BATCH, **options),
        fitted(batched.repeat(), steps_per_epoch=int(data.cardinality()) // BATCH, **options),
    )


@case(
    "ignore-errors-cardinality",
    url="https://github.com/keras-team/keras/issues/14590",
    cause="broken rows are left out in silence, and the stated length still counts them",
    tags=("epoch-length-mismatch", "file-set-mismatch"),
    expect=("BAT202", "BAT205"),
    also=("BAT204",),
)
def errors_ignored(material: Material) -> Pair:
    images = material.images(SIDE).astype(np.float32) / 255
    broken = images.copy()
    broken[::8, 0, 0, 0] = np.nan

    def checked(values: np.ndarray) -> tf.data.Dataset:
        data = tf.data.Dataset.from_tensor_slices((values, material.labels))
        return data.map(lambda x, y: (tf.debugging.check_numerics(x, "broken"), y))

    return checked(broken).ignore_errors().batch(BATCH), checked(images).batch(BATCH)


@case(
    "sequence-index0-twice",
    url="https://github.com/keras-team/keras/issues/17946",
    cause="Keras looks at the first batches beforehand, which moves an iterator inside the data set",
    tags=("iterator-state-carried-over", "epoch-length-mismatch"),
    expect=("ORD206", "FIT204"),
)
def index_not_used(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    straight = in_order(images, labels)

    class Advancing(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.at = 0

        def __len__(self) -> int:
            return 12

        def __getitem__(self, index: int) -> Any:
            rows = slice(self.at * BATCH, (self.at + 1) * BATCH)
            self.at = (self.at + 1) % 12
            return images[rows], labels[rows]

    return fitted(Advancing(), shuffle=False), fitted(straight, shuffle=False)


@case(
    "pydataset-steps-multiprocessing",
    url="https://github.com/keras-team/keras/issues/20032",
    cause="steps beside a data set with workers go on in one pass until nothing is left",
    tags=("epoch-length-mismatch",),
    expect=("BAT207", "FIT204"),
)
def steps_beside_workers(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    options = {"epochs": EPOCHS, "shuffle": False}
    return (
        fitted(in_order(images, labels, workers=2), steps_per_epoch=7, **options),
        fitted(in_order(images, labels), **options),
    )


@case(
    "steps-per-epoch-which-batches",
    url="https://github.com/keras-team/keras/issues/20030",
    cause="each epoch takes the next few batches, not the same ones and not all",
    tags=("epoch-length-mismatch", "eval-covers-partial-set"),
    expect=("BAT207",),
)
def a_few_steps(material: Material) -> Pair:
    feed = stored(material).shuffle(120).batch(BATCH)
    return fitted(feed, steps_per_epoch=3, epochs=4), fitted(feed, epochs=4)


@case(
    "no-repeat-for-dataloader-arrays",
    url="https://github.com/keras-team/keras/issues/19037",
    cause="arrays were asked for twice their batches per epoch and cannot repeat",
    tags=("epoch-length-mismatch",),
    expect=("BAT211", "BAT202"),
)
def arrays_do_not_repeat(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    feed = stored(material).batch(BATCH).repeat()
    return (
        fitted(images, labels, batch_size=BATCH, steps_per_epoch=24, shuffle=False),
        fitted(feed, steps_per_epoch=24),
    )


@case(
    "grain-num-batches-none",
    url="https://github.com/keras-team/keras-hub/pull/2879",
    cause="a repeated Grain pipeline states no length, so only the steps end an epoch",
    tags=("epoch-length-mismatch",),
    expect=("BAT204",),
)
def grain_without_a_length(material: Material) -> Pair:
    rows = list(zip(material.images(SIDE), material.labels, strict=True))
    repeated = grain.MapDataset.source(rows).repeat().batch(BATCH)
    return repeated, stored(material).batch(BATCH)


@case(
    "steps-per-epoch-dataset-unusable",
    url="https://github.com/tensorflow/tensorflow/issues/36539",
    cause="seven steps of ten batches: the second epoch has three, and no epoch is a pass",
    tags=("epoch-length-mismatch",),
    expect=("BAT207",),
)
def seven_of_ten(material: Material) -> Pair:
    feed = stored(material).take(100).batch(BATCH)
    return fitted(feed, steps_per_epoch=7, epochs=EPOCHS), fitted(feed, epochs=EPOCHS)


@case(
    "tf21-vs-22-step-exhaustion",
    url="https://github.com/tensorflow/tensorflow/issues/39639",
    cause="fixed since: as many steps as batches run in every epoch",
    tags=("epoch-length-mismatch", "library-version-drift"),
    expect=(),
)
def exactly_enough_steps(material: Material) -> Pair:
    feed = stored(material).batch(BATCH)
    return fitted(feed, steps_per_epoch=12, epochs=EPOCHS), fitted(feed, epochs=EPOCHS)


@case(
    "validation-steps-more-than-data-58966",
    url="https://github.com/tensorflow/tensorflow/issues/58966",
    cause="fixed since: more validation steps than batches use every batch, with a warning",
    tags=("epoch-length-mismatch", "eval-covers-partial-set", "library-version-drift"),
    expect=(),
)
def more_validation_steps_than_batches(material: Material) -> Pair:
    feed = stored(material).batch(BATCH)
    options = {"validation_data": feed.take(3), "role": "validation"}
    return fitted(feed, validation_steps=5, **options), fitted(feed, **options)


@case(
    "val-numpy-iterator-exhausted-62444",
    url="https://github.com/tensorflow/tensorflow/issues/62444",
    cause="a generator cannot begin again, so each validation goes on where the last one stopped",
    tags=("epoch-length-mismatch", "iterator-state-carried-over"),
    expect=("BAT212",),
)
def validation_goes_on(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        for start in range(0, 120, BATCH):
            yield images[start : start + BATCH], labels[start : start + BATCH]

    feed = stored(material).batch(BATCH)
    options = {"role": "validation", "validation_steps": 4, "epochs": 2}
    return (
        fitted(feed, validation_data=walk(), **options),
        fitted(feed, validation_data=feed, **options),
    )
