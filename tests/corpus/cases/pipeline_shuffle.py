"""Reports about how far, where and how often a pipeline shuffles."""

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


@case(
    "tf1-zero-acc-shuffle-false-sorted-dirs",
    url="https://github.com/tensorflow/tensorflow/issues/12789",
    cause="folders were read class by class, so a batch held one class",
    tags=("sorted-data-unshuffled", "eval-covers-partial-set"),
    expect=("ORD201",),
)
def folders_read_in_order(material: Material) -> Pair:
    folder = material.folder()
    made = [
        ImageDataGenerator().flow_from_directory(
            folder, target_size=(SIDE, SIDE), batch_size=10, class_mode="sparse", shuffle=shuffle
        )
        for shuffle in (False, True)
    ]
    first, second = (fitted(flow, shuffle=False) for flow in made)
    return first, second


@case(
    "tfrecord-vs-numpy-higher-val-loss",
    url="https://github.com/tensorflow/tensorflow/issues/53672",
    cause="records sorted by class went through a short buffer; `fit` mixes arrays completely",
    tags=("shuffle-buffer-too-small",),
    expect=("ORD202",),
)
def records_against_arrays(material: Material) -> Pair:
    feed = read(records(material, shards=3)).shuffle(12).batch(10)
    return fitted(feed), fitted(material.images(SIDE), material.labels, batch_size=10)


@case(
    "tfdata-vs-numpy-cache-last",
    url="https://github.com/tensorflow/tensorflow/issues/50426",
    cause="a cache behind the shuffle of batches replayed the first epoch for ever",
    tags=("cache-freezes-randomness", "shuffle-misplaced"),
    expect=("PIP204", "ORD204", "ORD203"),
)
def cached_last(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    images, labels = material.images(SIDE)[order], material.labels[order]
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    bad = data.batch(10).shuffle(120).cache().prefetch(1)
    good = data.cache().shuffle(120).batch(10).prefetch(1)
    return bad, good


@case(
    "shuffle-buffer-chunked",
    url="https://github.com/tensorflow/tensorflow/issues/36626",
    cause="a buffer far smaller than the data mixes only neighbours of class-sorted records",
    tags=("shuffle-buffer-too-small",),
    expect=("ORD202",),
)
def short_buffer(material: Material) -> Pair:
    data = stored(material)
    return data.shuffle(12).batch(10), data.shuffle(120).batch(10)


@case(
    "graph2tac-shuffle-buffer-10k-of-500k",
    url="https://github.com/IBM/graph2tac/pull/95",
    cause="a small buffer behind repeat, where the whole set had to be mixed in front of it",
    tags=("shuffle-buffer-too-small", "shuffle-misplaced"),
    expect=("ORD202", "PIP205"),
)
def short_buffer_behind_repeat(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    def rows():
        yield from zip(images, labels, strict=True)

    spec = (tf.TensorSpec((SIDE, SIDE, 3), tf.uint8), tf.TensorSpec((), tf.int64))
    data = tf.data.Dataset.from_generator(rows, output_signature=spec)
    data = data.apply(tf.data.experimental.assert_cardinality(120))
    bad = data.repeat().shuffle(12).batch(10)
    good = data.shuffle(120).repeat().batch(10)
    return fitted(bad, steps_per_epoch=12), fitted(good, steps_per_epoch=12)


@case(
    "numpy-fit-hides-bad-tfdata-shuffle",
    url="https://github.com/tensorflow/tensorflow/issues/33898",
    cause="rows sorted by user went through a window that held a few users at a time",
    tags=("shuffle-buffer-too-small", "sorted-data-unshuffled"),
    expect=("ORD202",),
)
def sorted_rows_in_a_window(material: Material) -> Pair:
    random = np.random.default_rng(0)
    users = np.sort(random.integers(0, 12, 240))
    triples = np.stack([users, np.arange(240), random.integers(0, 50, 240)], axis=-1)
    rows = tf.data.Dataset.from_tensor_slices((triples.astype(np.float32), users))
    return rows.shuffle(16).batch(20), rows.shuffle(240).batch(20)


@case(
    "d2l-batch-before-shuffle",
    url="https://github.com/d2l-ai/d2l-en/pull/2700",
    cause="the batches were shuffled, not the examples",
    tags=("shuffle-misplaced",),
    expect=("ORD203",),
)
def batches_shuffled(material: Material) -> Pair:
    data = stored(material)
    return data.batch(10).shuffle(120), data.shuffle(120).batch(10)


@case(
    "train-batch-vs-shuffle-batch",
    url="https://github.com/tensorflow/tensorflow/issues/10651",
    cause="records in the order of their subjects were batched without a shuffle",
    tags=("sorted-data-unshuffled",),
    expect=("ORD201",),
)
def records_in_order(material: Material) -> Pair:
    data = read(records(material))
    return data.batch(10), data.shuffle(120).batch(10)


@case(
    "mtl-batch-unbatch-shuffle",
    url="https://github.com/tensorflow/tensorflow/issues/39899",
    cause="groups of five were shuffled and taken apart again, so neighbours stayed together",
    tags=("shuffle-misplaced",),
    expect=("ORD203", "PIP205"),
)
def groups_shuffled(material: Material) -> Pair:
    data = stored(material)
    return data.batch(5).shuffle(24).unbatch().batch(10), data.shuffle(120).batch(10)


@case(
    "densedepth-shuffle-once",
    url="https://github.com/ialhashim/DenseDepth/issues/49",
    cause="the list was shuffled once, the old loader mixed it anew in each epoch",
    tags=("shuffle-once-not-per-epoch", "fit-argument-ignored"),
    expect=("ORD204", "FIT201"),
)
def shuffled_once(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    images, labels = material.images(SIDE)[order], material.labels[order]
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.batch(10), data.shuffle(120).batch(10)


@case(
    "mxnet-unshuffled-rec",
    url="https://github.com/apache/mxnet/issues/4220",
    cause="records were written class by class, and a small reader buffer cannot undo it",
    tags=("sorted-data-unshuffled",),
    expect=("ORD201", "ORD202"),
)
def records_written_in_order(material: Material) -> Pair:
    order = np.random.default_rng(0).permutation(120)
    sorted_first, mixed_first = records(material), records(material, order=order)
    return read(sorted_first).shuffle(10).batch(10), read(mixed_first).shuffle(10).batch(10)


@case(
    "aircraft-dataset-sequential",
    url="https://github.com/pytorch/vision/issues/7818",
    cause="the data set is stored by class, and the loader's default does not shuffle",
    tags=("sorted-data-unshuffled",),
    expect=("ORD201",),
)
def loader_without_shuffle(material: Material) -> Pair:
    from torch.utils.data import DataLoader

    rows = list(zip(material.images(SIDE), material.labels, strict=True))
    return DataLoader(rows, batch_size=10), DataLoader(rows, batch_size=10, shuffle=True)


@case(
    "tf-docs-repeat-before-shuffle-review",
    url="https://github.com/tensorflow/docs/pull/128",
    cause="repeat in front of shuffle blurs the epochs: some examples come twice, others not yet",
    tags=("shuffle-misplaced", "shuffle-buffer-too-small"),
    expect=("PIP205",),
    also=("BAT206", "BAT205"),
)
def repeated_first(material: Material) -> Pair:
    data = stored(material)
    bad = data.repeat().shuffle(48).batch(10)
    good = data.shuffle(48).repeat().batch(10)
    return fitted(bad, steps_per_epoch=12), fitted(good, steps_per_epoch=12)


@case(
    "yolo3-repeat-before-shuffle",
    url="https://github.com/aloyschen/tensorflow-yolo3/issues/12",
    cause="repeat, then a huge buffer of decoded pictures: slow to start, and epochs run together",
    tags=("heavy-buffer", "shuffle-misplaced", "shuffle-buffer-too-small"),
    expect=("PIP205",),
    also=("BAT206",),
)
def repeated_decoded_shuffled(material: Material) -> Pair:
    paths = sorted(map(str, Path(material.folder(".jpg")).rglob("*.jpg")))
    files = tf.data.Dataset.from_tensor_slices(paths)

    def decoded(path: tf.Tensor) -> tf.Tensor:
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(picture, (SIDE, SIDE))

    bad = files.repeat(4).map(decoded).shuffle(480).batch(10)
    good = files.shuffle(120).map(decoded).repeat(4).batch(10)
    return bad, good


@case(
    "stellargraph-on-epoch-end-1356",
    url="https://github.com/stellargraph/stellargraph/issues/1356",
    cause="`on_epoch_end`, which was to shuffle, was never called: each batch stays what it is",
    tags=("shuffle-once-not-per-epoch", "library-version-drift"),
    expect=("ORD203", "ORD204"),
)
def never_shuffled_again(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    class Mixed(keras.utils.PyDataset):
        def __init__(self, *, again: bool) -> None:
            super().__init__()
            self.again, self.random = again, np.random.default_rng()
            self.order = self.random.permutation(len(images))

        def __len__(self) -> int:
            return len(images) // 10

        def __getitem__(self, index: int) -> Any:
            rows = self.order[index * 10 : (index + 1) * 10]
            return images[rows], labels[rows]

        def on_epoch_end(self) -> None:
            if self.again:
                self.random.shuffle(self.order)

    return Mixed(again=False), Mixed(again=True)
