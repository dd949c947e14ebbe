"""A small network for whatever a feed holds."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from twinfeed._core.batch import Array
from twinfeed.errors import TrainError

_MOST_CLASSES = 10_000
_SMALL = 4


def network(x: Any, y: Any, classes: int) -> Any:
    """A compiled network of a few thousand weights.

    Args:
        x: Some inputs: an array of pictures or of vectors.
        y: Their targets: class numbers, vectors with one entry per class, or values.
        classes: How many classes there are; 0 where targets are values.

    Raises:
        TrainError: If there is no small network for such a feed.
    """
    if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray):
        raise TrainError(
            "a feed of several inputs or targets, or without targets",
            "one input and one target for the small network that is trained by default",
            "name a function that returns your compiled model: --model model.py:make_model",
        )
    layers = keras.layers
    stack = [layers.Input(x.shape[1:])]
    if x.ndim == 4:
        if x.shape[-1] > 4 and x.shape[1] <= 4:
            stack.append(layers.Permute((2, 3, 1)))
        side = min(x.shape[1:3]) if x.shape[-1] <= 4 else min(x.shape[2:4])
        filters = 12
        while side > _SMALL:
            stack.append(layers.Conv2D(filters, 3, 2, padding="same", activation="relu"))
            side, filters = -(-side // 2), min(2 * filters, 48)
        stack.append(layers.Flatten())
    elif x.ndim != 2:
        stack.append(layers.Flatten())
    stack.append(layers.Dense(32, activation="relu"))
    form = label_form(y, classes)
    stack.append(layers.Dense(classes if form != "values" else int(np.prod(y.shape[1:])) or 1))
    model = keras.Sequential(stack)
    losses = {
        "numbers": (keras.losses.SparseCategoricalCrossentropy, "accuracy"),
        "vectors": (keras.losses.CategoricalCrossentropy, "accuracy"),
    }
    if form == "values":
        model.compile(keras.optimizers.Adam(2e-3), "mse", metrics=["mae"], jit_compile=False)
        return model
    loss, metric = losses[form]
    model.compile(
        keras.optimizers.Adam(2e-3), loss(from_logits=True), metrics=[metric], jit_compile=False
    )
    return model


def label_form(y: Array, classes: int) -> str:
    """``numbers`` of classes, ``vectors`` with an entry per class, or ``values``."""
    if not 2 <= classes <= _MOST_CLASSES:
        return "values"
    return "vectors" if y.ndim == 2 and y.shape[1] > 1 else "numbers"
