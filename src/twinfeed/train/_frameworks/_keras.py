"""Training a Keras model again and again: each time from new weights, compiled once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import Any

import keras
import numpy as np

from twinfeed.train._frameworks._probe import network
from twinfeed.train.outcome import Epoch, Trained

_EVALUATED_AT_ONCE = 512


class KerasTrainer:
    """Trains what a function makes; feeds of another form get a network of their own.

    Args:
        make: Makes a compiled model; ``None`` for a small network that suits the feed.
        classes: How many classes there are; 0 where targets are values.
        options: Further arguments of ``fit``.
    """

    def __init__(
        self,
        make: Callable[[], Any] | None,
        classes: int,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._make = make
        self._options = options or {}
        self._classes = classes
        self._held: dict[tuple[object, ...], _Held] = {}
        self.told = ""

    def train(
        self, epochs: Sequence[Epoch], evaluation: Epoch, *, seed: int, every_epoch: bool
    ) -> Trained:
        """Train from new weights; see ``Trainer``."""
        held = self._suited(self._as_loss_takes(epochs[0]))
        held.renew(seed)
        self.told = held.told + ", labels as its loss takes them" * bool(self._takes)
        evaluation = self._as_loss_takes(evaluation)
        metrics: dict[str, list[float]] = {}
        seconds: list[float] = []
        for number, epoch in enumerate(epochs):
            began = time.perf_counter()
            held.fit(self._as_loss_takes(epoch), number)
            seconds.append(time.perf_counter() - began)
            if every_epoch or number == len(epochs) - 1:
                for name, value in held.evaluate(evaluation).items():
                    metrics.setdefault(name, []).append(value)
        return Trained(
            metrics={name: tuple(values) for name, values in metrics.items()},
            epoch_s=tuple(seconds),
        )

    def _suited(self, epoch: Epoch) -> _Held:
        form = _form(epoch)
        if form not in self._held:
            self._held[form] = _Held(
                lambda: self._made(epoch), epoch, self._options, small=not self._make
            )
        return self._held[form]

    @cached_property
    def _takes(self) -> str:
        return _taken_by(self._make().loss) if self._make else ""

    def _as_loss_takes(self, epoch: Epoch) -> Epoch:
        """Class numbers as vectors or vectors as numbers, for the loss of a model of the user's.

        Both forms of cross-entropy are one loss, but each takes its own form of labels only.
        """
        y = epoch.y
        if not self._takes or not isinstance(y, np.ndarray):
            return epoch
        one_hot = y.ndim == 2 and y.shape[1] > 1
        if self._takes == "numbers" and one_hot:
            if not (((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()):
                return epoch  # mixed labels have no number
            return replace(epoch, y=y.argmax(axis=1))
        if self._takes == "vectors" and not one_hot and self._classes > 1:
            numbers = y.reshape(len(y)).astype(np.int64)
            return replace(epoch, y=np.eye(self._classes, dtype=np.float32)[numbers])
        return epoch

    def _made(self, epoch: Epoch) -> Any:
        return self._make() if self._make else network(epoch.x, epoch.y, self._classes)


class _Held:
    """A model that was compiled, and how to begin anew with it."""

    def __init__(
        self,
        make: Callable[[], Any],
        epoch: Epoch,
        options: Mapping[str, Any],
        *,
        small: bool,
    ) -> None:
        self._make = make
        self._options = options
        self._epoch = epoch
        self.model = self._built()
        self.model.optimizer.build(self.model.trainable_variables)
        self._small = small
        self._loops: Any = None
        if small and keras.backend.backend() == "tensorflow":
            self._loops = import_module("twinfeed.train._frameworks._tf_epoch").Loops(self.model)
        self._optimizer = [np.array(v) for v in self.model.optimizer.variables]
        weights = sum(int(np.prod(v.shape)) for v in self.model.trainable_variables)
        self.told = (
            f"{self.model.name}, {weights:,} weights, {type(self.model.optimizer).__name__},"
            f" Keras {keras.__version__} on {keras.backend.backend()}"
        )

    def renew(self, seed: int) -> None:
        """New weights, dropout and optimizer, all decided by the seed."""
        if self._small:
            # Without TensorFlow's own seed, which would throw away what it has compiled.
            rng = np.random.default_rng(seed)
            for variable in self.model.trainable_variables:
                variable.assign(_drawn(variable.shape, rng))
        else:
            keras.utils.set_random_seed(seed)
            fresh = self._built()
            for old, new in zip(self.model.variables, fresh.variables, strict=True):
                old.assign(new)
        for variable, start in zip(self.model.optimizer.variables, self._optimizer, strict=True):
            variable.assign(start)
        self.model.stop_training = False

    def fit(self, epoch: Epoch, number: int) -> None:
        """Train one epoch."""
        size = epoch.batch_size
        if self._loops is not None and size is not None and epoch.weight is None:
            self._loops.train(epoch.x, epoch.y, size)
        else:
            _fit(self.model, epoch, number, self._options)

    def evaluate(self, evaluation: Epoch) -> dict[str, float]:
        """Each metric on the evaluation set, by name."""
        if self._loops is not None:
            return self._loops.evaluate(evaluation.x, evaluation.y)
        return _evaluated(self.model, evaluation)

    def _built(self) -> Any:
        model = self._make()
        if not model.built:
            first = keras.tree.map_structure(lambda leaf: leaf[:1], self._epoch.x)
            model(first)
        return model


def _drawn(shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """First weights: uniform after Glorot and Bengio (2010), biases 0."""
    if len(shape) < 2:
        return np.zeros(shape, np.float32)
    field = int(np.prod(shape[:-2]))
    reach = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
    return rng.uniform(-reach, reach, shape).astype(np.float32)


def _taken_by(loss: Any) -> str:
    """The form of labels that a loss takes; empty where it may be either."""
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    if loss is keras.losses.sparse_categorical_crossentropy or isinstance(
        loss, keras.losses.SparseCategoricalCrossentropy
    ):
        return "numbers"
    if loss is keras.losses.categorical_crossentropy or isinstance(
        loss, keras.losses.CategoricalCrossentropy
    ):
        return "vectors"
    return ""


def _form(epoch: Epoch) -> tuple[object, ...]:
    leaves = keras.tree.flatten((epoch.x, epoch.y))
    return tuple((leaf.shape[1:], str(leaf.dtype)) for leaf in leaves if leaf is not None)


def _fit(model: Any, epoch: Epoch, number: int, options: Mapping[str, Any]) -> None:
    shared = {"verbose": 0, "initial_epoch": number, "epochs": number + 1, "shuffle": False}
    shared |= options
    size = epoch.batch_size
    if size is not None:
        model.fit(epoch.x, epoch.y, sample_weight=epoch.weight, batch_size=size, **shared)
    else:
        model.fit(_batches(epoch), steps_per_epoch=len(epoch.sizes), **shared)


def _batches(epoch: Epoch) -> Iterator[Any]:
    """The batches, and again, because Keras looks at the first ones before it begins."""
    parts = tuple(part for part in (epoch.x, epoch.y, epoch.weight) if part is not None)
    low = 0
    for size in epoch.sizes:
        cut = slice(low, low + size)
        yield keras.tree.map_structure(lambda leaf, cut=cut: leaf[cut], parts)
        low += size


def _evaluated(model: Any, evaluation: Epoch) -> dict[str, float]:
    found = model.evaluate(
        evaluation.x,
        evaluation.y,
        sample_weight=evaluation.weight,
        batch_size=_EVALUATED_AT_ONCE,
        verbose=0,
        return_dict=True,
    )
    return {name: float(value) for name, value in found.items()}
