"""Reports about resizing: another library, another kernel, or no smoothing on the way down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.readers import (
    directory,
    flow,
    load_img,
    loader,
    mapped,
    paths,
    pillow,
    stacked,
)

BICUBIC = Image.Resampling.BICUBIC
KERNEL = ("PIX202", "PIX201")
SEEN = ("PIX202", "PIX201", "PIX207")
"""Where only arrays are there, no more than a difference in sharpness can be said."""


@case(
    "alexnet-cv2-vs-tf-decode-resize",
    url="https://github.com/kratzert/finetune_alexnet_with_tensorflow/issues/15",
    cause="the fast DCT, and a bilinear resize that is not the other reader's",
    tags=("jpeg-decode-mismatch", "resize-backend-mismatch"),
    expect=(*KERNEL, "PIX203"),
    also=("PIX203",),
)
def decoded_and_resized(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    a = stacked(folder, pillow()).astype(np.float32)
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.image.resize(tf.io.decode_jpeg(data, channels=3), (32, 32)),
    )
    return (a, material.labels), b


@case(
    "flow-vs-flow-from-dataframe-noisy-val",
    url="https://github.com/keras-team/keras/issues/13950",
    cause="the flow takes nearest by default, the arrays were made bilinear",
    tags=("resize-kernel-mismatch", "augmentation-on-eval"),
    expect=KERNEL,
)
def flow_against_arrays(material: Material) -> Pair:
    folder = material.folder()
    return flow(folder), (stacked(folder, pillow()).astype(np.float32), material.labels)


@case(
    "load-img-vs-image-dataset-from-directory",
    url="https://github.com/tensorflow/tensorflow/issues/46255",
    cause="fit reads with tf.image, which does not smooth, predict with Pillow, which does",
    tags=("resize-backend-mismatch", "resize-no-antialias", "train-eval-serve-skew"),
    expect=("PIX202",),
)
def load_img_against_directory(material: Material) -> Pair:
    folder = material.folder()
    read = load_img(target_size=(32, 32), interpolation="bilinear")
    return directory(folder), (stacked(folder, read), material.labels)


@case(
    "image-dataset-resizes-same-size",
    url="https://github.com/keras-team/keras/issues/16227",
    cause="a resize to the size that the files have changes nothing",
    tags=("resize-backend-mismatch",),
    expect=(),
)
def resized_to_its_own_size(material: Material) -> Pair:
    folder = _small(material, 40)
    b = mapped(
        folder,
        material.labels.astype(np.int32),
        lambda data: tf.cast(tf.io.decode_png(data, channels=3), tf.float32),
    )
    return directory(folder, 40), b


@case(
    "fast-reid-pil-to-cv2-85-to-65",
    url="https://github.com/JDAI-CV/fast-reid/issues/363",
    cause="the reader of the test became OpenCV's: channels reversed and no smoothing",
    tags=("resize-backend-mismatch", "channel-mismatch"),
    expect=("GEO202", "PIX202", "PIX201", "PIX207"),
)
def pillow_to_opencv(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    return (
        (stacked(folder, pillow()), material.labels),
        (stacked(folder, _opencv), material.labels),
    )


@case(
    "tf-resize-vs-pil-scipy-12632",
    url="https://github.com/tensorflow/tensorflow/issues/12632",
    cause="the resize of TF 1 samples from corners, and does not smooth",
    tags=("resize-backend-mismatch", "resize-no-antialias"),
    expect=(*SEEN, "PIX206"),
    also=("PIX206",),
)
def first_resize_of_tensorflow(material: Material) -> Pair:
    folder = material.folder()
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.compat.v1.image.resize_bilinear(
            tf.io.decode_png(data, channels=3)[None], (32, 32)
        )[0],
    )
    return (stacked(folder, pillow()).astype(np.float32), material.labels), b


@case(
    "flow-from-dir-interpolation-8533",
    url="https://github.com/keras-team/keras/pull/8533",
    cause="nearest was the only kernel of flow_from_directory, and is still its default",
    tags=("resize-kernel-mismatch",),
    expect=KERNEL,
)
def nearest_by_default(material: Material) -> Pair:
    folder = material.folder()
    return flow(folder), flow(folder, interpolation="bilinear")


@case(
    "cv2-linear-vs-load-img-nearest-page",
    url="https://www.newbedev.com/resnet50-produces-different-prediction-when-image-loading-and-resizing-is-done-with-opencv",
    cause="BGR against RGB, linear against nearest, whole numbers against floats",
    tags=(
        "resize-kernel-mismatch",
        "channel-mismatch",
        "bit-depth-loss",
        "train-eval-serve-skew",
    ),
    expect=("GEO202", *SEEN),
)
def load_img_against_opencv(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    a = stacked(folder, load_img(target_size=(32, 32)))
    return (a, material.labels), (stacked(folder, _opencv), material.labels)


@case(
    "torch-resize-tensor-vs-pil-68934",
    url="https://github.com/shift-happens-benchmark/icml-2022/pull/62",
    cause="tensors were resized without antialias, pictures with it",
    tags=("resize-no-antialias",),
    expect=("PIX202",),
)
def without_antialias(material: Material) -> Pair:
    folder = material.folder()
    made = [_resized(folder, material.labels, antialias=antialias) for antialias in (False, True)]
    return made[0], made[1]


@case(
    "torchvision-tensor-interpolate-2950",
    url="https://github.com/pytorch/vision/issues/2950",
    cause="the way for tensors takes four neighbours however far a picture shrinks",
    tags=("resize-no-antialias", "resize-backend-mismatch"),
    expect=SEEN,
)
def four_neighbours(material: Material) -> Pair:
    large = material.images(96).astype(np.float32)
    small = tf.image.resize(large, (32, 32)).numpy()
    shrunk = [Image.fromarray(one).resize((32, 32)) for one in large.astype(np.uint8)]
    b = np.stack([np.asarray(one, np.float32) for one in shrunk])
    return (small, material.labels), (b, material.labels)


@case(
    "torchvision-tensor-interpolate-2950-enlarged",
    url="https://github.com/pytorch/vision/issues/2950",
    cause="enlarged, tensors and pictures come out alike",
    tags=("resize-backend-mismatch",),
    expect=(),
)
def four_neighbours_enlarged(material: Material) -> Pair:
    images = material.images(16)
    large = tf.image.resize(images, (48, 48)).numpy()
    pictures = [Image.fromarray(one).resize((48, 48), Image.Resampling.BILINEAR) for one in images]
    b = np.stack([np.asarray(one, np.float32) for one in pictures])
    return (large, material.labels), (b, material.labels)


@case(
    "stept-resizing-disagreement-blog",
    url="https://blog.shlomostept.com/blog/resizing-disagreement",
    cause="bicubic of Pillow smooths as it shrinks, that of the others does not",
    tags=("resize-backend-mismatch", "resize-no-antialias"),
    expect=("PIX202", "PIX201"),
)
def bicubic_of_two_libraries(material: Material) -> Pair:
    folder = material.folder()
    a = stacked(folder, pillow(BICUBIC)).astype(np.float32)
    return (a, material.labels), _resized(folder, material.labels, method="bicubic")


@case(
    "discuss-torch-interpolate-vs-pil",
    url="https://discuss.pytorch.org/t/nn-interpolate-function-unexpected-behaviour/106684",
    cause="interpolate does not smooth, Pillow's resize does",
    tags=("resize-no-antialias", "resize-backend-mismatch"),
    expect=("PIX202",),
)
def interpolate_against_pillow(material: Material) -> Pair:
    folder = material.folder()
    b = (stacked(folder, pillow()) / np.float32(255)).astype(np.float32)
    a = _resized(folder, material.labels).map(lambda x, y: (x / 255, y))
    return a, (b, material.labels)


@case(
    "rf-detr-predict-antialias-1203",
    url="https://github.com/roboflow/rf-detr/issues/1203",
    cause="training resizes with OpenCV's linear, which does not smooth, predict with torch, which does",
    tags=("resize-backend-mismatch", "resize-no-antialias", "train-eval-serve-skew"),
    expect=("PIX202",),
)
def predicted_with_antialias(material: Material) -> Pair:
    import cv2
    import torch

    def trained(path: str) -> np.ndarray:
        pixels = cv2.resize(cv2.imread(path)[..., ::-1], (32, 32))
        return pixels.transpose(2, 0, 1) / np.float32(255)

    def predicted(path: str) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1) / 255
        small = torch.nn.functional.interpolate(
            pixels[None], (32, 32), mode="bilinear", antialias=True
        )
        return small[0]

    folder = material.folder()
    return tuple(loader(folder, material.labels, read) for read in (trained, predicted))


def _resized(folder: Path, labels: np.ndarray, **options: Any) -> tf.data.Dataset:
    return mapped(
        folder,
        labels,
        lambda data: tf.image.resize(tf.io.decode_png(data, channels=3), (32, 32), **options),
    )


def _opencv(path: str) -> np.ndarray:
    """BGR, four neighbours, whole numbers: the same as OpenCV's linear to one level."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return np.rint(tf.image.resize(pixels, (32, 32)).numpy()).astype(np.uint8)[..., ::-1]


def _small(material: Material, side: int) -> Path:
    folder = material.folder()
    for path in paths(folder):
        Image.open(path).resize((side, side), Image.Resampling.BILINEAR).save(path)
    return folder


@case(
    "doctr-words-antialiased-1267",
    url="https://github.com/mindee/doctr/pull/1267",
    cause="word crops are shrunk with antialias since an upgrade, and the model was trained without",
    tags=("resize-no-antialias", "library-version-drift"),
    expect=SEEN,
)
def words_with_antialias(_material: Material) -> Pair:
    words = _words(np.random.default_rng(1), 240)
    a, b = (
        np.stack([tf.image.resize(word, (32, 128), antialias=smooth) for word in words]) / 255
        for smooth in (True, False)
    )
    return a, b


def _words(random: np.random.Generator, count: int) -> list[np.ndarray]:
    """Words in dark ink on bright paper, 60 to 110 points high."""
    made: list[np.ndarray] = []
    for _ in range(count):
        word = "".join(random.choice(list("abdeghiklmnoprstuvw"), random.integers(3, 9)))
        font = ImageFont.load_default(float(random.integers(44, 90)))
        right, bottom = (round(end) for end in font.getbbox(word)[2:])
        paper, ink = int(random.integers(215, 250)), int(random.integers(0, 90))
        page = Image.new("RGB", (right + 24, bottom + 20), (paper, paper, paper - 8))
        ImageDraw.Draw(page).text((12, 8), word, font=font, fill=(ink, ink, ink))
        grain = random.normal(0, 4, (page.height, page.width, 1))
        made.append(np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8))
    return made
