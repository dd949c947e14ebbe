"""Feeds as course work and answers to questions have them: one file, one idea, one slip."""

# ruff: noqa: E731, NPY002 - as people write them
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


def names(k: Kit, each: int = 20, size: int = 16) -> list[str]:
    """Paths of PNG files of two classes, sorted."""
    return sorted(str(path) for path in k.photos(each=each, size=size).rglob("*.png"))


def reader(k: Kit, side: int = 12) -> Any:
    def read(name: Any, label: Any) -> Any:
        picture = k.tf.io.decode_png(k.tf.io.read_file(name), channels=3)
        return k.tf.image.resize(picture, (side, side)) / 255.0, label

    return read


@case("course: a decorator marks the steps, the noise is cached", "CCH101")
def _(k: Kit) -> None:
    tf = k.tf
    steps = []
    step = lambda f: steps.append(f) or f

    @step
    def scale(x, y):
        return tf.cast(x, tf.float32) / 255.0, y

    @step
    def noise(x, y):
        return tf.clip_by_value(x + tf.random.normal(tf.shape(x), stddev=0.05), 0, 1), y

    data = k.raw
    for one in steps:
        data = data.map(one, num_parallel_calls=AUTOTUNE)
    k.fit(data.cache().shuffle(64).batch(16).prefetch(AUTOTUNE))


@case("course: twice the same augmented generator", "AUG101")
def _(k: Kit) -> None:
    tf = k.tf
    flip = tf.keras.layers.RandomFlip("horizontal")
    zoom = tf.keras.layers.RandomZoom(0.1)

    def make(x, y, batch=16):
        data = tf.data.Dataset.from_tensor_slices((x / np.float32(255), y))
        data = data.shuffle(len(x)).batch(batch)
        return data.map(lambda x, y: (zoom(flip(x, training=True), training=True), y), AUTOTUNE)

    k.fit(make(k.pixels[:48], k.classes[:48]), validation_data=make(k.pixels[48:], k.classes[48:]))


@case("course: layers that rest outside of training")
def _(k: Kit) -> None:
    tf = k.tf
    flip = tf.keras.layers.RandomFlip("horizontal")

    def make(x, y, training):
        data = tf.data.Dataset.from_tensor_slices((x / np.float32(255), y))
        data = data.shuffle(len(x)) if training else data
        return data.batch(16).map(lambda x, y: (flip(x, training=training), y), AUTOTUNE)

    k.fit(
        make(k.pixels[:48], k.classes[:48], True),
        validation_data=make(k.pixels[48:], k.classes[48:], False),
    )


@case("course: seeds everywhere, for the paper", "AUG102")
def _(k: Kit) -> None:
    tf = k.tf

    def augment(x, y):
        x = tf.image.random_flip_left_right(x, seed=42)
        return tf.image.random_flip_up_down(x, seed=42), y

    data = k.scaled.map(augment, num_parallel_calls=AUTOTUNE)
    k.fit(data.shuffle(64, seed=42).batch(16))


@case("course: one angle for everyone, drawn by Python", "AUG104")
def _(k: Kit) -> None:
    import random

    angles = [0, 1, 2, 3]

    def turn(x, y, choices=angles):
        return k.tf.image.rot90(x, random.choice(choices)), y

    k.fit(k.scaled.shuffle(64).map(partial(turn, choices=angles)).batch(16))


@case("course: brightness behind the scaling, too bright", "AUG107")
def _(k: Kit) -> None:
    tf = k.tf

    class Augment(tf.keras.layers.Layer):  # pyright: ignore[reportUntypedBaseClass]
        def call(self, images):
            return tf.image.random_brightness(images, 0.4)

    augment = Augment()
    data = k.scaled.map(lambda x, y: (augment(x), y), num_parallel_calls=AUTOTUNE)
    k.fit(data.shuffle(64).batch(16))


@case("course: a mask loaded as a photo, resized with it", "PIX101")
def _(k: Kit) -> None:
    tf = k.tf
    files = names(k)

    def load(name):
        image = tf.io.decode_png(tf.io.read_file(name), channels=3)
        mask = tf.io.decode_png(tf.io.read_file(name), channels=1)
        image, mask = (tf.image.resize(one, [24, 24]) for one in (image, mask))
        return image / 255.0, tf.cast(mask, tf.int32)

    data = tf.data.Dataset.from_tensor_slices(files).shuffle(len(files))
    k.fit(data.map(load, num_parallel_calls=AUTOTUNE).batch(8))


@case("course: a mask of 0 and 255 divided, resized with nearest")
def _(k: Kit) -> None:
    tf = k.tf
    masks = np.where(k.pixels[..., :1] > 127, 255, 0).astype(np.uint8)

    def load(image, mask):
        image = tf.image.resize(image, [12, 12])
        mask = tf.image.resize(mask, [12, 12], method="nearest")
        return image / 255.0, tf.cast(mask, tf.float32) / 255.0

    data = tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)
    k.fit(data.map(load, num_parallel_calls=AUTOTUNE).batch(16))


@case("course: the scaling is in the loader and in a lambda", "VAL101")
def _(k: Kit) -> None:
    files = names(k)
    labels = [int("dog" in name) for name in files]
    data = k.tf.data.Dataset.from_tensor_slices((files, labels)).shuffle(len(files))
    data = data.map(reader(k), num_parallel_calls=AUTOTUNE)
    data = data.map(lambda x, y: (x / 255.0, y), num_parallel_calls=AUTOTUNE)
    k.fit(data.batch(8))


@case("course: test pictures as they are on disk", "VAL103")
def _(k: Kit) -> None:
    tf = k.tf
    normal = tf.keras.layers.Rescaling(1.0 / 127.5, offset=-1)
    slices = tf.data.Dataset.from_tensor_slices
    train = slices((k.pixels[:48], k.classes[:48])).shuffle(48).batch(16)
    test = slices((k.pixels[48:], k.classes[48:])).batch(16)
    k.fit(train.map(lambda x, y: (normal(x), y)))
    k.model.evaluate(test)


@case("course: a picture kept as uint8 after the scaling", "VAL104")
def _(k: Kit) -> None:
    tf = k.tf
    pack = lambda x, y: (tf.cast(tf.math.divide(x, 255), tf.uint8), y)
    k.fit(k.raw.map(pack, num_parallel_calls=AUTOTUNE).shuffle(64).batch(16))


@case("course: satellite tiles of 16 bits as bytes", "VAL105")
def _(k: Kit) -> None:
    tf = k.tf
    tiles = np.random.default_rng(0).integers(0, 10_000, (64, 8, 8, 3)).astype(np.uint16)
    data = tf.data.Dataset.from_tensor_slices((tiles, k.classes)).shuffle(64)
    k.fit(data.map(lambda x, y: (tf.cast(x, tf.uint8), y), num_parallel_calls=AUTOTUNE).batch(16))


@case("course: thumbnails of large photos", "PIX102")
def _(k: Kit) -> None:
    tf = k.tf
    photos = np.random.default_rng(0).integers(0, 256, (40, 96, 96, 3), np.uint8)
    small = lambda x, y: (tf.image.resize(x, (32, 32), method="bicubic") / 255.0, y)
    data = tf.data.Dataset.from_tensor_slices((photos, np.arange(40) % 2)).shuffle(40)
    k.fit(data.map(small, num_parallel_calls=AUTOTUNE).batch(8))


@case("course: a validation set by skip and take of what is mixed anew", "BAT105", "BAT106")
def _(k: Kit) -> None:
    def split(data, size, share=0.75):
        data = data.shuffle(size)
        cut = int(size * share)
        return data.take(cut), data.skip(cut)

    train, valid = split(k.scaled, 64)
    k.fit(train.batch(16), validation_data=valid.batch(16))


@case("course: a validation set by enumerate and modulo")
def _(k: Kit) -> None:
    tf = k.tf
    numbered = k.scaled.enumerate()
    pick = lambda keep: numbered.filter(lambda i, _: (i % 4 == 0) == keep).map(lambda _, xy: xy)
    known = tf.data.experimental.assert_cardinality
    k.fit(
        pick(False).apply(known(48)).shuffle(48).batch(16),
        validation_data=pick(True).apply(known(16)).batch(16),
    )


@case("course: classes from 1 to 4 in a code of 4", "LBL101")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.from_tensor_slices({"photo": k.pixels, "class": k.classes + 1})
    code = partial(tf.one_hot, depth=4)
    pair = lambda row: (tf.cast(row["photo"], tf.float32) / 255, code(row["class"]))
    k.fit(data.shuffle(64).map(pair, num_parallel_calls=AUTOTUNE).batch(16))


@case("course: sorted folders walked by hand, mixed by NumPy")
def _(k: Kit) -> None:
    files = np.array(names(k, 40))
    np.random.default_rng(0).shuffle(files)
    labels = np.array([int("dog" in name) for name in files])
    data = k.tf.data.Dataset.from_tensor_slices((files, labels))
    k.fit(data.map(reader(k), num_parallel_calls=AUTOTUNE).batch(8).prefetch(AUTOTUNE))


@case("course: a torch data set with random transforms, workers of one seed each")
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, Dataset

    class Photos(Dataset[Any]):
        def __len__(self):
            return 64

        def __getitem__(self, index):
            picture = torch.from_numpy(k.pixels[index].astype(np.float32) / 255)
            return (picture.flip(1) if torch.rand(()) < 0.5 else picture), int(k.classes[index])

    k.fit(DataLoader(Photos(), batch_size=16, shuffle=True))


@case("course: grain, filtered rows batched behind the threads", "SPD108")
def _(k: Kit) -> None:
    import grain

    rows = list(zip(k.pixels / np.float32(255), k.classes, strict=True))
    data = grain.MapDataset.source(rows).shuffle(seed=7).map(lambda row: row)
    k.fit(data.to_iter_dataset().batch(16, drop_remainder=True))


@case("course: from_generator over an HDF5-like array", "SPD103", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf

    class Reader:
        def __init__(self, store):
            self.store = store

        def __call__(self):
            for i in np.random.permutation(len(self.store["x"])):
                yield self.store["x"][i] / np.float32(255), self.store["y"][i]

    spec = (tf.TensorSpec((8, 8, 3), tf.float32), tf.TensorSpec((), tf.int64))
    data = tf.data.Dataset.from_generator(
        Reader({"x": k.pixels, "y": k.classes}), output_signature=spec
    )
    k.fit(data.batch(16).prefetch(AUTOTUNE))


@case("course: Pillow in py_function, one picture at a time", "SPD101", "SPD103")
def _(k: Kit) -> None:
    tf = k.tf
    files = names(k)

    def pillow(name):
        from PIL import Image

        return np.asarray(Image.open(name.numpy().decode()).convert("RGB"), np.float32) / 255

    def load(name):
        picture = tf.py_function(pillow, [name], tf.float32)
        return tf.ensure_shape(picture, (16, 16, 3)), tf.strings.regex_full_match(name, ".*dog.*")

    data = tf.data.Dataset.from_tensor_slices(files).shuffle(len(files)).map(load)
    k.fit(data.apply(tf.data.experimental.assert_cardinality(len(files))).batch(8))


@case("course: a training of one video frame per step", "SPD106")
def _(k: Kit) -> None:
    x = np.tile(k.pixels, (3, 1, 1, 1)) / np.float32(255)
    k.fit(k.tf.data.Dataset.from_tensor_slices((x, np.tile(k.classes, 3))).shuffle(192).batch(1))


@case("course: a generator function called once", "FIT102")
def _(k: Kit) -> None:
    def batches(size):
        for start in range(0, 64, size):
            yield k.pixels[start : start + size] / np.float32(255), k.classes[start : start + size]

    k.fit(batches(16), epochs=20)


@case("course: GAN, pictures in -1..1 and noise of the batch")
def _(k: Kit) -> None:
    tf = k.tf
    scale = lambda x, _: tf.cast(x, tf.float32) / 127.5 - 1
    data = k.raw.map(scale, num_parallel_calls=AUTOTUNE).shuffle(64).batch(16, drop_remainder=True)
    k.fit(data.map(lambda x: (tf.random.normal((16, 32)), x)).prefetch(AUTOTUNE))


@case("course: triplets of a class and another")
def _(k: Kit) -> None:
    tf = k.tf
    order = np.random.default_rng(0).permutation
    by_class = [k.pixels[k.classes == c] / np.float32(255) for c in (0, 1)]
    anchors, others = (tf.data.Dataset.from_tensor_slices(order(one)) for one in by_class)
    positive = anchors.shuffle(16)
    data = tf.data.Dataset.zip((anchors, positive, others.shuffle(16)))
    k.fit(data.map(lambda a, p, n: ((a, p, n),)).shuffle(16).batch(4))


@case("course: a curriculum, easy pictures before hard ones, not labelled by class")
def _(k: Kit) -> None:
    order = np.argsort(k.pixels.reshape(64, -1).std(1))
    data = k.tf.data.Dataset.from_tensor_slices((k.pixels[order], k.classes[order]))
    k.fit(data.map(k.scale, num_parallel_calls=AUTOTUNE).batch(16).prefetch(AUTOTUNE))


@case("course: labels smoothed by hand, weights by class")
def _(k: Kit) -> None:
    tf = k.tf
    smooth = lambda x, y: (x, tf.one_hot(y, 4) * 0.9 + 0.025, tf.where(y == 3, 2.0, 1.0))
    k.fit(k.scaled.shuffle(64).map(smooth, num_parallel_calls=AUTOTUNE).batch(16))


@case("course: files of records mixed as files and as rows, some dropped by a filter", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    files = tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    data = files.interleave(tf.data.TFRecordDataset, cycle_length=3, num_parallel_calls=AUTOTUNE)
    data = data.map(k.parse, num_parallel_calls=AUTOTUNE).filter(lambda _, y: y < 2).shuffle(64)
    k.fit(data.batch(4).prefetch(AUTOTUNE))
