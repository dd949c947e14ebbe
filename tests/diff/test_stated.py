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
        (lambda x: tf.cast(x, tf.float32) + tf.random.uniform([3], -9, 9), {}),
        (layer(layers.RandomBrightness(0.2)), {"brightness": (-0.2, 0.2)}),
        (layer(layers.RandomContrast((0.2, 0.4))), {"contrast": (0.8, 1.4)}),
        (lambda x: tf.image.random_saturation(x, 0.5, 1.5), {"saturation": (0.5, 1.5)}),
        (lambda x: tf.image.random_hue(x, 0.1), {"hue_degrees": (-36, 36)}),
        (layer(layers.RandomRotation(0.1)), {"rotation_degrees": (-36, 36)}),
        (
            layer(layers.RandomZoom((-0.3, 0.2), (-0.1, 0.3))),
            {"zoom_y": (0.7, 1.2), "zoom_x": (0.9, 1.3)},
        ),
        (
            layer(layers.RandomZoom((-0.3, 0.2))),
            {"zoom_y": (0.7, 1.2), "zoom_x": (0.7, 1.2)},
        ),
        (layer(layers.RandomZoom(0.2, 0.0)), {"zoom_y": (0.8, 1.2)}),
        (
            layer(layers.RandomShear(0.2)),
            {"shear_degrees": (-5.711, 5.711), "shift_x": (-0.05, 0.05)},
        ),
        (layer(layers.RandomShear(0.2, 0.1)), {}),
        (layer(layers.RandomTranslation(0, 0.1)), {"shift_x": (-0.1, 0.1)}),
        (
            layer(layers.RandomTranslation((-0.3, 0), (0.1, 0.2))),
            {"shift_y": (0, 0.3), "shift_x": (-0.2, -0.1)},
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


def padded(x: Any, mode: str = "CONSTANT") -> Any:
    return tf.pad(x, [[2, 2], [4, 4], [0, 0]], mode)


def drawn_seed() -> Any:
    return tf.random.uniform([2], maxval=1000, dtype=tf.int32)


@pytest.mark.parametrize(
    ("change", "down", "across"),
    [
        (lambda x: tf.image.random_crop(padded(x), (20, 40, 3)), (-0.1, 0.1), (-0.1, 0.1)),
        (
            lambda x: tf.image.stateless_random_crop(
                padded(x, "REFLECT"), (20, 40, 3), drawn_seed()
            ),
            (-0.1, 0.1),
            (-0.1, 0.1),
        ),
        (
            lambda x: tf.image.random_crop(
                tf.image.resize_with_crop_or_pad(x, 28, 60), (20, 40, 3)
            ),
            (-0.2, 0.2),
            (-0.25, 0.25),
        ),
        (
            lambda x: tf.image.random_crop(tf.pad(x, [[0, 4], [0, 0], [0, 0]]), (20, 40, 3)),
            (0, 0.2),
            None,
        ),
        (lambda x: tf.image.random_crop(x, (10, 40, 3)), (-0.5, 0.5), None),
        (lambda x: tf.image.random_crop(tf.image.resize(x, (30, 50)), (20, 40, 3)), (-0.25, 0.25), (-0.125, 0.125)),
        (layer(layers.RandomCrop(10, 20)), (-0.5, 0.5), (-0.5, 0.5)),
    ],
)  # fmt: skip
def test_a_window_placed_by_chance_states_shifts(
    change: Callable[[Any], Any],
    down: tuple[float, float],
    across: tuple[float, float] | None,
) -> None:
    data = tf.data.Dataset.from_tensor_slices(PICTURES).map(change).batch(8)
    found = stated_ranges(observe(as_feed(data), budget=Budget(timing_s=0.0))) or {}
    assert found.pop("shift_y") == pytest.approx(down)
    assert found.pop("shift_x", None) == (across if across is None else pytest.approx(across))
    assert not found


@pytest.mark.parametrize(
    ("first", "turns", "stated"),
    [(0, 4, {"turned": 0.75}), (1, 4, {"turned": 1.0}), (0, 2, {"turned": 0.5})],
)
def test_quarter_turns_are_no_mirrors(first: int, turns: int, stated: dict[str, float]) -> None:
    def change(x: Any) -> Any:
        x = tf.image.rot90(x, tf.random.uniform([], first, turns, tf.int32))
        return tf.transpose(tf.image.random_flip_left_right(x), (2, 0, 1))

    data = tf.data.Dataset.from_tensor_slices(PICTURES[:, :, :20]).map(change).batch(8)
    found = stated_ranges(observe(as_feed(data), budget=Budget(timing_s=0.0))) or {}
    assert found == {name: (share, share) for name, share in {**stated, "flip_x": 0.5}.items()}


def test_what_is_drawn_for_a_mask_is_not_stated_of_the_picture() -> None:
    turn = layers.RandomRotation(0.1)

    def change(x: Any) -> Any:
        return {"x": x, "y": turn(tf.cast(x, tf.float32), training=True)}

    data = tf.data.Dataset.from_tensor_slices(PICTURES).map(change)
    data = data.map(lambda both: (both["x"], both["y"])).batch(8)
    assert stated_ranges(observe(as_feed(data), budget=Budget(timing_s=0.0))) == {}
