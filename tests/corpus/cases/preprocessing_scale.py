"""Reports about value ranges: scaled twice, not at all, or by other numbers."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import ImageOps

from tests.corpus.case import Pair, case
from tests.corpus.material import Material
from tests.corpus.readers import BILINEAR, directory, flow, load_img, mapped, pillow, stacked

SCALE = ("VAL203", "VAL202", "VAL201")


@case(
    "image-dataset-convert-dtype-noop",
    url="https://github.com/tensorflow/tensorflow/issues/39595",
    cause="convert_image_dtype leaves a feed that is float already at 0..255",
    tags=("missing-rescale", "input-dependent-scaling"),
    expect=SCALE,
)
def convert_dtype_on_floats(material: Material) -> Pair:
    folder = material.folder()
    made = [
        keras.utils.image_dataset_from_directory(
            folder, image_size=(32, 32), shuffle=False, verbose=False
        )
        for _ in range(2)
    ]
    a = made[0].map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
    b = made[1].map(lambda x, y: (x / 255, y))
    return a, b


@case(
    "doctr-double-255",
    url="https://github.com/mindee/doctr/pull/375",
    cause="the pictures were divided by 255 twice",
    tags=("double-rescale",),
    expect=SCALE,
)
def divided_twice(material: Material) -> Pair:
    images = material.images().astype(np.float32)
    return (images / 255 / 255, material.labels), (images / 255, material.labels)


@case(
    "convert-dtype-after-resize-noop",
    url="https://github.com/tensorflow/tensorflow/issues/1763",
    cause="the resize had made floats of the levels, so convert_image_dtype left them at 0..255",
    tags=("input-dependent-scaling", "op-order-mismatch"),
    expect=SCALE,
)
def convert_after_resize(material: Material) -> Pair:
    folder = material.folder()
    a = mapped(
        folder,
        material.labels,
        lambda data: tf.image.convert_image_dtype(_resized(_decoded(data)), tf.float32),
    )
    b = mapped(
        folder,
        material.labels,
        lambda data: _resized(tf.image.convert_image_dtype(_decoded(data), tf.float32)),
    )
    return a, b


@case(
    "cyclegan-convert2float",
    url="https://github.com/vanhuyz/CycleGAN-TensorFlow/issues/37",
    cause="convert_image_dtype scaled whole numbers to 0..1, and the line after it did so again",
    tags=("input-dependent-scaling", "double-rescale", "op-order-mismatch"),
    expect=SCALE,
)
def scaled_by_type_and_line(material: Material) -> Pair:
    data = tf.data.Dataset.from_tensor_slices((material.images(), material.labels))

    def made(x, y):
        return tf.image.convert_image_dtype(x, tf.float32) / 127.5 - 1, y

    a = data.map(made).batch(32)
    b = data.map(lambda x, y: made(tf.cast(x, tf.float32), y)).batch(32)
    return a, b


@case(
    "idg-preprocess-then-rescale",
    url="https://github.com/tensorflow/tensorflow/issues/41833",
    cause="the own function runs before rescale, so what it had scaled was divided by 255",
    tags=("op-order-mismatch", "double-rescale"),
    expect=SCALE,
)
def rescaled_after_own_function(material: Material) -> Pair:
    images, labels = material.images().astype(np.float32), material.labels
    own = keras.applications.mobilenet_v2.preprocess_input
    made = ImageDataGenerator(preprocessing_function=own, rescale=1 / 255)
    b = tf.data.Dataset.from_tensor_slices((images, labels)).map(lambda x, y: (own(x), y))
    return made.flow(images, labels, shuffle=False), b.batch(32)


@case(
    "keras-preprocess-input-default-caffe",
    url="https://github.com/keras-team/keras/issues/10279",
    cause="preprocess_input of imagenet_utils is that of Caffe, DenseNet wants that of torch",
    tags=("preprocess-mode-mismatch",),
    expect=("VAL203",),
    also=("GEO202",),
)
def caffe_by_default(material: Material) -> Pair:
    images, labels = material.images().astype(np.float32), material.labels
    a = keras.applications.imagenet_utils.preprocess_input(images.copy())
    b = keras.applications.densenet.preprocess_input(images.copy())
    return (a, labels), (b, labels)


@case(
    "efficientnet-keras-apps-42506",
    url="https://github.com/tensorflow/tensorflow/issues/42506",
    cause="the generator divides by 255 and so does the model",
    tags=("model-embeds-preprocessing", "double-rescale"),
    expect=SCALE,
)
def scaled_for_a_model_that_scales(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    return flow(folder, of=ImageDataGenerator(rescale=1 / 255)), flow(folder)


@case(
    "efficientnet-cifar-keras-io-1549",
    url="https://github.com/keras-team/keras-io/issues/1549",
    cause="arrays were divided by 255 for a model that rescales",
    tags=("model-embeds-preprocessing", "double-rescale"),
    expect=SCALE,
)
def arrays_for_a_model_that_scales(material: Material) -> Pair:
    images = material.images().astype(np.float32)
    return (images / 255, material.labels), (images, material.labels)


@case(
    "torchgeo-pastis-255",
    url="https://github.com/torchgeo/torchgeo/issues/4061",
    cause="reflectances up to 10,000 were divided by 255",
    tags=("normalization-constant-mismatch",),
    expect=SCALE,
)
def reflectance_by_255(material: Material) -> Pair:
    bands = material.images().astype(np.float32).repeat(4, axis=-1)[..., :10]
    bands = 900 + bands * np.linspace(8, 14, 10, dtype=np.float32)
    return (bands / 255, material.labels), (bands / 10_000, material.labels)


@case(
    "evaluate-cv2-forgot-rescale-13517",
    url="https://github.com/keras-team/keras/issues/13517",
    cause="evaluate got OpenCV's arrays: not divided by 255, and BGR",
    tags=("missing-rescale", "channel-mismatch", "train-eval-serve-skew"),
    expect=(*SCALE, "GEO202"),
    also=("GEO202",),
)
def evaluated_without_rescale(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    b = stacked(folder, pillow())[..., ::-1]
    made = flow(folder, of=ImageDataGenerator(rescale=1 / 255), interpolation="bilinear")
    return made, (b, material.labels)


@case(
    "asl-xai-double-255",
    url="https://github.com/GoogleCloudPlatform/asl-ml-immersion/pull/424",
    cause="prediction divided by 255 what convert_image_dtype had scaled",
    tags=("double-rescale", "input-dependent-scaling", "train-eval-serve-skew"),
    expect=SCALE,
)
def predicted_on_darkness(material: Material) -> Pair:
    data = tf.data.Dataset.from_tensor_slices((material.images(), material.labels))
    a = data.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y)).batch(32)
    return a, a.map(lambda x, y: (x / 255, y))


@case(
    "devtrack-rescale-layer-and-255",
    url="https://github.com/Priyanshu-byte-coder/devtrack/issues/927",
    cause="the service divides by 255 before a model that rescales",
    tags=("double-rescale", "model-embeds-preprocessing", "train-eval-serve-skew"),
    expect=SCALE,
)
def served_scaled(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    served = stacked(folder, load_img(target_size=(32, 32), interpolation="bilinear")) / 255
    return directory(folder), (served.astype(np.float32), material.labels)


@case(
    "whosebug-mnist-predict-unscaled",
    url="https://whosebug.com/question/5968500/Why-does-keras-neural-network-predicts-the-same-number-for-all-different-images",
    cause="the pictures to predict are not divided by 255, and inverted",
    tags=("missing-rescale", "train-eval-serve-skew"),
    expect=SCALE,
)
def predicted_unscaled(material: Material) -> Pair:
    grey = [ImageOps.grayscale(photo).resize((28, 28), BILINEAR) for photo in material.photos()]
    pixels = np.stack([np.asarray(one) for one in grey])[..., None]
    inverted = np.stack([np.asarray(ImageOps.invert(one)) for one in grey])[..., None]
    return (pixels / np.float32(255), material.labels), (inverted, material.labels)


@case(
    "color-classification-95-vs-54",
    url="https://github.com/beerboaa/Color-Classification-CNN/issues/11",
    cause="single pictures are loaded without the division of the generator, and with nearest",
    tags=("missing-rescale", "train-eval-serve-skew"),
    expect=SCALE,
    also=("PIX201", "PIX202", "PIX207"),
)
def loaded_one_by_one(material: Material) -> Pair:
    folder = material.folder(".jpg", quality=92)
    made = flow(folder, of=ImageDataGenerator(rescale=1 / 255), interpolation="bilinear")
    return made, (stacked(folder, load_img(target_size=(32, 32))), material.labels)


def _decoded(data: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_png(data, channels=3)


def _resized(pixels: tf.Tensor) -> tf.Tensor:
    return tf.image.resize(pixels, (32, 32))


@case(
    "u2net-own-maximum-74",
    url="https://github.com/xuebinqin/U-2-Net/issues/74",
    cause="each picture was divided by its own highest value in place of 255, and normalised then",
    tags=("input-dependent-scaling", "normalization-constant-mismatch"),
    expect=SCALE,
)
def divided_by_its_own_maximum(material: Material) -> Pair:
    dim = np.random.default_rng(0).choice([0.25, 0.5, 1], (120, 1, 1, 1))
    images = np.rint(material.images() * dim).astype(np.float32)
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    own = images.max(axis=(1, 2, 3), keepdims=True)
    a, b = ((images / top - mean) / std for top in (own, 255))
    return (a, material.labels), (b, material.labels)


@case(
    "dlaicourse-uploads-not-rescaled-129",
    url="https://github.com/lmoroney/dlaicourse/issues/129",
    cause="pictures that are uploaded are not divided by 255, those of an augmenting training are",
    tags=("missing-rescale", "train-eval-serve-skew"),
    expect=SCALE,
    also=("AUG201", "AUG204", "AUG209"),
)
def uploaded_as_they_are(material: Material) -> Pair:
    folder = material.folder()
    drawn = ImageDataGenerator(rescale=1 / 255, rotation_range=20, horizontal_flip=True)
    return flow(folder, of=drawn, shuffle=True), flow(folder)


@case(
    "super-gradients-bytes-behind-normalise-1202",
    url="https://github.com/Deci-AI/super-gradients/pull/1202",
    cause="a resize behind the normalisation casts to bytes, where what is below zero wraps",
    tags=("bit-depth-loss", "op-order-mismatch"),
    expect=("VAL207",),
)
def bytes_of_what_was_normalised(material: Material) -> Pair:
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    b = (material.images(64) / np.float32(255) - mean) / std
    a = b.astype(np.int32).astype(np.uint8).astype(np.float32)
    return (a, material.labels), (b, material.labels)
