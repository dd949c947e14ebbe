"""Where caches stand and what they hold."""

from __future__ import annotations

from typing import Any

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


@case("flip before cache", "CCH101")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(k.flip).cache().shuffle(64).batch(16))


@case("flip and order before cache", "CCH101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).map(k.flip).cache().batch(16))


@case("flip of batches before cache", "CCH101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).map(k.flip).cache())


@case("flip before a cache file", "CCH101")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(k.flip).cache(str(k.folder / "cache")).shuffle(64).batch(16))


@case("flip before a snapshot", "CCH101")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(k.flip).snapshot(str(k.folder / "snap")).shuffle(64).batch(16))


@case("layers before cache", "CCH101")
def _(k: Kit) -> None:
    layers = k.tf.keras.layers
    change = k.tf.keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)])
    data = k.scaled.batch(16).map(lambda x, y: (change(x, training=True), y))
    k.fit(data.cache())


@case("random crop inside interleave, cached outside", "CCH101")
def _(k: Kit) -> None:
    tf = k.tf

    def read(name: Any) -> Any:
        data = tf.data.TFRecordDataset(name).map(k.parse)
        return data.map(lambda x, y: (tf.image.random_crop(x, (6, 6, 3)), y))

    files = tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    return files.interleave(read, cycle_length=3).cache().shuffle(12).batch(4)


@case("one branch of a concatenation frozen", "CCH101")
def _(k: Kit) -> None:
    frozen = k.scaled.map(k.flip).cache()
    k.fit(k.scaled.concatenate(frozen).shuffle(128).batch(16))


@case("cache before flip")
def _(k: Kit) -> None:
    k.fit(k.scaled.cache().shuffle(64).map(k.flip).batch(16).prefetch(2))


@case("validation is cached with its fixed crop")
def _(k: Kit) -> None:
    k.model.evaluate(
        k.scaled.map(lambda x, y: (k.tf.image.central_crop(x, 0.5), y)).batch(16).cache()
    )


@case("inference layers before cache")
def _(k: Kit) -> None:
    flip = k.tf.keras.layers.RandomFlip()
    k.fit(k.scaled.map(lambda x, y: (flip(x, training=False), y)).cache().shuffle(64).batch(16))


@case("order before cache", "CCH102")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).cache().batch(16))


@case("batches of a shuffle before cache", "CCH102")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).cache().prefetch(2))


@case("order before cache, one epoch")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).cache().batch(16), epochs=1)


@case("order before cache and after it")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).cache().shuffle(64).batch(16))


@case("endless repeat before cache", "CCH103")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).repeat().cache().batch(16), steps_per_epoch=4)


@case("repeat of three before cache", "CCH103")
def _(k: Kit) -> None:
    k.fit(k.scaled.repeat(3).cache().batch(16), epochs=1)


@case("a part of what is cached", "CCH103")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.cache().take(32).batch(16))


@case("a part of cached batches", "CCH103")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.batch(16).cache().take(2))


@case("a part, then cached")
def _(k: Kit) -> None:
    k.model.evaluate(k.scaled.take(32).batch(16).cache())


@case("a cache beyond all memory", "CCH104")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.range(10_000_000)
    return data.map(lambda i: tf.zeros([512, 512, 3]) + tf.cast(i, tf.float32)).cache().batch(32)


@case("a cache beyond all memory, on disk")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.range(10_000_000)
    data = data.map(lambda i: tf.zeros([512, 512, 3]) + tf.cast(i, tf.float32))
    return data.cache(str(k.folder / "cache")).batch(32)


def levels(k: Kit, i: Any) -> Any:
    return k.tf.zeros([224, 224, 3], k.tf.uint8) + k.tf.cast(i % 9, k.tf.uint8)


@case("whole levels cached as floats", "CCH105")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.range(2_000).map(lambda i: levels(k, i))
    return data.map(lambda x: k.tf.image.convert_image_dtype(x, k.tf.float32)).cache().batch(32)


@case("whole levels cached as they are")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.range(2_000).map(lambda i: levels(k, i)).cache()
    return data.map(lambda x: k.tf.image.convert_image_dtype(x, k.tf.float32)).batch(32)


@case("a cache file of an earlier run", "CCH106")
def _(k: Kit) -> None:
    path = str(k.folder / "cache")
    list(k.scaled.cache(path))
    k.fit(k.scaled.map(lambda x, y: (x * 2 - 1, y)).cache(path).shuffle(64).batch(16))


@case("a cache file that is new")
def _(k: Kit) -> None:
    k.fit(k.scaled.cache(str(k.folder / "cache")).shuffle(64).batch(16))
