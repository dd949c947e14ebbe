"""The input pipelines of public tutorials, in our own words: every finding has a reason.

Lengths are those of the data sets; the pictures are tiny.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.lint.labelled.kit import Build, Kit

TF = "https://www.tensorflow.org/"
KERAS = "https://keras.io/"
AUTOTUNE = -1
SHORT = "the buffer is smaller than half of the data; harmless only as the data lie mixed already"


@dataclass(frozen=True)
class Tutorial:
    """A tutorial's pipeline.

    Attributes:
        name: What it is called.
        url: Where it stands.
        reasons: Why each rule that fires is right to, by code.
        build: Hands its feeds to the kit's model, or returns one.
    """

    name: str
    url: str
    reasons: Mapping[str, str]
    build: Build


TUTORIALS: list[Tutorial] = []


def tutorial(name: str, url: str, **reasons: str) -> Callable[[Build], Build]:
    def keep(build: Build) -> Build:
        TUTORIALS.append(Tutorial(name, url, reasons, build))
        return build

    return keep


def pictures(k: Kit, count: int, side: int = 8, channels: int = 3, classes: int = 5) -> Any:
    """As many pictures as a data set has, with labels that lie mixed."""
    tf = k.tf

    def make(i: Any) -> Any:
        level = tf.cast(i % 256, tf.uint8)
        return tf.fill((side, side, channels), level), i * 7919 % 104_729 % classes

    return tf.data.Dataset.range(count).map(make, num_parallel_calls=AUTOTUNE)


def records(k: Kit, files: int = 4) -> list[str]:
    return k.records(files=files, each=2)


@tutorial("quickstart for experts", TF + "tutorials/quickstart/advanced")
def _(k: Kit) -> Any:
    levels = np.zeros((6_000, 4, 4, 1), np.float32)
    return k.tf.data.Dataset.from_tensor_slices((levels, np.zeros(6_000))).shuffle(1_000).batch(32)


@tutorial(
    "Keras on TFDS",
    "https://www.tensorflow.org/datasets/keras_example",
    SPD107="the test pictures are scaled one by one; on batches the same map runs less often",
)
def _(k: Kit) -> None:
    train = pictures(k, 60_000, channels=1).map(k.scale, num_parallel_calls=AUTOTUNE)
    test = pictures(k, 10_000, channels=1).map(k.scale, num_parallel_calls=AUTOTUNE)
    k.fit(
        train.cache().shuffle(60_000).batch(128).prefetch(AUTOTUNE),
        validation_data=test.batch(128).cache().prefetch(AUTOTUNE),
        epochs=6,
    )


@tutorial(
    "better performance with tf.data, the last form",
    TF + "guide/data_performance",
)
def _(k: Kit) -> Any:
    tf = k.tf

    def numbers() -> Iterator[Any]:
        yield from np.arange(10, dtype=np.float32)

    def read(_: Any) -> Any:
        return tf.data.Dataset.from_generator(
            numbers, output_signature=tf.TensorSpec((), tf.float32)
        )

    data = tf.data.Dataset.range(2).interleave(read, num_parallel_calls=AUTOTUNE)
    return (
        data.batch(256).map(lambda x: x + 1, num_parallel_calls=AUTOTUNE).cache().prefetch(AUTOTUNE)
    )


@tutorial(
    "load and preprocess images, tf.data by hand",
    TF + "tutorials/load_data/images",
)
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos(each=20)
    files = tf.data.Dataset.list_files(f"{place}/*/*.png", shuffle=False)
    files = files.shuffle(40, reshuffle_each_iteration=False)

    def load(path: Any) -> Any:
        x = tf.image.resize(tf.io.decode_png(tf.io.read_file(path), channels=3), (8, 8))
        return x, tf.strings.split(path, "/")[-2] == "cat"

    def ready(data: Any) -> Any:
        return data.cache().shuffle(10).batch(32).prefetch(AUTOTUNE)

    train = files.skip(8).map(load, num_parallel_calls=AUTOTUNE)
    test = files.take(8).map(load, num_parallel_calls=AUTOTUNE)
    k.fit(ready(train), validation_data=ready(test))


def folder(k: Kit, **arguments: Any) -> Any:
    from pathlib import Path

    place = k.folder / "photos"
    photos = place if Path(place).exists() else k.photos("a", "b", "c", each=12)
    return k.tf.keras.utils.image_dataset_from_directory(
        photos, image_size=(8, 8), batch_size=8, verbose=False, **arguments
    )


@tutorial(
    "image classification",
    TF + "tutorials/images/classification",
    CCH102="what is cached are batches: later epochs change their order and not what is in them",
)
def _(k: Kit) -> None:
    train = folder(k, validation_split=0.2, subset="training", seed=123)
    test = folder(k, validation_split=0.2, subset="validation", seed=123)
    k.fit(
        train.cache().shuffle(1_000).prefetch(AUTOTUNE),
        validation_data=test.cache().prefetch(AUTOTUNE),
        epochs=10,
    )


@tutorial(
    "data augmentation, layers",
    TF + "tutorials/images/data_augmentation",
    ORD101=SHORT,
    SPD105="a thousand pictures are resized before the first batch of each epoch",
)
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    scale = k.tf.keras.Sequential([layers.Resizing(8, 8), layers.Rescaling(1 / 255)])
    change = k.tf.keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.2)])
    train = pictures(k, 2_936).map(lambda x, y: (scale(x), y), num_parallel_calls=AUTOTUNE)
    train = train.shuffle(1_000).batch(32)
    train = train.map(lambda x, y: (change(x, training=True), y), num_parallel_calls=AUTOTUNE)
    test = pictures(k, 367).map(lambda x, y: (scale(x), y), num_parallel_calls=AUTOTUNE)
    k.fit(train.prefetch(AUTOTUNE), validation_data=test.batch(32).prefetch(AUTOTUNE))


@tutorial(
    "data augmentation, seeds from a counter",
    TF + "tutorials/images/data_augmentation",
    AUG102="the counter starts at 0 in every epoch and is zipped before the shuffle: each picture"
    " gets the same seed every time",
    ORD101=SHORT,
)
def _(k: Kit) -> None:
    tf = k.tf
    counter = tf.data.experimental.Counter()
    train = tf.data.Dataset.zip((pictures(k, 2_936), (counter, counter)))

    def augment(xy: Any, seed: Any) -> Any:
        x = tf.image.resize_with_crop_or_pad(tf.cast(xy[0], tf.float32) / 255, 14, 14)
        new = tf.random.split(seed, num=1)[0, :]
        x = tf.image.stateless_random_crop(x, (8, 8, 3), seed=seed)
        return tf.clip_by_value(tf.image.stateless_random_brightness(x, 0.5, new), 0, 1), xy[1]

    k.fit(
        train.shuffle(1_000).map(augment, num_parallel_calls=AUTOTUNE).batch(32).prefetch(AUTOTUNE)
    )


@tutorial("data augmentation, seeds from a generator", TF + "tutorials/images/data_augmentation",
          ORD101=SHORT)  # fmt: skip
def _(k: Kit) -> None:
    tf = k.tf
    rng = tf.random.Generator.from_seed(123, alg="philox")

    def augment(x: Any, y: Any) -> Any:
        seed = rng.make_seeds(1)[:, 0]
        x = tf.image.stateless_random_flip_left_right(tf.cast(x, tf.float32) / 255, seed)
        return x, y

    data = pictures(k, 2_936).shuffle(1_000).map(augment, num_parallel_calls=AUTOTUNE)
    k.fit(data.batch(32).prefetch(AUTOTUNE))


@tutorial("transfer learning and fine-tuning", TF + "tutorials/images/transfer_learning")
def _(k: Kit) -> None:
    train = folder(k, shuffle=True).prefetch(AUTOTUNE)
    test = folder(k, shuffle=False).prefetch(AUTOTUNE)
    k.fit(train, validation_data=test, epochs=10)


@tutorial(
    "image segmentation",
    TF + "tutorials/images/segmentation",
    ORD101=SHORT,
    BAT104="the tutorial divides by the batch size and by 5 sub-splits, so four fifths of the"
    " validation are never seen",
)
def _(k: Kit) -> None:
    tf = k.tf

    def load(i: Any) -> Any:
        x = tf.fill((32, 32, 3), tf.cast(i % 256, tf.uint8))
        mask = tf.fill((32, 32, 1), tf.cast(i % 3 + 1, tf.uint8))
        x = tf.image.resize(x, (32, 32))
        mask = tf.image.resize(mask, (32, 32), method=tf.image.ResizeMethod.NEAREST_NEIGHBOR)
        return tf.cast(x, tf.float32) / 255.0, mask - 1

    layers = tf.keras.layers
    flips = [layers.RandomFlip("horizontal", seed=42) for _ in range(2)]
    train = tf.data.Dataset.range(3_680).map(load, num_parallel_calls=AUTOTUNE)
    train = train.cache().shuffle(1_000).batch(64).repeat()
    train = train.map(lambda x, y: (flips[0](x), flips[1](y))).prefetch(AUTOTUNE)
    test = tf.data.Dataset.range(3_669).map(load, num_parallel_calls=AUTOTUNE).batch(64)
    k.fit(
        train,
        epochs=20,
        steps_per_epoch=57,
        validation_steps=3_669 // 64 // 5,
        validation_data=test,
    )


@tutorial(
    "text classification with an RNN",
    TF + "text/tutorials/text_classification_rnn",
    ORD101=SHORT,
    BAT104="validation_steps=30 of 40 batches leaves a quarter out",
)
def _(k: Kit) -> None:
    words = k.tf.data.Dataset.range(25_000).map(lambda i: (k.tf.strings.as_string(i), i % 2))
    test = k.tf.data.Dataset.range(2_500).map(lambda i: (k.tf.strings.as_string(i), i % 2))
    k.fit(
        words.shuffle(10_000).batch(64).prefetch(AUTOTUNE),
        validation_data=test.batch(64).prefetch(AUTOTUNE),
        validation_steps=30,
    )


@tutorial("TFRecord and tf.train.Example", TF + "tutorials/load_data/tfrecord")
def _(k: Kit) -> Any:
    return k.tf.data.TFRecordDataset(records(k)).map(k.parse).batch(4)


@tutorial("load CSV data", TF + "tutorials/load_data/csv")
def _(k: Kit) -> None:
    rows = {"age": np.arange(627, dtype=np.float32), "fare": np.ones(627, np.float32)}
    data = k.tf.data.Dataset.from_tensor_slices((rows, np.arange(627) % 2))
    k.fit(data.shuffle(627).batch(32), epochs=20)


@tutorial(
    "CycleGAN",
    TF + "tutorials/generative/cyclegan",
    PIX103="the pictures of the jitter are enlarged by nearest neighbour before they are cropped",
)
def _(k: Kit) -> Any:
    tf = k.tf

    def jitter(x: Any, _y: Any) -> Any:
        x = tf.image.resize(x, (10, 10), method=tf.image.ResizeMethod.NEAREST_NEIGHBOR)
        x = tf.image.random_flip_left_right(tf.image.random_crop(x, (8, 8, 3)))
        return tf.cast(x, tf.float32) / 127.5 - 1

    def collection(count: int) -> Any:
        data = pictures(k, count).cache().map(jitter, num_parallel_calls=AUTOTUNE)
        return data.shuffle(1_000).batch(1)

    return tf.data.Dataset.zip((collection(1_067), collection(1_334)))


@tutorial("pix2pix", TF + "tutorials/generative/pix2pix")
def _(k: Kit) -> Any:
    tf = k.tf

    def load(x: Any, _y: Any) -> Any:
        both = tf.cast(x, tf.float32), tf.cast(x, tf.float32)
        size = (10, 10)
        how = tf.image.ResizeMethod.NEAREST_NEIGHBOR
        stacked = tf.stack([tf.image.resize(one, size, method=how) for one in both])
        cropped = tf.image.random_crop(stacked, (2, 8, 8, 3))
        left, right = cropped[0] / 127.5 - 1, cropped[1] / 127.5 - 1
        return tf.cond(
            tf.random.uniform(()) > 0.5,
            lambda: (tf.image.flip_left_right(left), tf.image.flip_left_right(right)),
            lambda: (left, right),
        )

    return pictures(k, 400).map(load, num_parallel_calls=AUTOTUNE).shuffle(400).batch(1)


@tutorial("DCGAN", TF + "tutorials/generative/dcgan")
def _(k: Kit) -> Any:
    images = (np.arange(6_000, dtype=np.float32).reshape(-1, 1, 1, 1) % 256 - 127.5) / 127.5
    images = np.tile(images, (1, 4, 4, 1))
    return k.tf.data.Dataset.from_tensor_slices(images).shuffle(6_000).batch(256)


@tutorial(
    "time series forecasting",
    TF + "tutorials/structured_data/time_series",
    ORD101="the loader mixes the starts of the windows once, and each epoch over eight batches",
)
def _(k: Kit) -> None:
    series = np.random.default_rng(0).random((2_000, 3)).astype(np.float32)
    data = k.tf.keras.utils.timeseries_dataset_from_array(
        series, targets=None, sequence_length=8, sequence_stride=1, shuffle=True, batch_size=32
    )
    k.fit(data.map(lambda w: (w[:, :6], w[:, 6:])), epochs=20)


@tutorial(
    "image classification from scratch",
    KERAS + "examples/vision/image_classification_from_scratch/",
)
def _(k: Kit) -> None:
    train, test = folder(k, validation_split=0.2, subset="both", seed=1337)
    layers = k.tf.keras.layers
    change = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)]

    def augment(x: Any, y: Any) -> Any:
        for layer in change:
            x = layer(x)
        return x, y

    train = train.map(augment, num_parallel_calls=AUTOTUNE)
    k.fit(train.prefetch(AUTOTUNE), validation_data=test.prefetch(AUTOTUNE), epochs=25)


@tutorial(
    "transfer learning guide",
    KERAS + "guides/transfer_learning/",
    CCH101="the cache stands behind the augmentation: every epoch replays one flip and turn per picture",
)
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    change = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)]

    def augment(x: Any, y: Any) -> Any:
        for layer in change:
            x = layer(x)
        return x, y

    train = pictures(k, 9_305).map(lambda x, y: (k.tf.image.resize(x, (8, 8)), y)).map(augment)
    test = pictures(k, 2_326).map(lambda x, y: (k.tf.image.resize(x, (8, 8)), y))
    k.fit(
        train.batch(64).prefetch(AUTOTUNE).cache(),
        validation_data=test.batch(64).prefetch(AUTOTUNE).cache(),
        epochs=2,
    )


@tutorial("OCR of captchas", KERAS + "examples/vision/captcha_ocr/")
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos(each=10)
    paths = [str(path) for path in sorted(place.glob("*/*.png"))]
    order = np.random.default_rng(0).permutation(len(paths))

    def encode(path: Any, label: Any) -> Any:
        x = tf.io.decode_png(tf.io.read_file(path), channels=1)
        x = tf.image.resize(tf.image.convert_image_dtype(x, tf.float32), (8, 16))
        return {"image": tf.transpose(x, perm=[1, 0, 2]), "label": label}

    data = tf.data.Dataset.from_tensor_slices(([paths[i] for i in order], order % 3))
    data = data.map(encode, num_parallel_calls=AUTOTUNE)
    k.fit(data.batch(4).prefetch(AUTOTUNE), epochs=100)


@tutorial("weather forecasting", KERAS + "examples/timeseries/timeseries_weather_forecasting/")
def _(k: Kit) -> None:
    series = np.random.default_rng(0).random((3_000, 7)).astype(np.float32)
    make = k.tf.keras.preprocessing.timeseries_dataset_from_array
    train = make(
        series[:2_000], series[72:2_072, :1], sequence_length=12, sampling_rate=6, batch_size=256
    )
    test = make(series[2_000:2_900], series[2_072:2_972, :1], sequence_length=12, sampling_rate=6,
                batch_size=256)  # fmt: skip
    k.fit(train, validation_data=test, epochs=10)


@tutorial(
    "TFRecords for melanoma",
    KERAS + "examples/keras_recipes/tfrecord/",
    BAT101="record files do not say how many examples they hold",
    BAT110="the files are read in the order of their names; the shuffle holds 2,048 examples",
)
def _(k: Kit) -> None:
    tf = k.tf
    options = tf.data.Options()
    options.deterministic = False
    data = tf.data.TFRecordDataset(k.records(each=700), num_parallel_reads=None).with_options(
        options
    )
    data = data.map(k.parse, num_parallel_calls=AUTOTUNE).shuffle(2_048).prefetch(AUTOTUNE).batch(4)
    k.fit(data, epochs=2)


@tutorial(
    "segmentation from scratch",
    KERAS + "examples/vision/oxford_pets_image_segmentation/",
    VAL102="resize has made floats of the picture, so convert_image_dtype does not scale it",
)
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos(each=10)
    paths = [str(path) for path in sorted(place.glob("*/*.png"))]

    def load(path: Any, mask: Any) -> Any:
        x = tf.io.decode_png(tf.io.read_file(path), channels=3)
        x = tf.image.convert_image_dtype(tf.image.resize(x, (8, 8)), "float32")
        y = tf.io.decode_png(tf.io.read_file(mask), channels=1)
        y = tf.image.convert_image_dtype(tf.image.resize(y, (8, 8), method="nearest"), "uint8")
        return x, y - 1

    data = tf.data.Dataset.from_tensor_slices((paths, paths))
    k.fit(data.map(load, num_parallel_calls=AUTOTUNE).batch(4), epochs=50)


@tutorial(
    "text classification from scratch",
    KERAS + "examples/nlp/text_classification_from_scratch/",
    CCH102="the loader shuffles and batches, and the cache behind it keeps these batches for ever",
)
def _(k: Kit) -> None:
    tf = k.tf
    for name in ("pos", "neg"):
        (k.folder / "texts" / name).mkdir(parents=True)
        for number in range(8):
            (k.folder / "texts" / name / f"{number}.txt").write_text(f"good film {number}")
    data = tf.keras.utils.text_dataset_from_directory(
        k.folder / "texts", batch_size=4, verbose=False
    )
    layer = tf.keras.layers.TextVectorization(max_tokens=50, output_sequence_length=5)
    layer.adapt(["good film", "bad film"])
    data = data.map(lambda text, y: (layer(tf.expand_dims(text, -1)), y))
    k.fit(data.cache().prefetch(10), epochs=3)


@tutorial(
    "very little data, ImageDataGenerator",
    "https://blog.keras.io/building-powerful-image-classification-models-using-very-little-data.html",
    AUG105="shear_range=0.2 is a fifth of a degree and moves nothing",
    PIX103="the default of flow_from_directory",
    SPD103="decoded and warped in Python",
)
def _(k: Kit) -> None:
    place = k.photos(each=8)
    flow = k.generator(rescale=1.0 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
    train = flow.flow_from_directory(place, target_size=(15, 15), batch_size=4, class_mode="binary")
    test = k.generator(rescale=1.0 / 255).flow_from_directory(
        place, target_size=(15, 15), batch_size=4, class_mode="binary"
    )
    k.fit(train, validation_data=test)


@tutorial("Grain, data pipelines", "https://google-grain.readthedocs.io/en/latest/tutorials/")
def _(k: Kit) -> None:
    import grain

    data = grain.MapDataset.range(64).seed(42).shuffle().map(lambda i: (np.float32(i), i % 2))
    k.fit(data.batch(16).to_iter_dataset(), epochs=1)


@tutorial(
    "torch quickstart", "https://docs.pytorch.org/tutorials/beginner/basics/data_tutorial.html"
)
def _(k: Kit) -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.zeros(640, 3), torch.arange(640) % 10)
    k.fit(DataLoader(data, batch_size=64, shuffle=True))
