"""What a Keras model calls its inputs."""

from __future__ import annotations

import sys
from typing import Any, cast


def model_inputs(model: object) -> tuple[str, ...]:
    """The names by which a model takes its inputs; empty unless it was made of a flat ``dict`` of them.

    What a model of one's own does in ``call`` cannot be read.
    """
    keras: Any = sys.modules.get("keras")
    if keras is None or not isinstance(model, keras.Model):
        return ()
    try:
        taken: Any = cast("Any", model).input
    except (AttributeError, ValueError):  # it has none before it is built
        return ()
    if not isinstance(taken, dict):
        return ()
    inputs = cast("dict[str, Any]", taken)
    return (
        tuple(inputs) if all(isinstance(one, keras.KerasTensor) for one in inputs.values()) else ()
    )
