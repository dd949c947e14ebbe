"""Values, pictures, masks and labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


@case("divided twice", "VAL101")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x / 255, y)).shuffle(64).batch(16))


@case("divided in memory and in the pipeline", "VAL101")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.from_tensor_slices((k.pixels / np.float32(255), k.classes))
    k.fit(data.map(k.scale).shuffle(64).batch(16))


@case("scaled to 0..1 and then to -1..1 as if it were levels", "VAL101")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x / 127.5 - 1, y)).shuffle(64).batch(16))


@case("caffe's means taken from 0..1", "VAL101")
def _(k: Kit) -> None:
    prepare = k.tf.keras.applications.resnet50.preprocess_input
    k.fit(k.scaled.map(lambda x, y: (prepare(x), y)).shuffle(64).batch(16))


@case("a layer that rescales what was scaled", "VAL101")
def _(k: Kit) -> None:
    layer = k.tf.keras.layers.Rescaling(1 / 255)
    k.fit(k.scaled.shuffle(64).batch(16).map(lambda x, y: (layer(x), y)))


@case("converted, then divided", "VAL101")
def _(k: Kit) -> None:
    tf = k.tf
    data = k.raw.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32) / 255.0, y))
    k.fit(data.shuffle(64).batch(16))


@case("a generator that rescales what preprocess_input scaled", "VAL101", "SPD103")
def _(k: Kit) -> None:
    prepare = k.tf.keras.applications.mobilenet_v2.preprocess_input
    flow = k.generator(rescale=1 / 255, preprocessing_function=prepare)
    k.fit(flow.flow(k.pixels.astype(np.float32), k.classes, batch_size=16))


@case("scaled to -1..1")
def _(k: Kit) -> None:
    tf = k.tf
    data = k.raw.map(lambda x, y: (tf.cast(x, tf.float32) / 127.5 - 1, y))
    k.fit(data.shuffle(64).batch(16))


@case("standardised by the means of ImageNet")
def _(k: Kit) -> None:
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    k.fit(k.scaled.map(lambda x, y: ((x - mean) / std, y)).shuffle(64).batch(16))


@case("levels for a model that rescales")
def _(k: Kit) -> None:
    k.fit(k.raw.shuffle(64).batch(16))


@case("caffe's means taken from levels")
def _(k: Kit) -> None:
    tf = k.tf
    prepare = tf.keras.applications.resnet50.preprocess_input
    k.fit(k.raw.map(lambda x, y: (prepare(tf.cast(x, tf.float32)), y)).shuffle(64).batch(16))


@case("conversion behind resize", "VAL102")
def _(k: Kit) -> None:
    tf = k.tf

    def prepare(x: Any, y: Any) -> Any:
        return tf.image.convert_image_dtype(tf.image.resize(x, (12, 12)), tf.float32), y

    k.fit(k.raw.map(prepare).shuffle(64).batch(16))


@case("conversion behind cast, in a step of its own", "VAL102")
def _(k: Kit) -> None:
    tf = k.tf
    floats = k.raw.map(lambda x, y: (tf.cast(x, tf.float32), y))
    data = floats.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
    k.fit(data.shuffle(64).batch(16))


@case("conversion of whole numbers")
def _(k: Kit) -> None:
    tf = k.tf
    data = k.raw.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
    k.fit(data.shuffle(64).batch(16))


@case("trained on 0..1, validated on levels", "VAL103")
def _(k: Kit) -> None:
    parts = k.raw.take(48), k.raw.skip(48)
    k.model.fit(parts[0].map(k.scale).shuffle(48).batch(16), validation_data=parts[1].batch(16))


@case("trained on levels, evaluated on 0..1", "VAL103")
def _(k: Kit) -> None:
    k.model.fit(k.raw.take(48).shuffle(48).batch(16))
    k.model.evaluate(k.raw.skip(48).map(k.scale).batch(16))


@case("divided as whole numbers", "VAL104")
def _(k: Kit) -> None:
    k.fit(k.raw.map(lambda x, y: (x // 255, y)).shuffle(64).batch(16))


@case("scaled, then cast back to whole numbers", "VAL104")
def _(k: Kit) -> None:
    data = k.scaled.map(lambda x, y: (k.tf.cast(x, k.tf.uint8), y))
    k.fit(data.shuffle(64).batch(16))


@case("labels divided as whole numbers, which is meant")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x, y // 2)).shuffle(64).batch(16))


@case("16 bits cast to 8", "VAL105")
def _(k: Kit) -> None:
    deep = k.pixels.astype(np.uint16) * 257
    data = k.tf.data.Dataset.from_tensor_slices((deep, k.classes))
    k.fit(data.map(lambda x, y: (k.tf.cast(x, k.tf.uint8), y)).shuffle(64).batch(16))


@case("standardised, then cast to levels", "VAL105")
def _(k: Kit) -> None:
    def prepare(x: Any, y: Any) -> Any:
        return k.tf.cast(x * 254 - 127, k.tf.uint8), y

    k.fit(k.scaled.map(prepare).shuffle(64).batch(16))


@case("16 bits divided, then cast to 8")
def _(k: Kit) -> None:
    deep = k.pixels.astype(np.uint16) * 257
    data = k.tf.data.Dataset.from_tensor_slices((deep, k.classes))
    k.fit(data.map(lambda x, y: (k.tf.cast(x // 257, k.tf.uint8), y)).shuffle(64).batch(16))


@case("a generator whose statistics are missing", "VAL106", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(featurewise_std_normalization=True)
    k.fit(flow.flow(k.pixels.astype(np.float32), k.classes, batch_size=16))


@case("a generator with statistics", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(featurewise_center=True)
    flow.fit(k.pixels.astype(np.float32))
    k.fit(flow.flow(k.pixels.astype(np.float32), k.classes, batch_size=16))


def masked(k: Kit) -> Any:
    masks = (k.pixels[..., :1] // 64).astype(np.uint8)
    return k.tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)


@case("masks resized with bilinear", "PIX101")
def _(k: Kit) -> None:
    resize = k.tf.image.resize
    k.fit(masked(k).map(lambda x, y: (resize(x, (12, 12)), resize(y, (12, 12)))).batch(16))


@case("masks resized with bilinear and cast back", "PIX101")
def _(k: Kit) -> None:
    tf = k.tf

    def prepare(x: Any, y: Any) -> Any:
        return tf.image.resize(x, (12, 12)), tf.cast(tf.image.resize(y, (12, 12)), tf.int32)

    k.fit(masked(k).map(prepare).batch(16))


@case("masks resized with antialias", "PIX101")
def _(k: Kit) -> None:
    tf = k.tf

    def prepare(x: Any, y: Any) -> Any:
        size = (12, 12)
        return tf.image.resize(x, size), tf.image.resize(y, size, antialias=True)

    k.fit(masked(k).map(prepare).batch(16))


@case("masks resized with nearest")
def _(k: Kit) -> None:
    resize = k.tf.image.resize
    k.fit(
        masked(k)
        .map(lambda x, y: (resize(x, (12, 12)), resize(y, (12, 12), method="nearest")))
        .batch(16)
    )


@case("pictures as targets resized with bilinear")
def _(k: Kit) -> None:
    resize = k.tf.image.resize
    pairs = k.tf.data.Dataset.from_tensor_slices((k.pixels, k.pixels)).shuffle(64)
    k.fit(pairs.map(lambda x, y: (resize(x, (12, 12)), resize(y, (24, 24)))).batch(16))


@case("shrunk fourfold without a filter", "PIX102")
def _(k: Kit) -> None:
    large = np.repeat(np.repeat(k.pixels, 4, 1), 4, 2)
    data = k.tf.data.Dataset.from_tensor_slices((large, k.classes)).shuffle(64)
    k.fit(data.map(lambda x, y: (k.tf.image.resize(x, (8, 8)), y)).batch(16))


@case("shrunk fourfold with a filter")
def _(k: Kit) -> None:
    large = np.repeat(np.repeat(k.pixels, 4, 1), 4, 2)
    data = k.tf.data.Dataset.from_tensor_slices((large, k.classes)).shuffle(64)
    k.fit(data.map(lambda x, y: (k.tf.image.resize(x, (8, 8), antialias=True), y)).batch(16))


@case("pictures by nearest neighbour", "PIX103")
def _(k: Kit) -> None:
    resize = k.tf.image.resize
    data = k.scaled.shuffle(64).map(lambda x, y: (resize(x, (12, 12), "nearest"), y))
    k.fit(data.batch(16))


@case("folder with its default kernel", "PIX103", "SPD103")
def _(k: Kit) -> None:
    k.fit(k.generator(rescale=1 / 255).flow_from_directory(k.photos(), target_size=(8, 8)))


@case("folder with a kernel of choice", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255)
    k.fit(flow.flow_from_directory(k.photos(), target_size=(8, 8), interpolation="bilinear"))


@case("labels from 1 in a code from 0", "LBL101")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.from_tensor_slices((k.pixels, k.classes + 1)).map(k.scale)
    k.fit(data.map(lambda x, y: (x, k.tf.one_hot(y, 4))).shuffle(64).batch(16))


@case("labels in a code of their length")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x, k.tf.one_hot(y, 4))).shuffle(64).batch(16))


@case("class folders 1, 2 and 10", "LBL102", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255)
    place = k.photos("1", "2", "10")
    k.fit(flow.flow_from_directory(place, target_size=(8, 8), interpolation="bilinear"))


@case("class folders 01, 02 and 10", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255)
    place = k.photos("01", "02", "10")
    k.fit(flow.flow_from_directory(place, target_size=(8, 8), interpolation="bilinear"))
