"""What reaches Keras: the traces of small trainings, validations and predictions."""

from __future__ import annotations

import warnings
from typing import Any

import keras

from twinfeed._core.trace import Role, Trace
from twinfeed.observe.tap import Watch, tapped


def small_model(classes: int = 3) -> keras.Model:
    """A model of one layer, compiled, that takes pictures of any size."""
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(classes),
    ]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss, metrics=["accuracy"])
    return model


def traces_of(method: str, x: Any, y: Any = None, **arguments: Any) -> tuple[Trace, ...]:
    """Call a method of a new model under the tap, and give every trace of it."""
    model = small_model()
    call = getattr(model, method)
    labels = {} if method == "predict" else {"y": y}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about what the reports did wrong
        with tapped(Watch()) as watch:
            call(x, **labels, verbose=0, **arguments)
    return watch.traces()


def fitted(
    x: Any, y: Any = None, *, epochs: int = 2, role: Role = "fit", **arguments: Any
) -> Trace:
    """What reached the training, or the validation beside it."""
    traces = traces_of("fit", x, y, epochs=epochs, **arguments)
    return next(trace for trace in traces if trace.role == role)


def evaluated(x: Any, y: Any = None, **arguments: Any) -> Trace:
    """What reached an evaluation."""
    return traces_of("evaluate", x, y, **arguments)[0]


def predicted(x: Any, **arguments: Any) -> Trace:
    """What reached a prediction."""
    return traces_of("predict", x, **arguments)[0]
