"""Reports about the EXIF orientation, which some readers follow and others do not know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.readers import BILINEAR, flow, mapped, pillow, stacked

ORIENTATION = 0x0112


@case(
    "exif-orientation-ignored-tf",
    url="https://github.com/tensorflow/tensorflow/issues/33932",
    cause="decode_jpeg does not turn photos, OpenCV does",
    tags=("exif-orientation-ignored",),
    expect=("PIX205",),
    also=("PIX202", "PIX201", "PIX203"),
)
def decode_jpeg_turns_nothing(material: Material) -> Pair:
    folder = _tagged(material, (6,), every=2)
    a = mapped(
        folder,
        material.labels,
        lambda data: tf.image.resize(tf.io.decode_jpeg(data, channels=3), (32, 32), antialias=True),
    )
    return a, (stacked(folder, _turned), material.labels)


@case(
    "mmcv-exif-pillow-vs-cv2",
    url="https://github.com/open-mmlab/mmcv/pull/805",
    cause="with Pillow as its back end imread did not turn photos, with OpenCV it did",
    tags=("exif-orientation-ignored",),
    expect=("PIX205",),
)
def two_back_ends(material: Material) -> Pair:
    folder = _tagged(material, (3, 6, 8), every=5)
    return _two_readers(folder, material)


@case(
    "kohya-exif-sideways-captions",
    url="https://github.com/kohya-ss/sd-scripts/issues/1316",
    cause="photos turned in the viewer lie on their side in the training",
    tags=("exif-orientation-ignored",),
    expect=("PIX205",),
    also=("PIX202", "PIX201"),
)
def sideways(material: Material) -> Pair:
    folder = _tagged(material, (6,), every=3)
    a = flow(folder, interpolation="bilinear")
    return a, (stacked(folder, _turned).astype(np.float32), material.labels)


@case(
    "yolov5-detect-ignores-exif",
    url="https://github.com/ultralytics/yolov5/issues/405",
    cause="training turns the photos that ask for it, detection does not",
    tags=("exif-orientation-ignored", "train-eval-serve-skew"),
    expect=("PIX205",),
)
def turned_in_training_only(material: Material) -> Pair:
    folder = _tagged(material, (3, 6, 8), every=2)
    a, b = _two_readers(folder, material)
    return b, a


@case(
    "dlib-vs-cv2-exif",
    url="https://github.com/davisking/dlib/issues/1706",
    cause="load_rgb_image of dlib does nothing with the tag",
    tags=("exif-orientation-ignored",),
    expect=("PIX205",),
)
def dlib_turns_nothing(material: Material) -> Pair:
    folder = _tagged(material, (8,), every=4)
    return _two_readers(folder, material)


@case(
    "kraken-exif-breaks-recognition",
    url="https://github.com/mittagessen/kraken/pull/760",
    cause="scans with a tag were opened without turning them",
    tags=("exif-orientation-ignored",),
    expect=("PIX205",),
)
def scans_upside_down(material: Material) -> Pair:
    folder = _tagged(material, (3,), every=4)
    return _two_readers(folder, material)


def _turned(path: str) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(path)).resize((32, 32), BILINEAR)


def _two_readers(folder: Path, material: Material) -> Pair:
    a = stacked(folder, pillow()), material.labels
    return a, (stacked(folder, _turned), material.labels)


def _tagged(material: Material, tags: tuple[int, ...], every: int) -> Path:
    """JPEGs of which each ``every``-th is stored as a camera held otherwise stores it."""
    folder = material.folder(".jpg", quality=92)
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))):
        if number % every == 0:
            exif = Image.Exif()
            exif[ORIENTATION] = tags[number // every % len(tags)]
            photo = Image.open(path)
            photo.load()
            photo.save(path, quality=92, exif=exif)
    return folder
