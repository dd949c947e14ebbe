"""Reports about augmentation: on validation data, or with numbers that mean something else."""

from __future__ import annotations

import keras
import numpy as np
import scipy.ndimage
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.corpus.case import Pair, case
from tests.corpus.material import Material

TURNED = ("AUG201", "AUG209")


@case(
    "val-augmented-by-subset",
    url="https://github.com/keras-team/keras-preprocessing/issues/218",
    cause="the validation subset of an augmenting generator is augmented too",
    tags=("augmentation-on-eval",),
    expect=(*TURNED, "AUG204", "AUG205"),
    also=("AUG204", "AUG205"),
)
def validation_subset(material: Material) -> Pair:
    options = {"rotation_range": 20, "zoom_range": 0.2, "horizontal_flip": True}
    return _subset(material, **options), _subset(material)


@case(
    "idg-validation-undocumented-44587",
    url="https://github.com/tensorflow/tensorflow/issues/44587",
    cause="nothing says that flow(subset='validation') augments",
    tags=("augmentation-on-eval",),
    expect=(*TURNED, "AUG204"),
    also=("AUG204",),
)
def validation_undocumented(material: Material) -> Pair:
    a = _subset(material, width_shift_range=0.15, height_shift_range=0.15, horizontal_flip=True)
    return a, _subset(material)


@case(
    "udacity-val-augmented-by-split",
    url="https://github.com/udacity/deep-learning-v2-pytorch/issues/132",
    cause="training and validation are samples of one augmented set",
    tags=("augmentation-on-eval",),
    expect=TURNED,
    also=("AUG204",),
)
def one_augmented_set(material: Material) -> Pair:
    return _subset(material, rotation_range=20), _subset(material)


@case(
    "idg-validation-split-10458",
    url="https://github.com/keras-team/keras/issues/10458",
    cause="the validation subset is rotated as the training subset is",
    tags=("augmentation-on-eval", "normalization-constant-mismatch"),
    expect=TURNED,
    also=("VAL202", "VAL203"),
)
def rotated_validation(material: Material) -> Pair:
    images, labels = _mixed(material)
    a = ImageDataGenerator(featurewise_center=True, rotation_range=30, validation_split=0.5)
    b = ImageDataGenerator(featurewise_center=True)
    a.fit(images)
    b.fit(images)
    half = len(images) // 2
    return (
        a.flow(images, labels, subset="validation", shuffle=False),
        b.flow(images[:half], labels[:half], shuffle=False),
    )


@case(
    "idg-brightness-0-1-to-255",
    url="https://github.com/keras-team/keras-preprocessing/issues/114",
    cause="brightness_range works on whole levels, so a picture in 0..1 comes out ruined",
    tags=("augment-semantics",),
    expect=("VAL207",),
)
def brightness_of_floats(material: Material) -> Pair:
    images, labels = material.images() / np.float32(255), material.labels
    a = ImageDataGenerator(brightness_range=(0.8, 1.2)).flow(images, labels, shuffle=False)
    return a, ImageDataGenerator().flow(images, labels, shuffle=False)


@case(
    "idg-apply-transform-nearest-8849",
    url="https://github.com/keras-team/keras/pull/8849",
    cause="rotated pictures were sampled with nearest, and are with bilinear now",
    tags=("augment-semantics", "library-version-drift"),
    expect=("PIX207", "PIX201"),
)
def rotated_with_nearest(material: Material) -> Pair:
    images = material.images().astype(np.float32)
    made = [
        scipy.ndimage.rotate(images, 10, axes=(2, 1), reshape=False, order=order, mode="nearest")
        for order in (0, 1)
    ]
    return (made[0], material.labels), (made[1], material.labels)


@case(
    "albumentations-contrast-rescales",
    url="https://github.com/albumentations-team/albumentations/issues/1170",
    cause="floats are taken for 0..1, so floats in 0..255 are cut off at 1",
    tags=("augment-semantics",),
    expect=("VAL207", "VAL201"),
)
def floats_cut_off(material: Material) -> Pair:
    def contrast(x, top: float):
        factor = tf.random.uniform((), 0.8, 1.2)
        return tf.clip_by_value(x * factor, 0, top)

    data = tf.data.Dataset.from_tensor_slices((material.images(), material.labels))
    data = data.map(lambda x, y: (tf.cast(x, tf.float32), y))
    a = data.map(lambda x, y: (contrast(x, 1), y)).batch(32)
    return a, data.map(lambda x, y: (contrast(x, 255), y)).batch(32)


@case(
    "random-contrast-range-3816",
    url="https://github.com/tensorflow/tensorflow/issues/3816",
    cause="random contrast leaves 0..1 in training, the test stays inside",
    tags=("augment-semantics", "input-dependent-scaling", "train-eval-serve-skew"),
    expect=("AUG207", "AUG206", "AUG201"),
    also=("AUG206", "AUG201"),
)
def contrast_leaves_the_range(material: Material) -> Pair:
    images = material.images() / np.float32(255)
    b = tf.data.Dataset.from_tensor_slices((images, material.labels))
    a = b.map(lambda x, y: (tf.image.random_contrast(x, 0.5, 1.5), y))
    return a.batch(32), b.batch(32)


@case(
    "keras-randombrightness-valuerange",
    url="https://github.com/keras-team/keras-cv/issues/1407",
    cause="RandomBrightness takes 0..255 for granted and adds up to 51 to a picture in 0..1",
    tags=("augment-semantics",),
    expect=("VAL207", "VAL201", "AUG207", "AUG206"),
)
def brightness_of_another_range(material: Material) -> Pair:
    images = material.images() / np.float32(255)
    data = tf.data.Dataset.from_tensor_slices((images, material.labels))
    wrong = keras.layers.RandomBrightness(0.2)
    right = keras.layers.RandomBrightness(0.2, value_range=(0, 1))
    a = data.map(lambda x, y: (wrong(x, training=True), y)).batch(32)
    return a, data.map(lambda x, y: (right(x, training=True), y)).batch(32)


@case(
    "keras-shear-radians-to-degrees",
    url="https://github.com/keras-team/keras/pull/8868",
    cause="shear_range changed from radians to degrees, so 0.2 hardly moves a point",
    tags=("augment-semantics", "library-version-drift"),
    expect=TURNED,
    also=("AUG208",),
)
def shear_in_degrees(material: Material) -> Pair:
    images, labels = material.images(48).astype(np.float32), material.labels
    made = [
        ImageDataGenerator(shear_range=shear).flow(images, labels, shuffle=False)
        for shear in (0.2, float(np.degrees(0.2)))
    ]
    return made[0], made[1]


@case(
    "rotation-range-is-degrees",
    url="https://github.com/mrdbourke/tensorflow-deep-learning/issues/155",
    cause="rotation_range=0.2 is a fifth of a degree, RandomRotation(0.2) a fifth of a turn",
    tags=("augment-semantics",),
    expect=(*TURNED, "AUG201"),
    also=("AUG208",),
)
def fraction_of_a_degree(material: Material) -> Pair:
    images, labels = _mixed(material)
    a = ImageDataGenerator(rotation_range=0.2).flow(images, labels, shuffle=False)
    turned = keras.layers.RandomRotation(0.2)
    data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
    return a, data.map(lambda x, y: (turned(x, training=True), y))


@case(
    "shift-range-of-one-pixel",
    url="https://github.com/keras-team/keras/pull/8869",
    cause="width_shift_range=1 draws whole pixels below 1, which is none, and 0.1 a share",
    tags=("augment-semantics",),
    expect=(*TURNED, "AUG201"),
    also=("AUG208",),
)
def shift_by_less_than_a_pixel(material: Material) -> Pair:
    images, labels = _mixed(material)
    made = [
        ImageDataGenerator(width_shift_range=shift).flow(images, labels, shuffle=False)
        for shift in (1, 0.1)
    ]
    return made[0], made[1]


@case(
    "always-mirrored",
    url="https://github.com/tom-roddick/mono-semantic-maps/issues/6",
    cause="the horizontal flip is done to every picture, not to one in two",
    tags=("augment-semantics",),
    expect=("AUG201", "AUG204", "GEO206"),
)
def mirrored_without_a_draw(material: Material) -> Pair:
    images, labels = _mixed(material)
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    a = data.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
    return a, data.map(lambda x, y: (tf.image.flip_left_right(x), y)).batch(32)


def _mixed(material: Material) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(0).permutation(120)
    return material.images().astype(np.float32)[order], material.labels[order]


def _subset(material: Material, **options):
    made = ImageDataGenerator(validation_split=0.5, **options)
    return made.flow(*_mixed(material), subset="validation", shuffle=False)
