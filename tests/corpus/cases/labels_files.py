"""Reports of pictures that stand beside the label of another file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import CLASSES, PER_CLASS, Material
from tests.corpus.readers import directory, paths, pillow, stacked

SHUFFLED = ("LBL204",)


@case(
    "flow-from-dataframe-vs-directory-png-mnist",
    url="https://github.com/keras-team/keras-preprocessing/issues/102",
    cause="the files were listed in sorted order, the labels taken in that of the rows",
    tags=("label-file-misalignment",),
    expect=SHUFFLED,
)
def rows_against_sorted_files(material: Material) -> Pair:
    folder = _flat(material)
    names = sorted(path.name for path in folder.iterdir())
    rows = np.random.default_rng(1).permutation(len(names))
    table = pd.DataFrame(
        {"file": [names[i] for i in rows], "label": [CLASSES[i // PER_CLASS] for i in rows]}
    )
    wrong = table.assign(file=sorted(table["file"]))
    made = [
        ImageDataGenerator().flow_from_dataframe(
            one,
            folder,
            x_col="file",
            y_col="label",
            target_size=(32, 32),
            class_mode="sparse",
            shuffle=False,
        )
        for one in (wrong, table)
    ]
    return made[0], made[1]


@case(
    "image-dataset-label-list-oswalk",
    url="https://github.com/keras-team/keras/issues/14416",
    cause="the list of labels was in the order of os.walk, the files are sorted by name",
    tags=("label-file-misalignment",),
    expect=SHUFFLED,
)
def labels_in_order_of_walk(material: Material) -> Pair:
    folder = _flat(material)
    order = np.random.default_rng(2).permutation(120)
    made = [
        directory(folder, labels=labels.tolist(), label_mode="int")
        for labels in (material.labels[order], material.labels)
    ]
    return made[0], made[1]


@case(
    "list-files-order-zip",
    url="https://github.com/tensorflow/tensorflow/issues/55595",
    cause="list_files shuffles anew for each branch of the zip",
    tags=("pair-desync", "label-file-misalignment"),
    expect=SHUFFLED,
)
def listed_twice(material: Material) -> Pair:
    folder = material.folder()

    def image(path: tf.Tensor) -> tf.Tensor:
        return tf.image.resize(tf.io.decode_png(tf.io.read_file(path), channels=3), (32, 32))

    def label(path: tf.Tensor) -> tf.Tensor:
        return tf.argmax(tf.strings.split(path, "/")[-2] == tf.constant(CLASSES))

    files = tf.data.Dataset.list_files(f"{folder}/*/*.png")
    a = tf.data.Dataset.zip((files.map(image), files.map(label)))
    return a.batch(32), files.map(lambda path: (image(path), label(path))).batch(32)


@case(
    "cvton-listdir-order",
    url="https://github.com/minar09/cp-vton-plus/issues/8",
    cause="pictures and masks were listed one by one, in an order that the system chooses",
    tags=("label-file-misalignment", "order-not-reproducible"),
    expect=SHUFFLED,
)
def masks_in_order_of_listing(material: Material) -> Pair:
    images, masks = material.images(), _masks(material)
    order = np.random.default_rng(3).permutation(120)
    return (images, masks[order]), (images, masks)


@case(
    "celeba-listdir-labels",
    url="https://github.com/NoahVl/Explaining-In-Style-Reproducibility-Study/issues/9",
    cause="files as the system lists them, labels as the table has them",
    tags=("label-file-misalignment", "order-not-reproducible"),
    expect=SHUFFLED,
)
def table_against_listing(material: Material) -> Pair:
    folder = material.folder()
    order = np.random.default_rng(5).permutation(120)
    images = stacked(folder, pillow())
    return (images[order], material.labels), (images, material.labels)


@case(
    "camvid-listdir-pairs",
    url="https://github.com/advaitsave/Multiclass-Semantic-Segmentation-CamVid/issues/3",
    cause="frames and masks are two filtered listings that were zipped",
    tags=("label-file-misalignment",),
    expect=SHUFFLED,
)
def frames_zipped_with_masks(material: Material) -> Pair:
    folder = _frames(material)
    listed = np.random.default_rng(6).permutation(sorted(folder.iterdir())).tolist()
    frames = [path for path in listed if not path.stem.endswith("_L")]
    masks = [path for path in listed if path.stem.endswith("_L")]
    named = [path.with_name(f"{path.stem}_L.png") for path in frames]
    return _read(frames, masks), _read(frames, named)


@case(
    "pannuke-glob-unordered",
    url="https://github.com/Dana-Farber-AIOS/pathml/issues/56",
    cause="glob of pictures and glob of masks need not be in the same order",
    tags=("label-file-misalignment",),
    expect=SHUFFLED,
)
def two_globs(material: Material) -> Pair:
    folder = _frames(material)
    frames = sorted(path for path in folder.iterdir() if not path.stem.endswith("_L"))
    masks = sorted(folder.glob("*_L.png"))
    globbed = [masks[i] for i in np.random.default_rng(7).permutation(len(masks))]
    return _read(frames, globbed), _read(frames, masks)


@case(
    "idg-mask-image-seed-drift",
    url="https://github.com/keras-team/keras-preprocessing/issues/125",
    cause="two flows with one seed were read by several threads, and came out of step",
    tags=("pair-desync",),
    expect=("LBL204", "LBL205"),
)
def flows_out_of_step(material: Material) -> Pair:
    images, masks = material.images().astype(np.float32), _masks(material)

    def pairs(*, late: int):
        made = ImageDataGenerator()
        left = made.flow(images, batch_size=12, seed=7)
        right = made.flow(masks, batch_size=12, seed=7)
        x, y = (np.concatenate([one[i] for i in range(10)]) for one in (left, right))
        y = np.concatenate([y[: 120 - 12 * late], np.roll(y[120 - 12 * late :], 12, axis=0)])
        return x, y

    return pairs(late=8), pairs(late=0)


@case(
    "idg-mask-different-args",
    url="https://github.com/keras-team/keras/issues/12075",
    cause="a flow that was asked once more than the other draws another order",
    tags=("pair-desync",),
    expect=SHUFFLED,
)
def asked_once_more(material: Material) -> Pair:
    images, masks = material.images().astype(np.float32), _masks(material)

    def pairs(*, extra: bool):
        made = ImageDataGenerator()
        left = made.flow(images, batch_size=12, seed=7)
        right = made.flow(masks, batch_size=12, seed=7)
        if extra:
            next(left)
        x, y = ([next(one) for _ in range(10)] for one in (left, right))
        return np.concatenate(x), np.concatenate(y)

    return pairs(extra=True), pairs(extra=False)


def _flat(material: Material) -> Path:
    """All photos in one folder."""
    folder = material.empty_folder()
    for path in paths(material.folder()):
        Path(path).rename(folder / Path(path).name)
    return folder


def _masks(material: Material) -> np.ndarray:
    """Classes 0 to 3 by brightness, uint8, shape ``(120, 32, 32, 1)``."""
    grey = material.images().mean(axis=-1, keepdims=True)
    return (grey // 64).astype(np.uint8)


def _frames(material: Material) -> Path:
    folder = material.empty_folder()
    for number, (image, mask) in enumerate(zip(material.images(), _masks(material), strict=True)):
        Image.fromarray(image).save(folder / f"f{number:03}.png")
        Image.fromarray(mask[..., 0]).save(folder / f"f{number:03}_L.png")
    return folder


def _read(frames: list[Path], masks: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    read = [np.stack([np.asarray(Image.open(path)) for path in some]) for some in (frames, masks)]
    return read[0], read[1][..., None]
