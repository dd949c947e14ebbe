"""Pipelines of many kinds: every form that tuning may choose feeds the same, and so does its code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed.graph.editing import open_chain
from twinfeed.graph.written import code
from twinfeed.tune._tuner import Tuner

MOST_FORMS = 5
Made = tuple[Any, dict[str, Any]]
"""A dataset, and what its code names besides ``source``."""


def lines(tf: Any, folder: Path) -> Made:
    path = folder / "lines.txt"
    path.write_text("\n".join(f"User{n}@Site{n % 7}.ORG, {n / 7:.3f}" for n in range(90)), "utf-8")

    def clean(line: Any) -> Any:
        return tf.strings.regex_replace(tf.strings.lower(line), r"[^a-z0-9 .]+", " ")

    made = tf.data.TextLineDataset(str(path)).map(clean).shuffle(20, seed=1).batch(8)
    return made, {"clean": clean}


def spectra(tf: Any, folder: Path) -> Made:
    waves = np.random.default_rng(1).normal(size=(40, 256)).astype(np.float32)
    return tf.data.Dataset.from_tensor_slices(waves).map(tf.signal.rfft).map(tf.abs).batch(8), {}


def shards(tf: Any, folder: Path) -> Made:
    names = [str(folder / f"{number}.tfrecord") for number in range(3)]
    for number, name in enumerate(names):
        with tf.io.TFRecordWriter(name) as writer:
            for row in range(20):
                writer.write(np.full(6, 100 * number + row, np.float32).tobytes())

    def parse(record: Any) -> Any:
        return tf.io.decode_raw(record, tf.float32)[:5]

    made = tf.data.Dataset.from_tensor_slices(names)
    made = made.interleave(tf.data.TFRecordDataset, cycle_length=2, block_length=4).map(parse)
    return made.batch(8, drop_remainder=True), {"parse": parse}


def generated(tf: Any, folder: Path) -> Made:
    def rows() -> Any:
        for number in range(30):
            yield {"x": np.full(4, number, np.float32), "n": np.int64(number)}

    spec = {"x": tf.TensorSpec((4,), tf.float32), "n": tf.TensorSpec((), tf.int64)}
    return tf.data.Dataset.from_generator(rows, output_signature=spec).batch(8), {}


def zipped(tf: Any, folder: Path) -> Made:
    left = tf.data.Dataset.from_tensor_slices(np.arange(640, dtype=np.float32).reshape(40, 4, 4))
    right = tf.data.Dataset.range(40)

    def squared(matrix: Any, label: Any) -> Any:
        return matrix * matrix, label + 1

    made = tf.data.Dataset.zip((left, right)).map(squared).shuffle(10, seed=3).batch(8)
    return made, {"squared": squared, "other": right}


def mixed(tf: Any, folder: Path) -> Made:
    parts = [tf.data.Dataset.range(40), tf.data.Dataset.range(100, 140)]
    made = tf.data.Dataset.sample_from_datasets(parts, [0.3, 0.7], seed=4)
    return made.map(lambda x: tf.cast(x, tf.float32) / 3.0).batch(8), {}


def cut_and_repeated(tf: Any, folder: Path) -> Made:
    made = tf.data.Dataset.range(300).map(lambda x: (x, x * x)).filter(lambda x, _y: x % 3 == 0)
    return made.take(70).skip(10).shard(2, 1).repeat(2).batch(8), {}


def padded(tf: Any, folder: Path) -> Made:
    words = [" ".join(["a"] * (number % 9 + 1)) for number in range(40)]
    made = tf.data.Dataset.from_tensor_slices(words).map(tf.strings.split)
    return made.padded_batch(8, padded_shapes=[12], padding_values="-"), {}


def python_code(tf: Any, folder: Path) -> Made:
    def backwards(x: Any) -> Any:
        return tf.numpy_function(lambda row: np.sort(row)[::-1].copy(), [x], tf.float32)

    rows = np.random.default_rng(8).random((40, 16), dtype=np.float32)
    return tf.data.Dataset.from_tensor_slices(rows).map(backwards).batch(8), {
        "backwards": backwards
    }


def well_made(tf: Any, folder: Path) -> Made:
    auto = tf.data.AUTOTUNE
    made = tf.data.Dataset.range(40).map(lambda x: x + 1, num_parallel_calls=auto).cache()
    return made.shuffle(40, seed=5).batch(8).prefetch(auto), {}


def tiny(tf: Any, folder: Path) -> Made:
    rows = np.arange(10, dtype=np.float32)
    return tf.data.Dataset.from_tensor_slices((rows, np.arange(10))).batch(5), {}


KINDS = [
    lines, spectra, shards, generated, zipped, mixed, cut_and_repeated, padded, python_code,
    well_made, tiny,
]  # fmt: skip


def elements(tf: Any, dataset: Any) -> list[list[Any]]:
    return [
        [np.asarray(leaf.numpy()).tolist() for leaf in tf.nest.flatten(element)]
        for element in dataset
    ]


@pytest.mark.parametrize("make", KINDS)
def test_every_form_and_its_code_feed_the_same(
    tf: Any, tmp_path: Path, make: Callable[..., Made]
) -> None:
    dataset, own = make(tf, tmp_path)
    chain = open_chain(dataset)
    assert not isinstance(chain, str), chain
    tuner = Tuner(
        chain=chain, memory=1 << 30, cores=2, seconds=2.0, any_order=False, unsafe=False,
        cache_dir=None, say=lambda _what: None,
    )  # fmt: skip
    tuner.sample = None
    tuner.scratch = tmp_path
    tuner.spent = (1e-5,) + (1e-4,) * (len(chain.recipe.stages) - 1)
    forms = [one for one in tuner.every() if tuner.fits(one)]
    wanted = [elements(tf, tuner.chain.build(chain.recipe).repeat(2)), elements(tf, dataset)]
    for one in forms[:: max(1, -(-len(forms) // MOST_FORMS))]:
        built = chain.build(one.recipe)
        assert built.element_spec == dataset.element_spec, one.name
        assert elements(tf, built.repeat(2)) == wanted[0], one.name
        text = code(one.recipe)
        scope = {"tf": tf, "source": chain.parts[0], **own}
        exec(text, scope)
        assert scope["ds"].element_spec == dataset.element_spec, text
        assert elements(tf, scope["ds"]) == wanted[1], text
