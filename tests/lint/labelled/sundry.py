"""More ways of writing the same faults, and of avoiding them."""

# ruff: noqa: NPY002, E731 - as people write them
from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()
AUTOTUNE = -1


def load(k: Kit) -> Any:
    def read(name: Any, label: Any) -> Any:
        x = k.tf.io.decode_png(k.tf.io.read_file(name), channels=3)
        return k.tf.image.resize(x, (8, 8)) / 255.0, label

    return read


def paths(k: Kit, each: int = 20) -> Any:
    pl = k.photos(each=each)
    ps = [str(p) for p in sorted(pl.glob("*/*.png"))]
    ys = [0] * each + [1] * each
    return ps, ys


@case("masks listed apart", "ORD109")
def _(k: Kit) -> Any:
    pl = k.photos(each=6)
    a = k.tf.data.Dataset.list_files(str(pl) + "/cat/*.png").map(
        lambda p: k.tf.io.decode_png(k.tf.io.read_file(p), channels=3)
    )
    b = k.tf.data.Dataset.list_files(str(pl) + "/dog/*.png").map(
        lambda p: k.tf.io.decode_png(k.tf.io.read_file(p), channels=1)
    )
    k.fit(
        k.tf.data.Dataset.zip(a, b)
        .map(lambda x, m: (k.tf.ensure_shape(x, (16, 16, 3)), k.tf.ensure_shape(m, (16, 16, 1))))
        .batch(2)
    )


@case("paths sorted by class unshuffled", "ORD105")
def _(k: Kit) -> Any:
    ps, ys = paths(k, 40)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((ps, ys))
        .map(load(k), num_parallel_calls=AUTOTUNE)
        .batch(10)
    )


@case("paths sorted by class, buffer 8", "ORD101")
def _(k: Kit) -> Any:
    ps, ys = paths(k)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((ps, ys))
        .shuffle(8)
        .map(load(k), num_parallel_calls=AUTOTUNE)
        .batch(10)
    )


@case("keras layer default call then cache", "CCH101")
def _(k: Kit) -> Any:
    f = k.tf.keras.layers.RandomFlip()
    k.fit(k.scaled.map(lambda x, y: (f(x), y)).cache().shuffle(64).batch(16))


@case("random crop in batch of repeated then cached endless", "CCH103", "CCH101", "ORD103")
def _(k: Kit) -> Any:
    k.fit(k.scaled.repeat().map(k.flip).cache().shuffle(64).batch(16), steps_per_epoch=4)


@case("while loop noise cached", "CCH101")
def _(k: Kit) -> Any:
    def f(x, y):
        for _ in k.tf.range(2):
            x = x + k.tf.random.uniform([]) * 0.0
        return x, y

    k.fit(k.scaled.map(f).cache().shuffle(64).batch(16))


@case("div by 256 twice", "VAL101")
def _(k: Kit) -> Any:
    k.fit(k.raw.map(lambda x, y: (k.tf.cast(x, k.tf.float32) / 256 / 256, y)).shuffle(64).batch(16))


@case("rescaling layer then app preprocess torch mode", "VAL101")
def _(k: Kit) -> Any:
    r = k.tf.keras.layers.Rescaling(1 / 255.0)
    p = k.tf.keras.applications.densenet.preprocess_input
    k.fit(k.raw.map(lambda x, y: (p(r(x)), y)).shuffle(64).batch(16))


@case("floordiv via k.tf.math", "VAL104")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.math.floordiv(x, k.tf.constant(255, k.tf.uint8)), y))
        .shuffle(64)
        .batch(16)
    )


@case("16 bits of twice the levels, cast to 8", "VAL105")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.cast(k.tf.cast(x, k.tf.int16) * 2, k.tf.uint8), y))
        .shuffle(64)
        .batch(16)
    )


@case("val augmented by layer", "AUG101")
def _(k: Kit) -> Any:
    z = k.tf.keras.layers.RandomZoom(0.3)
    tr = k.scaled.take(48)
    va = k.scaled.skip(48)
    f = lambda d: d.batch(16).map(lambda x, y: (z(x, training=True), y))
    k.fit(f(tr.shuffle(48)), validation_data=f(va))


@case("python random in closure list", "AUG104")
def _(k: Kit) -> Any:
    import random as r

    def f(x, y):
        k_ = r.choice([0, 1, 2, 3])
        return k.tf.image.rot90(x, k_), y

    k.fit(k.scaled.map(f).shuffle(64).batch(16))


@case("numpy in method", "AUG104")
def _(k: Kit) -> Any:
    class Aug:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def __call__(self, x, y):
            return x * np.random.uniform(0.5, 1.5), y

    k.fit(k.scaled.map(Aug()).shuffle(64).batch(16))


@case("numpy generator attribute in method", "AUG104")
def _(k: Kit) -> Any:
    class Aug:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def run(self, x, y):
            return x * self.rng.random(), y

    k.fit(k.scaled.map(Aug().run).shuffle(64).batch(16))


@case("elastic mask via projective only x", "AUG108")
def _(k: Kit) -> Any:
    m = k.pixels[..., :1] // 128
    r = k.tf.keras.layers.RandomRotation(0.1)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((k.pixels, m))
        .shuffle(64)
        .batch(16)
        .map(lambda x, m: (r(k.tf.cast(x, k.tf.float32), training=True), m))
    )


@case("shard unseeded list_files", "ORD108")
def _(k: Kit) -> Any:
    k.records()
    return (
        k.tf.data.Dataset.list_files(str(k.folder) + "/*.tfrecord")
        .shard(3, 0)
        .interleave(k.tf.data.TFRecordDataset, cycle_length=2)
        .map(k.parse)
        .batch(2)
    )


@case("validation infinite generator", "BAT101", "SPD103", "SPD103")
def _(k: Kit) -> Any:
    def g():
        while True:
            yield np.zeros(3, np.float32), 0

    s = (k.tf.TensorSpec((3,), k.tf.float32), k.tf.TensorSpec((), k.tf.int32))
    k.fit(k.tf.data.Dataset.from_generator(g, output_signature=s).repeat().batch(4))


@case("options off with decode", "SPD101", "SPD102")
def _(k: Kit) -> Any:
    ps, ys = paths(k)
    o = k.tf.data.Options()
    o.experimental_optimization.apply_default_optimizations = False
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((ps, ys))
        .shuffle(40)
        .map(load(k))
        .batch(10)
        .with_options(o)
    )


@case("service off", "BAT109")
def _(k: Kit) -> Any:
    s = k.tf.data.experimental.service
    k.kept.append(s.DispatchServer())
    return k.raw.apply(
        s.distribute(processing_mode="parallel_epochs", service=k.kept[0].target)
    ).batch(4)


@case("batch_size for torch", "FIT101")
def _(k: Kit) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    k.fit(
        DataLoader(
            TensorDataset(torch.zeros(64, 3), torch.arange(64) % 4), batch_size=16, shuffle=True
        ),
        batch_size=32,
    )


@case("torch eval drop last", "BAT104")
def _(k: Kit) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    k.model.evaluate(
        DataLoader(
            TensorDataset(torch.zeros(64, 3), torch.arange(64) % 4), batch_size=24, drop_last=True
        )
    )


@case("torch predict shuffled", "ORD110")
def _(k: Kit) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    k.model.predict(DataLoader(TensorDataset(torch.zeros(64, 3)), batch_size=16, shuffle=True))


@case("numpy_function that draws", "SPD103")
def _(k: Kit) -> Any:
    f = lambda v: (v * np.random.rand()).astype(np.float32)
    k.fit(
        k.scaled.shuffle(64)
        .map(
            lambda x, y: (
                k.tf.ensure_shape(k.tf.numpy_function(f, [x], k.tf.float32), (8, 8, 3)),
                y,
            )
        )
        .batch(16)
    )


@case("paths shuffled whole")
def _(k: Kit) -> Any:
    ps, ys = paths(k)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((ps, ys))
        .shuffle(len(ps))
        .map(load(k), num_parallel_calls=AUTOTUNE)
        .batch(10)
        .prefetch(AUTOTUNE)
    )


@case("cache of decoded then aug then batch")
def _(k: Kit) -> Any:
    ps, ys = paths(k)
    k.fit(
        k.tf.data.Dataset.from_tensor_slices((ps, ys))
        .map(load(k), num_parallel_calls=AUTOTUNE)
        .cache()
        .shuffle(40)
        .map(k.flip, num_parallel_calls=AUTOTUNE)
        .batch(10)
        .prefetch(AUTOTUNE),
        validation_data=None,
    )


@case("repeat(1) before shuffle")
def _(k: Kit) -> Any:
    k.fit(k.scaled.repeat(1).shuffle(64).batch(16))


@case("take(-1) skip(0)")
def _(k: Kit) -> Any:
    k.fit(k.scaled.take(-1).skip(0).shuffle(64).batch(16))


@case("shuffle by cardinality tensor")
def _(k: Kit) -> Any:
    k.fit(k.scaled.shuffle(k.scaled.cardinality()).batch(16))


@case("batch then map then prefetch then repeat")
def _(k: Kit) -> Any:
    k.fit(k.raw.shuffle(64).batch(16).map(k.scale).prefetch(2).repeat(), steps_per_epoch=4)


@case("grayscale convert")
def _(k: Kit) -> Any:
    k.fit(k.scaled.map(lambda x, y: (k.tf.image.rgb_to_grayscale(x), y)).shuffle(64).batch(16))


@case("cast to half")
def _(k: Kit) -> Any:
    k.fit(k.scaled.map(lambda x, y: (k.tf.cast(x, k.tf.float16), y)).shuffle(64).batch(16))


@case("uint8 roundtrip of resize")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(lambda x, y: (k.tf.cast(k.tf.image.resize(x, (12, 12)), k.tf.uint8), y))
        .shuffle(64)
        .batch(16)
    )


@case("evaluate cached batches")
def _(k: Kit) -> Any:
    k.model.evaluate(k.scaled.batch(16).cache().prefetch(AUTOTUNE))


@case("clean with class weights arrays")
def _(k: Kit) -> Any:
    k.model.fit(
        k.pixels / np.float32(255),
        k.classes,
        batch_size=16,
        epochs=3,
        class_weight={0: 1.0, 1: 2.0, 2: 1.0, 3: 1.0},
    )


@case("stop_on_empty sample")
def _(k: Kit) -> Any:
    a = k.scaled.filter(lambda x, y: y == 0).repeat()
    b = k.scaled.filter(lambda x, y: y != 0).repeat()
    k.fit(k.tf.data.Dataset.sample_from_datasets([a, b], [0.5, 0.5]).batch(16), steps_per_epoch=4)


@case("service dynamic")
def _(k: Kit) -> Any:
    s = k.tf.data.experimental.service
    k.kept.append(s.DispatchServer())
    return k.raw.apply(
        s.distribute(processing_mode=s.ShardingPolicy.DYNAMIC, service=k.kept[0].target)
    ).batch(4)


@case("grain eval")
def _(k: Kit) -> Any:
    import grain

    k.model.evaluate(
        grain.MapDataset.range(64).map(lambda i: (np.float32(i), i % 2)).batch(16).to_iter_dataset()
    )


@case("IDG arrays eval unshuffled", "SPD103")
def _(k: Kit) -> Any:
    k.model.evaluate(
        k.generator(rescale=1 / 255.0).flow(
            k.pixels.astype(np.float32), k.classes, batch_size=16, shuffle=False
        )
    )


@case("drop in generator")
def _(k: Kit) -> Any:
    from twinfeed.images import ImageDataGenerator

    k.fit(
        ImageDataGenerator(rescale=1 / 255.0, horizontal_flip=True).flow(
            k.pixels.astype(np.float32), k.classes, batch_size=16
        )
    )


@case("text lines")
def _(k: Kit) -> Any:
    p = k.folder / "t.txt"
    p.write_text("\n".join("abc" for _ in range(40)))
    k.fit(
        k.tf.data.TextLineDataset(str(p))
        .map(lambda s: (k.tf.strings.length(s), 0))
        .shuffle(40)
        .apply(k.tf.data.experimental.assert_cardinality(40))
        .batch(10)
    )


@case("seed everything shuffle seeded deterministic")
def _(k: Kit) -> Any:
    k.fit(
        k.scaled.shuffle(64, seed=1)
        .map(k.flip, num_parallel_calls=AUTOTUNE)
        .batch(16)
        .prefetch(AUTOTUNE)
    )


@case("brightness on levels of meaningful size")
def _(k: Kit) -> Any:
    k.fit(
        k.raw.map(
            lambda x, y: (
                k.tf.clip_by_value(
                    k.tf.image.random_brightness(k.tf.cast(x, k.tf.float32), 40.0), 0, 255
                ),
                y,
            )
        )
        .shuffle(64)
        .batch(16)
    )
