"""Pictures, as projects feed them: classes, factories, layers, folders."""

# ruff: noqa: E731 - as people write them
from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


@case("vision: a dataset class that caches what it augmented", "CCH101")
def _(k: Kit) -> None:
    tf = k.tf

    @dataclass
    class Birds:
        root: Path
        batch: int = 8

        def files(self):
            return sorted(str(path) for path in self.root.rglob("*.png"))

        def load(self, path):
            image = tf.io.decode_png(tf.io.read_file(path), 3)
            image = tf.image.convert_image_dtype(image, tf.float32)
            folder = tf.strings.split(path, os.sep)[-2]
            return image, tf.cast(folder == "cat", tf.int32)

        def augment(self, image, label):
            image = tf.image.random_crop(image, (12, 12, 3))
            return tf.image.random_saturation(image, 0.8, 1.2), label

        def train(self):
            files = self.files()
            data = tf.data.Dataset.from_tensor_slices(files)
            data = data.map(self.load, num_parallel_calls=AUTOTUNE)
            data = data.map(self.augment, num_parallel_calls=AUTOTUNE)
            return data.cache().shuffle(len(files)).batch(self.batch).prefetch(AUTOTUNE)

    k.fit(Birds(k.photos(each=20)).train())


@case("vision: one partial for training and validation", "AUG101")
def _(k: Kit) -> None:
    tf = k.tf

    def preprocess(image, label, training):
        image = tf.cast(image, tf.float32) / 127.5 - 1
        if training:
            image = tf.image.random_flip_left_right(image)
            image = tf.pad(image, [[2, 2], [2, 2], [0, 0]], "REFLECT")
            image = tf.image.random_crop(image, [8, 8, 3])
        return image, label

    prepare = partial(preprocess, training=True)
    train = tf.data.Dataset.from_tensor_slices((k.pixels[:48], k.classes[:48])).shuffle(48)
    valid = tf.data.Dataset.from_tensor_slices((k.pixels[48:], k.classes[48:]))
    k.fit(
        train.map(prepare, num_parallel_calls=AUTOTUNE).batch(16),
        validation_data=valid.map(prepare, num_parallel_calls=AUTOTUNE).batch(16),
    )


@case("vision: trimaps resized as the photo, then shifted to zero", "PIX101")
def _(k: Kit) -> None:
    tf = k.tf
    trimaps = (k.pixels[..., :1] % 3 + 1).astype(np.uint8)

    def load(image, mask):
        image = tf.image.resize(image, (16, 16))
        mask = tf.image.resize(mask, (16, 16))
        image = tf.cast(image, tf.float32) / 255.0
        mask = tf.cast(mask, tf.uint8) - 1
        return image, mask

    data = tf.data.Dataset.from_tensor_slices((k.pixels, trimaps)).shuffle(64)
    k.fit(data.map(load, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: two coins, one for the photo and one for its mask", "AUG108")
def _(k: Kit) -> None:
    tf = k.tf
    masks = (k.pixels[..., :1] > 127).astype(np.uint8)

    def maybe_flip(picture):
        return tf.cond(
            tf.random.uniform(()) > 0.5, lambda: tf.image.flip_left_right(picture), lambda: picture
        )

    def augment(image, mask):
        return maybe_flip(tf.cast(image, tf.float32) / 255.0), maybe_flip(mask)

    data = tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)
    k.fit(data.map(augment, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: photo and mask stacked, cropped and flipped as one")
def _(k: Kit) -> None:
    tf = k.tf
    masks = (k.pixels[..., :1] > 127).astype(np.uint8)

    class Joint:
        size = 6

        def __call__(self, image, mask):
            both = tf.concat([image, mask], axis=-1)
            both = tf.image.random_flip_left_right(both)
            both = tf.image.random_flip_up_down(both)
            both = tf.image.random_crop(both, (self.size, self.size, 4))
            return tf.cast(both[..., :3], tf.float32) / 255, both[..., 3:]

    data = tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)
    k.fit(data.map(Joint(), num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: layers turn the photos of a batch and leave the masks", "AUG108")
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    augment = k.tf.keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
    masks = (k.pixels[..., :1] > 127).astype(np.float32)
    photos = k.pixels.astype(np.float32) / 255
    data = k.tf.data.Dataset.from_tensor_slices((photos, masks)).shuffle(64).batch(16)
    k.fit(data.map(lambda x, m: (augment(x, training=True), m), num_parallel_calls=AUTOTUNE))


@case("vision: boxes are flipped with their picture by one coin")
def _(k: Kit) -> None:
    tf = k.tf
    boxes = np.tile(np.float32([0.1, 0.1, 0.5, 0.6]), (64, 1))

    def flip(image, target):
        if tf.random.uniform(()) < 0.5:
            image = tf.image.flip_left_right(image)
            y1, x1, y2, x2 = tf.unstack(target["box"], axis=-1)
            target = {"box": tf.stack([y1, 1 - x2, y2, 1 - x1], -1), "class": target["class"]}
        return image, target

    data = tf.data.Dataset.from_tensor_slices((k.pixels, {"box": boxes, "class": k.classes}))
    data = data.shuffle(64).map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
    k.fit(data.map(flip, num_parallel_calls=AUTOTUNE).batch(16).prefetch(AUTOTUNE))


@case("vision: levels for EfficientNet, brightness in levels")
def _(k: Kit) -> None:
    tf = k.tf
    brighter = tf.keras.layers.RandomBrightness(0.2)
    prepare = tf.keras.applications.efficientnet.preprocess_input

    def augment(images, labels):
        return prepare(brighter(tf.cast(images, tf.float32), training=True)), labels

    k.fit(k.raw.shuffle(64).batch(16).map(augment, num_parallel_calls=AUTOTUNE))


@case("vision: scaled by a helper, then by ResNet's preprocess_input", "VAL101")
def _(k: Kit) -> None:
    tf = k.tf

    class Builder:
        def normalise(self, image, label):
            return tf.image.convert_image_dtype(image, tf.float32), label

        def for_backbone(self, image, label):
            return tf.keras.applications.resnet50.preprocess_input(image), label

        def build(self):
            data = k.raw.shuffle(64).map(self.normalise, num_parallel_calls=AUTOTUNE)
            return data.batch(16).map(self.for_backbone, num_parallel_calls=AUTOTUNE)

    k.fit(Builder().build())


@case("vision: trained on -1..1, validated on 0..1", "VAL103")
def _(k: Kit) -> None:
    tf = k.tf
    prepare = tf.keras.applications.mobilenet_v2.preprocess_input
    train = tf.data.Dataset.from_tensor_slices((k.pixels[:48], k.classes[:48])).shuffle(48)
    valid = tf.data.Dataset.from_tensor_slices((k.pixels[48:], k.classes[48:]))
    k.fit(
        train.batch(16).map(lambda x, y: (prepare(tf.cast(x, tf.float32)), y)),
        validation_data=valid.batch(16).map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y)),
    )


@case("vision: records of 0..1 are packed into bytes again", "VAL104")
def _(k: Kit) -> None:
    tf = k.tf

    def pack(example):
        image = tf.image.resize(example["image"], (12, 12)) / 255.0
        example["image"] = tf.cast(image, tf.uint8)
        return example["image"], example["label"]

    data = tf.data.Dataset.from_tensor_slices({"image": k.pixels, "label": k.classes})
    k.fit(data.shuffle(64).map(pack, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: levels cast to int8 for a quantised model", "VAL105")
def _(k: Kit) -> None:
    tf = k.tf
    quantise = lambda image, label: (tf.cast(tf.cast(image, tf.int32), tf.int8), label)
    k.fit(k.raw.shuffle(64).map(quantise, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: levels shifted by 128, then cast to int8")
def _(k: Kit) -> None:
    tf = k.tf
    quantise = lambda image, label: (tf.cast(tf.cast(image, tf.int32) - 128, tf.int8), label)
    k.fit(k.raw.shuffle(64).map(quantise, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: cropped, resized, then converted as if still bytes", "VAL102")
def _(k: Kit) -> None:
    tf = k.tf

    class Preprocessor:
        def __init__(self, side):
            self.side = side

        def crop(self, image):
            return tf.image.central_crop(image, 0.75)

        def __call__(self, image, label):
            image = tf.image.resize(self.crop(image), [self.side] * 2, antialias=True)
            return tf.image.convert_image_dtype(image, tf.float32), label

    k.fit(k.raw.shuffle(64).map(Preprocessor(12), num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: a stateless augmenter that keeps one seed", "AUG103")
def _(k: Kit) -> None:
    tf = k.tf

    class Augmenter:
        def __init__(self, seed=(1, 2)):
            self.seed = seed

        def __call__(self, image, label):
            image = tf.image.stateless_random_flip_left_right(image, seed=self.seed)
            image = tf.image.stateless_random_contrast(image, 0.8, 1.2, seed=self.seed)
            return tf.clip_by_value(image, 0, 1), label

    k.fit(k.scaled.shuffle(64).map(Augmenter(), num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: a stateless augmenter with seeds of a generator")
def _(k: Kit) -> None:
    tf = k.tf

    class Augmenter:
        def __init__(self, seed):
            self.rng = tf.random.Generator.from_seed(seed)

        def __call__(self, image, label):
            seed = self.rng.make_seeds(1)[:, 0]
            image = tf.image.stateless_random_flip_left_right(image, seed=seed)
            return image, label

    augment = Augmenter(3)
    k.kept.append(augment)
    k.fit(k.scaled.shuffle(64).map(augment, num_parallel_calls=AUTOTUNE).batch(16))


@case("vision: pairs of seeds from Dataset.random of one seed", "AUG102")
def _(k: Kit) -> None:
    tf = k.tf
    seeds = tf.data.Dataset.random(seed=7).batch(2)

    def augment(example, seed):
        image, label = example
        return tf.image.stateless_random_crop(image, (6, 6, 3), seed=seed), label

    data = tf.data.Dataset.zip((k.scaled, seeds)).map(augment, num_parallel_calls=AUTOTUNE)
    k.fit(data.shuffle(64).batch(16))


@case("vision: pairs of seeds that are drawn anew in each pass")
def _(k: Kit) -> None:
    tf = k.tf
    seeds = tf.data.Dataset.random(seed=7, rerandomize_each_iteration=True).batch(2)

    def augment(example, seed):
        image, label = example
        return tf.image.stateless_random_crop(image, (6, 6, 3), seed=seed), label

    data = tf.data.Dataset.zip((k.scaled, seeds)).map(augment, num_parallel_calls=AUTOTUNE)
    k.fit(data.shuffle(64).batch(16))


@case("vision: one gamma for all pictures of a batch", "AUG106")
def _(k: Kit) -> None:
    tf = k.tf

    def random_gamma(images, labels):
        gamma = tf.random.uniform([], 0.7, 1.4)
        return tf.pow(images, gamma), labels

    k.fit(k.scaled.shuffle(64).batch(16).map(random_gamma, num_parallel_calls=AUTOTUNE))


@case("vision: RandomBrightness of levels on pictures in 0..1", "AUG107")
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    augment = k.tf.keras.Sequential([layers.RandomFlip(), layers.RandomBrightness(0.2)])
    data = k.scaled.shuffle(64).batch(16)
    k.fit(data.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=AUTOTUNE))


@case("vision: RandomBrightness told that pictures are in 0..1")
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    augment = k.tf.keras.Sequential(
        [layers.RandomContrast(0.2), layers.RandomBrightness(0.2, value_range=(0, 1))]
    )
    data = k.scaled.shuffle(64).batch(16)
    k.fit(data.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=AUTOTUNE))


@case("vision: a list of transforms, brightness before the scaling", "AUG105")
def _(k: Kit) -> None:
    tf = k.tf
    transforms = [
        lambda image: tf.cast(image, tf.float32),
        lambda image: tf.image.random_brightness(image, 0.1),
        lambda image: image / 255.0,
    ]
    compose = lambda image, label: (reduce(lambda x, f: f(x), transforms, image), label)
    k.fit(k.raw.shuffle(64).map(compose, num_parallel_calls=AUTOTUNE).batch(16))
