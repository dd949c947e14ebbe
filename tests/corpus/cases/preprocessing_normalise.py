"""Reports about normalisation: statistics that one feed has and the other has not."""

from __future__ import annotations

import warnings

import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.readers import flow, mapped, pillow, stacked

SCALE = ("VAL203", "VAL202", "VAL201")


@case(
    "idg-val-not-standardized-1950",
    url="https://github.com/keras-team/keras/issues/1950",
    cause="arrays for validation do not pass through the generator that standardises",
    tags=("train-eval-serve-skew",),
    expect=SCALE,
    also=("BAT205", "BAT202"),
)
def validated_on_raw_arrays(material: Material) -> Pair:
    images, labels = material.images().astype(np.float32), material.labels
    held = np.arange(120) % 3 == 0
    made = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    made.fit(images[~held])
    return made.flow(images[~held], labels[~held]), (images[held], labels[held])


@case(
    "idg-standardize-val-worse-2622",
    url="https://github.com/keras-team/keras/issues/2622",
    cause="validation needs a generator of its own with the statistics of the training",
    tags=("train-eval-serve-skew",),
    expect=SCALE,
)
def validated_with_and_without(material: Material) -> Pair:
    images, labels = material.images().astype(np.float32), material.labels
    made = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    made.fit(images[::2])
    return (images, labels), made.flow(images, labels, shuffle=False)


@case(
    "featurewise-without-fit",
    url="https://github.com/keras-team/keras/issues/7218",
    cause="a generator that was to standardise over the set was never fitted",
    tags=("normalization-constant-mismatch",),
    expect=SCALE,
)
def never_fitted(material: Material) -> Pair:
    folder = material.folder()
    images = stacked(folder, pillow(Image.Resampling.NEAREST)).astype(np.float32)
    options = {"featurewise_center": True, "featurewise_std_normalization": True}
    fitted = ImageDataGenerator(**options)
    fitted.fit(images)
    return (
        flow(folder, of=_Unheard(**options)),
        fitted.flow(images, material.labels, shuffle=False),
    )


@case(
    "uint16-clipped-idg",
    url="https://github.com/keras-team/keras/issues/13023",
    cause="pictures of 16 bits were cut off at 255",
    tags=("bit-depth-loss",),
    expect=("VAL207", "VAL201"),
)
def sixteen_bits_cut_off(material: Material) -> Pair:
    folder = material.empty_folder()
    for number, pixels in enumerate(material.images(40)):
        home = folder / "abc"[number // 40]
        home.mkdir(exist_ok=True)
        levels = pixels[..., 1].astype(np.uint16) * 16
        Image.fromarray(levels).save(home / f"{number:03}.png")
    b = mapped(
        folder,
        material.labels,
        lambda data: tf.cast(tf.io.decode_png(data, channels=1, dtype=tf.uint16), tf.float32),
    )
    return flow(folder, 40, color_mode="rgb"), b.map(lambda x, y: (tf.repeat(x, 3, axis=-1), y))


@case(
    "ffcv-cifar-std",
    url="https://github.com/libffcv/ffcv/pull/322",
    cause="the deviations of CIFAR-10 were those of batches, not of the set",
    tags=("normalization-constant-mismatch",),
    expect=SCALE,
)
def other_deviations(material: Material) -> Pair:
    images = material.images().astype(np.float32)
    mean = np.array([125.307, 122.961, 113.8575], np.float32)
    old = np.array([51.5865, 50.847, 51.255], np.float32)
    new = np.array([62.9932, 62.0887, 66.7048], np.float32)
    return ((images - mean) / old, material.labels), ((images - mean) / new, material.labels)


@case(
    "idg-std-zero-nan",
    url="https://github.com/keras-team/keras/issues/1880",
    cause="points that never change have no deviation, and dividing by it gives NaN",
    tags=("normalization-constant-mismatch", "library-version-drift"),
    expect=("VAL205",),
)
def divided_by_no_deviation(material: Material) -> Pair:
    images = material.images(28).mean(axis=-1, keepdims=True).astype(np.float32)
    images[:, :3] = images[:, -3:] = images[:, :, :3] = images[:, :, -3:] = 0
    mean, deviation = images.mean(axis=0), images.std(axis=0)
    with np.errstate(invalid="ignore"):
        a = (images - mean) / deviation
    return (a, material.labels), ((images - mean) / (deviation + 1e-6), material.labels)


@case(
    "wide-resnet-keras-zca-val",
    url="https://github.com/asmith26/wide_resnets_keras/issues/1",
    cause="training pictures are centred and whitened, those of validation are not",
    tags=("train-eval-serve-skew", "normalization-constant-mismatch"),
    expect=SCALE,
)
def whitened_for_training_only(material: Material) -> Pair:
    images, labels = material.images(16).astype(np.float32), material.labels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        made = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
    made.fit(images)
    return made.flow(images, labels, shuffle=False), (images, labels)


class _Unheard(ImageDataGenerator):
    """Its warning that nobody fitted it goes unheard, as in the notebook of the report."""

    def standardize(self, x: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return super().standardize(x)


@case(
    "augmix-tf-clip-after-normalise-1",
    url="https://github.com/szacho/augmix-tf/issues/1",
    cause="pictures were cut off at 0 and 1 after they had been normalised",
    tags=("op-order-mismatch", "normalization-constant-mismatch"),
    expect=("VAL207",),
)
def cut_off_after_normalising(material: Material) -> Pair:
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    data = tf.data.Dataset.from_tensor_slices((material.images(), material.labels))
    b = data.map(lambda x, y: ((tf.cast(x, tf.float32) / 255 - mean) / deviation, y))
    a = b.map(lambda x, y: (tf.clip_by_value(x, 0, 1), y))
    return a.shuffle(120).batch(20), b.shuffle(120).batch(20)


@case(
    "means-of-rgb-on-bgr",
    url="https://github.com/roboflow/inference/pull/2828",
    cause="means and deviations of RGB are applied to BGR, which is turned round only then",
    tags=("normalization-constant-mismatch", "op-order-mismatch", "train-eval-serve-skew"),
    expect=SCALE,
)
def normalised_before_turned_round(material: Material) -> Pair:
    images = material.images() / np.float32(255)
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    a, b = (images - mean) / std, ((images[..., ::-1] - mean) / std)[..., ::-1]
    return (a, material.labels), (np.ascontiguousarray(b), material.labels)
