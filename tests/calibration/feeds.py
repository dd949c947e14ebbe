"""Every kind of feed as a recipe drawn at random, that two seeds make a pair of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grain
import keras
import numpy as np
import tensorflow as tf
import torch
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from tests.calibration.material import Data
from tests.calibration.pipelines import some_pipeline

Build = Callable[[Data, Path, int], Any]
"""From the examples, the same as PNG files in class folders, and a seed, to a feed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of feed.

    Attributes:
        draw: Fixes everything but the seed: batch size, augmentation, order, form of labels.
        files: Whether it reads files.
    """

    draw: Callable[[np.random.Generator], Build]
    files: bool = False


def _batch(random: np.random.Generator) -> int:
    return int(random.integers(8, 65))


def _tf_data(random: np.random.Generator) -> Build:
    pipeline = some_pipeline(random)
    return lambda data, _, seed: pipeline.build(*data, seed=seed)


def _augmentation(random: np.random.Generator) -> dict[str, Any]:
    """Arguments of ImageDataGenerator, each present in half of the draws."""
    every: dict[str, Any] = {
        "rotation_range": float(random.uniform(5, 40)),
        "width_shift_range": float(random.uniform(0.05, 0.2)),
        "height_shift_range": float(random.uniform(0.05, 0.2)),
        "zoom_range": float(random.uniform(0.05, 0.3)),
        "shear_range": float(random.uniform(2, 20)),
        "horizontal_flip": True,
        "vertical_flip": True,
        "brightness_range": (float(random.uniform(0.5, 0.9)), 1.2),
        "channel_shift_range": float(random.uniform(5, 40)),
    }
    if random.random() < 0.4:
        return {}
    return {name: value for name, value in every.items() if random.random() < 0.35}


def _flow(random: np.random.Generator) -> Build:
    size, shuffle = _batch(random), bool(random.random() < 0.7)
    generator = {"rescale": float(random.choice([1.0, 1 / 255])), **_augmentation(random)}

    def build(data: Data, _: Path, seed: int) -> Any:
        made = ImageDataGenerator(**generator)
        return made.flow(*data, batch_size=size, shuffle=shuffle, seed=seed)

    return build


def _flow_from_directory(random: np.random.Generator) -> Build:
    generator = {"rescale": float(random.choice([1.0, 1 / 255])), **_augmentation(random)}
    chosen = {
        "batch_size": _batch(random),
        "shuffle": bool(random.random() < 0.7),
        "class_mode": str(random.choice(["sparse", "categorical"])),
        "interpolation": str(random.choice(["nearest", "bilinear"])),
        "target_size": (24, 24),
    }
    return lambda _, folder, seed: ImageDataGenerator(**generator).flow_from_directory(
        folder, seed=seed, **chosen
    )


def _image_dataset(random: np.random.Generator) -> Build:
    chosen = {
        "batch_size": _batch(random),
        "shuffle": bool(random.random() < 0.7),
        "label_mode": str(random.choice(["int", "categorical"])),
        "image_size": (24, 24),
        "crop_to_aspect_ratio": bool(random.random() < 0.3),
    }
    flip = bool(random.random() < 0.5)

    def build(_: Data, folder: Path, seed: int) -> Any:
        read = keras.utils.image_dataset_from_directory(folder, seed=seed, verbose=False, **chosen)
        if not flip:
            return read
        layer = keras.layers.RandomFlip("horizontal", seed=seed)
        return read.map(lambda x, y: (layer(x, training=True), y))

    return build


def _py_dataset(random: np.random.Generator) -> Build:
    size, shuffle, grain_of = _batch(random), bool(random.random() < 0.6), random.random() < 0.5

    def build(data: Data, _: Path, seed: int) -> Any:
        images, labels = data

        class Batches(keras.utils.PyDataset):
            def __init__(self) -> None:
                super().__init__()
                self.random = np.random.default_rng(seed)
                self.order = np.arange(len(images))
                self.on_epoch_end()

            def __len__(self) -> int:
                return (len(images) + size - 1) // size

            def __getitem__(self, index: int) -> Any:
                picks = self.order[size * index : size * index + size]
                x = images[picks].astype(np.float32)
                if grain_of:
                    x = x + self.random.normal(0, 6, x.shape).astype(np.float32)
                return x, labels[picks]

            def on_epoch_end(self) -> None:
                if shuffle:
                    self.random.shuffle(self.order)

        return Batches()

    return build


def _torch(random: np.random.Generator) -> Build:
    size, shuffle, drop = _batch(random), bool(random.random() < 0.7), bool(random.random() < 0.3)
    flip, bright = bool(random.random() < 0.5), float(random.choice([0.0, 0.2]))

    def build(data: Data, _: Path, seed: int) -> Any:
        images = torch.from_numpy(data[0].astype(np.float32) / 255).permute(0, 3, 1, 2)
        labels = torch.from_numpy(data[1])
        drawn = torch.Generator().manual_seed(seed)

        class Pictures(torch.utils.data.Dataset[Any]):
            def __len__(self) -> int:
                return len(images)

            def __getitem__(self, index: int) -> Any:
                x = images[index]
                if flip and torch.rand((), generator=drawn) < 0.5:
                    x = torch.flip(x, (-1,))
                if bright:
                    x = x + bright * (2 * torch.rand((), generator=drawn) - 1)
                return x, labels[index]

        order = torch.Generator().manual_seed(seed + 1)
        return torch.utils.data.DataLoader(
            Pictures(), size, shuffle=shuffle, drop_last=drop, generator=order
        )

    return build


def _grain(random: np.random.Generator) -> Build:
    size, shuffle, drop = _batch(random), bool(random.random() < 0.7), bool(random.random() < 0.3)
    flip = bool(random.random() < 0.5)

    def turned(pair: Any, drawn: np.random.Generator) -> Any:
        x, y = pair
        return (x[:, ::-1] if drawn.random() < 0.5 else x), y

    def build(data: Data, _: Path, seed: int) -> Any:
        source = grain.MapDataset.source(list(zip(*data, strict=True)))
        source = source.shuffle(seed=seed) if shuffle else source
        source = source.random_map(turned, seed=seed + 1) if flip else source
        return source.batch(size, drop_remainder=drop)

    return build


def _generator(random: np.random.Generator) -> Build:
    size, shuffle, noisy = _batch(random), bool(random.random() < 0.6), random.random() < 0.5

    def build(data: Data, _: Path, seed: int) -> Any:
        images, labels = data
        drawn = np.random.default_rng(seed)

        def walk() -> Iterator[Any]:
            order = drawn.permutation(len(images)) if shuffle else np.arange(len(images))
            for low in range(0, len(images), size):
                picks = order[low : low + size]
                x = images[picks].astype(np.float32) / 255
                if noisy:
                    x = x * drawn.uniform(0.7, 1.0, (len(picks), 1, 1, 1)).astype(np.float32)
                yield x, labels[picks]

        return walk

    return build


def _arrays(random: np.random.Generator) -> Build:
    scale = float(random.choice([1.0, 1 / 255]))

    def build(data: Data, _: Path, seed: int) -> Any:
        order = np.random.default_rng(seed).permutation(len(data[0]))
        return (data[0][order] * scale).astype(np.float32), data[1][order]

    return build


def _records(random: np.random.Generator) -> Build:
    """TFRecord files read in parallel."""
    size, shards = _batch(random), int(random.integers(1, 6))
    shuffle = bool(random.random() < 0.6)

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
            return tf.reshape(values[1:], images.shape[1:]), tf.cast(values[0], tf.int64)

        files = tf.data.Dataset.from_tensor_slices(paths)
        read = files.interleave(tf.data.TFRecordDataset, cycle_length=shards).map(parsed)
        read = read.shuffle(len(images), seed=seed) if shuffle else read
        return read.batch(size).prefetch(1)

    return build


KINDS = {
    "tf.data": Kind(_tf_data),
    "flow": Kind(_flow),
    "flow_from_directory": Kind(_flow_from_directory, files=True),
    "image_dataset": Kind(_image_dataset, files=True),
    "PyDataset": Kind(_py_dataset),
    "torch": Kind(_torch),
    "grain": Kind(_grain),
    "generator": Kind(_generator),
    "arrays": Kind(_arrays),
    "TFRecord": Kind(_records),
}


@contextmanager
def folder_of(data: Data, *, files: bool) -> Generator[Path]:
    """A folder, with the examples as PNG files in class folders where ``files`` asks for them."""
    root = Path(tempfile.mkdtemp(prefix="twinfeed-calibration-"))
    try:
        if files:
            for number, (pixels, label) in enumerate(zip(*data, strict=True)):
                home = root / f"class{label}"
                home.mkdir(exist_ok=True)
                Image.fromarray(pixels).save(home / f"{number:05}.png", compress_level=1)
        yield root
    finally:
        shutil.rmtree(root)
