"""``twinfeed tune`` from the command line: what is checked first, and a whole run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FACTORY = """
import numpy as np

def make_feed():
    import tensorflow as tf
    values = np.arange(512, dtype=np.float32).reshape(64, 8)
    return tf.data.Dataset.from_tensor_slices(values).map(lambda x: x / 2).batch(8)

def make_list():
    return [1, 2, 3]
"""


@pytest.fixture
def factory(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.py"
    path.write_text(FACTORY, "utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pipeline.py"], "a function that returns"),
        (["pipeline.py:make_feed", "--memory", "much"], "--memory much"),
        (["pipeline.py:make_feed", "--memory", "8GX"], "--memory 8GX"),
        (["pipeline.py:make_feed", "--with", "pipeline.py:make_feed"], "a script that trains"),
        (["pipeline.py:make_feed", "--cache-dir", "nowhere"], "--cache-dir nowhere"),
        (["pipeline.py:no_such"], "no_such"),
    ],
)
@pytest.mark.usefixtures("factory")
def test_the_command_line_is_checked_before_anything_runs(
    run: Callable[..., Any], arguments: list[str], said: str
) -> None:
    done = run("tune", *arguments)
    assert done.code == 2
    assert done.three_parts
    assert said in done.err


@pytest.mark.slow
def test_a_run_answers_as_json(run: Callable[..., Any], factory: Path) -> None:
    pytest.importorskip("tensorflow")
    done = run(
        "tune", f"{factory}:make_feed", "--seconds", "1", "--memory", "100MB", "--cores", "2",
        "--output-format", "json",
    )  # fmt: skip
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["verdict"]["kind"] in {"faster", "as-it-is"}
    assert told["cores"] == 2
    assert told["complete"] is True
    assert told["costs"]
    assert "tuning" in done.err


def test_what_cannot_be_tuned_says_so(run: Callable[..., Any], factory: Path) -> None:
    pytest.importorskip("tensorflow")
    done = run("tune", f"{factory}:make_list", "-q")
    assert done.code == 3
    assert "CANNOT BE TUNED" in done.out
    assert not done.err


TRAIN = """
import keras
from pipeline import make_feed

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse", run_eagerly=False)
model.fit(make_feed(), epochs=1, verbose=0)
"""

SLOW = """
import numpy as np
import tensorflow as tf

def rows():
    for number in range(160):
        wave = np.sort(np.random.default_rng(number).random(50_000, dtype=np.float32))
        yield wave[:4], wave[:1]

def make_feed():
    spec = (tf.TensorSpec((4,), tf.float32), tf.TensorSpec((1,), tf.float32))
    return tf.data.Dataset.from_generator(rows, output_signature=spec).batch(8)
"""


@pytest.mark.slow
def test_a_training_that_waits_is_told_from_its_step(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    (tmp_path / "pipeline.py").write_text(SLOW, "utf-8")
    (tmp_path / "train.py").write_text(TRAIN, "utf-8")
    done = run(
        "tune", f"{tmp_path / 'pipeline.py'}:make_feed", "--with", str(tmp_path / "train.py"),
        "--seconds", "1", "--output-format", "json",
    )  # fmt: skip
    assert done.code == 0, done.err
    told = json.loads(done.out)
    training = told["training"]
    assert training["input_bound"]
    assert training["wait_ms"] > training["step_ms"] > 0
    assert told["verdict"]["kind"] in {"faster", "as-it-is"}
    assert told["costs"][0]["resource"] == "python"
