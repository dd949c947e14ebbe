"""Two training scripts, unchanged, from the command line to the verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from twinfeed.observe import load

Run = Callable[..., Any]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

COMMON = """
import sys
import numpy as np, keras, tensorflow as tf
images = np.random.default_rng(0).integers(0, 256, (256, 8, 8, 3)).astype("uint8")
labels = np.arange(256) % 4
layers = keras.layers
model = keras.Sequential([layers.Input((8, 8, 3)), layers.Flatten(), layers.Dense(4)])
"""
ARRAYS = (
    COMMON
    + """
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit((images / 255).astype("float32"), labels, epochs=2, verbose=2)
print("arguments", *sys.argv[1:])
"""
)
PIPELINE = (
    COMMON
    + """
def prepare(image, label):
    return tf.cast(image, tf.float32), tf.one_hot(label, 4)
model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
feed = tf.data.Dataset.from_tensor_slices((images, labels)).map(prepare).shuffle(256).batch(32)
model.fit(feed, epochs=2)
"""
)


@pytest.fixture(autouse=True)
def _scripts(here: Path) -> None:
    (here / "arrays.py").write_text(ARRAYS)
    (here / "pipeline.py").write_text(PIPELINE)


def test_two_scripts(run: Run) -> None:
    done = run("diff", "arrays.py", "pipeline.py", "--output-format", "json")
    assert done.code == 1, done.err
    found = json.loads(done.out)  # what the scripts print has not gone there
    families = {finding["code"][:3] for finding in found["findings"]}
    assert {"VAL", "LBL"} <= families
    assert [feed["role"] for feed in found["feeds"]] == ["fit", "fit"]
    assert found["feeds"][1]["library"] == "tf.data"


def test_trace_passes_arguments_and_output_on(run: Run, here: Path) -> None:
    done = run("trace", "arrays.py", "-o", "run.twin", "--", "--lr", "a b")
    assert done.code == 0, done.err
    assert done.out == ""
    assert "arguments --lr a b" in done.err
    assert [trace.role for trace in load(here / "run.twin")] == ["fit"]
