"""The three pipelines of the question, written as their users write them.

They hold the faults that the report has to name: do not mend them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

SIDE = 32
BATCH_SIZE = 32


def tfds_pipeline(builder: Any, split: str) -> tf.data.Dataset:
    """(a) TFDS and a hand-made pipeline: convert, cache, shuffle, batch, prefetch."""

    def convert(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.image.convert_image_dtype(image, tf.float32), label

    dataset = builder.as_dataset(split=split, as_supervised=True, shuffle_files=False)
    dataset = dataset.map(convert, num_parallel_calls=tf.data.AUTOTUNE)
    if builder.info.features["image"].shape[:2] != (SIDE, SIDE):
        dataset = dataset.map(lambda x, y: (tf.image.resize(x, (SIDE, SIDE)), y))
    return dataset.cache().shuffle(10_000).batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


def test_pipeline(data: Any) -> tf.data.Dataset:
    """The held-out split as (a) would prepare it, without shuffling."""
    dataset = data.builder.as_dataset(split=data.test, as_supervised=True)
    dataset = dataset.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
    return dataset.batch(BATCH_SIZE)


def keras_pipeline(folder: Path) -> Any:
    """(b) Keras: ImageDataGenerator as a thousand tutorials have it."""
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rescale=1 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True
    )
    return generator.flow_from_directory(
        folder, target_size=(SIDE, SIDE), batch_size=BATCH_SIZE, class_mode="categorical"
    )


def imitation_pipeline(folder: Path) -> tf.data.Dataset:
    """(c) An attempt to imitate (b) in tf.data: augment, *then* cache."""
    files = sorted(folder.glob("*/*.png"))
    classes = sorted({file.parent.name for file in files})
    labels = [classes.index(file.parent.name) for file in files]

    def read(path: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        image = tf.io.decode_png(tf.io.read_file(path), channels=3)
        return tf.image.convert_image_dtype(image, tf.float32), label

    def augment(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        image = tf.image.random_flip_left_right(image)
        return tf.image.random_brightness(image, 0.2), label

    dataset = tf.data.Dataset.from_tensor_slices(([str(file) for file in files], labels))
    dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE)
    dataset = dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.cache().shuffle(10_000).batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)
