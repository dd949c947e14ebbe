"""Reports about channels: blue first, grey by other weights, and what is transparent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import CLASSES, PER_CLASS, Material
from tests.corpus.readers import BILINEAR, load_img, mapped, pillow, stacked


@case(
    "udacity-bgr-train-rgb-predict",
    url="https://github.com/udacity/sdc-issue-reports/issues/623",
    cause="trained on what OpenCV reads, BGR, and driven on RGB",
    tags=("channel-mismatch", "train-eval-serve-skew"),
    expect=("GEO202",),
)
def trained_on_bgr(material: Material) -> Pair:
    images = material.images()
    return (images[..., ::-1], material.labels), (images, material.labels)


@case(
    "dse-keras-load-image-channels",
    url="https://datascience.stackexchange.com/questions/23003/keras-loading-images-in-incorrect-format",
    cause="load_img gives RGB as floats, OpenCV BGR as whole numbers",
    tags=("channel-mismatch", "preprocess-mode-mismatch"),
    expect=("GEO202",),
)
def load_img_is_rgb(material: Material) -> Pair:
    folder = material.folder()
    read = load_img(target_size=(32, 32), interpolation="bilinear")
    a = stacked(folder, read), material.labels
    return a, (stacked(folder, pillow())[..., ::-1], material.labels)


@case(
    "grayscale-weights-pillow-cv2",
    url="https://github.com/python-pillow/Pillow/issues/3800",
    cause="Pillow and TensorFlow round their grey differently, by less than a level",
    tags=("channel-mismatch", "library-version-drift", "bit-depth-loss"),
    expect=(),
)
def grey_of_two_libraries(material: Material) -> Pair:
    folder = _small(material, "RGB")
    a = stacked(folder, load_img(color_mode="grayscale"))
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.image.rgb_to_grayscale(
            tf.cast(tf.io.decode_png(data, channels=3), tf.float32)
        ),
    )
    return (a, material.labels), b.cache()


@case(
    "tf-decode-image-rgba-gray",
    url="https://github.com/tensorflow/tensorflow/issues/55550",
    cause="grey decoded from RGB and from RGBA files was not the same; it is by now",
    tags=("channel-mismatch", "jpeg-decode-mismatch", "library-version-drift"),
    expect=(),
)
def grey_from_two_modes(material: Material) -> Pair:
    def read(data: tf.Tensor) -> tf.Tensor:
        return tf.io.decode_image(data, channels=1, expand_animations=False)

    folders = _small(material, "RGB"), _small(material, "RGBA")
    return mapped(folders[0], material.labels, read), mapped(folders[1], material.labels, read)


@case(
    "kohya-rgba-background",
    url="https://github.com/kohya-ss/sd-scripts/issues/1269",
    cause="dropping alpha shows the colours that lie under what is transparent",
    tags=("channel-mismatch",),
    expect=("PIX211",),
)
def alpha_dropped(material: Material) -> Pair:
    folder = _cut_out(material)
    a = mapped(folder, material.labels, lambda data: tf.io.decode_png(data, channels=3))
    return a.cache(), (stacked(folder, _on_white), material.labels)


@case(
    "deepdream-alpha-to-black",
    url="https://github.com/google/deepdream/pull/25",
    cause="files with alpha were read as they are, with four channels",
    tags=("channel-mismatch",),
    expect=("GEO203",),
)
def four_channels(material: Material) -> Pair:
    folder = _cut_out(material)
    return (
        (stacked(folder, Image.open), material.labels),
        (stacked(folder, _on_white), material.labels),
    )


def _small(material: Material, mode: str) -> Path:
    """The photos as PNG of 40 by 40 in a mode."""
    return _written(material, [photo.convert(mode) for photo in material.photos()])


def _cut_out(material: Material) -> Path:
    """The photos with round corners; what is cut off is transparent, and noise below."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[-1:1:40j, -1:1:40j]
    made: list[Image.Image] = []
    for photo in material.photos():
        pixels = np.asarray(photo.resize((40, 40), BILINEAR)).copy()
        outside = x**2 + y**2 > random.uniform(1.0, 1.4)
        pixels[outside] = random.integers(0, 90, (int(outside.sum()), 3))
        alpha = np.where(outside, 0, 255).astype(np.uint8)[..., None]
        made.append(Image.fromarray(np.concatenate([pixels, alpha], axis=-1)))
    return _written(material, made)


def _written(material: Material, pictures: list[Image.Image]) -> Path:
    folder = material.empty_folder()
    for number, picture in enumerate(pictures):
        home = folder / CLASSES[number // PER_CLASS]
        home.mkdir(exist_ok=True)
        picture.resize((40, 40), BILINEAR).save(home / f"{number:03}.png")
    return folder


def _on_white(path: str) -> Image.Image:
    picture = Image.open(path)
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


@case(
    "gif-numbers-of-a-palette",
    url="https://github.com/imageio/imageio/issues/600",
    cause="a reader gives the numbers of a GIF's palette, which were taken for greys",
    tags=("channel-mismatch",),
    expect=("GEO203", "VAL206"),
)
def numbers_of_a_palette(material: Material) -> Pair:
    stored = [each.resize((48, 48)).quantize(64) for each in material.photos()]
    a = np.stack([np.asarray(each.convert("RGB")) for each in stored])
    b = np.stack([np.asarray(each)[..., None].repeat(3, axis=-1) for each in stored])
    return (a, material.labels), (b, material.labels)


@case(
    "transparent-digits-on-black",
    url="https://github.com/NVIDIA/DIGITS/issues/85",
    cause="what is transparent becomes black when it is tested, and was white in training",
    tags=("channel-mismatch", "train-eval-serve-skew"),
    expect=("PIX211",),
)
def laid_over_black(material: Material) -> Pair:
    y, x = np.mgrid[:60, :60]
    made: list[list[np.ndarray]] = [[], []]
    for number, photo in enumerate(material.photos()):
        outside = (y - 30) ** 2 + (x - 25 - number % 11) ** 2 > (18 + number % 10) ** 2
        for side, ground in zip(made, (255, 0), strict=True):
            pixels = np.array(photo.resize((60, 60), BILINEAR))
            pixels[outside] = ground
            side.append(np.asarray(Image.fromarray(pixels).resize((48, 48), BILINEAR)))
    return (np.stack(made[0]), material.labels), (np.stack(made[1]), material.labels)
