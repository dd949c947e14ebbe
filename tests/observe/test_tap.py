"""The tap on every backend: nothing changes, and what is recorded is what was trained on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TRIAL = Path(__file__).with_name("tap_trial.py")
FEEDS = ("arrays", "pydataset", "tf.data", "generator")


@pytest.fixture(
    scope="module",
    params=["tensorflow", *(pytest.param(one, marks=pytest.mark.slow) for one in ("jax", "torch"))],
)
def facts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What one process per backend found; a backend is chosen once per process."""
    pytest.importorskip("keras")
    pytest.importorskip(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    # JAX compiles the same step anew for each model; from its cache the same code comes at once.
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    done = subprocess.run(
        [sys.executable, str(TRIAL), request.param, str(folder)],
        env={**os.environ, **cache},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return {"backend": request.param, **json.loads((folder / "facts.json").read_text("utf-8"))}


def feeds(facts: dict[str, Any]) -> list[str]:
    return [*FEEDS, "loader"] if facts["backend"] == "torch" else list(FEEDS)


def test_weights_after_200_steps_are_bit_equal(facts):
    assert {feed: facts[f"equal {feed}"][0] for feed in feeds(facts)} == dict.fromkeys(
        feeds(facts), True
    )


def test_the_users_callbacks_hear_the_same(facts):
    assert all(facts[f"equal {feed}"][1] for feed in feeds(facts))


def test_no_random_state_is_moved(facts):
    assert all(facts[f"equal {feed}"][2] for feed in feeds(facts))


def test_every_epoch_and_step_is_booked(facts):
    for feed in feeds(facts):
        trace = facts[f"trace {feed}"]
        assert trace["steps"] == 200
        if feed != "generator":  # its cut epochs do not say how many examples they have
            assert trace["examples seen"] == 8 * 196
        assert trace["timed"]
        assert trace["looked"] == [True, True, *[False] * 6]
        assert trace["ended"] == [feed != "generator"] * 8  # with steps per epoch it is only cut
        assert trace["complete"]


def test_what_was_handed_in_is_stated(facts):
    arrays, dataset = facts["trace arrays"], facts["trace tf.data"]
    assert arrays["handed"] == "numpy.ndarray"
    assert arrays["examples"] == 196
    assert arrays["plan"] == ["source", "shuffle", "batch"]  # the shuffle is fit's own
    assert dataset["handed"] == "tf.data.Dataset"
    assert dataset["plan"] == ["source", "shuffle", "batch"]
    assert dataset["batches"] == 25


def test_what_fit_makes_of_it_is_seen(facts):
    leaves = dict(facts["trace arrays"]["leaves"])
    assert leaves["weight"] == "float32"  # made of class_weight
    assert leaves["y"] == ("int32" if facts["backend"] == "jax" else "int64")  # JAX narrows


def test_validation_has_a_trace_of_its_own(facts):
    assert facts["trace arrays"]["roles"] == ["fit", "validation"]
    assert facts["trace arrays"]["epochs"] == [8, 8]
    assert facts["trace tf.data"]["roles"] == ["fit"]


def test_metrics_are_those_of_the_history(facts):
    assert facts["trace arrays"]["metrics"] == {"loss": 8, "mae": 8, "val_loss": 8, "val_mae": 8}


def test_a_batch_read_to_build_the_model_is_not_trained_on(facts):
    said = any("one extra batch" in note for note in facts["trace tf.data"]["notes"])
    # Only an unbuilt model or metric makes JAX and torch read ahead of training.
    assert said == (facts["backend"] != "tensorflow")


@pytest.mark.parametrize(
    ("case", "ended"),
    [
        ("whole", [True, True]),
        ("cut", [False, False]),
        ("cut inside", [False, False]),
        ("stopped", [False]),
        ("unknown length", [True, True]),
        ("several per execution", [True, True]),
        ("workers", [True, True]),
    ],
)
def test_the_batches_are_those_that_train_step_was_given(facts, case, ended):
    found = facts[f"trained {case}"]
    assert found["same"]
    assert found["sizes"]
    assert found["ended"] == ended


def test_evaluate_and_predict_are_told_apart(facts):
    roles = facts["roles"]
    assert [found["role"] for found in roles] == [
        "fit", "validation", "predict", "predict", "evaluate", "predict", "fit",
    ]  # fmt: skip
    fit, validation, inner, other, evaluate, predict, again = roles
    assert fit["rows"] == 2 * 147
    assert validation["rows"] == 2 * 49
    assert inner["sizes"] == [5, 5]  # by a callback inside fit, once per epoch
    assert other["sizes"] == [7, 7]
    assert again["epochs"] == 3  # three calls on the same arrays are the epochs of one feed
    assert "3 calls of fit used the same object; read as one" in again["notes"]
    assert evaluate["sizes"] == [50, 50]
    assert evaluate["arguments"]["steps"] == 2
    assert predict["paths"] == ["x[0]", "x[1]"]
    assert fit["paths"] == ['x["left"]', 'x["right"]', "y", "weight"]
    assert fit["stated"] == fit["paths"]
    assert fit["arguments"]["validation_split"] == 0.25
    assert fit["arguments"]["sample_weight"] is True


def test_the_callback_saves_what_it_saw(facts):
    assert facts["tap"]["roles"] == ["fit", "validation"]
    assert facts["tap"]["ids"] == list(range(8))
    assert facts["tap"]["complete"]


@pytest.mark.parametrize("error", ["ValueError", "KeyboardInterrupt"])
def test_the_callback_saves_a_marked_part_when_fit_breaks_off(facts, error):
    found = facts[f"tap {error}"]
    assert found["same error"]
    assert not found["complete"]
    assert found["ended"] == [True, False]
    assert found["batches"] == 25 + 5
    assert f"fit ended with {error}" in found["notes"]


def test_the_callback_sees_its_own_calls_only(facts):
    assert facts["tap again"] == [["fit", 2]]


def test_the_callback_replaces_no_foreign_file(facts):
    assert facts["tap refuses"] == [[True, True], "mine"]


def test_keras_is_left_as_it_was(facts):
    assert facts["tap leaves"]
    assert facts["seam restored"] == [True, True]


def test_a_keras_without_the_seam_is_named(facts):
    assert facts["seam missing"] == [True, True]


def test_a_batch_that_cannot_be_looked_at_does_not_end_the_training(facts):
    notes, rows, steps = facts["fault"]
    assert any("could not be looked at" in note for note in notes)
    assert (rows, steps) == (0, 2)


def test_a_distribution_strategy_goes_on_as_before(facts):
    if facts["backend"] != "tensorflow":
        pytest.skip("strategies are TensorFlow's")
    same, steps, looked, notes = facts["strategy"]
    assert same
    assert steps == 50
    assert looked == [False, False]
    assert any("distribution strategy" in note for note in notes)


def test_a_batch_of_a_step_that_never_ran_is_not_trained_on_later(facts):
    first, sizes, steps = facts["leftovers"]
    assert first == list(range(8))
    assert sizes == [8] * 4
    assert steps == 25


def test_a_train_function_of_the_users_own_draws_what_it_likes(facts):
    if facts["backend"] != "tensorflow":
        pytest.skip("on the other backends such a function draws from Python")
    drawn, last, notes = facts["own function"]
    assert (drawn, last) == (6, 40)
    assert any("train function is its own" in note for note in notes)
