"""Reports about randomness and order that repeat, freeze, or differ from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.fitting import fitted
from tests.corpus.material import Material
from tests.corpus.stored import SIDE, read, records, stored

BATCH = 10


@case(
    "numpy-random-frozen-in-map",
    url="https://github.com/tensorflow/tensorflow/issues/60848",
    cause="numpy's random number was drawn once, while the map was traced",
    tags=("random-frozen-at-trace",),
    expect=("AUG202", "AUG201", "AUG206"),
)
def numpy_inside_a_map(material: Material) -> Pair:
    data = stored(material).map(lambda x, y: (tf.cast(x, tf.float32), y))
    random = np.random.default_rng()
    bad = data.map(lambda x, y: (x * random.uniform(0.6, 1.0), y))
    good = data.map(lambda x, y: (x * tf.random.uniform([], 0.6, 1.0), y))
    return bad.batch(BATCH), good.batch(BATCH)


@case(
    "randomflip-unbatched-all-same",
    url="https://github.com/tensorflow/tensorflow/issues/59496",
    cause="not seen today: flips of single examples in parallel calls are drawn one by one",
    tags=("order-not-reproducible", "library-version-drift"),
    expect=(),
)
def flips_in_parallel(material: Material) -> Pair:
    data = stored(material)
    layer = keras.layers.RandomFlip("vertical")
    first = data.map(lambda x, y: (layer(x, training=True), y), num_parallel_calls=8)
    second = data.map(lambda x, y: (layer(x, training=True), y), num_parallel_calls=2)
    return first.batch(BATCH), second.batch(BATCH)


@case(
    "deterministic-map-with-random-ops",
    url="https://github.com/tensorflow/tensorflow/issues/44491",
    cause="parallel calls race for the generator, so equal seeds give other draws per run",
    tags=("order-not-reproducible",),
    expect=("AUG203",),
)
def seeded_and_parallel(material: Material) -> Pair:
    data = stored(material)
    seeds = tf.data.Dataset.range(120)
    bad = data.map(lambda x, y: (tf.image.random_flip_left_right(x), y), num_parallel_calls=4)
    good = tf.data.Dataset.zip(data, seeds).map(
        lambda row, n: (tf.image.stateless_random_flip_left_right(row[0], (0, n)), row[1])
    )
    return bad.batch(BATCH), good.batch(BATCH)


@case(
    "yolact-random-once-per-run",
    url="https://github.com/dbolya/yolact/issues/455",
    cause="the draws restart from one state per item, so an example always looks the same",
    tags=("seed-repeats-randomness", "worker-duplication"),
    expect=("AUG203", "AUG202"),
)
def one_state_per_item(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def served(*, restarted: bool) -> Any:
        running = np.random.default_rng()

        def walk() -> Any:
            random = np.random.default_rng(7) if restarted else running
            for start in range(0, 120, BATCH):
                rows = slice(start, start + BATCH)
                gains = random.uniform(0.5, 1.0, (BATCH, 1, 1, 1))
                yield (images[rows] * gains).astype(np.float32), labels[rows]

        return walk

    return served(restarted=True), served(restarted=False)


@case(
    "global-seed-same-augment-every-epoch",
    url="https://github.com/tensorflow/tensorflow/issues/35682",
    cause="a seed makes each pass over the map draw alike; one repeated pass does not",
    tags=("seed-repeats-randomness",),
    expect=("AUG203",),
)
def seeded_map(material: Material) -> Pair:
    made = stored(material).map(
        lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32), 40, seed=1), y)
    )
    data = made.batch(BATCH)
    return fitted(data), fitted(data.repeat(), steps_per_epoch=12)


@case(
    "map-random-same-each-pass",
    url="https://github.com/tensorflow/tensorflow/issues/44195",
    cause="each new pass over a seeded map restarts its random numbers",
    tags=("seed-repeats-randomness",),
    expect=("AUG203",),
)
def each_pass_alike(material: Material) -> Pair:
    data = stored(material).map(lambda x, y: (tf.cast(x, tf.float32), y))
    bad = data.map(lambda x, y: (tf.image.random_brightness(x, 40, seed=3), y))
    good = data.map(lambda x, y: (tf.image.random_brightness(x, 40), y))
    return bad.batch(BATCH), good.batch(BATCH)


@case(
    "unet-seed-default-1",
    url="https://github.com/zhixuhao/unet/issues/87",
    cause="no fault of one run: a fixed seed repeats the draws of the run before, not of the epoch",
    tags=("seed-repeats-randomness",),
    expect=(),
)
def one_seed_for_each_run(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels
    generator = ImageDataGenerator(horizontal_flip=True, brightness_range=(0.6, 1.0))
    return (
        generator.flow(images, labels, BATCH, shuffle=False, seed=1),
        generator.flow(images, labels, BATCH, shuffle=False),
    )


@case(
    "image-dataset-no-fixed-order",
    url="https://github.com/keras-team/keras/issues/17264",
    cause="a seeded reader has another order in each pass, so two models see two orders",
    tags=("order-not-reproducible",),
    expect=("ORD205", "ORD204"),
)
def second_pass_of_one_reader(material: Material) -> Pair:
    folder = material.folder()

    def passes(number: int) -> Any:
        def walk() -> Any:
            feed = keras.utils.image_dataset_from_directory(
                folder, image_size=(SIDE, SIDE), batch_size=BATCH, seed=1, verbose=False
            )
            return [list(feed.as_numpy_iterator()) for _ in range(number)][-1]

        return walk

    return passes(1), passes(2)


@case(
    "tfds-order-changes-with-version",
    url="https://github.com/tensorflow/datasets/issues/1199",
    cause="records are written in the order of a hash that another version computes otherwise",
    tags=("order-not-reproducible", "library-version-drift"),
    expect=("ORD205",),
)
def written_in_another_order(material: Material) -> Pair:
    random = np.random.default_rng(0)
    orders = [random.permutation(120) for _ in range(2)]
    first, second = (read(records(material, order=order)).batch(BATCH) for order in orders)
    return first, second


@case(
    "list-files-nondeterministic-default",
    url="https://github.com/tensorflow/models/pull/5098",
    cause="`list_files` shuffles the names unless it is told not to",
    tags=("order-not-reproducible",),
    expect=("ORD204", "ORD205", "ORD201"),
)
def names_shuffled_by_default(material: Material) -> Pair:
    folder = Path(material.folder())

    def decoded(path: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        picture = tf.io.decode_png(tf.io.read_file(path), channels=3)
        return tf.image.resize(picture, (SIDE, SIDE)), tf.strings.length(path)

    made = [
        tf.data.Dataset.list_files(str(folder / "*" / "*.png"), shuffle=shuffle).map(decoded)
        for shuffle in (None, False)
    ]
    return made[0].batch(BATCH), made[1].batch(BATCH)


@case(
    "tfds-shuffle-files-single-shard",
    url="https://github.com/tensorflow/datasets/issues/3034",
    cause="the set has one shard, so shuffling its files changes nothing",
    tags=("shard-bias",),
    expect=("ORD204", "ORD201"),
)
def one_file_shuffled(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    paths = records(material, order=order)
    files = tf.data.Dataset.from_tensor_slices(paths).shuffle(1)
    return files.interleave(read_one).batch(BATCH), read(paths).shuffle(120).batch(BATCH)


def read_one(path: tf.Tensor) -> tf.data.Dataset:
    """The pictures of one record file."""
    return read([path])


@case(
    "albert-interleave-uneven",
    url="https://github.com/google-research/albert/issues/177",
    cause="few files at a time and a small buffer: the data come in the order of the files",
    tags=("shard-bias", "shuffle-buffer-too-small", "shuffle-misplaced"),
    expect=("ORD202", "ORD201"),
)
def two_files_at_a_time(material: Material) -> Pair:
    files = tf.data.Dataset.from_tensor_slices(records(material, shards=12))
    bad = files.interleave(read_one, cycle_length=2).shuffle(8)
    good = files.interleave(read_one, cycle_length=12).shuffle(120)
    return bad.batch(BATCH), good.batch(BATCH)


@case(
    "nobrainer-interleave-reorders",
    url="https://github.com/neuronets/nobrainer/pull/175",
    cause="interleaved files give the same examples in another order than one file after the other",
    tags=("order-not-reproducible", "shard-bias"),
    expect=("ORD205", "ORD201"),
)
def interleaved_against_sequential(material: Material) -> Pair:
    paths = records(material, shards=4)
    files = tf.data.Dataset.from_tensor_slices(paths)
    return files.interleave(read_one, cycle_length=4).batch(BATCH), read(paths).batch(BATCH)
