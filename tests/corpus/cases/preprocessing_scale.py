"""Reports about value ranges: scaled twice, not at all, or by other numbers."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.material import Material


@case(
    "image-dataset-convert-dtype-noop",
    url="https://github.com/tensorflow/tensorflow/issues/39595",
    cause="convert_image_dtype leaves a feed that is float already at 0..255",
    tags=("missing-rescale", "input-dependent-scaling"),
    expect=("VAL203", "VAL201", "VAL202"),
)
def convert_dtype_on_floats(material: Material) -> Pair:
    folder = material.folder()
    made = [
        keras.utils.image_dataset_from_directory(
            folder, image_size=(32, 32), shuffle=False, verbose=False
        )
        for _ in range(2)
    ]
    a = made[0].map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
    b = made[1].map(lambda x, y: (x / 255, y))
    return a, b


@case(
    "doctr-double-255",
    url="https://github.com/mindee/doctr/pull/375",
    cause="the pictures were divided by 255 twice",
    tags=("double-rescale",),
    expect=("VAL203", "VAL202", "VAL201"),
)
def divided_twice(material: Material) -> Pair:
    images = material.images().astype(np.float32)
    return (images / 255 / 255, material.labels), (images / 255, material.labels)
