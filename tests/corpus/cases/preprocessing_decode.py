"""Reports about decoders: the fast DCT, and pictures that were compressed once more."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.readers import BILINEAR, mapped, paths, pillow, stacked

EXACT = "INTEGER_ACCURATE"


@case(
    "torch7-to-pytorch-decoder-04",
    url="https://github.com/clcarwin/convert_torch_to_pytorch/issues/9",
    cause="the weights were learned on pictures of another JPEG decoder",
    tags=("jpeg-decode-mismatch", "train-eval-serve-skew"),
    expect=("PIX203",),
)
def another_decoder(material: Material) -> Pair:
    folder = _small(material)
    b = mapped(folder, material.labels, _fast).cache()
    return (stacked(folder, Image.open), material.labels), b


@case(
    "histopath-jpeg-quality-and-dct",
    url="https://github.com/CODAIT/deep-histopath/pull/12",
    cause="trained on patches written as JPEG of quality 75, used on the originals",
    tags=("jpeg-decode-mismatch", "train-eval-serve-skew"),
    expect=("PIX204",),
)
def patches_written_as_jpeg(material: Material) -> Pair:
    images = material.images()
    a = np.stack([_fast(tf.io.encode_jpeg(one, quality=75)).numpy() for one in images])
    return (a, material.labels), (images, material.labels)


@case(
    "tf-idct-fast-speed",
    url="https://github.com/tensorflow/tensorflow/issues/4833",
    cause="the fast inverse DCT became the default, at the price of a level",
    tags=("jpeg-decode-mismatch",),
    expect=("PIX203",),
)
def fast_by_default(material: Material) -> Pair:
    folder = _small(material)
    b = mapped(folder, material.labels, lambda data: _fast(data, dct_method=EXACT))
    return mapped(folder, material.labels, _fast), b


@case(
    "qiita-cv2-to-tf-jpeg",
    url="https://qiita.com/ppza53893/items/51e3e344b15b22c65b0d",
    cause="of six readers only TensorFlow's decodes with the fast DCT",
    tags=("jpeg-decode-mismatch",),
    expect=("PIX203",),
)
def one_of_six_readers(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.round(tf.image.resize(_fast(data), (32, 32), antialias=True)),
    )
    return (stacked(folder, pillow()).astype(np.float32), material.labels), b.cache()


@case(
    "open-nsfw-pil-resize-jpeg",
    url="https://github.com/mdietrichstein/tensorflow-open_nsfw/issues/2",
    cause="the original resized with Pillow, wrote a JPEG and read that; the port resizes",
    tags=("resize-backend-mismatch", "jpeg-decode-mismatch", "train-eval-serve-skew"),
    expect=("PIX204", "PIX202", "PIX201", "PIX207"),
)
def resized_and_written_again(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    a = mapped(folder, material.labels, lambda data: tf.image.resize(_fast(data), (32, 32)))

    def read(path: str) -> Image.Image:
        held = io.BytesIO()
        Image.open(path).resize((32, 32), BILINEAR).save(held, "JPEG", quality=75)
        return Image.open(held)

    return a, (stacked(folder, read).astype(np.float32), material.labels)


@case(
    "hf-fast-slow-default-switch",
    url="https://github.com/huggingface/transformers/pull/39591",
    cause="the processor that resizes tensors became the default; whole numbers became floats",
    tags=("library-version-drift", "resize-backend-mismatch"),
    expect=("PIX209", "PIX201"),
)
def another_back_end(material: Material) -> Pair:
    return _two_back_ends(material, Image.Resampling.BICUBIC, "bicubic")


@case(
    "hf-lanczos-materiality",
    url="https://github.com/huggingface/transformers/pull/46496",
    cause="one Lanczos rounds to whole numbers between its passes, the other does not",
    tags=("bit-depth-loss", "resize-backend-mismatch"),
    expect=("PIX209", "PIX201"),
)
def lanczos_of_two_libraries(material: Material) -> Pair:
    return _two_back_ends(material, Image.Resampling.LANCZOS, "lanczos3")


@case(
    "torchvision-bicubic-bounds",
    url="https://github.com/pytorch/vision/issues/8216",
    cause="bicubic on floats overshoots 0..1, on whole numbers it is cut off",
    tags=("resize-backend-mismatch",),
    expect=("PIX209", "PIX201", "VAL201"),
)
def overshoot(material: Material) -> Pair:
    images = material.images(64)
    a = tf.image.resize(images / np.float32(255), (32, 32), "bicubic", antialias=True).numpy()
    cut = [Image.fromarray(one).resize((32, 32), Image.Resampling.BICUBIC) for one in images]
    b = np.stack([np.asarray(one) for one in cut]) / np.float32(255)
    return (a, material.labels), (b, material.labels)


@case(
    "pillow-uint8-vs-float-bicubic",
    url="https://github.com/python-pillow/Pillow/issues/7184",
    cause="Pillow resizes whole numbers to whole numbers, and floats to floats",
    tags=("bit-depth-loss", "resize-backend-mismatch"),
    expect=("PIX209",),
)
def pillow_on_floats(material: Material) -> Pair:
    grey = material.images(64)[..., 1]
    size = {"size": (32, 32), "resample": Image.Resampling.BICUBIC}
    a = [np.asarray(Image.fromarray(one.astype(np.float32)).resize(**size)) for one in grey]
    b = [np.asarray(Image.fromarray(one).resize(**size), np.float32) for one in grey]
    return (np.stack(a)[..., None], material.labels), (np.stack(b)[..., None], material.labels)


def _fast(data: tf.Tensor, dct_method: str = "") -> tf.Tensor:
    return tf.io.decode_jpeg(data, channels=3, dct_method=dct_method)


def _small(material: Material) -> Path:
    """JPEGs of the size of the pictures, so that nothing has to be resized."""
    folder = material.folder(".jpg", quality=92)
    for path in paths(folder):
        Image.open(path).resize((40, 40), BILINEAR).save(path, quality=92)
    return folder


def _two_back_ends(material: Material, kernel: Image.Resampling, method: str) -> Pair:
    folder = material.folder()
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.image.resize(
            tf.io.decode_png(data, channels=3), (32, 32), method, antialias=True
        ),
    )
    return (stacked(folder, pillow(kernel)).astype(np.float32), material.labels), b.cache()
