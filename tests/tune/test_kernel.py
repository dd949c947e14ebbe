"""The kernel inside a graph gives what TensorFlow's operation gives, and keeps every draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from twinfeed.engine.project import FILLS, project
from twinfeed.tune._candidates import Knobs, candidates

WITHIN = 2e-5
"""Of the range of the values: both are single precision, in another order of sums."""


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_kernel_equals_the_operation(tf: Any, fill: bytes, dtype: str) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (4, 24, 31, 3)).astype(dtype)
    turned = random.normal([1, 0, 0, 0, 1, 0], [0.2, 0.2, 5, 0.2, 0.2, 5], (4, 6))
    transforms = np.concatenate([turned, np.zeros((4, 2))], axis=1).astype(np.float32)
    wanted = tf.raw_ops.ImageProjectiveTransformV3(
        images=images.astype(np.float32), transforms=transforms, output_shape=[24, 31],
        fill_value=0.0, interpolation="BILINEAR", fill_mode=fill.decode(),
    ).numpy()  # fmt: skip
    assert np.abs(project(images, transforms, fill) - wanted).max() <= WITHIN * 256


def test_a_map_keeps_its_draws_and_its_shape(tf: Any) -> None:
    from twinfeed.graph.editing import open_chain

    images = np.random.default_rng(1).random((6, 16, 16, 3), dtype=np.float32)

    def shift(image: Any, label: Any) -> Any:
        by = tf.random.stateless_uniform([1], (3, label), -4.0, 4.0)
        zero, one = tf.zeros([1]), tf.ones([1])
        transform = tf.stack([one, zero, by, zero, one, zero, zero, zero], axis=1)
        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=image[None], transforms=transform, output_shape=[16, 16], fill_value=0.0,
            interpolation="BILINEAR", fill_mode="REFLECT",
        )  # fmt: skip
        return moved[0], label

    dataset = tf.data.Dataset.from_tensor_slices((images, np.arange(6))).map(shift).batch(4)
    chain = open_chain(dataset)
    assert not isinstance(chain, str)
    assert chain.kernel_places(frozenset(FILLS)) == [1]
    assert chain.kernel_places(frozenset()) == []
    calls: list[int] = []

    def counted(*given: Any) -> Any:
        calls.append(1)
        return project(*given)

    chain.kernel = counted
    made = chain.build(chain.recipe.having(1, kernel=True))
    assert made.element_spec == dataset.element_spec
    for (left, labels), (right, same) in zip(
        made.as_numpy_iterator(), dataset.as_numpy_iterator(), strict=True
    ):
        assert np.abs(left - right).max() <= WITHIN
        assert labels.tolist() == same.tolist()
    assert len(calls) == 6


def flips_and_crops(tf: Any) -> Any:
    def drawn(image: Any) -> Any:
        image = tf.image.random_flip_left_right(image, seed=3)
        image = tf.image.random_brightness(image, 0.3, seed=4)
        return tf.image.random_crop(image, (8, 8, 3), seed=9)

    return drawn


def layers(_tf: Any) -> Any:
    keras = pytest.importorskip("keras")
    turn = keras.layers.RandomRotation(0.1, fill_mode="nearest", seed=1)
    zoom = keras.layers.RandomZoom(0.2, fill_mode="nearest", seed=2)

    def drawn(image: Any) -> Any:
        return {"image": zoom(turn(image, training=True), training=True)}

    return drawn


@pytest.mark.parametrize("make", [flips_and_crops, layers])
@pytest.mark.parametrize("kernel", [False, True])
def test_draws_apart_are_the_same_draws(tf: Any, make: Any, kernel: bool) -> None:
    from twinfeed.graph.editing import open_chain

    images = np.random.default_rng(2).random((10, 16, 16, 3), dtype=np.float32)

    def feed() -> Any:
        # Layers keep their place in a variable, so each reading has layers of its own.
        return tf.data.Dataset.from_tensor_slices(images).map(make(tf)).batch(4)

    whole = [tf.nest.flatten(batch)[0].numpy() for batch in feed().repeat(2)]
    chain = open_chain(feed())
    assert not isinstance(chain, str)
    assert chain.separable() == [1]
    chain.kernel = project
    knobs = Knobs(
        cores=2, any_order=False, unsafe=False, cache_bytes=lambda _recipe, _place: None,
        separable=(1,), kernel_places=tuple(chain.kernel_places(frozenset(FILLS))) if kernel else (),
    )  # fmt: skip
    forms = [one for one in candidates(chain.recipe, knobs, (0.0, 1e-3, 1e-5)) if one.changes]
    apart = next(one for one in forms if "draws apart" in one.name)
    built = chain.build(apart.recipe)
    assert built.element_spec == chain.dataset.element_spec
    again = [tf.nest.flatten(batch)[0].numpy() for batch in built.repeat(2)]
    assert not np.array_equal(whole[0], whole[3])
    for left, right in zip(whole, again, strict=True):
        assert np.abs(left - right).max() <= (WITHIN if kernel else 0)


def test_what_draws_from_what_is_large_stays_whole(tf: Any) -> None:
    from twinfeed.graph.editing import open_chain

    def drawn(row: Any) -> Any:
        large = tf.reshape(row, (64, 64)) @ tf.reshape(row, (64, 64))
        return large + tf.random.normal(tf.shape(large), tf.reduce_mean(large, 1), seed=1)

    dataset = tf.data.Dataset.from_tensor_slices(np.ones((2, 4096), np.float32)).map(drawn)
    chain = open_chain(dataset)
    assert not isinstance(chain, str)
    assert chain.separable() == []


def jpegs(tf: Any) -> list[bytes]:
    """Pictures of several kinds: colours at lower resolution, grey, progressive, and a PNG."""
    random = np.random.default_rng(4)
    small = random.integers(0, 256, (8, 9, 3), dtype=np.uint8)
    picture = tf.cast(
        tf.clip_by_value(tf.image.resize(small, (70, 90), "bicubic"), 0, 255), tf.uint8
    )
    made = [
        tf.io.encode_jpeg(picture, quality=80, chroma_downsampling=lower, progressive=later)
        for lower in (True, False)
        for later in (True, False)
    ]
    grey = tf.io.encode_jpeg(picture[..., :1], format="grayscale")
    return [one.numpy() for one in (*made, grey, tf.io.encode_png(picture))]


def box(tf: Any) -> Any:
    def load(contents: Any) -> Any:
        return tf.image.crop_to_bounding_box(tf.io.decode_jpeg(contents, channels=3), 7, 11, 40, 33)

    return load


def anywhere(tf: Any) -> Any:
    def load(contents: Any) -> Any:
        return tf.image.random_crop(tf.io.decode_jpeg(contents, channels=3), (32, 24, 3), seed=8)

    return load


def to_the_end(tf: Any) -> Any:
    def load(contents: Any) -> Any:
        image = tf.io.decode_jpeg(contents, channels=1, dct_method="INTEGER_ACCURATE")
        return tf.slice(image, [3, 5, 0], [-1, 20, -1])

    return load


def middle(tf: Any) -> Any:
    def load(contents: Any) -> Any:
        return tf.image.central_crop(tf.io.decode_jpeg(contents, channels=3), 0.4)

    return load


def by_index(tf: Any) -> Any:
    def load(contents: Any) -> Any:
        return tf.io.decode_jpeg(contents, channels=3)[5:-9, 11:, :2]

    return load


@pytest.mark.parametrize("make", [box, anywhere, to_the_end, middle, by_index])
def test_only_what_is_cropped_is_decoded_and_the_same(tf: Any, make: Any) -> None:
    from twinfeed.graph.editing import open_chain

    def feed() -> Any:
        return tf.data.Dataset.from_tensor_slices(jpegs(tf)).map(make(tf)).batch(1)

    chain = open_chain(feed())
    assert not isinstance(chain, str)
    assert chain.crop_places() == [1]
    made = chain.build(chain.recipe.having(1, crop=True))
    assert made.element_spec == chain.dataset.element_spec
    body = made._input_dataset._map_func.function.graph.as_graph_def().library.function
    assert "DecodeAndCropJpeg" in {node.op for one in body for node in one.node_def}
    repeats = 12 if make is anywhere else 1
    for left, right in zip(made.repeat(repeats), feed().repeat(repeats), strict=True):
        assert np.array_equal(left.numpy(), right.numpy())


def test_a_picture_that_is_used_whole_is_decoded_whole(tf: Any) -> None:
    from twinfeed.graph.editing import open_chain

    def load(contents: Any) -> Any:
        image = tf.io.decode_jpeg(contents, channels=3)
        return image[:8, :8], tf.reduce_mean(tf.cast(image, tf.float32))

    def own_channels(contents: Any) -> Any:
        return tf.slice(tf.io.decode_jpeg(contents), [0, 0, 0], [8, 8, -1])

    for function in (load, own_channels):
        chain = open_chain(tf.data.Dataset.from_tensor_slices(jpegs(tf)).map(function))
        assert not isinstance(chain, str)
        assert chain.crop_places() == []
