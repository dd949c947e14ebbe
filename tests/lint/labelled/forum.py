"""Pipelines as people post them when they ask for help: one fault each, or several, or none."""

# ruff: noqa: NPY002 - as people write them
from __future__ import annotations

import random

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


@case("post: cats and dogs from a glob, labels from the path", "BAT105", "BAT106")
def _(k: Kit) -> None:
    tf = k.tf
    root = k.photos(each=20)
    names = tf.constant(["cat", "dog"])
    ds = tf.data.Dataset.list_files(str(root / "*/*.png"), shuffle=False)
    ds = ds.shuffle(40)

    def process_path(file_path):
        parts = tf.strings.split(file_path, "/")
        label = tf.argmax(parts[-2] == names)
        img = tf.io.decode_png(tf.io.read_file(file_path), channels=3)
        return tf.image.resize(img, [12, 12]), label

    train_ds = ds.skip(8).map(process_path, num_parallel_calls=AUTOTUNE)
    val_ds = ds.take(8).map(process_path, num_parallel_calls=AUTOTUNE)
    k.model.fit(
        train_ds.batch(4).prefetch(AUTOTUNE),
        validation_data=val_ds.batch(4).prefetch(AUTOTUNE),
        epochs=3,
    )


@case("post: loss stuck, cached after augment and shuffled after batch", "CCH101", "ORD102")
def _(k: Kit) -> None:
    tf = k.tf
    aug = tf.keras.Sequential(
        [tf.keras.layers.RandomFlip("horizontal"), tf.keras.layers.RandomRotation(0.2)]
    )
    train = k.raw.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y))
    train = train.batch(8)
    train = train.map(lambda x, y: (aug(x, training=True), y), num_parallel_calls=AUTOTUNE)
    train = train.cache().shuffle(100).prefetch(AUTOTUNE)
    k.model.fit(train, epochs=10)


@case("post: MNIST csv read line by line", "ORD101", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    path = k.folder / "train.csv"
    rows = np.random.default_rng(0).integers(0, 255, (600, 5))
    path.write_text("label,a,b,c,d\n" + "\n".join(",".join(map(str, r)) for r in rows))

    def parse(line):
        fields = tf.io.decode_csv(line, [0.0] * 5)
        return tf.stack(fields[1:]) / 255.0, tf.cast(fields[0], tf.int32) % 10

    ds = tf.data.TextLineDataset(str(path)).skip(1).take(600).map(parse).shuffle(32).batch(32)
    k.model.fit(ds, epochs=5)


@case("post: validation with the training's augmentation layer", "AUG101")
def _(k: Kit) -> None:
    tf = k.tf
    data_augmentation = tf.keras.Sequential([tf.keras.layers.RandomZoom(0.2)])

    def prepare(ds, shuffle=False):
        ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
        if shuffle:
            ds = ds.shuffle(1000)
        ds = ds.batch(8)
        ds = ds.map(lambda x, y: (data_augmentation(x, training=True), y))
        return ds.prefetch(AUTOTUNE)

    k.model.fit(
        prepare(k.raw.take(48), shuffle=True),
        validation_data=prepare(k.raw.skip(48)),
        epochs=4,
    )


@case("post: tutorial order done right")
def _(k: Kit) -> None:
    tf = k.tf
    aug = tf.keras.Sequential([tf.keras.layers.RandomFlip(), tf.keras.layers.RandomRotation(0.1)])
    train = k.raw.take(48).map(k.scale, num_parallel_calls=AUTOTUNE).cache().shuffle(48).batch(8)
    train = train.map(lambda x, y: (aug(x, training=True), y), num_parallel_calls=AUTOTUNE)
    val = k.raw.skip(48).map(k.scale, num_parallel_calls=AUTOTUNE).batch(8).cache()
    k.model.fit(train.prefetch(AUTOTUNE), validation_data=val.prefetch(AUTOTUNE), epochs=5)


@case("post: rescale in a class' layer and in the map as well", "VAL101")
def _(k: Kit) -> None:
    tf = k.tf

    class Preprocessor:
        def __init__(self):
            self.rescale = tf.keras.layers.Rescaling(1.0 / 255)
            self.size = (8, 8)

        def load(self, x, y):
            x = tf.cast(x, tf.float32) / 255.0
            return tf.image.resize(x, self.size), y

        def __call__(self, x, y):
            return self.rescale(x), y

    p = Preprocessor()
    k.kept.append(p)
    ds = k.raw.shuffle(64).map(p.load).batch(16).map(p)
    k.model.fit(ds, epochs=2)


@case("post: python random in the map", "AUG104")
def _(k: Kit) -> None:
    tf = k.tf

    def rotate(x, y):
        times = random.randint(0, 3)
        return tf.image.rot90(tf.cast(x, tf.float32) / 255.0, k=times), y

    k.model.fit(k.raw.shuffle(64).map(rotate).batch(8), epochs=8)


@case("post: numpy_function around albumentations", "SPD103", "SPD101")
def _(k: Kit) -> None:
    tf = k.tf
    rng = np.random.default_rng(3)

    def aug_fn(image):
        if rng.random() < 0.5:
            image = image[:, ::-1]
        return (image / 255.0).astype(np.float32)

    def process(x, y):
        img = tf.numpy_function(func=aug_fn, inp=[x], Tout=tf.float32)
        img.set_shape((8, 8, 3))
        return img, y

    ds = k.raw.shuffle(64).map(process)
    ds = ds.map(lambda x, y: (x, tf.one_hot(y, 4))).batch(8).prefetch(1)
    k.model.fit(ds, epochs=3)


@case("post: endless generator without steps", "BAT101", "SPD103")
def _(k: Kit) -> None:
    tf = k.tf

    def gen():
        while True:
            i = np.random.randint(0, 64)
            yield k.pixels[i].astype(np.float32) / 255.0, k.classes[i]

    ds = tf.data.Dataset.from_generator(
        gen,
        output_signature=(
            tf.TensorSpec((8, 8, 3), tf.float32),
            tf.TensorSpec((), tf.int64),
        ),
    )
    ds = ds.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))
    k.model.fit(ds.batch(8), epochs=2)


@case("post: TFRecords interleaved, shuffled names, shuffled examples", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    files = tf.data.Dataset.from_tensor_slices(k.records(files=4)).shuffle(4)
    ds = files.interleave(
        tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=AUTOTUNE, deterministic=False
    )
    ds = ds.shuffle(2048).map(k.parse, num_parallel_calls=AUTOTUNE).batch(4).prefetch(AUTOTUNE)
    k.model.fit(ds, epochs=3)


@case("post: one_hot for 10 classes, labels 1 to 10", "LBL101")
def _(k: Kit) -> None:
    tf = k.tf
    x = np.random.rand(100, 6).astype("float32")
    y = np.arange(100) % 10 + 1
    np.random.default_rng(0).shuffle(y)
    ds = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda a, b: (a, tf.one_hot(b, depth=10)))
    k.model.fit(ds.shuffle(100).batch(10), epochs=3)


@case("post: image and mask resized alike", "PIX101")
def _(k: Kit) -> None:
    tf = k.tf
    masks = np.random.default_rng(2).integers(0, 5, (64, 8, 8, 1)).astype(np.uint8)
    ds = tf.data.Dataset.from_tensor_slices((k.pixels, masks))

    def load(image, mask):
        image = tf.image.resize(image, (16, 16)) / 255.0
        mask = tf.image.resize(mask, (16, 16))
        return image, tf.cast(mask, tf.int32)

    k.model.fit(ds.shuffle(64).map(load).batch(8), epochs=2)


@case("post: image and mask resized, nearest for the mask")
def _(k: Kit) -> None:
    tf = k.tf
    masks = np.random.default_rng(2).integers(0, 5, (64, 8, 8, 1)).astype(np.uint8)
    ds = tf.data.Dataset.from_tensor_slices((k.pixels, masks))

    def load(image, mask):
        image = tf.image.resize(image, (16, 16)) / 255.0
        mask = tf.image.resize(mask, (16, 16), method="nearest")
        return image, tf.cast(mask, tf.int32)

    k.model.fit(ds.shuffle(64).map(load).batch(8), epochs=2)


@case("post: flip of the image alone beside its mask", "AUG108")
def _(k: Kit) -> None:
    tf = k.tf
    masks = np.random.default_rng(2).integers(0, 5, (64, 8, 8, 1)).astype(np.uint8)
    ds = tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)
    ds = ds.map(
        lambda i, m: (tf.image.random_flip_left_right(tf.cast(i, tf.float32) / 255.0), m)
    ).batch(8)
    k.model.fit(ds, epochs=6)


@case("post: flip by one coin for image and mask")
def _(k: Kit) -> None:
    tf = k.tf
    masks = np.random.default_rng(2).integers(0, 5, (64, 8, 8, 1)).astype(np.uint8)
    ds = tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)

    def flip(image, mask):
        image = tf.cast(image, tf.float32) / 255.0
        if tf.random.uniform(()) > 0.5:
            image = tf.image.flip_left_right(image)
            mask = tf.image.flip_left_right(mask)
        return image, mask

    k.model.fit(ds.map(flip, num_parallel_calls=AUTOTUNE).batch(8), epochs=6)


@case("post: steps from len // batch on a repeated set")
def _(k: Kit) -> None:
    ds = k.scaled.shuffle(64).repeat().batch(10).prefetch(AUTOTUNE)
    k.model.fit(ds, steps_per_epoch=64 // 10, epochs=5)


@case("post: predict on the training set, then confusion matrix", "ORD110")
def _(k: Kit) -> None:
    train_ds = k.scaled.shuffle(64).batch(16)
    k.model.fit(train_ds, epochs=2)
    k.model.predict(train_ds)


@case("post: from directory with val subset, other seeds", "BAT106")
def _(k: Kit) -> None:
    root = k.photos(each=30)
    load = k.tf.keras.utils.image_dataset_from_directory
    train = load(
        root,
        validation_split=0.2,
        subset="training",
        seed=1,
        image_size=(16, 16),
        batch_size=8,
        verbose=False,
    )
    val = load(
        root,
        validation_split=0.2,
        subset="validation",
        seed=2,
        image_size=(16, 16),
        batch_size=8,
        verbose=False,
    )
    scale = k.tf.keras.layers.Rescaling(1 / 255)
    k.model.fit(
        train.map(lambda x, y: (scale(x), y)),
        validation_data=val.map(lambda x, y: (scale(x), y)),
        epochs=3,
    )


@case("post: from directory with val subset, one seed")
def _(k: Kit) -> None:
    root = k.photos(each=30)
    parts = [
        k.tf.keras.utils.image_dataset_from_directory(
            root,
            validation_split=0.2,
            subset=part,
            seed=123,
            image_size=(16, 16),
            batch_size=8,
            verbose=False,
        )
        for part in ("training", "validation")
    ]
    scale = k.tf.keras.layers.Rescaling(1 / 255)
    train, val = (
        p.map(lambda x, y: (scale(x), y), num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE)
        for p in parts
    )
    k.model.fit(train, validation_data=val, epochs=3)


@case("post: from directory, validation not rescaled", "VAL103")
def _(k: Kit) -> None:
    root = k.photos(each=30)
    parts = [
        k.tf.keras.utils.image_dataset_from_directory(
            root,
            validation_split=0.2,
            subset=part,
            seed=123,
            image_size=(16, 16),
            batch_size=8,
            verbose=False,
        )
        for part in ("training", "validation")
    ]
    scale = k.tf.keras.layers.Rescaling(1 / 255)
    k.model.fit(
        parts[0].map(lambda x, y: (scale(x), y)).prefetch(1), validation_data=parts[1], epochs=3
    )


@case("post: window for a time series, shuffled by window", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    series = np.sin(np.arange(400) / 7).astype(np.float32)
    ds = tf.data.Dataset.from_tensor_slices(series).window(11, shift=1, drop_remainder=True)
    ds = ds.flat_map(lambda w: w.batch(11))
    ds = ds.map(lambda w: (w[:-1], w[-1])).shuffle(390).batch(32).prefetch(1)
    k.model.fit(ds, epochs=4)


@case("post: time series dataset, tail kept for the test")
def _(k: Kit) -> None:
    tf = k.tf
    series = np.random.default_rng(0).random((300, 2), np.float32)
    make = tf.keras.utils.timeseries_dataset_from_array
    train = make(
        series[:200, :1], series[10:200, 1], sequence_length=10, batch_size=32, shuffle=True
    )
    test = make(series[200:, :1], series[210:, 1], sequence_length=10, batch_size=32)
    k.model.fit(train, validation_data=test, epochs=4)


@case("post: oversampling the rare class by sample_from_datasets")
def _(k: Kit) -> None:
    tf = k.tf
    few = k.scaled.filter(lambda _, y: y == 0).shuffle(64).repeat()
    many = k.scaled.filter(lambda _, y: y > 0).shuffle(64).repeat()
    ds = tf.data.Dataset.sample_from_datasets([few, many], [0.5, 0.5]).batch(8).prefetch(1)
    k.model.fit(ds, steps_per_epoch=8, epochs=4)


@case("post: two sources mixed, one ends first", "BAT108", "BAT101", "ORD107")
def _(k: Kit) -> None:
    tf = k.tf
    photos = k.scaled.shuffle(64)
    sketches = k.scaled.take(16).shuffle(16)
    ds = tf.data.Dataset.sample_from_datasets([photos, sketches], [0.5, 0.5]).batch(8)
    k.model.fit(ds, epochs=4)


@case("post: repeat before shuffle and no steps cut", "ORD103")
def _(k: Kit) -> None:
    ds = k.scaled.cache().repeat().shuffle(1000).batch(16).prefetch(AUTOTUNE)
    k.model.fit(ds, steps_per_epoch=4, epochs=10)


@case("post: global seed, but another order for the same draws")
def _(k: Kit) -> None:
    k.tf.random.set_seed(42)
    ds = k.scaled.shuffle(64).map(k.flip).batch(8)
    k.model.fit(ds, epochs=10)


@case("post: autoencoder, x to x with noise on the input only")
def _(k: Kit) -> None:
    tf = k.tf
    ds = k.raw.map(lambda x, _: tf.cast(x, tf.float32) / 255.0).cache().shuffle(64)
    ds = ds.map(
        lambda x: (tf.clip_by_value(x + tf.random.normal((8, 8, 3), stddev=0.2), 0.0, 1.0), x),
        num_parallel_calls=AUTOTUNE,
    )
    k.model.fit(ds.batch(8).prefetch(1), epochs=6)


@case("post: tokens padded by bucket", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    rng = np.random.default_rng(0)
    rows = tf.ragged.constant([rng.integers(1, 9, rng.integers(2, 12)).tolist() for _ in range(80)])
    labels = rng.permutation(np.arange(80) % 2)
    ds = tf.data.Dataset.from_tensor_slices((rows, labels)).map(lambda x, y: (x, y)).shuffle(80)
    ds = ds.bucket_by_sequence_length(lambda x, _: tf.shape(x)[0], [4, 8], [8, 8, 8])
    k.model.fit(ds.prefetch(1), epochs=3)


@case("post: text vectorised after batch, cached", "BAT101")
def _(k: Kit) -> None:
    tf = k.tf
    texts = np.array(["good film", "bad film", "so so", "never again"] * 16)
    layer = tf.keras.layers.TextVectorization(output_sequence_length=4)
    layer.adapt(texts)
    k.kept.append(layer)
    ds = tf.data.Dataset.from_tensor_slices((texts, k.classes)).batch(16)
    ds = ds.map(lambda t, y: (layer(t), y)).unbatch().cache().shuffle(64).batch(16)
    k.model.fit(ds.prefetch(1), epochs=3)


@case("post: batch size handed to fit beside a dataset", "FIT101")
def _(k: Kit) -> None:
    k.model.fit(k.scaled.shuffle(64).batch(16), batch_size=32, epochs=3)
