"""Shuffles, seeds, parts and zips."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


@case("buffer of a tenth", "ORD101")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(6).batch(16))


@case("buffer of a tenth behind a repeat of two", "ORD103")
def _(k: Kit) -> None:
    k.fit(k.scaled.repeat(2).shuffle(100).batch(16))


@case("short buffer, then cached nothing else", "ORD101")
def _(k: Kit) -> None:
    k.fit(k.scaled.cache().shuffle(10).batch(16).prefetch(2))


@case("short buffer on one of two zipped inputs that come in order", "ORD109", "ORD101")
def _(k: Kit) -> None:
    tf = k.tf
    x = tf.data.Dataset.from_tensor_slices(k.pixels).shuffle(8)
    y = tf.data.Dataset.from_tensor_slices(k.classes)
    k.fit(tf.data.Dataset.zip(x, y).batch(16))


@case("short buffer, second shuffle holds all")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(8).shuffle(64).batch(16))


@case("batches are shuffled", "ORD102")
def _(k: Kit) -> None:
    k.fit(k.scaled.batch(16).shuffle(4))


@case("batches are shuffled behind prefetch", "ORD102")
def _(k: Kit) -> None:
    k.fit(k.scaled.batch(8).prefetch(1).shuffle(8))


@case("padded batches are shuffled", "ORD102")
def _(k: Kit) -> None:
    words = k.tf.data.Dataset.range(40).map(lambda i: (k.tf.range(i % 5), i % 2))
    k.fit(words.padded_batch(8, ((None,), ())).shuffle(5))


@case("batches are shuffled once more after examples were")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).shuffle(4))


@case("batched, unbatched, then shuffled", "BAT101")
def _(k: Kit) -> None:
    k.fit(k.scaled.batch(16).unbatch().shuffle(64).batch(16))


@case("endless repeat before shuffle", "ORD103")
def _(k: Kit) -> None:
    k.fit(k.scaled.repeat().shuffle(64).batch(16), steps_per_epoch=4)


@case("repeat behind shuffle")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).repeat().batch(16), steps_per_epoch=4)


@case("names of files repeated and shuffled, which is fine")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).repeat().shuffle(9)
    data = files.interleave(k.tf.data.TFRecordDataset, cycle_length=2).map(k.parse)
    k.fit(data.batch(4), steps_per_epoch=3)


@case("one order for all epochs", "ORD104")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64, reshuffle_each_iteration=False).batch(16))


@case("one order for one epoch is enough")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64, reshuffle_each_iteration=False).batch(16), epochs=1)


@case("one order, mixed again")
def _(k: Kit) -> None:
    ordered = k.scaled.shuffle(64, seed=1, reshuffle_each_iteration=False)
    k.fit(ordered.skip(16).shuffle(48, seed=2).batch(16))


def by_class(k: Kit) -> Any:
    return k.tf.data.Dataset.from_tensor_slices(
        (np.random.default_rng(0).random((120, 3), np.float32), np.repeat(np.arange(3), 40))
    )


@case("sorted by class, never shuffled", "ORD105")
def _(k: Kit) -> None:
    k.fit(by_class(k).batch(20))


@case("sorted by class, one-hot, never shuffled", "ORD105")
def _(k: Kit) -> None:
    k.fit(by_class(k).map(lambda x, y: (x, k.tf.one_hot(y, 3))).batch(20).prefetch(1))


@case("sorted by class, shuffled as a whole")
def _(k: Kit) -> None:
    k.fit(by_class(k).shuffle(120).batch(20))


@case("sorted by class, evaluated")
def _(k: Kit) -> None:
    k.model.evaluate(by_class(k).batch(20))


@case("mixed when it was stored, never shuffled")
def _(k: Kit) -> None:
    k.fit(k.scaled.batch(16))


@case("a seed on one of two shuffles", "ORD106")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    k.fit(
        files.interleave(k.tf.data.TFRecordDataset, cycle_length=2)
        .map(k.parse)
        .shuffle(12, seed=7)
        .apply(k.tf.data.experimental.assert_cardinality(12))
        .batch(4)
    )


@case("seeded, and interleaved in any order", "ORD106")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3, seed=3)
    data = files.interleave(
        k.tf.data.TFRecordDataset, cycle_length=2, num_parallel_calls=2, deterministic=False
    )
    return data.map(k.parse).batch(4)


@case("in any order, no seed that anyone counts on")
def _(k: Kit) -> None:
    files = k.tf.data.Dataset.from_tensor_slices(k.records()).shuffle(3)
    data = files.interleave(
        k.tf.data.TFRecordDataset, cycle_length=2, num_parallel_calls=2, deterministic=False
    )
    return data.map(k.parse).batch(4)


@case("the first tenth of the storage", "ORD107")
def _(k: Kit) -> None:
    k.fit(k.scaled.take(16).shuffle(16).batch(16))


@case("a tenth of what was shuffled by a seed")
def _(k: Kit) -> None:
    ordered = k.scaled.shuffle(64, seed=1, reshuffle_each_iteration=False)
    k.fit(ordered.take(16).shuffle(16, seed=2).batch(16))


@case("take of everything")
def _(k: Kit) -> None:
    k.fit(k.scaled.take(64).shuffle(64).batch(16))


@case("shards of an unseeded order", "ORD108")
def _(k: Kit) -> None:
    return k.scaled.shuffle(64).shard(2, 0).batch(8)


@case("shards of a seeded order")
def _(k: Kit) -> None:
    return k.scaled.shuffle(64, seed=5).shard(2, 0).batch(8)


@case("shards first")
def _(k: Kit) -> None:
    k.fit(k.scaled.shard(2, 0).shuffle(32).batch(8))


@case("inputs and labels shuffled apart", "ORD109")
def _(k: Kit) -> None:
    tf = k.tf
    x = tf.data.Dataset.from_tensor_slices(k.pixels).shuffle(64)
    y = tf.data.Dataset.from_tensor_slices(k.classes).shuffle(64)
    k.fit(tf.data.Dataset.zip(x, y).batch(16))


@case("inputs and labels shuffled by different seeds", "ORD109")
def _(k: Kit) -> None:
    tf = k.tf
    x = tf.data.Dataset.from_tensor_slices(k.pixels).shuffle(64, seed=1)
    y = tf.data.Dataset.from_tensor_slices(k.classes).shuffle(64, seed=2)
    k.fit(tf.data.Dataset.zip(x, y).batch(16))


@case("only the files are listed in a random order", "ORD109")
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos(each=6)
    files = tf.data.Dataset.list_files(f"{place}/*/*.png")
    x = files.map(lambda f: tf.io.decode_png(tf.io.read_file(f), channels=3))
    y = tf.data.Dataset.from_tensor_slices(np.repeat([0, 1], 6))
    k.fit(tf.data.Dataset.zip(x, y).batch(4))


@case("inputs and labels shuffled by one seed")
def _(k: Kit) -> None:
    tf = k.tf
    x = tf.data.Dataset.from_tensor_slices(k.pixels).shuffle(64, seed=1)
    y = tf.data.Dataset.from_tensor_slices(k.classes).shuffle(64, seed=1)
    k.fit(tf.data.Dataset.zip(x, y).batch(16))


@case("zipped first, then shuffled")
def _(k: Kit) -> None:
    tf = k.tf
    x = tf.data.Dataset.from_tensor_slices(k.pixels)
    y = tf.data.Dataset.from_tensor_slices(k.classes)
    k.fit(tf.data.Dataset.zip(x, y).shuffle(64).batch(16))


@case("two collections of pictures without pairs")
def _(k: Kit) -> None:
    tf = k.tf
    horses = tf.data.Dataset.from_tensor_slices(k.pixels).shuffle(64)
    zebras = tf.data.Dataset.from_tensor_slices(k.pixels[::-1]).shuffle(64)
    k.fit(tf.data.Dataset.zip(horses, zebras).batch(16))


@case("predictions in a random order", "ORD110")
def _(k: Kit) -> None:
    k.model.predict(k.scaled.shuffle(64).batch(16))


@case("predictions from a folder that shuffles", "ORD110", "PIX103", "SPD103")
def _(k: Kit) -> None:
    k.model.predict(
        k.generator(rescale=1 / 255).flow_from_directory(k.photos(), target_size=(8, 8))
    )


@case("predictions in the order of storage")
def _(k: Kit) -> None:
    k.model.predict(k.scaled.batch(16))


@case("time series windows in order of time, shuffled as windows")
def _(k: Kit) -> None:
    series = k.tf.data.Dataset.range(100).window(8, shift=1, drop_remainder=True)
    flat = series.flat_map(lambda w: w.batch(8)).apply(
        k.tf.data.experimental.assert_cardinality(93)
    )
    k.fit(flat.map(lambda w: (w[:-1], w[-1])).shuffle(93).batch(31))
