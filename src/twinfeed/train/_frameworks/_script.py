"""The first ``fit`` of a script, caught before it trains: its model, its feed, its arguments."""

from __future__ import annotations

import inspect
import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np

from twinfeed.errors import NoFitError, TrainError, TwinfeedError, UserCodeError
from twinfeed.observe.script import as_python_would

_SAID = (
    "epochs", "batch_size", "steps_per_epoch", "shuffle", "validation_split", "class_weight",
    "initial_epoch",
)  # fmt: skip


class _Caught(BaseException):
    """Ends the script; no ``except Exception`` of the user's stops it."""

    def __init__(self, fit: Fit) -> None:
        super().__init__("fit was caught")
        self.fit = fit


@dataclass(frozen=True, slots=True)
class Fit:
    """What a script handed to ``fit``.

    Attributes:
        model: The compiled model.
        arguments: The arguments of the call, defaults included.
    """

    model: Any
    arguments: Mapping[str, Any]

    def make(self) -> Any:
        """A model of the same kind with new weights, compiled in the same way."""
        try:
            made = keras.models.clone_model(self.model)
            made.compile_from_config(self.model.get_compile_config())
        except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
            raise TrainError(
                f"a {type(self.model).__name__}, which cannot be made anew ({error})",
                "a model that Keras can clone and compile from its own configuration",
                "move its making into a function, and name that: --model model.py:make_model",
            ) from error
        if not made.built and self.model.built:
            made.build(self.model.input_shape)
        if self.is_trained:
            made.set_weights(self.model.get_weights())
        return made

    @property
    def is_trained(self) -> bool:
        """Whether its weights come from an earlier training, so that new ones would be others."""
        layers = self.model._flatten_layers()
        frozen = any(layer.weights and not layer.trainable for layer in layers)
        moved = any(
            "moving_mean" in weight.path and np.any(np.asarray(weight))
            for weight in self.model.non_trainable_weights
        )
        return frozen or moved

    @property
    def options(self) -> dict[str, Any]:
        """Arguments that a training on recorded batches is given as well."""
        weights = self.arguments.get("class_weight")
        return {} if weights is None else {"class_weight": weights}

    def used(self) -> dict[str, str]:
        """How the feed is used, by name, in words; what differs between two scripts is a clue."""
        model = self.model
        config = cast("dict[str, Any]", model.get_compile_config() or {})
        told = {name: _short(self.arguments.get(name)) for name in _SAID}
        told |= {
            "optimizer": _short(config.get("optimizer")),
            "loss": _short(config.get("loss")),
            "run_eagerly": str(model.run_eagerly),
            "jit_compile": str(model.jit_compile),
            "steps_per_execution": str(getattr(model, "steps_per_execution", 1)),
            "dtype policy": str(getattr(model.dtype_policy, "name", "")),
            "weights": f"{model.count_params():,} in {len(model.weights)} tensors",
            "layers": ", ".join(type(layer).__name__ for layer in model.layers),
            "fit": "its own" if _own(model, "fit") else "Keras's",
            "train_step": "its own" if _own(model, "train_step") else "Keras's",
            "backend": keras.backend.backend(),
        }
        return told

    def saved(self) -> str:
        """The model and how it is compiled, as JSON that Keras reads again."""
        return json.dumps(
            {
                "model": json.loads(self.model.to_json()),
                "compile": self.model.get_compile_config(),
            }
        )


def caught(path: str, argv: tuple[str, ...]) -> Fit:
    """Run a script up to its first ``fit``.

    Args:
        path: The script.
        argv: Its arguments.

    Raises:
        NoFitError: If it ends without a call of ``fit``.
        UserCodeError: If it raises before.
    """
    original = keras.Model.fit
    signature = inspect.signature(original)

    def fit(model: Any, *given: Any, **named: Any) -> Any:
        bound = signature.bind(model, *given, **named)
        bound.apply_defaults()
        arguments = {key: value for key, value in bound.arguments.items() if key != "self"}
        raise _Caught(Fit(model, arguments))

    model_class = cast("Any", keras.Model)
    had = "fit" in vars(model_class)
    model_class.fit = fit
    try:
        with as_python_would(Path(path), argv):
            runpy.run_path(path, run_name="__main__")
    except _Caught as end:
        return end.fit
    except SystemExit:
        pass
    except TwinfeedError:
        raise
    except Exception as error:
        hint = "correct what it raises; --traceback shows the whole of it"
        if isinstance(error, ModuleNotFoundError):
            hint = f"install {error.name}"
        raise UserCodeError(path, error, "a script that runs up to its first fit", hint) from error
    finally:
        if had:
            model_class.fit = original
        else:
            del model_class.fit
    raise NoFitError(
        path,
        "ended without a call of fit",
        "name the functions that make its feed and its model: train.py:make_feed --model ...",
    )


def _own(model: Any, name: str) -> bool:
    module = str(getattr(getattr(type(model), name), "__module__", ""))
    return not module.startswith("keras.") and module != __name__


def _short(value: Any) -> str:
    if isinstance(value, dict) and "class_name" in value:
        inner = cast("dict[str, Any]", value.get("config") or {})
        said = [f"{key}={_number(inner[key])}" for key in sorted(inner) if _is_plain(inner[key])]
        return f"{value['class_name']}({', '.join(said)})"
    return (
        repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    )


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | bool) and value is not False


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
