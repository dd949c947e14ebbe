"""Reports about labels, predictions and validations that came from another pass or part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.fitting import evaluated, fitted, predicted, traces_of
from tests.corpus.material import Material
from tests.corpus.stored import SIDE

BATCH = 10


def flow(material: Material, *, shuffle: bool, batch: int = BATCH) -> Any:
    """A reader of the folder as reports use it."""
    return ImageDataGenerator().flow_from_directory(
        material.folder(),
        target_size=(SIDE, SIDE),
        batch_size=batch,
        class_mode="sparse",
        shuffle=shuffle,
    )


def listed(material: Material, **options: Any) -> Any:
    """The folder by its modern reader, which shuffles unless told otherwise."""
    return keras.utils.image_dataset_from_directory(
        material.folder(), image_size=(SIDE, SIDE), batch_size=BATCH, verbose=False, **options
    )


def of_one_run(*arrays: Any, **arguments: Any) -> Pair:
    """What a call of `fit` trained on, and what it validated on."""
    roles = {trace.role: trace for trace in traces_of("fit", *arrays, epochs=2, **arguments)}
    return roles["fit"], roles["validation"]


@case(
    "confusion-matrix-shuffled-generator-vgg",
    url="https://github.com/keras-team/keras/issues/11427",
    cause="predictions came in a shuffled order and were held against labels in folder order",
    tags=("predict-shuffled-misaligned", "partial-last-batch"),
    expect=("ORD207",),
)
def shuffled_reader_predicted(material: Material) -> Pair:
    return (
        predicted(flow(material, shuffle=True)),
        predicted(flow(material, shuffle=False)),
    )


@case(
    "history-vs-evaluate-shuffle",
    url="https://github.com/keras-team/keras/issues/10014",
    cause="a shuffled validation with the steps rounded down leaves out others each time",
    tags=("predict-shuffled-misaligned", "eval-covers-partial-set"),
    expect=("BAT207", "BAT205"),
)
def validation_rounded_down(material: Material) -> Pair:
    return (
        evaluated(flow(material, shuffle=True, batch=32), steps=120 // 32),
        evaluated(flow(material, shuffle=False, batch=32)),
    )


@case(
    "image-dataset-from-directory-label-shuffle",
    url="https://github.com/tensorflow/tensorflow/issues/50124",
    cause="labels and predictions were read in two passes, each of which is shuffled anew",
    tags=("predict-shuffled-misaligned",),
    expect=("ORD207",),
)
def labels_of_another_pass(material: Material) -> Pair:
    return predicted(listed(material)), predicted(listed(material, shuffle=False))


@case(
    "whosebug-evaluate-86-predict-35",
    url="https://whosebug.com/question/6254264/Keras-discrepancy-between-evaluate-and-predict",
    cause="labels were collected in one pass and predictions made in another of a shuffled reader",
    tags=("predict-shuffled-misaligned",),
    expect=("ORD207",),
)
def predicted_after_evaluating(material: Material) -> Pair:
    shuffled = listed(material, seed=4)
    evaluated(shuffled)
    return predicted(shuffled), predicted(listed(material, shuffle=False))


@case(
    "megadetector-normalized-vs-uint8",
    url="https://github.com/microsoft/Biodiversity/issues/161",
    cause="one export expects values of 0..1 and was given 0..255",
    tags=("missing-rescale", "train-eval-serve-skew"),
    # The model of these cases scales its input itself, as the report's did.
    expect=("FIT205", "VAL203", "VAL201", "VAL202"),
)
def served_without_scaling(material: Material) -> Pair:
    images = material.images(SIDE)
    return predicted(images), predicted((images / 255).astype(np.float32))


@case(
    "fit-validation-split-tail",
    url="https://github.com/tensorflow/tensorflow/issues/53211",
    cause="`validation_split` takes the last rows, which were those of one class",
    tags=("split-not-random",),
    expect=("BAT210",),
)
def validated_on_the_tail(material: Material) -> Pair:
    return of_one_run(
        material.images(SIDE), material.labels, validation_split=0.2, batch_size=BATCH
    )


@case(
    "keras-shuffle-after-validation-split",
    url="https://github.com/keras-team/keras/issues/6422",
    cause="arrays sorted by class are split first and shuffled afterwards",
    tags=("split-not-random", "sorted-data-unshuffled"),
    expect=("BAT210", "BAT205"),
)
def split_before_the_shuffle(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    order = np.random.default_rng(0).permutation(120)
    options = {"validation_split": 0.3, "batch_size": BATCH, "role": "validation"}
    return fitted(images, labels, **options), fitted(images[order], labels[order], **options)


@case(
    "flow-dataframe-sorted-names",
    url="https://github.com/keras-team/keras/issues/11841",
    cause="an early reader sorted the file names instead of keeping the rows of the table",
    tags=("label-file-misalignment", "library-version-drift"),
    expect=("ORD207",),
)
def table_in_two_orders(material: Material) -> Pair:
    folder = material.folder()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    random = np.random.default_rng(0)
    table = pd.DataFrame({"filename": random.permutation(names)})
    table["class"] = table["filename"].str.split("/").str[0]
    options = {
        "target_size": (SIDE, SIDE), "batch_size": BATCH, "shuffle": False, "class_mode": "sparse",
    }  # fmt: skip
    made = [
        ImageDataGenerator().flow_from_dataframe(rows, str(folder), **options)
        for rows in (table.sort_values("filename"), table)
    ]
    return predicted(made[0]), predicted(made[1])


@case(
    "evaluate-generator-last-batch",
    url="https://github.com/keras-team/keras/issues/13780",
    cause="fixed since: an evaluation of a generator counts every batch",
    tags=("metric-aggregation", "library-version-drift"),
    expect=(),
)
def evaluated_by_a_generator(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        for start in range(0, 120, BATCH):
            yield images[start : start + BATCH], labels[start : start + BATCH]

    return evaluated(walk()), evaluated(images, labels, batch_size=BATCH)


@case(
    "triton-resize-client-side",
    url="https://github.com/NVIDIA/dl-inference-server/issues/15",
    cause="the client resized by another rule than the network was trained with",
    tags=("resize-backend-mismatch", "train-eval-serve-skew"),
    expect=("PIX201", "PIX202", "PIX207"),
)
def resized_by_the_client(material: Material) -> Pair:
    photos = [photo.crop((0, 0, 96, 90)).resize((96, 96)) for photo in material.photos()]
    large = np.stack([np.asarray(photo) for photo in photos])
    server = tf.compat.v1.image.resize_bilinear(large.astype(np.float32), (32, 32)).numpy()
    client = np.stack(
        [np.asarray(photo.resize((32, 32), Image.Resampling.BILINEAR)) for photo in photos]
    ).astype(np.float32)
    return (client, material.labels), (server, material.labels)


@case(
    "keras-fit-vs-fit-generator-2389",
    url="https://github.com/keras-team/keras/issues/2389",
    cause="the generator walked the data in one order; `fit` mixes arrays in each epoch",
    tags=("shuffle-once-not-per-epoch", "iterator-state-carried-over"),
    expect=("ORD204", "FIT201"),
)
def generator_in_one_order(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    images, labels = material.images(SIDE)[order], material.labels[order]

    def walk() -> Iterator[Any]:
        while True:
            for start in range(0, 120, BATCH):
                yield images[start : start + BATCH], labels[start : start + BATCH]

    return (
        fitted(images, labels, batch_size=BATCH),
        fitted(walk(), steps_per_epoch=12),
    )
