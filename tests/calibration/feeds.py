"""Every kind of feed as a recipe drawn at random, that two seeds make a pair of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grain
import numpy as np
import tensorflow as tf
import torch

from tests.calibration import keras_feeds
from tests.calibration.augmenting import Change
from tests.calibration.chance import batch_size, chance, changes, label_form
from tests.calibration.material import Build, Data
from tests.calibration.pipelines import some_pipeline


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of feed.

    Attributes:
        draw: Fixes everything but the seed, for so many examples: batch size, augmentation,
            order, form of labels.
        files: Whether it reads files.
    """

    draw: Callable[[np.random.Generator, int], Build]
    files: bool = False


def _tf_data(random: np.random.Generator, count: int) -> Build:
    pipeline = some_pipeline(random, count)
    return lambda data, _, seed: pipeline.build(*data, seed=seed)


class Pictures(torch.utils.data.Dataset[Any]):
    """Examples of torch, channels first; workers draw from their own seed, as torch advises."""

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, change: Change | None, seed: int
    ) -> None:
        self.images, self.labels, self.change, self.seed = images, labels, change, seed
        self.drawn: tuple[int, np.random.Generator] = (-1, np.random.default_rng(seed))

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Any:
        x = self.images[index].astype(np.float32)
        worker = torch.utils.data.get_worker_info()
        if worker is not None and self.drawn[0] != worker.seed:
            self.drawn = worker.seed, np.random.default_rng(worker.seed)
        if self.change:
            x = self.change(x, self.drawn[1])
        return torch.from_numpy(x / 255).permute(2, 0, 1), self.labels[index]


def _loader(random: np.random.Generator, count: int, workers: int) -> Build:
    size, shuffle, drop = batch_size(random, count), chance(random, 0.7), chance(random, 0.3)
    form, change = label_form(random), changes(random)

    def build(data: Data, _: Path, seed: int) -> Any:
        return torch.utils.data.DataLoader(
            Pictures(data[0], form(data[1]), change, seed),
            size,
            shuffle=shuffle,
            drop_last=drop,
            generator=torch.Generator().manual_seed(seed + 1),
            num_workers=workers,
            multiprocessing_context="fork" if workers else None,
            timeout=120 if workers else 0,
        )

    return build


def _torch(random: np.random.Generator, count: int) -> Build:
    return _loader(random, count, 0)


def _torch_workers(random: np.random.Generator, count: int) -> Build:
    return _loader(random, count, int(random.integers(1, 3)))


def _grain(random: np.random.Generator, count: int) -> Build:
    size, shuffle, drop = batch_size(random, count), chance(random, 0.7), chance(random, 0.3)
    form, change = label_form(random), changes(random)

    def turned(pair: Any, drawn: np.random.Generator) -> Any:
        x, y = pair
        return (change(x.astype(np.float32), drawn) if change else x), y

    def build(data: Data, _: Path, seed: int) -> Any:
        pairs = list(zip(data[0], form(data[1]), strict=True))
        source = grain.MapDataset.source(pairs)
        source = source.shuffle(seed=seed) if shuffle else source
        source = source.random_map(turned, seed=seed + 1) if change else source
        return source.batch(size, drop_remainder=drop)

    return build


def _generator(random: np.random.Generator, count: int) -> Build:
    size, shuffle, change = batch_size(random, count), chance(random, 0.6), changes(random)
    form, labelled = label_form(random), chance(random, 0.8)

    def build(data: Data, _: Path, seed: int) -> Any:
        images, labels = data[0], form(data[1])
        drawn = np.random.default_rng(seed)

        def walk() -> Iterator[Any]:
            order = drawn.permutation(len(images)) if shuffle else np.arange(len(images))
            for low in range(0, len(images), size):
                picks = order[low : low + size]
                x = images[picks].astype(np.float32)
                x = np.stack([change(one, drawn) for one in x]) if change else x
                yield (x / 255, labels[picks]) if labelled else x / 255

        return walk

    return build


def _arrays(random: np.random.Generator, _: int) -> Build:
    scale, form = float(random.choice([1.0, 1 / 255])), label_form(random)
    dtype = str(random.choice(["float32", "float64", "uint8"]))

    def build(data: Data, _: Path, seed: int) -> Any:
        order = np.random.default_rng(seed).permutation(len(data[0]))
        x = data[0][order] * (1.0 if dtype == "uint8" else scale)
        return x.astype(dtype), form(data[1])[order]

    return build


def _records(random: np.random.Generator, count: int) -> Build:
    """TFRecord files read in parallel."""
    size, shards = batch_size(random, count), int(random.integers(1, 6))
    shuffle, flip, crop = chance(random, 0.6), chance(random, 0.4), chance(random, 0.3)

    def build(data: Data, folder: Path, seed: int) -> Any:
        images, labels = data
        paths = [str(folder / f"{shard}-of-{shards}.record") for shard in range(shards)]
        if not Path(paths[0]).exists():
            for path, rows in zip(
                paths, np.array_split(np.arange(len(images)), shards), strict=True
            ):
                with tf.io.TFRecordWriter(path) as writer:
                    for row in rows:
                        writer.write(bytes([labels[row]]) + images[row].tobytes())

        def parsed(record: Any) -> Any:
            values = tf.io.decode_raw(record, tf.uint8)
            x = tf.reshape(values[1:], images.shape[1:])
            if crop:
                x = tf.image.random_crop(tf.pad(x, [[2, 2], [2, 2], [0, 0]]), images.shape[1:])
            x = tf.image.random_flip_left_right(x) if flip else x
            return x, tf.cast(values[0], tf.int64)

        files = tf.data.Dataset.from_tensor_slices(paths)
        read = files.interleave(tf.data.TFRecordDataset, cycle_length=shards).map(parsed)
        read = read.shuffle(len(images), seed=seed) if shuffle else read
        return read.batch(size).prefetch(1)

    return build


KINDS = {
    "tf.data": Kind(_tf_data),
    "flow": Kind(keras_feeds.flow),
    "flow_from_directory": Kind(keras_feeds.flow_from_directory, files=True),
    "drop-in": Kind(keras_feeds.drop_in, files=True),
    "image_dataset": Kind(keras_feeds.image_dataset, files=True),
    "PyDataset": Kind(keras_feeds.py_dataset),
    "torch": Kind(_torch),
    "torch workers": Kind(_torch_workers),
    "grain": Kind(_grain),
    "generator": Kind(_generator),
    "arrays": Kind(_arrays),
    "TFRecord": Kind(_records),
}
