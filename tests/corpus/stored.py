"""The pictures as a pipeline finds them: in memory or in record files, sorted by class."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tests.corpus.material import Material

SIDE = 16


def stored(material: Material) -> tf.data.Dataset:
    """The pictures as they are stored: sorted by class."""
    return tf.data.Dataset.from_tensor_slices((material.images(SIDE), material.labels))


def records(material: Material, shards: int = 1, order: np.ndarray | None = None) -> list[str]:
    """Record files of the pictures, dealt to shards in this order."""
    folder = material.empty_folder()
    images, labels = material.images(SIDE), material.labels
    order = np.arange(len(labels)) if order is None else order
    paths: list[str] = []
    for shard, rows in enumerate(np.array_split(order, shards)):
        paths.append(str(folder / f"{shard:02}.tfrecord"))
        with tf.io.TFRecordWriter(paths[-1]) as writer:
            for row in rows:
                writer.write(bytes([labels[row]]) + images[row].tobytes())
    return paths


def parsed(record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    values = tf.io.decode_raw(record, tf.uint8)
    return tf.reshape(values[1:], (SIDE, SIDE, 3)), tf.cast(values[0], tf.int64)


def read(paths: list[str]) -> tf.data.Dataset:
    return tf.data.TFRecordDataset(paths).map(parsed)
