"""What labelled pipelines are made of: tiny data, and a model that is only told of its feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from tests.lint.told import Model

Build: TypeAlias = "Callable[[Kit], Any]"


@dataclass
class Kit:
    """Data and shorthands of one pipeline.

    Attributes:
        tf: TensorFlow.
        folder: An empty folder of this pipeline's own.
        model: Keeps the feeds that it is given.
        kept: What must live as long as the pipeline.
    """

    tf: Any
    folder: Path
    model: Model = field(default_factory=Model)
    kept: list[Any] = field(default_factory=list[Any])

    @cached_property
    def pixels(self) -> Any:
        """64 pictures of 8x8 in whole levels from 0 to 255."""
        pixels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8)
        pixels[0, 0, 0], pixels[0, 0, 1] = 0, 255
        return pixels

    @cached_property
    def classes(self) -> Any:
        """Their classes, 0 to 3, mixed."""
        return np.random.default_rng(1).permutation(np.arange(64) % 4)

    @cached_property
    def raw(self) -> Any:
        """Pictures and classes, one by one."""
        return self.tf.data.Dataset.from_tensor_slices((self.pixels, self.classes))

    @cached_property
    def scaled(self) -> Any:
        """The pictures in 0..1."""
        return self.raw.map(self.scale)

    def scale(self, x: Any, y: Any) -> Any:
        return self.tf.cast(x, self.tf.float32) / 255, y

    def flip(self, x: Any, y: Any) -> Any:
        return self.tf.image.random_flip_left_right(x), y

    def fit(self, feed: Any, **arguments: Any) -> None:
        """A training of five epochs."""
        self.model.fit(feed, **({"epochs": 5} | arguments))

    def records(self, *, files: int = 3, each: int = 4, suffix: str = "tfrecord") -> list[str]:
        """Names of record files, each with a few encoded pictures and their classes."""
        names = [str(self.folder / f"part-{number}.{suffix}") for number in range(files)]
        tf = self.tf
        pictures = [tf.io.encode_jpeg(one).numpy() for one in self.pixels[: files * each]]
        for number, name in enumerate(names):
            with tf.io.TFRecordWriter(name) as writer:
                for place in range(each):
                    picture = pictures[(number * each + place) % len(pictures)]
                    feature = {
                        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[picture])),
                        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[place % 2])),
                    }
                    example = tf.train.Example(features=tf.train.Features(feature=feature))
                    writer.write(example.SerializeToString())
        return names

    def parse(self, record: Any) -> Any:
        tf = self.tf
        found = tf.io.parse_single_example(
            record,
            {
                "image": tf.io.FixedLenFeature([], tf.string),
                "label": tf.io.FixedLenFeature([], tf.int64),
            },
        )
        x = tf.image.resize(tf.io.decode_jpeg(found["image"], channels=3), (8, 8))
        return x / 255.0, found["label"]

    def photos(self, *classes: str, each: int = 4, size: int = 16) -> Path:
        """A folder with one folder of PNG files per class."""
        from PIL import Image

        place = self.folder / "photos"
        for number, name in enumerate(classes or ("cat", "dog")):
            (place / name).mkdir(parents=True)
            for count in range(each):
                picture = np.random.default_rng(number * 1_000 + count).integers(
                    0, 256, (size, size, 3), np.uint8
                )
                Image.fromarray(picture).save(place / name / f"{count}.png")
        return place

    def generator(self, **arguments: Any) -> Any:
        """Keras's ``ImageDataGenerator``."""
        return self.tf.keras.preprocessing.image.ImageDataGenerator(**arguments)


@dataclass(frozen=True)
class Case:
    """A pipeline with a verdict.

    Attributes:
        name: What it is.
        codes: The rules that must fire, and no others.
        build: Hands feeds to the kit's model, or returns one.
    """

    name: str
    codes: frozenset[str]
    build: Build


class Shelf:
    """Collects the cases of a module."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def __call__(self, name: str, *codes: str) -> Callable[[Build], Build]:
        def keep(build: Build) -> Build:
            self.cases.append(Case(name, frozenset(codes), build))
            return build

        return keep
