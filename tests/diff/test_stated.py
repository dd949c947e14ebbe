"""What the graph of a pipeline states of its augmentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from twinfeed.diff._policy._stated import stated_ranges
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

PICTURES = np.random.default_rng(0).integers(0, 256, (16, 20, 40, 3), np.uint8)
layers = keras.layers


def layer(made: Any) -> Callable[[Any], Any]:
    return lambda x: made(tf.cast(x, tf.float32), training=True)


def image(x: Any) -> Any:
    x = tf.image.random_flip_left_right(tf.cast(x, tf.float32))
    x = tf.image.random_brightness(x, 51)
    return tf.image.random_contrast(x, 0.7, 1.3) / 255


def stateless(x: Any) -> Any:
    seed = tf.random.uniform([2], maxval=1000, dtype=tf.int32)
    x = tf.image.stateless_random_brightness(tf.cast(x, tf.float32), 51, seed)
    return tf.image.stateless_random_contrast(x, 0.7, 1.3, seed) / 255


TONES = {"brightness": (-0.2, 0.2), "contrast": (0.7, 1.3)}


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(
    ("change", "stated"),
    [
        (image, TONES | {"flip_x": (0.5, 0.5)}),
        (stateless, TONES),
        (lambda x: tf.cast(x, tf.float32) * tf.random.uniform([], 0.5, 1), {"contrast": (0.5, 1)}),
        (lambda x: tf.cast(x, tf.float32) + tf.random.uniform(tf.shape(x), -9, 9), {}),
        (layer(layers.RandomBrightness(0.2)), {"brightness": (-0.2, 0.2)}),
        (layer(layers.RandomContrast((0.2, 0.4))), {"contrast": (0.8, 1.4)}),
        (layer(layers.RandomRotation(0.1)), {"rotation_degrees": (-36, 36)}),
        (
            layer(layers.RandomZoom((-0.3, 0.2), (-0.1, 0.3))),
            {"zoom_y": (0.7, 1.2), "zoom_x": (0.9, 1.3)},
        ),
        (
            layer(layers.RandomTranslation(0.2, 0.1)),
            {"shift_y": (-0.2, 0.2), "shift_x": (-0.1, 0.1)},
        ),
    ],
)  # fmt: skip
def test_constants_of_a_graph_are_read(
    change: Callable[[Any], Any], stated: dict[str, tuple[float, float]], batched: bool
) -> None:
    data = tf.data.Dataset.from_tensor_slices(PICTURES)
    data = data.batch(8).map(change) if batched else data.map(change).batch(8)
    found = stated_ranges(observe(as_feed(data), budget=Budget(timing_s=0.0)))
    assert found is not None
    assert found.keys() == stated.keys()
    for name, bounds in stated.items():
        assert found[name] == pytest.approx(bounds, abs=1e-3)


def test_what_is_drawn_for_a_mask_is_not_stated_of_the_picture() -> None:
    turn = layers.RandomRotation(0.1)

    def change(x: Any) -> Any:
        return {"x": x, "y": turn(tf.cast(x, tf.float32), training=True)}

    data = tf.data.Dataset.from_tensor_slices(PICTURES).map(change)
    data = data.map(lambda both: (both["x"], both["y"])).batch(8)
    assert stated_ranges(observe(as_feed(data), budget=Budget(timing_s=0.0))) == {}
