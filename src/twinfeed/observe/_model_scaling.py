"""What a Keras model does to the values of its input before its first weights."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from twinfeed._core.trace import ModelScaling


def model_scaling(model: object) -> tuple[ModelScaling, ...]:
    """The layers that scale the input, in the order in which it meets them.

    Only of a ``Sequential`` or functional model with one input: what a model of one's own does
    in ``call`` cannot be read. The first layer with weights of its own ends the search.
    """
    keras: Any = sys.modules.get("keras")
    if keras is None or not isinstance(model, keras.Sequential | keras.Model):
        return ()
    found: list[ModelScaling] = []
    for layer in _leading(keras, model):
        if isinstance(layer, keras.layers.Rescaling):
            scale, offset = (np.asarray(value, float) for value in (layer.scale, layer.offset))
        elif isinstance(layer, keras.layers.Normalization) and layer.mean is not None:
            mean, variance = (
                np.asarray(keras.ops.convert_to_numpy(value), float)
                for value in (layer.mean, layer.variance)
            )
            deviation = np.maximum(np.sqrt(variance), keras.config.epsilon())
            scale, offset = 1 / deviation, -mean / deviation
        elif layer.weights:
            break
        else:
            continue
        if not (np.isfinite(scale).all() and np.isfinite(offset).all()):
            break  # says nothing, and no file could hold it
        found.append(
            ModelScaling(
                layer=type(layer).__name__,
                scale=float(np.abs(scale).mean()),
                offset=float(offset.mean()),
            )
        )
    return tuple(found)


def _leading(keras: Any, model: Any) -> Iterator[Any]:
    """Layers in the order of a model without branches, models inside of it unfolded."""
    functional = getattr(model, "inputs", None) is not None
    if not (functional or isinstance(model, keras.Sequential)):
        return
    if functional and len(model.inputs) != 1:
        return
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if isinstance(layer, keras.Model):  # e.g. the random layers of an augmentation
            yield from _leading(keras, layer)
            if layer.weights:
                return
        else:
            yield layer
