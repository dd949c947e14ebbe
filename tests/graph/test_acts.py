"""What a plan says of the tensors of a pipeline and of what its functions do to them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.graph.test_read import plan_of
from twinfeed._core.plan import Act, Leaf, Plan, Step


@pytest.fixture(scope="module")
def pictures(tf: Any) -> Any:
    images = np.zeros((6, 8, 8, 3), np.uint8)
    images[0], images[1] = 0, 255
    return tf.data.Dataset.from_tensor_slices((images, np.arange(6)))


def only(step: Step, op: str) -> Act:
    (act,) = [act for act in step.acts if act.op == op]
    return act


def bounds(leaf: Leaf) -> tuple[float, float]:
    assert leaf.low is not None
    assert leaf.high is not None
    return round(leaf.low, 5), round(leaf.high, 5)


def test_each_tensor_has_dtype_shape_bytes_and_range(tf: Any, pictures: Any) -> None:
    plan = plan_of(pictures.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).batch(4))
    source, mapped, batch = plan.steps
    assert [(leaf.dtype, leaf.shape, leaf.size_bytes) for leaf in source.leaves] == [
        ("uint8", (8, 8, 3), 192),
        ("int64", (), 8),
    ]
    assert [leaf.size_bytes for leaf in mapped.leaves] == [768, 8]
    assert batch.leaves[0].shape == (None, 8, 8, 3)
    assert batch.leaves[0].size_bytes is None
    assert [step.per_element for step in plan.steps] == [1, 1, 4]
    assert bounds(source.leaves[0]) == (0, 255)
    assert bounds(mapped.leaves[0]) == (0, 1)
    assert [leaf.reaches for leaf in source.leaves] == [("x",), ("y",)]


RANGES: dict[str, tuple[tuple[float, float], Callable[[Any, Any], Any]]] = {
    "twice": ((0, 0.00392), lambda tf, x: tf.cast(x, tf.float32) / 255 / 255),
    "signed": ((-1, 1), lambda tf, x: tf.cast(x, tf.float32) / 127.5 - 1),
    "converted": ((0, 1), lambda tf, x: tf.image.convert_image_dtype(x, tf.float32)),
    "not converted": (
        (0, 255),
        lambda tf, x: tf.image.convert_image_dtype(tf.cast(x, tf.float32), tf.float32),
    ),
    "whole division": ((0, 1), lambda _tf, x: x // 255),
    "caffe": (
        (-123.68, 151.061),
        lambda tf, x: tf.cast(x, tf.float32)[..., ::-1] - [103.939, 116.779, 123.68],
    ),
    "clipped": ((0, 1), lambda tf, x: tf.clip_by_value(tf.cast(x, tf.float32), 0, 1)),
    "padded": ((0, 1), lambda tf, x: tf.image.pad_to_bounding_box(x // 255, 1, 1, 12, 12)),
    "brightened": (
        (-0.25, 1.25),
        lambda tf, x: tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.25),
    ),
    "one branch": (
        (0, 255),
        lambda tf, x: tf.cond(tf.reduce_sum(tf.cast(x, tf.int32)) > 9, lambda: x, lambda: x // 255),
    ),
    "back to whole numbers": (
        (0, 1),
        lambda tf, x: tf.cast(tf.cast(x, tf.float32) / 255, tf.uint8),
    ),
    "resized": ((0, 255), lambda tf, x: tf.image.resize(x, (4, 4), antialias=True)),
    "in a layer": ((0, 1), lambda tf, x: tf.keras.layers.Rescaling(1 / 255)(x)),
}


@pytest.mark.parametrize("case", RANGES)
def test_the_range_of_values_is_followed(tf: Any, pictures: Any, case: str) -> None:
    wanted, function = RANGES[case]
    step = plan_of(pictures.map(lambda x, _y: function(tf, x))).steps[-1]
    assert bounds(step.leaves[0]) == pytest.approx(wanted, abs=0.001)


def test_what_python_does_to_a_range_is_not_known(tf: Any, pictures: Any) -> None:
    step = plan_of(
        pictures.map(lambda x, _y: tf.numpy_function(lambda v: v / 2, [x], tf.float64))
    ).steps[-1]
    assert step.leaves[0].low is None
    assert step.leaves[0].shape is None
    assert [act.op for act in step.acts] == ["PyFunc"]


def test_an_act_says_which_leaves_it_is_made_from_and_which_it_reaches(
    tf: Any, pictures: Any
) -> None:
    plan = plan_of(
        pictures.map(
            lambda x, y: (
                {"image": tf.image.resize(x, (4, 6)), "number": y},
                tf.image.resize(x[..., :1], (4, 6), method="nearest"),
            )
        ).batch(2)
    )
    step = plan.steps[1]
    smooth, nearest = only(step, "ResizeBilinear"), only(step, "ResizeNearestNeighbor")
    assert (smooth.takes, smooth.gives, smooth.reaches) == ((0,), (0,), ('x["image"]',))
    assert (nearest.takes, nearest.gives, nearest.reaches) == ((0,), (2,), ("y",))
    assert (smooth.number("height"), smooth.number("width")) == (4, 6)
    assert plan.steps[0].leaves[0].reaches == ('x["image"]', "y")
    assert plan.steps[0].leaves[1].reaches == ('x["number"]',)


def test_arithmetic_is_told_with_its_constant_and_what_it_meets(tf: Any, pictures: Any) -> None:
    step = plan_of(pictures.map(lambda x, y: (tf.cast(x, tf.float32) * (1 / 255), y // 2))).steps[
        -1
    ]
    scaled, halved = only(step, "Mul"), only(step, "FloorDiv")
    assert scaled.number("constant") == pytest.approx(1 / 255)
    assert (scaled.number("low"), scaled.number("high")) == (0, 255)
    assert (halved.number("constant"), halved.settings["T"], halved.reaches) == (2, "int64", ("y",))


def test_chance_is_told_with_its_seeds_and_bounds(tf: Any, pictures: Any) -> None:
    step = plan_of(pictures.map(lambda x, _y: tf.image.random_brightness(x, 0.1, seed=3))).steps[-1]
    assert only(step, "RandomUniform").number("seed2") == 3
    added = next(act for act in step.acts if act.settings.get("drawn"))
    assert added.number("drawn_high") == pytest.approx(0.1)
    counter = tf.data.Dataset.counter()
    data = tf.data.Dataset.zip(pictures, tf.data.Dataset.zip(counter, counter))
    fixed, counted = (
        only(plan_of(dataset).steps[-1], "StatelessRandomUniformV2")
        for dataset in (
            pictures.map(lambda x, _y: tf.image.stateless_random_flip_left_right(x, (1, 2))),
            data.map(lambda xy, s: tf.image.stateless_random_flip_left_right(xy[0], s)),
        )
    )
    number = {"scalar": True, "numbers": 1, "drawn_low": 0.0, "drawn_high": 1.0}
    assert fixed.settings == {"fixed_seed": True, "seed_from_data": False} | number
    assert counted.settings == {"fixed_seed": False, "seed_from_data": True} | number


def shift(x: Any) -> Any:
    return x + np.random.uniform() * random.random()  # noqa: NPY002 - what is looked for


def test_numpys_randomness_in_a_traced_function_is_mentioned(tf: Any, pictures: Any) -> None:
    generator = np.random.default_rng(0)
    drawers = {"numpy.random.uniform", "random.random"}
    floats = pictures.map(lambda x, _y: tf.cast(x, tf.float64))
    assert drawers <= set(plan_of(floats.map(shift)).steps[-1].mentions)
    assert drawers <= set(plan_of(floats.map(lambda x: -shift(x))).steps[-1].mentions)
    bound = plan_of(floats.map(lambda x: x + generator.random())).steps[-1]
    assert "numpy.random._generator.Generator.random" in bound.mentions
    in_python = plan_of(floats.map(lambda x: tf.numpy_function(shift, [x], tf.float64))).steps[-1]
    assert not any("random" in name for name in in_python.mentions)


def test_the_steps_of_every_branch_are_there(tf: Any, pictures: Any) -> None:
    images = pictures.map(lambda x, _y: x).shuffle(4, seed=1)
    labels = pictures.map(lambda _x, y: y).shuffle(6, seed=2)
    (joint,) = [
        step
        for step in plan_of(tf.data.Dataset.zip(images, labels)).steps
        if step.name == "ZipDataset"
    ]
    (branch,) = joint.joined
    assert [step.kind for step in branch] == ["source", "map", "shuffle"]
    assert branch[-1].integer("buffer_size") == 6
    assert branch[-1].where == "shuffle, step 3 of 3 of input 2 of zip"
    assert [leaf.reaches for leaf in branch[-1].leaves] == [("y",)]
    mixed = tf.data.Dataset.sample_from_datasets([pictures, pictures.repeat()], [0.5, 0.5])
    (sampled,) = [step for step in plan_of(mixed).steps if step.joined]
    kinds = {tuple(step.kind for step in part) for part in sampled.joined}
    assert ("source", "repeat") in kinds


def test_pipelines_inside_functions_are_there(tf: Any, tmp_path: Path) -> None:
    for name in "ab":
        with tf.io.TFRecordWriter(str(tmp_path / name)) as writer:
            writer.write(b"1")

    def parse(record: Any) -> Any:
        return tf.image.resize(tf.io.decode_jpeg(record), (4, 4)) / 255

    plan = plan_of(
        tf.data.Dataset.list_files(f"{tmp_path}/*").interleave(
            lambda name: tf.data.TFRecordDataset(name).map(parse).shuffle(10),
            cycle_length=2,
            block_length=3,
            deterministic=False,
            num_parallel_calls=2,
        )
    )
    last = plan.steps[-1]
    assert {"cycle_length": 2, "block_length": 3, "deterministic": False}.items() <= (
        last.settings.items()
    )
    (inside,) = last.inner
    assert [step.kind for step in inside] == ["source", "source", "decode", "shuffle"]
    assert bounds(inside[2].leaves[0]) == (0, 1)
    assert bounds(last.leaves[0]) == (0, 1)
    assert [step.where for step in plan.everything()].count("TFRecordDataset") == 0
    assert len(list(plan.everything())) > len(plan.steps) + len(inside)


def test_windows_and_groups_show_how_they_batch(tf: Any) -> None:
    window = tf.data.Dataset.range(9).window(3, 1, drop_remainder=True)
    flat = plan_of(window.flat_map(lambda part: part.batch(3))).steps[-1]
    assert [(step.kind, step.integer("batch_size")) for step in flat.inner[0]] == [("batch", 3)]
    grouped = tf.data.Dataset.range(9).group_by_window(
        lambda x: x % 2, lambda _key, part: part.batch(4), window_size=4
    )
    assert [step.kind for step in plan_of(grouped).steps[-1].inner[0]] == ["batch"]


def test_a_plan_with_branches_survives_its_file(tf: Any, pictures: Any, tmp_path: Path) -> None:
    from twinfeed.feeds import as_feed
    from twinfeed.observe import load, observe, save

    zipped = tf.data.Dataset.zip(
        pictures.map(lambda x, _y: tf.image.random_flip_left_right(x)),
        pictures.map(lambda _x, y: y),
    ).batch(2)
    trace = observe(as_feed(zipped))
    save(trace, tmp_path / "run.twin")
    (loaded,) = load(tmp_path / "run.twin")
    assert loaded.plan == trace.plan
    assert isinstance(loaded.plan, Plan)
    assert any(step.joined for step in loaded.plan.steps)
