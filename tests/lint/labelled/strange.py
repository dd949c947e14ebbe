"""Ragged, sparse, text, nested and otherwise strange pipelines."""

# ruff: noqa: NPY002 - as people write them
from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


@case("nested interleave, random flip inside, cached inside", "CCH101")
def _(k: Kit) -> Any:
    def inner(f):
        return k.tf.data.TFRecordDataset(f).map(k.parse).map(k.flip).cache()

    return (
        k.tf.data.Dataset.from_tensor_slices(k.records())
        .interleave(lambda f: k.tf.data.Dataset.from_tensors(f).interleave(inner), cycle_length=2)
        .shuffle(9)
        .batch(4)
    )


@case("dict inputs, flip then cache", "CCH101")
def _(k: Kit) -> Any:
    d = (
        k.raw.map(lambda x, y: ({"image": x, "id": y}, y))
        .map(lambda d, y: ({"image": k.tf.image.random_flip_up_down(d["image"]), "id": d["id"]}, y))
        .cache()
        .shuffle(64)
        .batch(16)
    )
    k.fit(d)


@case("gaussian noise before save-like snapshot", "CCH101")
def _(k: Kit) -> Any:
    k.fit(
        k.scaled.map(
            lambda x, y: (
                k.tf.clip_by_value(x + k.tf.random.normal(k.tf.shape(x), stddev=0.1), 0, 1),
                y,
            )
        )
        .snapshot(str(k.folder / "s"))
        .shuffle(64)
        .batch(16)
    )


@case("ragged batches shuffled", "ORD102")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.range(40)
        .map(lambda i: (k.tf.range(i % 5 + 1), i % 2))
        .ragged_batch(8)
        .shuffle(5)
    )
    k.fit(d)


@case("sparse rows, short buffer", "ORD101")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.range(1000)
        .map(lambda i: (k.tf.sparse.from_dense(k.tf.one_hot(i % 10, 10)), i % 2))
        .shuffle(50)
        .batch(10)
    )
    k.fit(d)


@case("strings, shuffled once", "ORD104")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.from_tensor_slices((np.array(["a", "b"] * 20), np.arange(40) % 2))
        .shuffle(40, seed=2, reshuffle_each_iteration=False)
        .batch(8)
    )
    k.fit(d)


@case("vectorised text, batches shuffled", "ORD102")
def _(k: Kit) -> Any:
    layer = k.tf.keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    layer.adapt(["a b", "c"])
    d = (
        k.tf.data.Dataset.from_tensor_slices((np.array(["a b", "c"] * 20), np.arange(40) % 2))
        .batch(8)
        .map(lambda t, y: (layer(t), y))
        .shuffle(5)
    )
    k.fit(d)


@case("lookup table labels beyond one-hot", "LBL101")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.from_tensor_slices((np.zeros((30, 4), np.float32), np.arange(30) % 5))
        .map(lambda x, y: (x, k.tf.one_hot(y, 3)))
        .shuffle(30)
        .batch(10)
    )
    k.fit(d)


@case("rejection_resample then endless", "BAT101")
def _(k: Kit) -> Any:
    d = (
        k.scaled.shuffle(64)
        .repeat()
        .rejection_resample(lambda x, y: k.tf.cast(y, k.tf.int32), [0.25] * 4, [0.25] * 4)
        .map(lambda e, xy: xy)
        .batch(16)
    )
    k.fit(d)


@case("repeat(3) then shuffle with dict", "ORD103")
def _(k: Kit) -> Any:
    k.fit(k.scaled.map(lambda x, y: ({"a": x}, y)).repeat(3).shuffle(64).batch(16))


@case("choose_from_datasets unequal", "BAT108")
def _(k: Kit) -> Any:
    a, b = k.tf.data.Dataset.range(10), k.tf.data.Dataset.range(100)
    return k.tf.data.Dataset.choose_from_datasets(
        [a, b], k.tf.data.Dataset.range(2).repeat(), stop_on_empty_dataset=False
    ).batch(5)


@case("save/load then sorted", "ORD105")
def _(k: Kit) -> Any:
    d = k.tf.data.Dataset.from_tensor_slices(
        (np.random.default_rng(0).random((120, 3)), np.repeat(np.arange(3), 40))
    )
    d.save(str(k.folder / "saved"))
    k.fit(k.tf.data.Dataset.load(str(k.folder / "saved")).batch(20))


@case("preprocess twice via keras app", "VAL101")
def _(k: Kit) -> Any:
    p = k.tf.keras.applications.mobilenet_v2.preprocess_input
    k.fit(
        k.raw.map(lambda x, y: (p(k.tf.cast(x, k.tf.float32)), y))
        .map(lambda x, y: (p(x), y))
        .shuffle(64)
        .batch(16)
    )


@case("scaled, vectorised then scaled in batch", "VAL101")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.cast(x, k.tf.float32) * (1.0 / 255), y))
        .shuffle(64)
        .batch(16)
        .map(lambda x, y: (x * (1.0 / 255), y))
    )


@case("masks by area", "PIX101")
def _(k: Kit) -> Any:
    m = k.pixels[..., :1] // 64
    d = (
        k.tf.data.Dataset.from_tensor_slices((k.pixels, m))
        .shuffle(64)
        .map(
            lambda x, m: (
                k.tf.image.resize(x, (12, 12)),
                k.tf.image.resize(m, (12, 12), method="area"),
            )
        )
        .batch(16)
    )
    k.fit(d)


@case("mask in dict interpolated", "PIX101")
def _(k: Kit) -> Any:
    m = k.pixels[..., :1] // 64
    d = (
        k.tf.data.Dataset.from_tensor_slices((k.pixels, m))
        .shuffle(64)
        .map(lambda x, m: (k.tf.image.resize(x, (12, 12)), {"seg": k.tf.image.resize(m, (12, 12))}))
        .batch(16)
    )
    k.fit(d)


@case("frozen choice in partial", "AUG104")
def _(k: Kit) -> Any:
    from functools import partial

    def f(x, y, p):
        return (x if np.random.rand() < p else x[::-1]), y

    k.fit(k.scaled.map(partial(f, p=0.5)).shuffle(64).batch(16))


@case("frozen in k.tf.function", "AUG104")
def _(k: Kit) -> Any:
    @k.tf.function
    def f(x, y):
        return x + np.random.normal() * 0.01, y

    k.fit(k.scaled.map(f).shuffle(64).batch(16))


@case("global seed", "AUG102")
def _(k: Kit) -> Any:
    k.tf.random.set_seed(4)
    k.fit(k.scaled.cache().map(lambda x, y: (k.tf.image.random_flip_left_right(x), y)).batch(16))


@case("enumerate as seeds", "AUG102")
def _(k: Kit) -> Any:
    d = (
        k.scaled.enumerate()
        .map(
            lambda i, xy: (
                k.tf.image.stateless_random_flip_left_right(xy[0], k.tf.stack([i, i])),
                xy[1],
            )
        )
        .shuffle(64)
        .batch(16)
    )
    k.fit(d)


@case("eval with crop random", "AUG101")
def _(k: Kit) -> Any:
    k.model.evaluate(k.scaled.map(lambda x, y: (k.tf.image.random_crop(x, (6, 6, 3)), y)).batch(16))


@case("predict shuffled via image_dataset_from_directory", "ORD110")
def _(k: Kit) -> Any:
    k.model.predict(
        k.tf.keras.utils.image_dataset_from_directory(
            k.photos(each=4), image_size=(8, 8), batch_size=4, verbose=False
        )
    )


@case("skip and take of one reshuffled, batched after", "BAT105", "BAT106")
def _(k: Kit) -> Any:
    d = k.raw.shuffle(64, seed=3).map(k.scale)
    k.fit(d.skip(16).batch(16), validation_data=d.take(16).batch(8))


@case("shard with many workers after batch", "BAT107")
def _(k: Kit) -> Any:
    return k.scaled.batch(32).shard(8, 1)


@case("from_generator in interleave of from_generator", "SPD103", "BAT101")
def _(k: Kit) -> Any:
    def g():
        yield from range(4)

    s = k.tf.TensorSpec((), k.tf.int32)
    d = (
        k.tf.data.Dataset.from_generator(g, output_signature=s)
        .interleave(
            lambda i: k.tf.data.Dataset.from_generator(g, output_signature=s), cycle_length=2
        )
        .map(lambda i: (k.tf.cast(i, k.tf.float32), i))
        .batch(4)
    )
    k.fit(d)


@case("steps beyond with take", "BAT103")
def _(k: Kit) -> Any:
    k.fit(k.scaled.shuffle(64).batch(16).take(2), steps_per_epoch=4, epochs=1)


@case("distribute rebatch eval drop", "BAT104")
def _(k: Kit) -> Any:
    k.model.evaluate(k.scaled.batch(48, drop_remainder=True).unbatch().batch(16))


@case("fit generator two epochs from iter", "FIT102")
def _(k: Kit) -> Any:
    k.fit(iter([(np.zeros((4, 2), np.float32), np.zeros(4)) for _ in range(3)]), epochs=2)


@case("conversion behind a crop of floats", "VAL102")
def _(k: Kit) -> Any:
    def f(x, y):
        x = k.tf.image.central_crop(
            k.tf.repeat(k.tf.repeat(k.tf.cast(x, k.tf.float32), 2, 0), 2, 1), 0.5
        )
        return k.tf.image.convert_image_dtype(x, k.tf.float32), y

    k.fit(k.raw.map(f).shuffle(64).batch(16))


@case("inputs zipped with unequally shuffled dict", "ORD109")
def _(k: Kit) -> Any:
    x = k.tf.data.Dataset.from_tensor_slices({"a": k.pixels}).shuffle(64, seed=1)
    y = k.tf.data.Dataset.from_tensor_slices(k.classes)
    k.fit(k.tf.data.Dataset.zip(x, y).batch(16))


@case("int cast of standardised", "VAL105")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.cast(k.tf.cast(x, k.tf.int32) - 128, k.tf.uint8), y))
        .shuffle(64)
        .batch(16)
    )
