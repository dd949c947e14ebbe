"""What a model does to its input before its first weights is read from its layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from twinfeed.observe._model_scaling import model_scaling

keras: Any = pytest.importorskip("keras")


def told(*layers: Any) -> list[tuple[str, float, float]]:
    model = keras.Sequential([keras.layers.Input((8, 8, 3)), *layers])
    return [(one.layer, one.scale, one.offset) for one in model_scaling(model)]


def test_scaling_in_front_of_the_weights_is_read() -> None:
    augment = keras.Sequential([keras.layers.RandomFlip(), keras.layers.RandomRotation(0.1)])
    found = told(augment, keras.layers.Rescaling(1 / 127.5, -1), keras.layers.Conv2D(2, 3))
    assert found == [("Rescaling", pytest.approx(1 / 127.5), -1.0)]


def test_scaling_behind_weights_is_the_models_own_affair() -> None:
    assert told(keras.layers.Conv2D(2, 3), keras.layers.Rescaling(1 / 255)) == []


def test_a_normalization_is_a_factor_and_an_offset() -> None:
    found = told(keras.layers.Normalization(mean=[120.0] * 3, variance=[3600.0] * 3))
    assert found == [("Normalization", pytest.approx(1 / 60), pytest.approx(-2.0))]


def test_a_network_of_keras_applications_scales_its_input_itself() -> None:
    network = keras.applications.MobileNetV3Small(weights=None, input_shape=(32, 32, 3))
    model = keras.Sequential([network, keras.layers.Dense(2)])
    assert [one.layer for one in model_scaling(model)] == ["Rescaling"]


def test_a_model_of_ones_own_is_left_alone() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.scale = keras.layers.Rescaling(1 / 255)

        def call(self, x: Any) -> Any:
            return self.scale(x)

    model = Own()
    model(np.zeros((1, 2, 2, 3), "float32"))
    assert model_scaling(model) == ()
    assert model_scaling(object()) == ()
