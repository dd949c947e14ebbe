"""Reports of classes with another number, and of labels in another form."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import CLASSES, Material
from tests.corpus.readers import directory, flow, paths, pillow, stacked

ORDER = ("LBL202",)
SHIFT = ("LBL205", "LBL202")


@case(
    "flow-directory-vs-flow-val-stuck-120-breeds",
    url="https://github.com/keras-team/keras/issues/11211",
    cause="a folder is missing in validation, so the classes behind it have other numbers",
    tags=("class-index-mismatch", "train-eval-serve-skew"),
    expect=SHIFT,
)
def folder_missing(material: Material) -> Pair:
    folder = _classes(material, list("abcdefghij"))
    shutil.rmtree(folder / "c")
    return flow(folder), flow(folder, classes=list("abcdefghij"))


@case(
    "class-order-1-10-11-2",
    url="https://github.com/keras-team/keras/issues/7543",
    cause="folders are sorted as text: 1, 10, 11, 12, 2",
    tags=("class-index-mismatch",),
    expect=ORDER,
)
def numbers_sorted_as_text(material: Material) -> Pair:
    folder = _classes(material, [str(number) for number in range(1, 13)])
    numbers = np.array([int(Path(path).parent.name) - 1 for path in paths(folder)])
    b = stacked(folder, pillow(Image.Resampling.NEAREST))
    return flow(folder), (b.astype(np.float32), numbers)


@case(
    "hidden-dir-as-class",
    url="https://github.com/tensorflow/tensorflow/issues/46595",
    cause="the folder that a notebook hides is class 0",
    tags=("file-set-mismatch", "class-index-mismatch"),
    expect=SHIFT,
)
def hidden_folder(material: Material) -> Pair:
    return _with_and_without_hidden(material)


@case(
    "imagefolder-hidden-dir",
    url="https://github.com/pytorch/vision/issues/2831",
    cause="ImageFolder takes each folder for a class, Keras's directory reader no hidden one",
    tags=("file-set-mismatch", "class-index-mismatch"),
    expect=SHIFT,
)
def every_folder_a_class(material: Material) -> Pair:
    folder = material.folder()
    every = [".cache", *CLASSES]
    numbers = np.array([every.index(Path(path).parent.name) for path in paths(folder)])
    images = stacked(folder, lambda path: tf.image.resize(np.asarray(Image.open(path)), (32, 32)))
    return (images, numbers), directory(folder)


@case(
    "tfmodels-background-label-zero",
    url="https://github.com/tensorflow/models/pull/1247",
    cause="records count classes from 1, as 0 is the background",
    tags=("class-index-mismatch", "label-spec-mismatch"),
    expect=SHIFT,
)
def background_is_zero(material: Material) -> Pair:
    folder = material.folder()
    b = directory(folder)
    return _through_records(b, plus=1), b


@case(
    "keras-imagenet-off-by-one",
    url="https://github.com/jkjung-avt/keras_imagenet/issues/2",
    cause="the records were written with another count of classes than the index has",
    tags=("class-index-mismatch", "train-eval-serve-skew"),
    expect=SHIFT,
)
def written_one_off(material: Material) -> Pair:
    images = tf.data.Dataset.from_tensor_slices((material.images(), material.labels)).batch(32)
    return _through_records(images, plus=1), images


@case(
    "mnasnet-label-map-background",
    url="https://github.com/tensorflow/tpu/issues/521",
    cause="training takes one off the label, the table of names does not",
    tags=("class-index-mismatch", "train-eval-serve-skew"),
    expect=SHIFT,
)
def one_off_in_training(material: Material) -> Pair:
    numbers = material.labels + 1
    b = tf.data.Dataset.from_tensor_slices((material.images(), numbers)).batch(32)
    return b.map(lambda x, y: (x, y - 1)), b


@case(
    "sigmoid-with-default-categorical",
    url="https://github.com/keras-team/keras/issues/13006",
    cause="flow_from_directory gives one-hot labels by default, a sigmoid wants 0 and 1",
    tags=("label-spec-mismatch",),
    expect=("LBL201",),
)
def categorical_by_default(material: Material) -> Pair:
    folder = _classes(material, ["cat", "dog"])
    return flow(folder, class_mode="categorical"), flow(folder, class_mode="binary")


@case(
    "siamese-dataset-vs-direct",
    url="https://github.com/tensorflow/tensorflow/issues/34810",
    cause="labels of shape (size,) against a distance of shape (size, 1) are broadcast",
    tags=("label-spec-mismatch",),
    expect=("LBL201",),
)
def broadcast_to_a_square(material: Material) -> Pair:
    images = material.images().astype(np.float32) / 255
    other = images[np.random.default_rng(0).permutation(120)]
    same = np.random.default_rng(1).integers(0, 2, 120).astype(np.float32)
    a = tf.data.Dataset.from_tensor_slices(((images, other), same)).batch(32)
    return a, a.map(lambda x, y: (x, y[:, None]))


def _classes(material: Material, names: list[str]) -> Path:
    """The photos as 32 by 32, dealt out to folders one after the other."""
    folder = material.empty_folder()
    for number, pixels in enumerate(material.images()):
        home = folder / names[number % len(names)]
        home.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(home / f"{number:03}.png")
    return folder


def _with_and_without_hidden(material: Material) -> Pair:
    folder, clean = material.folder(), material.folder()
    (folder / ".ipynb_checkpoints").mkdir()
    return flow(folder), flow(clean)


def _through_records(data: tf.data.Dataset, plus: int) -> tf.data.Dataset:
    """What comes back from records that were written with another count of classes."""
    written = [
        tf.train.Example(
            features=tf.train.Features(
                feature={
                    "image": _bytes(tf.io.serialize_tensor(x).numpy()),
                    "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(y) + plus])),
                }
            )
        ).SerializeToString()
        for x, y in data.unbatch()
    ]
    wanted = {
        "image": tf.io.FixedLenFeature((), tf.string),
        "label": tf.io.FixedLenFeature((), tf.int64),
    }
    kind, shape = data.element_spec[0].dtype, data.element_spec[0].shape[1:]

    def read(record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found = tf.io.parse_single_example(record, wanted)
        image = tf.io.parse_tensor(found["image"], kind)
        return tf.ensure_shape(image, shape), found["label"]

    return tf.data.Dataset.from_tensor_slices(written).map(read).batch(32)


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
