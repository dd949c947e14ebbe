"""Augmentation: frozen, repeated, out of step, without effect."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from tests.lint.labelled.kit import Kit, Shelf

case = Shelf()


@case("validation is flipped", "AUG101")
def _(k: Kit) -> None:
    train = k.scaled.skip(16).shuffle(48).map(k.flip).batch(16)
    k.fit(train, validation_data=k.scaled.take(16).map(k.flip).batch(16))


@case("predictions are warped", "AUG101")
def _(k: Kit) -> None:
    turn = k.tf.keras.layers.RandomRotation(0.2)
    k.model.predict(k.scaled.batch(16).map(lambda x, y: (turn(x, training=True), y)))


@case("one generator for both parts", "AUG101", "PIX103", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255, horizontal_flip=True, validation_split=0.5)
    place = k.photos()
    both = {"target_size": (8, 8), "batch_size": 2}
    k.fit(
        flow.flow_from_directory(place, subset="training", **both),
        validation_data=flow.flow_from_directory(place, subset="validation", shuffle=False, **both),
    )


@case("only the training is flipped")
def _(k: Kit) -> None:
    train = k.raw.take(48).map(k.scale).shuffle(48).map(k.flip).batch(16)
    k.model.fit(train, validation_data=k.raw.skip(48).map(k.scale).batch(16))


@case("a seed in the operation", "AUG102")
def _(k: Kit) -> None:
    data = k.scaled.cache().map(lambda x, y: (k.tf.image.random_flip_up_down(x, seed=1), y))
    k.fit(data.batch(16))


@case("seeds from a counter zipped before the shuffle", "AUG102")
def _(k: Kit) -> None:
    tf = k.tf
    counter = tf.data.Dataset.counter()
    data = tf.data.Dataset.zip(k.scaled, tf.data.Dataset.zip(counter, counter)).shuffle(64)
    data = data.map(lambda xy, s: (tf.image.stateless_random_flip_left_right(xy[0], s), xy[1]))
    k.fit(data.batch(16))


@case("seeds from random numbers that start anew", "AUG102")
def _(k: Kit) -> None:
    tf = k.tf
    seeds = tf.data.Dataset.random(seed=1).batch(2)
    data = tf.data.Dataset.zip(k.scaled, seeds)
    data = data.map(lambda xy, s: (tf.image.stateless_random_flip_left_right(xy[0], s), xy[1]))
    k.fit(data.batch(16))


@case("seeds from random numbers that go on")
def _(k: Kit) -> None:
    tf = k.tf
    seeds = tf.data.Dataset.random(seed=1, rerandomize_each_iteration=True).batch(2)
    data = tf.data.Dataset.zip(k.scaled, seeds)
    data = data.map(lambda xy, s: (tf.image.stateless_random_flip_left_right(xy[0], s), xy[1]))
    k.fit(data.batch(16))


@case("a seed in the operation, repeated inside")
def _(k: Kit) -> None:
    data = k.scaled.map(lambda x, y: (k.tf.image.random_flip_up_down(x, seed=1), y))
    k.fit(data.repeat().batch(16), steps_per_epoch=4)


@case("a seed in the operation, one epoch")
def _(k: Kit) -> None:
    data = k.scaled.map(lambda x, y: (k.tf.image.random_flip_up_down(x, seed=1), y))
    k.fit(data.batch(16), epochs=1)


@case("seeds from a generator")
def _(k: Kit) -> None:
    tf = k.tf
    rng = tf.random.Generator.from_seed(3)

    def change(x: Any, y: Any) -> Any:
        return tf.image.stateless_random_flip_left_right(x, rng.make_seeds(2)[0]), y

    k.fit(k.scaled.shuffle(64).map(change, num_parallel_calls=2).batch(16))


@case("seeded layers, which go on")
def _(k: Kit) -> None:
    flip = k.tf.keras.layers.RandomFlip(seed=4)
    k.fit(k.scaled.batch(16).map(lambda x, y: (flip(x, training=True), y)))


@case("a constant seed", "AUG103")
def _(k: Kit) -> None:
    tf = k.tf
    data = k.scaled.map(lambda x, y: (tf.image.stateless_random_flip_left_right(x, (1, 2)), y))
    k.fit(data.shuffle(64).batch(16))


@case("a constant seed from outside", "AUG103", "AUG107")
def _(k: Kit) -> None:
    tf = k.tf
    seed = tf.constant([3, 4])
    data = k.scaled.map(lambda x, y: (tf.image.stateless_random_brightness(x, 0.3, seed), y))
    k.fit(data.shuffle(64).batch(16))


@case("NumPy draws while it is traced", "AUG104")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x * np.random.uniform(0.8, 1.0), y)).shuffle(64).batch(16))  # noqa: NPY002 - what is looked for


@case("Python decides while it is traced", "AUG104")
def _(k: Kit) -> None:
    def maybe(x: Any, y: Any) -> Any:
        return (x[:, ::-1] if random.random() < 0.5 else x), y

    k.fit(k.scaled.map(maybe).shuffle(64).batch(16))


def angle() -> float:
    return random.uniform(-10, 10)


@case("a helper draws while it is traced", "AUG104")
def _(k: Kit) -> None:
    k.fit(k.scaled.map(lambda x, y: (x + angle() * 0.001, y)).shuffle(64).batch(16))


@case("a NumPy generator draws while it is traced", "AUG104")
def _(k: Kit) -> None:
    rng = np.random.default_rng(0)
    k.fit(k.scaled.map(lambda x, y: (x * rng.uniform(0.8, 1.0), y)).shuffle(64).batch(16))


@case("NumPy draws inside numpy_function", "SPD103")
def _(k: Kit) -> None:
    def noisy(v: Any) -> Any:
        return (v * np.random.uniform(0.8, 1.0)).astype(np.float32)  # noqa: NPY002 - as people write it

    def change(x: Any, y: Any) -> Any:
        changed = k.tf.numpy_function(noisy, [x], k.tf.float32)
        return k.tf.ensure_shape(changed, (8, 8, 3)), y

    k.fit(k.scaled.shuffle(64).map(change).batch(16))


@case("NumPy only cuts arrays outside")
def _(k: Kit) -> None:
    order = np.random.permutation(64)  # noqa: NPY002 - as people write it
    data = k.tf.data.Dataset.from_tensor_slices(
        (k.pixels[order] / np.float32(255), k.classes[order])
    )
    k.fit(data.shuffle(64).batch(16))


@case("brightness of a fifth of a level", "AUG105")
def _(k: Kit) -> None:
    tf = k.tf
    data = k.raw.map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32), 0.2), y))
    k.fit(data.shuffle(64).batch(16))


@case("shear of a fifth of a degree", "AUG105", "PIX103", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255, shear_range=0.2, horizontal_flip=True)
    k.fit(flow.flow_from_directory(k.photos(), target_size=(8, 8), batch_size=4))


@case("shear of twenty degrees", "PIX103", "SPD103")
def _(k: Kit) -> None:
    flow = k.generator(rescale=1 / 255, shear_range=20, horizontal_flip=True)
    k.fit(flow.flow_from_directory(k.photos(), target_size=(8, 8), batch_size=4))


@case("one brightness for a batch", "AUG106", "AUG107")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).batch(16)
    k.fit(data.map(lambda x, y: (k.tf.image.random_brightness(x, 0.2), y)))


@case("one hue for a batch", "AUG106")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).batch(16)
    k.fit(data.map(lambda x, y: (k.tf.image.random_hue(x, 0.2), y)))


@case("a flip per example of a batch")
def _(k: Kit) -> None:
    data = k.scaled.shuffle(64).batch(16)
    k.fit(data.map(lambda x, y: (k.tf.image.random_flip_left_right(x), y)))


@case("brightness beyond white", "AUG107")
def _(k: Kit) -> None:
    k.fit(
        k.scaled.shuffle(64).map(lambda x, y: (k.tf.image.random_brightness(x, 0.4), y)).batch(16)
    )


@case("brightness, clipped")
def _(k: Kit) -> None:
    def change(x: Any, y: Any) -> Any:
        return k.tf.clip_by_value(k.tf.image.random_brightness(x, 0.4), 0, 1), y

    k.fit(k.scaled.shuffle(64).map(change).batch(16))


@case("brightness of whole levels, which is clipped by itself")
def _(k: Kit) -> None:
    data = k.raw.shuffle(64).map(lambda x, y: (k.tf.image.random_brightness(x, 0.4), y))
    k.fit(data.map(k.scale).batch(16))


def masks(k: Kit) -> Any:
    masks = (k.pixels[..., :1] > 128).astype(np.uint8)
    return k.tf.data.Dataset.from_tensor_slices((k.pixels, masks)).shuffle(64)


@case("picture flipped, mask not", "AUG108")
def _(k: Kit) -> None:
    k.fit(masks(k).map(lambda x, y: (k.tf.image.random_flip_left_right(x), y)).batch(16))


@case("picture and mask flipped apart", "AUG108")
def _(k: Kit) -> None:
    flip = k.tf.image.random_flip_left_right
    k.fit(masks(k).map(lambda x, y: (flip(x), flip(y))).batch(16))


@case("picture and mask flipped as one")
def _(k: Kit) -> None:
    def flip(x: Any, y: Any) -> Any:
        both = k.tf.image.random_flip_left_right(k.tf.concat([x, y], -1))
        return both[..., :3], both[..., 3:]

    k.fit(masks(k).map(flip).batch(16))


@case("picture and mask flipped by one coin")
def _(k: Kit) -> None:
    tf = k.tf

    def flip(x: Any, y: Any) -> Any:
        coin = tf.random.uniform(()) > 0.5
        return tf.cond(
            coin,
            lambda: (tf.image.flip_left_right(x), tf.image.flip_left_right(y)),
            lambda: (x, y),
        )

    k.fit(masks(k).map(flip).batch(16))


@case("picture brightened, mask as it is")
def _(k: Kit) -> None:
    def change(x: Any, y: Any) -> Any:
        return k.tf.image.random_brightness(x, 0.2), y

    k.fit(masks(k).map(change).batch(16))


@case("picture and mask by one stateless seed")
def _(k: Kit) -> None:
    tf = k.tf
    rng = tf.random.Generator.from_seed(1)

    def change(x: Any, y: Any) -> Any:
        seed = rng.make_seeds(2)[0]
        flip = tf.image.stateless_random_flip_left_right
        return flip(x, seed), flip(y, seed)

    k.fit(masks(k).map(change).batch(16))
