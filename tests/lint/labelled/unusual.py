"""Ragged, sparse, text, nested and otherwise unusual pipelines without a fault."""

# ruff: noqa: E731, E741, PLW0108 - as people write them
from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


@case("ragged bucket")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.range(60)
        .shuffle(60)
        .map(lambda i: (k.tf.range(i % 7 + 1), i % 2))
        .bucket_by_sequence_length(lambda x, y: k.tf.shape(x)[0], [3, 5], [8, 8, 8])
    )
    k.fit(d.repeat(), steps_per_epoch=7)


@case("group_by_window")
def _(k: Kit) -> Any:
    d = k.scaled.shuffle(64).group_by_window(
        lambda x, y: y, lambda key, w: w.batch(4), window_size=4
    )
    k.fit(d.repeat(), steps_per_epoch=16)


@case("windows sequence model")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.from_tensor_slices(np.arange(200, dtype=np.float32))
        .window(10, shift=1, drop_remainder=True)
        .flat_map(lambda w: w.batch(10))
        .map(lambda w: (w[:-1], w[-1]))
        .shuffle(200)
        .repeat()
        .batch(19)
    )
    k.fit(d, steps_per_epoch=10)


@case("sparse svm")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.range(1000)
        .shuffle(1000)
        .map(lambda i: (k.tf.sparse.from_dense(k.tf.one_hot(i % 10, 10)), i % 2))
        .batch(10)
    )
    k.fit(d)


@case("vectorise in map, cache, shuffle")
def _(k: Kit) -> Any:
    layer = k.tf.keras.layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    layer.adapt(["a b", "c"])
    d = (
        k.tf.data.Dataset.from_tensor_slices((np.array(["a b", "c"] * 20), np.arange(40) % 2))
        .map(lambda t, y: (layer(k.tf.expand_dims(t, 0))[0], y))
        .cache()
        .shuffle(40)
        .batch(8)
    )
    k.fit(d)


@case("static table labels")
def _(k: Kit) -> Any:
    t = k.tf.lookup.StaticHashTable(
        k.tf.lookup.KeyValueTensorInitializer(k.tf.constant(["a", "b"]), k.tf.constant([0, 1])), -1
    )
    d = (
        k.tf.data.Dataset.from_tensor_slices(
            (np.zeros((40, 3), np.float32), np.array(["a", "b"] * 20))
        )
        .map(lambda x, s: (x, k.tf.one_hot(t.lookup(s), 2)))
        .shuffle(40)
        .batch(8)
    )
    k.fit(d)


@case("nested interleave of records shuffled")
def _(k: Kit) -> Any:
    f = k.tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    d = (
        f.interleave(
            lambda n: (
                k.tf.data.TFRecordDataset(n).map(k.parse, num_parallel_calls=AUTOTUNE).shuffle(4)
            ),
            cycle_length=3,
            num_parallel_calls=AUTOTUNE,
        )
        .shuffle(12)
        .repeat()
        .batch(4)
    )
    k.fit(d, steps_per_epoch=3)


@case("autoencoder")
def _(k: Kit) -> Any:
    k.fit(
        k.scaled.shuffle(64)
        .map(
            lambda x, y: (
                k.tf.clip_by_value(x + k.tf.random.normal(k.tf.shape(x), stddev=0.1), 0, 1),
                x,
            )
        )
        .batch(16)
    )


@case("super resolution")
def _(k: Kit) -> Any:
    d = (
        k.scaled.shuffle(64)
        .map(lambda x, y: (k.tf.image.resize(x, (5, 5), antialias=True), x))
        .batch(16)
    )
    k.fit(d)


@case("random flip both pix2pix stack, fit")
def _(k: Kit) -> Any:
    def f(x, y):
        b = k.tf.image.random_flip_left_right(k.tf.stack([x, y])[0:2])
        return b[0], b[1]

    k.fit(k.tf.data.Dataset.from_tensor_slices((k.pixels, k.pixels)).shuffle(64).map(f).batch(16))


@case("mixup")
def _(k: Kit) -> Any:
    a = k.scaled.shuffle(64).batch(16)
    b = k.scaled.shuffle(64).batch(16)

    def mix(p, q):
        l = k.tf.random.uniform([16, 1, 1, 1])
        return p[0] * l + q[0] * (1 - l), k.tf.cast(p[1], k.tf.float32) * l[:, 0, 0, 0] + k.tf.cast(
            q[1], k.tf.float32
        ) * (1 - l[:, 0, 0, 0])

    k.fit(k.tf.data.Dataset.zip(a, b).map(mix, num_parallel_calls=AUTOTUNE).prefetch(AUTOTUNE))


@case("contrastive two views")
def _(k: Kit) -> Any:
    au = lambda x: k.tf.image.random_flip_left_right(x)
    k.fit(k.scaled.shuffle(64).map(lambda x, y: (au(x), au(x))).batch(16))


@case("weights third")
def _(k: Kit) -> Any:
    k.fit(k.scaled.map(lambda x, y: (x, y, k.tf.where(y > 1, 2.0, 1.0))).shuffle(64).batch(16))


@case("two inputs dict")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.from_tensor_slices(
            ({"img": k.pixels, "meta": np.zeros((64, 3), np.float32)}, k.classes)
        )
        .map(lambda d, y: ({"img": k.tf.cast(d["img"], k.tf.float32) / 255, "meta": d["meta"]}, y))
        .shuffle(64)
        .batch(16)
    )
    k.fit(d)


@case("per image standardisation")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.image.per_image_standardization(x), y)).shuffle(64).batch(16)
    )


@case("keras randaug layers in pipeline")
def _(k: Kit) -> Any:
    s = k.tf.keras.Sequential(
        [
            k.tf.keras.layers.RandomFlip(),
            k.tf.keras.layers.RandomZoom(0.2),
            k.tf.keras.layers.RandomContrast(0.2),
            k.tf.keras.layers.RandomTranslation(0.1, 0.1),
        ]
    )
    k.fit(
        k.scaled.shuffle(64)
        .batch(16)
        .map(lambda x, y: (s(x, training=True), y), num_parallel_calls=AUTOTUNE)
        .prefetch(AUTOTUNE)
    )


@case("evaluation with take after batch")
def _(k: Kit) -> Any:
    k.model.evaluate(k.scaled.batch(16).take(4))


@case("infinite with validation steps")
def _(k: Kit) -> Any:
    k.fit(
        k.scaled.take(48).shuffle(48).repeat().batch(16),
        steps_per_epoch=3,
        validation_data=k.scaled.skip(48).batch(16),
    )


@case("random uniform label noise")
def _(k: Kit) -> Any:
    k.fit(
        k.scaled.shuffle(64)
        .map(
            lambda x, y: (
                x,
                k.tf.where(
                    k.tf.random.uniform([]) < 0.1,
                    k.tf.random.uniform([], 0, 4, k.tf.int64),
                    k.tf.cast(y, k.tf.int64),
                ),
            )
        )
        .batch(16)
    )


@case("gan noise")
def _(k: Kit) -> Any:
    k.fit(k.scaled.shuffle(64).batch(16).map(lambda x, y: (k.tf.random.normal([16, 8]), x)))


@case("dataset of zeros batched by rebatch", "BAT101")
def _(k: Kit) -> Any:
    k.fit(k.scaled.shuffle(64).batch(32).rebatch(16))


@case("options twice")
def _(k: Kit) -> Any:
    o = k.tf.data.Options()
    o.deterministic = False
    p = k.tf.data.Options()
    p.threading.private_threadpool_size = 2
    k.fit(k.scaled.with_options(o).shuffle(64).batch(16).with_options(p))


@case("normalisation layer")
def _(k: Kit) -> Any:
    n = k.tf.keras.layers.Normalization()
    n.adapt(k.pixels.astype(np.float32))
    k.fit(k.raw.shuffle(64).batch(16).map(lambda x, y: (n(k.tf.cast(x, k.tf.float32)), y)))


@case("centered labels regression")
def _(k: Kit) -> Any:
    k.fit(k.scaled.map(lambda x, y: (x, k.tf.cast(y, k.tf.float32) / 100.0)).shuffle(64).batch(16))


@case("spectrogram audio")
def _(k: Kit) -> Any:
    w = np.random.default_rng(0).standard_normal((32, 400)).astype(np.float32)
    d = (
        k.tf.data.Dataset.from_tensor_slices((w, np.arange(32) % 2))
        .shuffle(32)
        .map(
            lambda x, y: (k.tf.abs(k.tf.signal.stft(x, 64, 32))[..., None], y),
            num_parallel_calls=AUTOTUNE,
        )
        .batch(8)
    )
    k.fit(d)


@case("take for smoke after shuffle seeded")
def _(k: Kit) -> Any:
    k.model.evaluate(
        k.scaled.shuffle(64, seed=1, reshuffle_each_iteration=False).take(16).batch(16)
    )


@case("concatenate two sets")
def _(k: Kit) -> Any:
    k.fit(k.scaled.concatenate(k.scaled.map(lambda x, y: (1 - x, y))).shuffle(128).batch(16))


@case("depth map target")
def _(k: Kit) -> Any:
    dm = np.random.default_rng(0).random((64, 8, 8, 1)).astype(np.float32)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((k.pixels, dm))
        .shuffle(64)
        .map(lambda x, d: (k.tf.image.resize(x, (12, 12)), k.tf.image.resize(d, (12, 12))))
        .batch(16)
    )


@case("pydataset")
def _(k: Kit) -> Any:
    class D(k.tf.keras.utils.PyDataset):  # pyright: ignore[reportUntypedBaseClass]
        def __len__(self):
            return 4

        def __getitem__(self, i):
            return k.pixels[i * 16 : i * 16 + 16] / np.float32(255), k.classes[i * 16 : i * 16 + 16]

    k.fit(D())


@case("bincount masks one hot")
def _(k: Kit) -> Any:
    m = k.pixels[..., 0] // 64
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((k.pixels, m))
        .shuffle(64)
        .map(lambda x, m: (k.tf.cast(x, k.tf.float32) / 255, k.tf.one_hot(m, 4)))
        .batch(16)
    )


@case("tfds like with ids")
def _(k: Kit) -> Any:
    d = (
        k.tf.data.Dataset.from_tensor_slices(
            {
                "image": k.pixels,
                "label": k.classes,
                "tfds_id": np.array([f"train__{i}" for i in range(64)]),
            }
        )
        .map(lambda e: (k.tf.cast(e["image"], k.tf.float32) / 255, e["label"]))
        .shuffle(64)
        .batch(16)
    )
    k.fit(d)
