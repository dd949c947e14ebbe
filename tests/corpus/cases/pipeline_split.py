"""Reports about training and validation that share examples, or were not split at random."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.fitting import traces_of
from tests.corpus.material import CLASSES, Material
from tests.corpus.stored import SIDE, stored
from twinfeed.observe.tap import Watch, tapped

BATCH = 10


def of_one_run(train: Any, held: Any, **options: Any) -> Pair:
    """What a training took, and what it was validated on."""
    traces = traces_of("fit", train, validation_data=held, epochs=3, **options)
    roles = {trace.role: trace for trace in traces}
    return roles["fit"], roles["validation"]


@case(
    "shuffle-then-take-skip-leak",
    url="https://github.com/tensorflow/tensorflow/issues/59279",
    cause="take and skip behind a shuffle draw other parts in each epoch, so they share examples",
    tags=("split-leak",),
    expect=("BAT208",),
)
def taken_behind_a_shuffle(material: Material) -> Pair:
    mixed = stored(material).shuffle(120)
    return of_one_run(mixed.take(90).batch(BATCH), mixed.skip(90).batch(BATCH))


@case(
    "marin-train-shuffled-val-not",
    url="https://github.com/marin-community/marin/pull/2700",
    cause="one side was shuffled before it was cut and the other was not",
    tags=("split-leak",),
    expect=("BAT208",),
)
def one_side_shuffled_first(material: Material) -> Pair:
    data = stored(material)
    train = data.shuffle(120, seed=1, reshuffle_each_iteration=False).skip(24)
    return of_one_run(train.batch(BATCH), data.take(24).batch(BATCH))


@case(
    "rl4lms-two-shuffles-one-split",
    url="https://github.com/allenai/RL4LMs/issues/47",
    cause="two calls shuffled for themselves before each took its part",
    tags=("split-leak",),
    expect=("BAT208",),
)
def two_seeds(material: Material) -> Pair:
    folder = material.folder()
    options = {
        "validation_split": 0.2, "image_size": (SIDE, SIDE), "batch_size": BATCH, "verbose": False,
    }  # fmt: skip
    read = keras.utils.image_dataset_from_directory
    train = read(folder, seed=1, subset="training", **options)
    held = read(folder, seed=2, subset="validation", **options)
    return of_one_run(train, held)


@case(
    "shuffle-take-repeat-new-subset",
    url="https://github.com/tensorflow/tensorflow/issues/46982",
    cause="a repeat behind shuffle and take draws another subset in each round",
    tags=("split-leak", "shuffle-misplaced"),
    expect=("BAT209",),
    also=("BAT205",),
)
def another_subset_each_round(material: Material) -> Pair:
    data = stored(material)
    bad = data.shuffle(120).take(30).repeat(3).batch(BATCH)
    good = data.shuffle(120, reshuffle_each_iteration=False).take(30).repeat(3).batch(BATCH)
    return bad, good


@case(
    "flow-split-takes-first-files",
    url="https://github.com/keras-team/keras-preprocessing/pull/254",
    cause="the validation is the first files of each class in order of their names",
    tags=("split-not-random",),
    expect=("BAT205", "BAT213"),
)
def first_files(material: Material) -> Pair:
    folder = material.folder()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    table = pd.DataFrame({"filename": np.random.default_rng(0).permutation(names)[:24]})
    table["class"] = table["filename"].str.split("/").str[0]
    options = {"target_size": (SIDE, SIDE), "batch_size": BATCH, "class_mode": "sparse"}
    first = ImageDataGenerator(validation_split=0.2).flow_from_directory(
        folder, subset="validation", **options
    )
    return first, ImageDataGenerator().flow_from_dataframe(table, str(folder), **options)


@case(
    "flow-split-vs-directory-split",
    url="https://github.com/keras-team/keras-preprocessing/issues/290",
    cause="the last four fifths of each class by name, against a split that is drawn with a seed",
    tags=("split-not-random",),
    expect=("BAT213",),
)
def by_name_or_by_seed(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    by_name = ImageDataGenerator(validation_split=0.2).flow_from_directory(
        folder, target_size=(SIDE, SIDE), class_mode="sparse", subset="training", seed=1
    )
    return by_name, keras.utils.image_dataset_from_directory(
        folder,
        image_size=(SIDE, SIDE),
        validation_split=0.2,
        subset="training",
        seed=1,
        verbose=False,
    )


@case(
    "dataframe-split-before-shuffle",
    url="https://github.com/tensorflow/tensorflow/issues/38430",
    cause="a table sorted by class was split by its rows, so the validation has one class",
    tags=("split-not-random", "sorted-data-unshuffled"),
    expect=("BAT210",),
)
def table_split_by_rows(material: Material) -> Pair:
    folder = material.folder()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    table = pd.DataFrame({"filename": names})
    table["class"] = table["filename"].str.split("/").str[0]
    generator = ImageDataGenerator(validation_split=0.25)
    parts = [
        generator.flow_from_dataframe(
            table, str(folder), target_size=(SIDE, SIDE), batch_size=BATCH, subset=subset,
            class_mode="sparse", classes=list(CLASSES),
        )
        for subset in ("training", "validation")
    ]  # fmt: skip
    return of_one_run(*parts)


@case(
    "keras-multiproc-same-data",
    url="https://github.com/keras-team/keras/issues/3362",
    cause="four processes with one seed each served the same examples",
    tags=("worker-duplication",),
    expect=("BAT206",),
    also=("BAT205",),
)
def four_equal_workers(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def served(seeds: tuple[int, ...]) -> Any:
        def walk() -> Any:
            orders = [np.random.default_rng(seed).permutation(120) for seed in seeds]
            for start in range(0, 120 // len(seeds), BATCH):
                for order in orders:
                    rows = order[start : start + BATCH]
                    yield images[rows], labels[rows]

        return walk

    return served((1, 1, 1, 1)), served((1,))


@case(
    "autoshard-same-chunk",
    url="https://github.com/tensorflow/tensorflow/issues/56513",
    cause="without sharding both workers read everything; sharding by data gives each a half",
    tags=("shard-bias",),
    expect=("BAT206", "BAT202"),
)
def unsharded_workers(material: Material) -> Pair:
    data = stored(material)
    shards = [data.shard(2, index) for index in range(2)]
    both = tf.data.Dataset.sample_from_datasets([data, data], seed=1)
    return both.batch(BATCH), shards[0].concatenate(shards[1]).batch(BATCH)


@case(
    "dataset-shard-after-shuffle-unseeded",
    url="https://github.com/tensorflow/tensorflow/issues/42146",
    cause="each worker shuffled for itself before it took its share, so shares overlap",
    tags=("shard-bias", "epoch-length-mismatch"),
    expect=("BAT206", "BAT209", "BAT205"),
    also=("BAT205",),
)
def sharded_behind_a_shuffle(material: Material) -> Pair:
    data = stored(material)
    bad = [data.shuffle(120, seed=seed).shard(2, seed) for seed in range(2)]
    good = [data.shard(2, index).shuffle(60) for index in range(2)]
    return bad[0].concatenate(bad[1]).batch(BATCH), good[0].concatenate(good[1]).batch(BATCH)


@case(
    "torch-datapipe-shard-shuffle-tail",
    url="https://github.com/meta-pytorch/data/issues/302",
    cause="each worker ends with a small batch of its own, which batch normalisation feels",
    tags=("shard-bias", "partial-last-batch"),
    expect=("BAT201", "BAT203", "BAT202"),
)
def a_tail_per_worker(material: Material) -> Pair:
    data = stored(material)
    workers = [data.shard(8, index).shuffle(15).batch(8) for index in range(8)]
    joined = workers[0]
    for worker in workers[1:]:
        joined = joined.concatenate(worker)
    return joined, data.shuffle(120).batch(8)


@case(
    "fraud-multiplied-before-split",
    url="https://github.com/georgymh/ml-fraud-detection/issues/1",
    cause="rows of the rare class were multiplied between their neighbours before the split",
    tags=("split-leak",),
    expect=("BAT208",),
)
def multiplied_rows(material: Material) -> Pair:
    del material
    random = np.random.default_rng(6)
    spread = np.linspace(4, 0.5, 29)
    common, rare = (random.normal(size=(count, 29)) * spread for count in (600, 40))
    apart = ((rare[:, np.newaxis] - rare) ** 2).sum(axis=-1)
    one = random.integers(0, 40, 560)
    other = np.argsort(apart, axis=1)[one, random.integers(1, 6, 560)]
    made = rare[one] + random.random((560, 1)) * (rare[other] - rare[one])
    order = random.permutation(1200)
    x = np.concatenate([common, rare, made])[order].astype(np.float32)
    y = np.repeat([0.0, 1.0], 600)[order]
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    with tapped(Watch()) as watch:
        held = (x[840:], y[840:])
        model.fit(x[:840], y[:840], validation_data=held, batch_size=60, epochs=2, verbose=0)
    roles = {trace.role: trace for trace in watch.traces()}
    return roles["fit"], roles["validation"]
