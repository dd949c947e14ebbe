"""Recipes of the feeds that Keras has, and of the drop-in for one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.calibration.chance import batch_size, chance, changes, label_form
from tests.calibration.material import Build, Data
from twinfeed import images as dropin


def _augmentation(random: np.random.Generator) -> dict[str, Any]:
    """Arguments of ImageDataGenerator, each present in a third of the draws."""
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
        "fill_mode": str(random.choice(["nearest", "constant", "reflect", "wrap"])),
    }
    if chance(random, 0.4):
        return {}
    return {name: value for name, value in every.items() if chance(random, 0.35)}


def _arguments(random: np.random.Generator) -> dict[str, Any]:
    scaled = {"rescale": float(random.choice([1.0, 1 / 255])), **_augmentation(random)}
    return scaled | ({"samplewise_center": True} if chance(random, 0.1) else {})


def _from_arrays(random: np.random.Generator, count: int, made_by: Any) -> Build:
    size, shuffle, form = batch_size(random, count), chance(random, 0.7), label_form(random)
    arguments = _arguments(random)

    def build(data: Data, _: Path, seed: int) -> Any:
        labels = form(data[1])
        made = made_by(**arguments)
        return made.flow(data[0], labels, batch_size=size, shuffle=shuffle, seed=seed)

    return build


def flow(random: np.random.Generator, count: int) -> Build:
    return _from_arrays(random, count, ImageDataGenerator)


def _from_folder(random: np.random.Generator, count: int, made_by: Any) -> Build:
    arguments = _arguments(random)
    chosen = {
        "batch_size": batch_size(random, count),
        "shuffle": chance(random, 0.7),
        "class_mode": str(random.choice(["sparse", "categorical"])),
        "interpolation": str(random.choice(["nearest", "bilinear"])),
        "color_mode": str(random.choice(["rgb", "rgb", "grayscale"])),
        "target_size": (24, int(random.choice([24, 32]))),
    }
    return lambda _, folder, seed: made_by(**arguments).flow_from_directory(
        folder, seed=seed, **chosen
    )


def flow_from_directory(random: np.random.Generator, count: int) -> Build:
    return _from_folder(random, count, ImageDataGenerator)


def drop_in(random: np.random.Generator, count: int) -> Build:
    """The drop-in, from a folder or from arrays."""
    source = _from_folder if chance(random) else _from_arrays
    return source(random, count, dropin.ImageDataGenerator)


def _layers(random: np.random.Generator) -> list[tuple[str, dict[str, Any]]]:
    every: list[tuple[str, dict[str, Any]]] = [
        ("RandomFlip", {"mode": str(random.choice(["horizontal", "vertical"]))}),
        ("RandomRotation", {"factor": float(random.uniform(0.02, 0.1))}),
        (
            "RandomTranslation",
            {"height_factor": 0.1, "width_factor": float(random.uniform(0, 0.2))},
        ),
        ("RandomZoom", {"height_factor": float(random.uniform(0.05, 0.3))}),
        ("RandomContrast", {"factor": float(random.uniform(0.1, 0.5))}),
        ("RandomBrightness", {"factor": float(random.uniform(0.05, 0.3))}),
    ]
    return [] if chance(random, 0.4) else [one for one in every if chance(random, 0.3)]


def image_dataset(random: np.random.Generator, count: int) -> Build:
    chosen = {
        "batch_size": batch_size(random, count),
        "shuffle": chance(random, 0.7),
        "label_mode": str(random.choice(["int", "categorical"])),
        "image_size": (24, 24),
        "interpolation": str(random.choice(["bilinear", "nearest"])),
        "crop_to_aspect_ratio": chance(random, 0.3),
    }
    layers = _layers(random)

    def build(_: Data, folder: Path, seed: int) -> Any:
        read = keras.utils.image_dataset_from_directory(folder, seed=seed, verbose=False, **chosen)
        for name, options in layers:
            layer = getattr(keras.layers, name)(seed=seed, **options)
            read = read.map(lambda x, y, layer=layer: (layer(x, training=True), y))
        return read

    return build


def py_dataset(random: np.random.Generator, count: int) -> Build:
    size, shuffle, change = batch_size(random, count), chance(random, 0.6), changes(random)
    form, dtype = label_form(random), str(random.choice(["float32", "float64", "uint8"]))

    def build(data: Data, _: Path, seed: int) -> Any:
        images, labels = data[0], form(data[1])

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
                if change:
                    x = np.stack([change(one, self.random) for one in x])
                x = np.clip(x, 0, 255) if dtype == "uint8" else x
                return x.astype(dtype), labels[picks]

            def on_epoch_end(self) -> None:
                if shuffle:
                    self.random.shuffle(self.order)

        return Batches()

    return build
