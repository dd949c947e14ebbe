"""What is slow, judged by what runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


def options(k: Kit, **set_to: bool) -> Any:
    made = k.tf.data.Options()
    for name, value in set_to.items():
        place: Any = made
        *groups, last = name.split("__")
        for group in groups:
            place = getattr(place, group)
        setattr(place, last, value)
    return made


UNTUNED = {
    "autotune__enabled": False,
    "experimental_optimization__apply_default_optimizations": False,
}


@case("random crop and resize, one call at a time", "SPD101")
def _(k: Kit) -> None:
    def crop(x: Any, y: Any) -> Any:
        return k.tf.image.resize(k.tf.image.random_crop(x, (6, 6, 3)), (8, 8)), y

    k.fit(k.scaled.map(crop).shuffle(64).batch(16))


@case("Python that no batch follows, one call at a time", "SPD101", "SPD103")
def _(k: Kit) -> None:
    def work(x: Any, y: Any) -> Any:
        return k.tf.ensure_shape(k.tf.numpy_function(np.copy, [x], k.tf.float32), (8, 8, 3)), y

    k.fit(k.scaled.map(work).shuffle(64).batch(16))


@case("decoding, with options that forbid more", "SPD101")
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos()
    files = tf.data.Dataset.list_files(f"{place}/*/*.png", seed=1)
    data = files.map(lambda f: tf.io.decode_png(tf.io.read_file(f), channels=3))
    return data.batch(4).prefetch(2).with_options(options(k, **UNTUNED))


@case("decoding, which TensorFlow makes parallel")
def _(k: Kit) -> None:
    tf, place = k.tf, k.photos()
    files = tf.data.Dataset.list_files(f"{place}/*/*.png", seed=1)
    return files.map(lambda f: tf.io.decode_png(tf.io.read_file(f), channels=3)).batch(4)


@case("random crop and resize right before batch")
def _(k: Kit) -> None:
    def crop(x: Any, y: Any) -> Any:
        return k.tf.image.resize(k.tf.image.random_crop(x, (6, 6, 3)), (8, 8)), y

    k.fit(k.scaled.shuffle(64).map(crop).batch(16))


@case("a cheap flip, one call at a time")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(k.flip).shuffle(64).batch(16))


@case("parallel crop and resize")
def _(k: Kit) -> None:
    def crop(x: Any, y: Any) -> Any:
        return k.tf.image.resize(k.tf.image.random_crop(x, (6, 6, 3)), (8, 8)), y

    k.fit(k.scaled.map(crop, num_parallel_calls=2).shuffle(64).batch(16))


@case("options that forbid a prefetch", "SPD102")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).with_options(options(k, **UNTUNED)))


@case("autotuning off behind a shuffle", "SPD102")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).with_options(options(k, autotune__enabled=False)))


@case("no prefetch written, and none needed")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16))


@case("options that forbid a prefetch, and one")
def _(k: Kit) -> None:
    k.fit(k.scaled.shuffle(64).batch(16).prefetch(2).with_options(options(k, **UNTUNED)))


@case("options set twice, the last one forbids", "SPD102")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).with_options(options(k, deterministic=True))
    k.fit(data.batch(16).with_options(options(k, **UNTUNED)))


@case("py_function", "SPD103")
def _(k: Kit) -> None:
    def work(x: Any, y: Any) -> Any:
        return k.tf.ensure_shape(k.tf.py_function(lambda v: v, [x], k.tf.float32), (8, 8, 3)), y

    k.fit(k.scaled.shuffle(64).map(work).batch(16))


@case("py_function, cached")
def _(k: Kit) -> None:
    def work(x: Any, y: Any) -> Any:
        return k.tf.ensure_shape(k.tf.py_function(lambda v: v, [x], k.tf.float32), (8, 8, 3)), y

    k.fit(k.scaled.map(work, num_parallel_calls=2).cache().shuffle(64).batch(16))


def large(k: Kit, i: Any) -> Any:
    return k.tf.zeros([256, 256, 3]) + k.tf.cast(i, k.tf.float32)


@case("a buffer of a gigabyte", "SPD104")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.range(1_500).map(lambda i: large(k, i))
    return data.shuffle(1_500).batch(32)


@case("a buffer of numbers")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.range(1_500).shuffle(1_500)
    return data.map(lambda i: large(k, i)).batch(32)


@case("a buffer behind resizing", "SPD105")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.range(800).map(
        lambda i: (tf.image.resize(tf.zeros([4, 4, 3]), (8, 8)), i)
    )
    k.fit(data.shuffle(800).batch(100))


@case("a buffer behind resizing and a cache")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.range(800).map(
        lambda i: (tf.image.resize(tf.zeros([4, 4, 3]), (8, 8)), i)
    )
    k.fit(data.cache().shuffle(800).batch(100))


@case("one small example per batch", "SPD106")
def _(k: Kit) -> None:
    data = k.tf.data.Dataset.range(200).map(lambda i: (k.tf.cast(i, k.tf.float32), i % 2))
    k.fit(data.shuffle(200).batch(1))


@case("one volume per batch")
def _(k: Kit) -> None:
    tf = k.tf
    data = tf.data.Dataset.range(200).shuffle(200).map(lambda i: (tf.zeros([64, 64, 64]), i % 2))
    k.fit(data.batch(1))


@case("arithmetic on many small rows", "SPD107")
def _(k: Kit) -> None:
    rows = k.tf.data.Dataset.from_tensor_slices(np.zeros((20_000, 4), np.float32))
    return rows.map(lambda x: x * 2 + 1).batch(200)


@case("arithmetic on batches of small rows")
def _(k: Kit) -> None:
    rows = k.tf.data.Dataset.from_tensor_slices(np.zeros((20_000, 4), np.float32))
    return rows.batch(200).map(lambda x: x * 2 + 1)


@case("Grain batches behind its threads", "SPD108")
def _(k: Kit) -> Any:
    import grain

    data = grain.MapDataset.range(64).seed(1).shuffle().map(np.float32)
    return data.to_iter_dataset().batch(16)


@case("Grain batches before its threads")
def _(k: Kit) -> Any:
    import grain

    data = grain.MapDataset.range(64).seed(1).shuffle().map(np.float32)
    return data.batch(16).to_iter_dataset()


@case("Grain shuffles each repetition")
def _(k: Kit) -> None:
    import grain

    data = grain.MapDataset.range(64).seed(1).shuffle().repeat(3).map(np.float32).batch(16)
    k.fit(data.to_iter_dataset(), epochs=1)
