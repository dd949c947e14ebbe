"""The plan that a dataset's graph shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed._core.plan import AUTOTUNE, Plan, Step
from twinfeed.graph.network import INFINITE, Call, Network, Node
from twinfeed.graph.read import outcome, read


def plan_of(dataset: Any) -> Plan:
    from twinfeed.graph.copies import open_blueprint

    blueprint = open_blueprint(dataset)
    assert not isinstance(blueprint, str), blueprint
    return read(blueprint.network)


def kinds(plan: Plan) -> list[str]:
    return [step.kind for step in plan.steps]


def only(plan: Plan, kind: Any) -> Step:
    (step,) = plan.of_kind(kind)
    return step


@pytest.fixture
def images(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices(
        (np.zeros((100, 8, 8, 3), np.uint8), np.arange(100) % 10)
    )


def test_every_step_of_a_usual_pipeline_is_named_in_order(tf: Any, images: Any) -> None:
    dataset = (
        images.map(
            lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), tf.one_hot(y, 10)),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        .cache()
        .shuffle(50, seed=2)
        .batch(32, drop_remainder=True)
        .repeat(2)
        .prefetch(tf.data.AUTOTUNE)
    )
    plan = plan_of(dataset)
    assert kinds(plan) == ["source", "map", "cache", "shuffle", "batch", "repeat", "prefetch"]
    assert [step.where for step in plan.steps] == [
        f"{verb}, step {number} of 7"
        for number, verb in enumerate(
            ["from_tensor_slices", "map", "cache", "shuffle", "batch", "repeat", "prefetch"], 1
        )
    ]
    assert [step.examples_in for step in plan.steps] == [100, 100, 100, 100, 100, 96, 192]
    mapped, shuffle, batch = only(plan, "map"), only(plan, "shuffle"), only(plan, "batch")
    assert mapped.parallel_calls == AUTOTUNE
    assert mapped.name == "ParallelMapDatasetV2"
    assert mapped.ops == ("Cast(float32)", "Mul(0.00392157)", "OneHot")
    assert shuffle.integer("buffer_size") == 50
    assert shuffle.integer("seed2") == 2
    assert shuffle.settings["reshuffle_each_iteration"] is True
    assert batch.settings == {"batch_size": 32, "drop_remainder": True}
    assert only(plan, "prefetch").integer("buffer_size") == AUTOTUNE


def test_a_sequential_map_runs_one_call_at_a_time(images: Any) -> None:
    assert only(plan_of(images.map(lambda x, y: (x, y))), "map").parallel_calls == 1
    assert (
        only(plan_of(images.map(lambda x, y: (x, y), num_parallel_calls=3)), "map").parallel_calls
        == 3
    )


def flip_sometimes(tf: Any, x: Any) -> Any:
    return tf.cond(tf.reduce_sum(x) > 0, lambda: x + tf.random.uniform([]), lambda: x)


def add_noise_twice(tf: Any, x: Any) -> Any:
    return tf.while_loop(
        lambda i, _: i < 2, lambda i, a: (i + 1, a + tf.random.normal([])), (0, x)
    )[1]


JUDGED: dict[str, tuple[str, str, Callable[[Any, Any], Any]]] = {
    "flip": ("augment", "RandomUniform", lambda tf, x: tf.image.random_flip_left_right(x)),
    "seeded": ("augment", "RandomUniform(seed=87654321, seed2=4)",
               lambda tf, x: tf.image.random_brightness(x, 0.2, seed=4)),
    "stateless": ("augment", "StatelessRandomUniformV2",
                  lambda tf, x: tf.image.stateless_random_flip_up_down(x, (1, 2))),
    "in cond": ("augment", "RandomUniform", flip_sometimes),
    "in while": ("augment", "RandomStandardNormal", add_noise_twice),
    "in function": ("augment", "RandomShuffle", lambda tf, x: tf.function(tf.random.shuffle)(x)),
    "resize": ("resize", "ScaleAndTranslate(kernel_type=triangle, antialias=True)",
               lambda tf, x: tf.image.resize(x, (4, 4), antialias=True)),
    "nearest": ("resize", "ResizeNearestNeighbor",
                lambda tf, x: tf.image.resize(x, (4, 4), method="nearest")),
    "scale": ("map", "RealDiv(255)", lambda _, x: x / 255.0),
    "caffe": ("map", "Sub(103.939, 116.779, 123.68)",
              lambda tf, x: x - tf.constant([103.939, 116.779, 123.68])),
    "numpy": ("map", "PyFunc", lambda tf, x: tf.numpy_function(lambda v: v, [x], tf.float32)),
    "python": ("map", "EagerPyFunc", lambda tf, x: tf.py_function(lambda v: v, [x], tf.float32)),
}  # fmt: skip


@pytest.mark.parametrize("case", JUDGED)
def test_a_map_is_judged_by_what_its_function_does(tf: Any, images: Any, case: str) -> None:
    kind, op, function = JUDGED[case]
    floats = images.map(lambda x, _y: tf.cast(x, tf.float32))
    step = plan_of(floats.map(lambda x: function(tf, x))).steps[-1]
    assert step.kind == kind
    assert step.random is (kind == "augment")
    assert op in step.ops


def test_a_constant_that_a_function_captures_is_shown(tf: Any, images: Any) -> None:
    scale = tf.constant(1 / 127.5)
    assert (
        "Mul(0.00784314)"
        in plan_of(images.map(lambda x, _y: tf.cast(x, tf.float32) * scale)).steps[-1].ops
    )


@pytest.mark.parametrize(
    ("method", "shown"), [("", "default"), ("INTEGER_ACCURATE", "INTEGER_ACCURATE")]
)
def test_a_decoder_is_named_with_its_method(tf: Any, method: str, shown: str) -> None:
    files = tf.data.Dataset.from_tensor_slices(["a.jpg"])
    dataset = files.map(
        lambda path: tf.image.resize(
            tf.io.decode_jpeg(tf.io.read_file(path), dct_method=method), (4, 4)
        )
    )
    step = plan_of(dataset).steps[-1]
    assert step.kind == "decode"
    assert {f"DecodeJpeg(dct_method={shown})", "ReadFile", "ResizeBilinear"} <= set(step.ops)


def test_a_keras_layer_is_random_only_when_it_trains(images: Any) -> None:
    keras = pytest.importorskip("keras")
    flip = keras.layers.RandomFlip("horizontal", seed=1)
    assert plan_of(images.map(lambda x, _y: flip(x, training=True))).steps[-1].random
    assert not plan_of(images.map(lambda x, _y: flip(x, training=False))).steps[-1].random


def test_the_means_of_a_keras_application_are_shown(tf: Any, images: Any) -> None:
    keras = pytest.importorskip("keras")
    preprocess = keras.applications.resnet50.preprocess_input
    step = plan_of(images.map(lambda x, _y: preprocess(tf.cast(x, tf.float32)))).steps[-1]
    assert "AddV2(-103.939, -116.779, -123.68)" in step.ops


def test_record_files_are_a_source_and_what_comes_before_deals_in_files(
    tf: Any, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / name).write_text("1\n2\n")
    dataset = (
        tf.data.Dataset.list_files(f"{tmp_path}/*", seed=1)
        .interleave(tf.data.TextLineDataset, num_parallel_calls=2)
        .shuffle(10)
        .batch(2)
    )
    plan = plan_of(dataset)
    assert kinds(plan) == ["source", "shuffle", "source", "shuffle", "batch"]
    assert [step.settings.get("unit") for step in plan.steps] == ["files", "files"] + [None] * 3
    assert [step.examples_in for step in plan.steps] == [2, 2, 2, None, None]


def test_a_generator_is_one_source(tf: Any) -> None:
    dataset = tf.data.Dataset.from_generator(
        lambda: iter(range(3)), output_signature=tf.TensorSpec((), tf.int32)
    )
    (source,) = plan_of(dataset).steps
    assert (source.kind, source.name, source.random) == ("source", "GeneratorDataset", False)
    assert "PyFunc" in source.ops


def test_of_several_inputs_the_first_is_followed_and_the_others_are_named(tf: Any) -> None:
    left = tf.data.Dataset.range(10).shuffle(3)
    right = tf.data.Dataset.range(20).map(lambda x: x + 1)
    zipped = plan_of(tf.data.Dataset.zip(left, right))
    assert kinds(zipped) == ["source", "shuffle", "other"]
    assert zipped.steps[-1].settings["other_inputs"] == "RangeDataset > MapDataset"
    joined = plan_of(left.concatenate(right).batch(4))
    assert only(joined, "batch").examples_in == 30
    sampled = plan_of(tf.data.Dataset.sample_from_datasets([left, right], [0.5, 0.5]))
    assert kinds(sampled) == ["source", "shuffle", "other"]


def test_the_counter_of_enumerate_is_not_followed(tf: Any) -> None:
    plan = plan_of(tf.data.Dataset.range(10).enumerate().batch(4))
    assert kinds(plan) == ["source", "other", "batch"]
    assert plan.steps[1].settings["other_inputs"] == "RangeDataset"
    assert [step.examples_in for step in plan.steps] == [10, 10, 10]


COUNTED: dict[str, tuple[Callable[[Any], Any], int | None]] = {
    "batch": (lambda d: d.batch(3), 20),
    "drop": (lambda d: d.batch(3, drop_remainder=True), 18),
    "take": (lambda d: d.batch(3).take(2), 6),
    "skip": (lambda d: d.batch(3).skip(1), 17),
    "shard": (lambda d: d.batch(3).shard(3, 0), 8),
    "repeat": (lambda d: d.batch(3).repeat(2), 40),
    "take of infinite": (lambda d: d.repeat().batch(3).take(4), 12),
    "infinite": (lambda d: d.repeat().batch(3), None),
    "filter": (lambda d: d.filter(lambda x: x > 2).batch(3), None),
    "unbatch": (lambda d: d.batch(3).unbatch().batch(5), 20),
    "unbatch and take": (lambda d: d.batch(3).unbatch().take(7).batch(5), 7),
    "padded": (lambda d: d.padded_batch(6), 20),
    "window": (lambda d: d.window(4).flat_map(lambda w: w.batch(4)).batch(2), 5),
    "window that is cut": (lambda d: d.window(4).flat_map(lambda w: w.batch(2)).batch(2), None),
    "sequences": (lambda d: d.batch(6, drop_remainder=True).shuffle(9).batch(2), 3),
    "batches made into others": (lambda d: d.batch(4).unbatch().batch(3), 20),
    "rebatch": (lambda d: d.batch(4).rebatch(2), 20),
}


@pytest.mark.parametrize("case", COUNTED)
def test_examples_are_counted_through_batches(tf: Any, case: str) -> None:
    chain, leaving = COUNTED[case]
    from twinfeed.graph.copies import open_blueprint

    blueprint = open_blueprint(chain(tf.data.Dataset.range(20)))
    assert not isinstance(blueprint, str), blueprint
    assert outcome(blueprint.network).examples == leaving


def test_options_are_the_last_step_and_only_those_that_were_set(tf: Any) -> None:
    plain = tf.data.Dataset.range(3)
    assert kinds(plan_of(plain.with_options(tf.data.Options()))) == ["source"]
    options = tf.data.Options()
    options.deterministic = False
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 3
    options.experimental_optimization.apply_default_optimizations = False
    step = plan_of(plain.with_options(options).batch(2)).steps[-1]
    assert (step.kind, step.name) == ("other", "Options")
    assert step.settings == {
        "deterministic": False,
        "autotune.enabled": False,
        "threading.private_threadpool_size": 3,
        "experimental_optimization.apply_default_optimizations": False,
    }


def test_a_fused_step_is_two_steps() -> None:
    network = Network(
        nodes={
            "source": Node(name="source", op="RangeDataset", elements=10),
            "both": Node(
                name="both",
                op="MapAndBatchDataset",
                inputs={"input_dataset": ("source",)},
                settings={"batch_size": 4, "num_parallel_calls": 2},
                functions=("f",),
                elements=3,
            ),
        },
        last="both",
        functions={"f": (Call(op="RandomUniform"),)},
    )
    plan = read(network)
    assert kinds(plan) == ["source", "augment", "batch"]
    assert [step.random for step in plan.steps] == [False, True, False]
    assert outcome(network).examples == 10


def test_an_unknown_operation_is_named_and_does_not_end_the_chain() -> None:
    network = Network(
        nodes={
            "source": Node(name="source", op="RangeDataset", elements=INFINITE),
            "new": Node(name="new", op="SparkleDatasetV9", inputs={"input_dataset": ("source",)}),
        },
        last="new",
    )
    plan = read(network)
    assert kinds(plan) == ["source", "other"]
    assert plan.steps[-1].name == "SparkleDatasetV9"
    assert plan.steps[-1].where == "sparkle, step 2 of 2"


def test_functions_that_call_themselves_end() -> None:
    network = Network(
        nodes={"m": Node(name="m", op="MapDataset", functions=("f",), elements=1)},
        last="m",
        functions={"f": (Call(op="f"), Call(op="If", functions=("f", "g")))},
    )
    assert read(network).steps[0].ops == ()
