"""Reports of masks whose values are no classes, or that do not follow their picture."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import Material

VALUES = ("LBL205",)


@case(
    "unet-conditional-255-masks",
    url="https://github.com/milesial/Pytorch-UNet/issues/228",
    cause="masks whose largest class is above 1 were divided by 255 as pictures are",
    tags=("input-dependent-scaling", "mask-value-corruption"),
    expect=VALUES,
    also=("LBL203",),
)
def masks_divided_if_above_one(material: Material) -> Pair:
    images, masks = material.images() / np.float32(255), _masks(material)
    scaled = [mask / 255 if mask.max() > 1 else mask for mask in masks]
    return (images, np.stack(scaled).astype(np.float32)), (images, masks)


@case(
    "fcdensenet-mask-255",
    url="https://github.com/HasnainRaz/FC-DenseNet-TensorFlow/issues/17",
    cause="the mask was normalised along with the picture",
    tags=("mask-value-corruption",),
    expect=VALUES,
    also=("LBL203",),
)
def mask_normalised(material: Material) -> Pair:
    data = tf.data.Dataset.from_tensor_slices((material.images(), _masks(material)))
    a = data.map(lambda x, y: (tf.cast(x, tf.float32) / 255, tf.cast(y, tf.float32) / 255))
    return a.batch(32), data.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).batch(32)


@case(
    "tf-decode-png-palette-28256",
    url="https://github.com/tensorflow/tensorflow/issues/28256",
    cause="decode_png gives the brightness of a palette's colours, not their numbers",
    tags=("mask-value-corruption", "label-spec-mismatch"),
    expect=VALUES,
)
def palette_decoded(material: Material) -> Pair:
    images, files = material.images(), _palettes(material)
    indices = np.stack([np.asarray(Image.open(path)) for path in files])[..., None]
    a = tf.data.Dataset.from_tensor_slices((images, [str(path) for path in files]))
    a = a.map(lambda x, path: (x, tf.io.decode_png(tf.io.read_file(path), channels=1)))
    a = a.map(lambda x, y: (x, tf.ensure_shape(y, (32, 32, 1))))
    return a.batch(32), (images, indices)


@case(
    "torch7-voc-palette-values",
    url="https://github.com/torch/image/issues/202",
    cause="the loader expands the palette of the annotations",
    tags=("mask-value-corruption",),
    expect=VALUES,
    also=("LBL203",),
)
def palette_expanded(material: Material) -> Pair:
    images, files = material.images(), _palettes(material)
    a = np.stack([keras.utils.load_img(path, color_mode="grayscale") for path in files])
    b = np.stack([np.asarray(Image.open(path)) for path in files])
    return (images, a[..., None]), (images, b[..., None])


@case(
    "randomflip-same-seed-versions",
    url="https://github.com/keras-team/tf-keras/issues/287",
    cause="two layers with one seed no longer draw alike, so masks leave their pictures",
    tags=("pair-desync", "library-version-drift"),
    expect=("LBL204", "LBL205"),
)
def flipped_apart(material: Material) -> Pair:
    images, masks = material.images().astype(np.float32), _masks(material).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((images, masks))
    # As the two layers drew in the releases of the report: each by itself.
    first, second = (keras.layers.RandomFlip("horizontal", seed=seed) for seed in (42, 43))
    both = keras.layers.RandomFlip("horizontal", seed=42)
    a = data.map(lambda x, y: (first(x, training=True), second(y, training=True)))

    def together(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        moved = both(tf.concat([x, y], axis=-1), training=True)
        return moved[..., :3], moved[..., 3:]

    return a.batch(32), data.map(together).batch(32)


def _masks(material: Material) -> np.ndarray:
    """Classes 0 to 15 by brightness, uint8, shape ``(120, 32, 32, 1)``."""
    grey = material.images().mean(axis=-1, keepdims=True)
    return (grey // 16).astype(np.uint8)


def _palettes(material: Material) -> list[Path]:
    """The masks as PNG of indices, with the palette of VOC."""
    folder = material.empty_folder()
    bits = np.arange(256)[:, None] >> np.array([[0, 1, 2]])
    palette = ((bits & 1) * 128 + ((bits >> 3) & 1) * 64).astype(np.uint8)
    found: list[Path] = []
    for number, mask in enumerate(_masks(material)):
        picture = Image.fromarray(mask[..., 0]).convert("P")
        picture.putdata(mask.ravel().tolist())
        picture.putpalette(palette.ravel().tolist())
        found.append(folder / f"{number:03}.png")
        picture.save(found[-1])
    return found
