"""Epochs of the small network as one call each into TensorFlow.

``fit`` spends several times the work of a tiny network on moving batches from Python; a loop
inside the graph runs the same train step on the same batches.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class Loops:
    """Trains and evaluates a compiled model on whole arrays.

    Args:
        model: The model, with its optimizer built.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._train = tf.function(self._epoch, reduce_retracing=True)
        self._test = tf.function(self._whole, reduce_retracing=True)

    def train(self, x: Any, y: Any, size: int) -> None:
        """One epoch in the order of the arrays; a smaller last batch is trained on as well."""
        self._train(tf.convert_to_tensor(x), tf.convert_to_tensor(y), tf.constant(size))

    def evaluate(self, x: Any, y: Any) -> dict[str, float]:
        """Each metric over all of the arrays."""
        self._model.reset_metrics()
        self._test(tf.convert_to_tensor(x), tf.convert_to_tensor(y))
        found = self._model.get_metrics_result()
        return {name: float(value) for name, value in found.items()}

    def _epoch(self, x: Any, y: Any, size: Any) -> None:
        count = tf.shape(x)[0]
        for low in tf.range(0, count, size):
            high = tf.minimum(low + size, count)
            self._model.train_step((x[low:high], y[low:high]))

    def _whole(self, x: Any, y: Any) -> None:
        self._model.test_step((x, y))
