"""By which names a model takes its inputs is read from how it was made."""

from __future__ import annotations

from typing import Any

import pytest

from twinfeed.observe._model_inputs import model_inputs

keras: Any = pytest.importorskip("keras")


def made(inputs: Any) -> Any:
    flat = list(inputs.values()) if isinstance(inputs, dict) else inputs
    return keras.Model(inputs, keras.layers.Concatenate()(flat))


def one(name: str) -> Any:
    return keras.Input((1,), name=name)


def test_names_of_a_dict() -> None:
    assert model_inputs(made({"b": one("b"), "a": one("a")})) == ("b", "a")


def test_a_list_has_places_and_no_names() -> None:
    assert model_inputs(made([one("c"), one("d")])) == ()


def test_what_is_not_built_or_of_ones_own_has_none() -> None:
    class Own(keras.Model):
        def call(self, inputs: Any) -> Any:
            return inputs["a"]

    assert model_inputs(keras.Sequential([keras.layers.Dense(1)])) == ()
    assert model_inputs(Own()) == ()
    assert model_inputs(object()) == ()
