"""Reports about sentences, windows and streams: dropped words, shared pieces, files that stay together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from twinfeed.observe.tap import Watch, tapped

BATCH = 20


def of_one_run(model: keras.Model, train: tf.data.Dataset, held: tf.data.Dataset) -> Pair:
    """What a training was given, and what it was validated on."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    with tapped(Watch()) as watch:
        model.fit(train, validation_data=held, epochs=2, shuffle=False, verbose=0)
    roles = {trace.role: trace for trace in watch.traces()}
    return roles["fit"], roles["validation"]


class Steps:
    """So many steps an epoch of sentences in files, read one after the other.

    Args:
        files: What each file holds.
        steps: Batches of an epoch.
        again: Whether the files are opened anew for each epoch, or read on.
    """

    def __init__(self, files: Sequence[np.ndarray], steps: int, *, again: bool) -> None:
        self.files, self.steps, self.again = files, steps, again
        self.opened = self.read()

    def read(self) -> Iterator[Any]:
        while True:
            for file in self.files:
                for start in range(0, len(file), BATCH):
                    rows = file[start : start + BATCH]
                    yield rows[:, :-1], rows[:, 1:]

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        self.opened = self.read() if self.again else self.opened
        for _ in range(self.steps):
            yield next(self.opened)


class Resuming:
    """A loader that goes on where it was left off, until it comes to the end."""

    def __init__(self, rows: np.ndarray, *, resume: bool) -> None:
        self.rows, self.resume, self.at = rows, resume, 0

    def __len__(self) -> int:
        return len(self.rows) // BATCH

    def __iter__(self) -> Iterator[Any]:
        self.at = self.at if self.resume else 0
        while self.at < len(self):
            self.at += 1
            yield (self.rows[(self.at - 1) * BATCH : self.at * BATCH],)
        self.at = 0


@case(
    "eeg-windows-dealt-out-7",
    url="https://github.com/fchest/EEG-AAD/issues/7",
    cause="windows that overlap by half were cut first and dealt out to both parts afterwards",
    tags=("split-leak",),
    expect=("BAT208",),
)
def windows_dealt_out(material: Material) -> Pair:
    del material
    draw = np.random.default_rng(0)
    signal = np.cumsum(draw.normal(size=(300 * 16 + 32, 8)), axis=0).astype(np.float32) / 50
    windows = np.stack([signal[at : at + 32] for at in range(0, 300 * 16, 16)])
    labels, order = np.repeat(np.arange(2), 150), draw.permutation(300)
    train, held = (
        tf.data.Dataset.from_tensor_slices((windows[rows], labels[rows])).batch(BATCH)
        for rows in (order[:240], order[240:])
    )
    layers = [keras.Input((32, 8)), keras.layers.Flatten(), keras.layers.Dense(2)]
    return of_one_run(keras.Sequential(layers), train, held)


@case(
    "gene-windows-dealt-out-8",
    url="https://github.com/HUST-NingKang-Lab/BGC-Prophet/issues/8",
    cause="five windows of each gene cluster were dealt out to training and test row by row",
    tags=("split-leak",),
    expect=("BAT208",),
)
def windows_of_genes(material: Material) -> Pair:
    del material
    draw = np.random.default_rng(8)
    clusters, kinds = draw.integers(1, 4000, (100, 140)), draw.integers(0, 7, 100)
    five = [clusters[:, at : at + 128] for at in (4, 3, 5, 6, 7)]
    windows, labels = np.stack(five, axis=1).reshape(500, 128), np.repeat(kinds, 5)
    order = draw.permutation(500)
    train, held = (
        tf.data.Dataset.from_tensor_slices((windows[rows], labels[rows])).batch(BATCH)
        for rows in (order[:400], order[400:])
    )
    layers = [
        keras.layers.Embedding(4000, 4),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(7),
    ]
    return of_one_run(keras.Sequential(layers), train, held)


@case(
    "allennlp-words-dropped-once-2725",
    url="https://github.com/allenai/allennlp/issues/2725",
    cause="words are dropped as the reader reads, once, and every epoch gets the same sentences",
    tags=("cache-freezes-randomness",),
    expect=("AUG201", "AUG202"),
)
def words_dropped_once(material: Material) -> Pair:
    del material
    draw = np.random.default_rng(0)
    sentences, labels = draw.integers(1, 700, (300, 40)), draw.integers(0, 4, 300)
    once = np.where(draw.random(sentences.shape) < 0.12, 0, sentences)

    def read(*, lazy: bool) -> Callable[[], Iterator[Any]]:
        def walk() -> Iterator[Any]:
            fresh = np.where(np.random.default_rng().random(once.shape) < 0.12, 0, sentences)
            given, order = fresh if lazy else once, np.random.default_rng().permutation(300)
            for start in range(0, 300, BATCH):
                rows = order[start : start + BATCH]
                yield given[rows], labels[rows]

        return walk

    return read(lazy=False), read(lazy=True)


@case(
    "webdataset-shards-stay-together-71",
    url="https://github.com/webdataset/webdataset/issues/71",
    cause="files are shuffled and a short buffer mixes what they hold: those of one stay together",
    tags=("shuffle-buffer-too-small",),
    expect=("ORD202",),
)
def files_through_a_buffer(material: Material) -> Pair:
    del material
    rows = np.random.default_rng(0).normal(size=(1000, 16)).astype(np.float32)

    def stream(held: int) -> Callable[[], Iterator[Any]]:
        def walk() -> Iterator[Any]:
            files = [list(range(start, start + 20)) for start in range(0, 1000, 20)]
            random.shuffle(files)
            buffer: list[int] = []
            order: list[int] = []
            for row in (row for file in files for row in file):
                buffer.append(row)
                if len(buffer) >= held:
                    order.append(buffer.pop(random.randrange(len(buffer))))
            random.shuffle(buffer)
            order += buffer
            for start in range(0, 1000, BATCH):
                yield (rows[order[start : start + BATCH]],)

        return walk

    return stream(60), stream(1000)


@case(
    "mead-first-files-again-667",
    url="https://github.com/mead-ml/mead-baseline/pull/667",
    cause="the iterator is made in the loop over epochs, so that each reads the first files again",
    tags=("epoch-length-mismatch", "iterator-state-carried-over"),
    expect=("BAT212", "BAT205", "BAT209"),
)
def first_files_again(material: Material) -> Pair:
    del material
    files = np.random.default_rng(3).integers(0, 3000, (6, 200, 33))
    again, on = (Steps([*files], 20, again=anew) for anew in (True, False))
    return again, on


@case(
    "torchdata-goes-on-after-a-check-550",
    url="https://github.com/meta-pytorch/data/issues/550",
    cause="a new iterator goes on where a look at the first batches had left off",
    tags=("iterator-state-carried-over", "epoch-length-mismatch"),
    expect=("BAT202", "BAT205", "BAT212"),
)
def goes_on_after_a_check(material: Material) -> Pair:
    del material
    rows = np.random.default_rng(0).normal(size=(400, 16)).astype(np.float32)
    loaders = [Resuming(rows, resume=resume) for resume in (True, False)]
    for loader in loaders:
        looked = iter(loader)
        for _ in range(2):
            next(looked)
    return loaders[0], loaders[1]
