"""Pipelines as they stand in shared notebooks and repositories, many of them without a fault."""

# ruff: noqa: NPY002, E731 - as people write them
from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


def decoded(k: Kit, size: int = 12) -> Any:
    def read(path: Any, label: Any) -> Any:
        tf = k.tf
        x = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
        return tf.image.resize(x, (size, size)) / 255.0, label

    return read


def listed(k: Kit, each: int = 20, *, mixed: bool = True) -> tuple[list[str], Any]:
    paths = sorted(str(p) for p in k.photos(each=each).glob("*/*.png"))
    labels = np.repeat([0, 1], each)
    order = np.random.default_rng(0).permutation(2 * each) if mixed else np.arange(2 * each)
    return [paths[i] for i in order], labels[order]


@case("notebook: data frame of paths, train_test_split by hand")
def _(k: Kit) -> None:
    paths, labels = listed(k)
    make = k.tf.data.Dataset.from_tensor_slices
    train = make((paths[:30], labels[:30])).shuffle(30, seed=1).map(decoded(k), AUTOTUNE).batch(10)
    val = make((paths[30:], labels[30:])).map(decoded(k), AUTOTUNE).batch(10)
    k.model.fit(train.prefetch(AUTOTUNE), validation_data=val.prefetch(AUTOTUNE), epochs=3)


@case("notebook: data frame sorted by class, fixed tail as validation", "BAT111")
def _(k: Kit) -> None:
    paths, labels = listed(k, 40, mixed=False)
    make = k.tf.data.Dataset.from_tensor_slices
    train = make((paths[:60], labels[:60])).shuffle(60).map(decoded(k), AUTOTUNE).batch(10)
    val = make((paths[60:], labels[60:])).map(decoded(k), AUTOTUNE).batch(10)
    k.model.fit(train, validation_data=val, epochs=3)


@case("notebook: sorted paths, batched and trained", "ORD105")
def _(k: Kit) -> None:
    paths, labels = listed(k, 40, mixed=False)
    ds = k.tf.data.Dataset.from_tensor_slices((paths, labels)).map(decoded(k), AUTOTUNE)
    k.model.fit(ds.batch(10).cache().prefetch(AUTOTUNE), epochs=5)


@case("notebook: competition TFRecords with options", "ORD101")
def _(k: Kit) -> None:
    tf = k.tf
    opts = tf.data.Options()
    opts.deterministic = False
    ds = tf.data.TFRecordDataset(k.records(files=6, each=10), num_parallel_reads=6)
    ds = (
        ds.with_options(opts)
        .map(k.parse, AUTOTUNE)
        .apply(tf.data.experimental.assert_cardinality(60))
    )
    k.model.fit(ds.cache().shuffle(4).batch(5).prefetch(AUTOTUNE), epochs=5)


@case("notebook: competition TFRecords for a pod, repeat then shuffle", "ORD103")
def _(k: Kit) -> None:
    tf = k.tf
    ds = tf.data.TFRecordDataset(k.records(files=6), num_parallel_reads=AUTOTUNE)
    ds = ds.map(k.parse, AUTOTUNE).repeat().shuffle(2048).batch(8).prefetch(AUTOTUNE)
    k.model.fit(ds, steps_per_epoch=3, epochs=5)


@case("notebook: test time augmentation on purpose, seeded per pass", "AUG101")
def _(k: Kit) -> None:
    k.model.predict(k.scaled.map(k.flip, AUTOTUNE).batch(16))


@case("notebook: mixup of two shuffled copies with their labels")
def _(k: Kit) -> None:
    tf = k.tf
    a = k.scaled.map(lambda x, y: (x, tf.one_hot(y, 4))).shuffle(64).batch(16)
    b = k.scaled.map(lambda x, y: (x, tf.one_hot(y, 4))).shuffle(64).batch(16)

    def mix(one, two):
        lam = tf.random.uniform((tf.shape(one[0])[0], 1, 1, 1))
        x = one[0] * lam + two[0] * (1 - lam)
        flat = tf.reshape(lam, (-1, 1))
        return x, one[1] * flat + two[1] * (1 - flat)

    k.model.fit(tf.data.Dataset.zip((a, b)).map(mix, AUTOTUNE).prefetch(1), epochs=5)


@case("notebook: siamese pairs, labels computed from both")
def _(k: Kit) -> None:
    tf = k.tf
    a, b = k.scaled.shuffle(64), k.scaled.shuffle(64)
    pairs = tf.data.Dataset.zip((a, b)).map(
        lambda one, two: ((one[0], two[0]), tf.cast(one[1] == two[1], tf.float32))
    )
    k.model.fit(pairs.batch(16).prefetch(1), epochs=5)


@case("notebook: images and labels zipped, only images shuffled", "ORD109")
def _(k: Kit) -> None:
    tf = k.tf
    images = tf.data.Dataset.from_tensor_slices(k.pixels).map(
        lambda x: tf.cast(x, tf.float32) / 255
    )
    labels = tf.data.Dataset.from_tensor_slices(k.classes)
    ds = tf.data.Dataset.zip((images.shuffle(64), labels)).batch(8)
    k.model.fit(ds, epochs=3)


@case("notebook: images and labels zipped, then shuffled")
def _(k: Kit) -> None:
    tf = k.tf
    images = tf.data.Dataset.from_tensor_slices(k.pixels).map(
        lambda x: tf.cast(x, tf.float32) / 255
    )
    labels = tf.data.Dataset.from_tensor_slices(k.classes)
    k.model.fit(tf.data.Dataset.zip((images, labels)).shuffle(64).batch(8), epochs=3)


@case("notebook: gan, images only, drop the remainder")
def _(k: Kit) -> None:
    tf = k.tf
    ds = k.raw.map(lambda x, _: (tf.cast(x, tf.float32) - 127.5) / 127.5, AUTOTUNE)
    k.model.fit(ds.shuffle(64).batch(10, drop_remainder=True).prefetch(1), epochs=3)


@case("notebook: evaluation drops its remainder", "BAT104")
def _(k: Kit) -> None:
    train = k.scaled.take(48).shuffle(48).batch(8)
    val = k.scaled.skip(48).batch(10, drop_remainder=True)
    k.model.fit(train, validation_data=val, epochs=3)


@case("notebook: batch of one detector", "SPD106")
def _(k: Kit) -> None:
    boxes = np.random.rand(128, 4).astype("float32")
    pixels = np.concatenate([k.pixels, k.pixels[::-1]])
    ds = k.tf.data.Dataset.from_tensor_slices((pixels, boxes)).shuffle(128)
    k.model.fit(ds.map(k.scale).batch(1).prefetch(1), epochs=3)


@case("notebook: sample weights as a third item")
def _(k: Kit) -> None:
    tf = k.tf
    weights = tf.constant([1.0, 2.0, 1.0, 4.0])
    ds = k.scaled.shuffle(64).map(lambda x, y: (x, y, tf.gather(weights, y))).batch(16)
    k.model.fit(ds.prefetch(1), epochs=3)


@case("notebook: labels through a static hash table")
def _(k: Kit) -> None:
    tf = k.tf
    words = np.array(["a", "b", "c", "d"])[k.classes]
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b", "c", "d"], [0, 1, 2, 3]), -1
    )
    k.kept.append(table)
    ds = tf.data.Dataset.from_tensor_slices((k.pixels, words)).cache().shuffle(64)
    ds = ds.map(lambda x, w: (tf.cast(x, tf.float32) / 255.0, table.lookup(w)), AUTOTUNE)
    k.model.fit(ds.batch(16).prefetch(1), epochs=3)


@case("notebook: generator class, arrays scaled, shuffled on epoch end")
def _(k: Kit) -> None:
    tf = k.tf

    class DataGenerator(tf.keras.utils.Sequence):  # pyright: ignore[reportUntypedBaseClass]
        def __init__(self, x, y, batch_size=16):
            super().__init__()
            self.x, self.y, self.batch_size = x, y, batch_size
            self.on_epoch_end()

        def __len__(self):
            return int(np.floor(len(self.x) / self.batch_size))

        def on_epoch_end(self):
            self.indexes = np.random.permutation(len(self.x))

        def __getitem__(self, index):
            chosen = self.indexes[index * self.batch_size : (index + 1) * self.batch_size]
            return self.x[chosen].astype("float32") / 255.0, self.y[chosen]

    k.model.fit(DataGenerator(k.pixels, k.classes), epochs=3)


@case(
    "notebook: flow from directory, both generators share the augmentation",
    "PIX103",
    "AUG101",
    "SPD103",
)
def _(k: Kit) -> None:
    root = k.photos(each=20, size=24)
    gen = k.generator(rescale=1 / 255, validation_split=0.2, rotation_range=20)
    train = gen.flow_from_directory(root, (12, 12), batch_size=8, subset="training")
    val = gen.flow_from_directory(root, (12, 12), batch_size=8, subset="validation")
    k.model.fit(train, validation_data=val, epochs=3)


@case("notebook: arrays and validation_split")
def _(k: Kit) -> None:
    x = k.pixels.astype("float32") / 255.0
    k.model.fit(x, k.classes, batch_size=16, epochs=3)


@case("notebook: clip and standardise per image")
def _(k: Kit) -> None:
    tf = k.tf
    ds = k.raw.shuffle(64).map(
        lambda x, y: (tf.image.per_image_standardization(tf.cast(x, tf.float32)), y), AUTOTUNE
    )
    k.model.fit(ds.batch(16).prefetch(AUTOTUNE), epochs=3)


@case("notebook: convert_image_dtype behind a resize", "VAL102")
def _(k: Kit) -> None:
    tf = k.tf

    def read(x, y):
        x = tf.image.resize(x, (12, 12))
        return tf.image.convert_image_dtype(x, tf.float32), y

    k.model.fit(k.raw.shuffle(64).map(read, AUTOTUNE).batch(16), epochs=2)


@case("notebook: convert_image_dtype before a resize")
def _(k: Kit) -> None:
    tf = k.tf

    def read(x, y):
        return tf.image.resize(tf.image.convert_image_dtype(x, tf.float32), (6, 6)), y

    k.model.fit(k.raw.shuffle(64).map(read, AUTOTUNE).batch(16), epochs=2)


@case("notebook: preprocess_input twice", "VAL101")
def _(k: Kit) -> None:
    tf = k.tf
    pre = tf.keras.applications.mobilenet_v2.preprocess_input

    def read(x, y):
        return pre(tf.cast(x, tf.float32)), y

    k.model.fit(k.raw.shuffle(64).map(read).batch(16).map(lambda x, y: (pre(x), y)), epochs=2)


@case("notebook: brightness in levels, unnoticeable", "AUG105")
def _(k: Kit) -> None:
    tf = k.tf

    def jitter(x, y):
        return tf.image.random_brightness(tf.cast(x, tf.float32), 0.1), y

    k.model.fit(k.raw.shuffle(64).map(jitter, AUTOTUNE).batch(16).prefetch(1), epochs=2)


@case("notebook: jitter of scaled pictures, clipped")
def _(k: Kit) -> None:
    tf = k.tf

    def jitter(x, y):
        x = tf.image.random_brightness(x, 0.2)
        x = tf.image.random_contrast(x, 0.8, 1.2)
        return tf.clip_by_value(x, 0.0, 1.0), y

    k.model.fit(k.scaled.shuffle(64).map(jitter, AUTOTUNE).batch(16).prefetch(1), epochs=2)


@case("notebook: stateless crops by a counter with a generator")
def _(k: Kit) -> None:
    tf = k.tf
    rng = tf.random.Generator.from_seed(123, alg="philox")
    k.kept.append(rng)

    def crop(x, y):
        seed = rng.make_seeds(2)[0]
        return tf.image.stateless_random_crop(x, (6, 6, 3), seed), y

    k.model.fit(k.scaled.shuffle(64).map(crop, AUTOTUNE).batch(16).prefetch(1), epochs=4)


@case("notebook: seeds zipped from a counter, begun anew each epoch", "AUG102")
def _(k: Kit) -> None:
    tf = k.tf
    counter = tf.data.Dataset.counter()
    ds = tf.data.Dataset.zip((k.scaled, (counter, counter)))

    def flip(xy, seed):
        return tf.image.stateless_random_flip_left_right(xy[0], seed), xy[1]

    k.model.fit(ds.map(flip, AUTOTUNE).shuffle(64).batch(16), epochs=4)


@case("notebook: cross validation by enumerate and filter")
def _(k: Kit) -> None:
    fold = lambda keep: (
        k.scaled.enumerate()
        .filter(lambda i, _: (i % 4 == 0) == keep)
        .map(lambda _, xy: xy)
        .apply(k.tf.data.experimental.assert_cardinality(16 if keep else 48))
    )
    k.model.fit(fold(False).shuffle(48).batch(16), validation_data=fold(True).batch(16), epochs=2)


@case("notebook: take a tenth of sorted data to try things", "ORD107")
def _(k: Kit) -> None:
    tf = k.tf
    y = np.repeat(np.arange(10), 50)
    x = np.random.default_rng(0).random((500, 4), np.float32)
    small = tf.data.Dataset.from_tensor_slices((x, y)).take(100).shuffle(100).batch(10)
    k.model.fit(small, epochs=2)


@case("notebook: multi-head labels in a dict")
def _(k: Kit) -> None:
    tf = k.tf
    ds = k.scaled.shuffle(64).map(lambda x, y: (x, {"kind": tf.one_hot(y, 4), "even": y % 2}))
    k.model.fit(ds.batch(16).prefetch(1), epochs=2)


@case("notebook: snapshot behind the decoding, fresh flips behind it")
def _(k: Kit) -> None:
    paths, labels = listed(k)
    ds = k.tf.data.Dataset.from_tensor_slices((paths, labels)).map(decoded(k), AUTOTUNE)
    ds = ds.snapshot(str(k.folder / "snap")).shuffle(40).map(k.flip, AUTOTUNE)
    k.model.fit(ds.batch(8).prefetch(1), epochs=3)


@case("notebook: split by skip and take, the other part never shown", "BAT105")
def _(k: Kit) -> None:
    ds = k.scaled.shuffle(64)
    k.model.fit(ds.skip(16).batch(8).prefetch(1), epochs=3)


@case("notebook: an epoch cut short by take")
def _(k: Kit) -> None:
    k.model.fit(k.scaled.shuffle(64).batch(8).take(4), epochs=3)


@case("notebook: photos from a phone, some on their side", "PIX104", "PIX103", "SPD103")
def _(k: Kit) -> None:
    from PIL import Image

    root = k.photos(each=6)
    tags = Image.Exif()
    tags[0x0112] = 8
    for path in sorted(root.glob("*/*.png")):
        Image.open(path).save(path.with_suffix(".jpg"), exif=tags)
        path.unlink()
    k.model.fit(k.generator(rescale=1 / 255).flow_from_directory(root, (12, 12), batch_size=4))


@case("notebook: one class from the web, as WebP", "BAT112")
def _(k: Kit) -> None:
    from PIL import Image

    root = k.photos(each=6)
    for path in sorted(root.glob("cat/*.png"))[:4]:
        Image.open(path).save(path.with_suffix(".webp"))
        path.unlink()
    k.model.fit(
        k.tf.keras.utils.image_dataset_from_directory(
            root, image_size=(16, 16), batch_size=4, verbose=False
        )
    )


@case("notebook: checkpoints of the notebook beside the classes", "LBL103", "PIX103", "SPD103")
def _(k: Kit) -> None:
    root = k.photos(each=6)
    (root / ".ipynb_checkpoints").mkdir()
    k.model.fit(k.generator(rescale=1 / 255).flow_from_directory(root, (12, 12), batch_size=4))


@case("notebook: classes named, checkpoints beside them", "PIX103", "SPD103")
def _(k: Kit) -> None:
    root = k.photos("1", "2", "10")
    (root / ".ipynb_checkpoints").mkdir()
    generator = k.generator(rescale=1 / 255)
    k.model.fit(
        generator.flow_from_directory(root, (12, 12), batch_size=4, classes=["1", "2", "10"])
    )
