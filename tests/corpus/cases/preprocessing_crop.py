"""Reports about shapes: stretched, cropped, swapped, or files that one side does not read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import CLASSES, PER_CLASS, Material
from tests.corpus.readers import BILINEAR, directory, flow, stacked

MISSING = ("BAT205", "BAT202")


@case(
    "idg-preprocess-vs-resize-order",
    url="https://github.com/keras-team/keras/issues/9049",
    cause="the own function crops what the generator has resized already",
    tags=("op-order-mismatch", "train-eval-serve-skew"),
    expect=("PIX206",),
    also=("PIX201", "PIX202"),
)
def cropped_after_resize(material: Material) -> Pair:
    folder = _photos(material)

    def lower_half(pixels: np.ndarray) -> np.ndarray:
        picture = Image.fromarray(pixels.astype(np.uint8))
        return np.asarray(_foot(picture, 30).resize((40, 40), BILINEAR), np.float32)

    a = flow(
        folder,
        40,
        of=ImageDataGenerator(preprocessing_function=lower_half),
        interpolation="bilinear",
    )
    b = stacked(folder, lambda path: _foot(Image.open(path), 64).resize((40, 40), BILINEAR))
    return a, (b.astype(np.float32), material.labels)


@case(
    "keras-vs-pytorch-imagenet-crop",
    url="https://github.com/cgnorthcutt/benchmarking-keras-pytorch/pull/5",
    cause="stretched to a square on one side, shorter side resized and the middle cut on the other",
    tags=("geometry-policy-mismatch", "resize-kernel-mismatch"),
    expect=("PIX206",),
    also=("PIX201", "PIX202"),
)
def stretched_or_cut(material: Material) -> Pair:
    folder = _photos(material)

    def read(path: str) -> Image.Image:
        picture = Image.open(path)
        shorter = 40 / 0.875
        scale = shorter / min(picture.size)
        size = round(picture.width * scale), round(picture.height * scale)
        left, top = (size[0] - 40) // 2, (size[1] - 40) // 2
        return picture.resize(size, BILINEAR).crop((left, top, left + 40, top + 40))

    a = flow(folder, 40, interpolation="bilinear")
    return a, (stacked(folder, read).astype(np.float32), material.labels)


@case(
    "keep-aspect-ratio-333",
    url="https://github.com/keras-team/keras-preprocessing/pull/333",
    cause="flow_from_directory stretches unless it is told to keep the aspect",
    tags=("geometry-policy-mismatch",),
    expect=("PIX206",),
)
def aspect_kept(material: Material) -> Pair:
    folder = _photos(material)
    return flow(folder, 40), flow(folder, 40, keep_aspect_ratio=True)


@case(
    "flow-target-size-swapped",
    url="https://github.com/keras-team/keras/issues/6664",
    cause="target_size is height and width, Pillow's size width and height",
    tags=("geometry-policy-mismatch",),
    expect=("GEO201",),
    also=("PIX202", "PIX201"),
)
def height_and_width(material: Material) -> Pair:
    folder = _photos(material)
    b = stacked(folder, lambda path: Image.open(path).resize((48, 32), BILINEAR))
    return flow(folder, target_size=(48, 32)), (b.astype(np.float32), material.labels)


@case(
    "tif-not-supported-by-image-dataset",
    url="https://github.com/tensorflow/tensorflow/issues/58292",
    cause="image_dataset_from_directory leaves out .tif, which flow_from_directory reads",
    tags=("file-set-mismatch",),
    expect=MISSING,
    also=MISSING,
)
def tif_left_out(material: Material) -> Pair:
    folder = _named(material, (".png", ".png", ".png", ".tif"))
    return directory(folder), flow(folder)


@case(
    "lora-trainer-jpeg-webp-skipped",
    url="https://github.com/FlyMyAI/flymyai-lora-trainer/pull/72",
    cause="only names with .jpg in them were listed, so .jpeg, .JPG and .webp were not",
    tags=("file-set-mismatch",),
    expect=MISSING,
    also=MISSING,
)
def suffixes_left_out(material: Material) -> Pair:
    folder = _named(material, (".jpg", ".jpg", ".jpeg", ".JPG", ".webp"))
    every = sorted(path for path in folder.rglob("*.*"))
    some = [path for path in every if ".jpg" in path.name]
    made = [
        (
            np.stack([np.asarray(Image.open(path)) for path in listed]),
            np.array([CLASSES.index(path.parent.name) for path in listed]),
        )
        for listed in (some, every)
    ]
    return made[0], made[1]


@case(
    "squashed-vs-256-and-224",
    url="https://github.com/keras-team/keras-applications/issues/88",
    cause="the published figures come from the middle of the shorter side, pictures were squashed",
    tags=("geometry-policy-mismatch", "train-eval-serve-skew"),
    expect=("PIX206",),
)
def middle_against_squashed(material: Material) -> Pair:
    whole = np.stack([np.asarray(each.resize((96, 96), BILINEAR)) for each in material.photos()])
    middle: list[np.ndarray] = []
    for each in material.photos():
        side = round(min(each.size) * 224 / 256)
        left, top = ((length - side) // 2 for length in each.size)
        part = each.crop((left, top, left + side, top + side))
        middle.append(np.asarray(part.resize((96, 96), BILINEAR)))
    return (np.stack(middle), material.labels), (whole, material.labels)


def _photos(material: Material) -> Path:
    """The photos, each cut to a landscape of 120 by 72, so that shapes matter."""
    folder = material.folder()
    for path in folder.rglob("*.png"):
        picture = Image.open(path)
        width, height = picture.size
        if height > width:
            picture = picture.transpose(Image.Transpose.ROTATE_90)
            width, height = picture.size
        middle = max(0, height - 72) // 2
        picture.crop((0, middle, width, middle + 72)).resize((120, 72), BILINEAR).save(path)
    return folder


def _foot(picture: Image.Image, side: int) -> Image.Image:
    """The square of a side in the middle of the lower edge."""
    width, height = picture.size
    left = (width - side) // 2
    return picture.crop((left, height - side, left + side, height))


def _named(material: Material, suffixes: tuple[str, ...]) -> Path:
    """The photos as 32 by 32, stored as this or that kind."""
    folder = material.empty_folder()
    for number, pixels in enumerate(material.images()):
        home = folder / CLASSES[number // PER_CLASS]
        home.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(home / f"{number:03}{suffixes[number % len(suffixes)]}")
    return folder
