"""Reports about sentences, windows and streams: dropped words, shared pieces, files that stay together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from twinfeed.observe.tap import Watch, tapped

BATCH = 20


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
    model = keras.Sequential([keras.Input((32, 8)), keras.layers.Flatten(), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    with tapped(Watch()) as watch:
        model.fit(train, validation_data=held, epochs=2, shuffle=False, verbose=0)
    roles = {trace.role: trace for trace in watch.traces()}
    return roles["fit"], roles["validation"]


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
