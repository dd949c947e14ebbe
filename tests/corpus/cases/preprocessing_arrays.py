"""Reports about arrays that were laid out, cut or wrapped wrongly on the way to the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tests.corpus.case import Pair, case
from tests.corpus.material import Material


@case(
    "art-reshape-for-channels-first",
    url="https://github.com/Trusted-AI/adversarial-robustness-toolbox/issues/2101",
    cause="the pictures were reshaped to channels first instead of transposed",
    tags=("geometry-policy-mismatch", "channel-mismatch"),
    expect=("VAL206", "GEO204"),
)
def reshaped(material: Material) -> Pair:
    images, labels = material.images(), material.labels
    first = np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return (first.reshape(images.shape), labels), (images, labels)


@case(
    "tfds-emnist-transposed",
    url="https://github.com/tensorflow/datasets/issues/812",
    cause="the files of the set hold columns as rows, and one reader gives them as they are",
    tags=("geometry-policy-mismatch",),
    expect=("GEO206",),
)
def transposed(material: Material) -> Pair:
    images, labels = material.images(), material.labels
    return (images.transpose(0, 2, 1, 3), labels), (images, labels)


@case(
    "tensorpack-uint8-overflow",
    url="https://github.com/tensorpack/tensorpack/issues/614",
    cause="values above 255 wrap around in uint8",
    tags=("bit-depth-loss",),
    expect=("VAL206", "VAL207"),
)
def wrapped(material: Material) -> Pair:
    images, labels = material.images(), material.labels
    clipped = np.clip(images.astype(int) + 60, 0, 255).astype(np.uint8)
    return (images + np.uint8(60), labels), (clipped, labels)


@case(
    "tf-docs-mask-bilinear",
    url="https://github.com/tensorflow/docs/pull/2159",
    cause="the mask was resized as the picture is, so it holds values between two classes",
    tags=("mask-value-corruption",),
    expect=("LBL205",),
    also=("LBL203",),
)
def mask_between_classes(material: Material) -> Pair:
    images = material.images(16)
    masks = (material.images().mean(axis=-1, keepdims=True) // 32).astype(np.uint8)
    mixed = tf.image.resize(masks, (16, 16)).numpy()
    return (images, mixed), (images, tf.image.resize(masks, (16, 16), method="nearest").numpy())


@case(
    "imgaug-mask-left-behind",
    url="https://github.com/divamgupta/image-segmentation-keras/issues/115",
    cause="the picture is mirrored at random and its mask is not",
    tags=("pair-desync",),
    expect=("LBL205", "LBL204"),
)
def mask_left_behind(material: Material) -> Pair:
    masks = (material.images().mean(axis=-1, keepdims=True) // 32).astype(np.uint8)
    data = tf.data.Dataset.from_tensor_slices((material.images(), masks))

    def together(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        both = tf.image.random_flip_left_right(tf.concat([x, y], -1))
        return both[..., :3], both[..., 3:]

    return _mapped(data, lambda x, y: (tf.image.random_flip_left_right(x), y)), _mapped(
        data, together
    )


@case(
    "nclr-flip-not-assigned",
    url="https://github.com/Eaphan/NCLR/issues/10",
    cause="the mirrored picture was never assigned, so nothing is augmented",
    tags=("augment-semantics",),
    expect=("AUG201",),
)
def not_assigned(material: Material) -> Pair:
    data = tf.data.Dataset.from_tensor_slices((material.images(), material.labels))

    def flipped(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.image.random_flip_left_right(x), y

    data.map(flipped)
    return data.batch(32), _mapped(data, flipped)


@case(
    "minillm-without-a-start",
    url="https://github.com/microsoft/LMOps/issues/123",
    cause="texts are trained without the token that begins them, and evaluated with it",
    tags=("train-eval-serve-skew",),
    expect=("VAL206",),
)
def begun_on_one_side(material: Material) -> Pair:
    random = np.random.default_rng(0)
    words = random.zipf(1.3, (120, 47)).clip(3, 30_000).astype(np.int32)
    words[np.arange(47) >= random.integers(20, 47, (120, 1))] = 0
    begun = np.pad(words, ((0, 0), (1, 0)), constant_values=1)
    return (np.pad(words, ((0, 0), (0, 1))), material.labels), (begun, material.labels)


def _mapped(data: tf.data.Dataset, change: Callable[..., Any]) -> tf.data.Dataset:
    return data.map(change).batch(32)
