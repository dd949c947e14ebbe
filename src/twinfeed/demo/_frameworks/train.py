"""A small network on each of the three pipelines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from twinfeed.demo._frameworks.data import DemoData
from twinfeed.demo._frameworks.pipelines import SIDE
from twinfeed.demo.outcome import Outcome


def train(
    label: str,
    feed: Any,
    data: DemoData,
    *,
    epochs: int,
    seed: int,
    progress: Callable[[str, int], None],
) -> Outcome:
    """Train on one pipeline and test on the held-out examples, without augmentation.

    Args:
        label: What the report calls the pipeline.
        feed: The pipeline, as ``Model.fit`` takes it.
        data: The data set.
        epochs: Epochs to train.
        seed: Seed of the weights; the same for each pipeline.
        progress: Called after each epoch.
    """
    categorical = not isinstance(feed, tf.data.Dataset)
    channels = 3 if categorical else feed.element_spec[0].shape[-1]
    images, labels = _test_arrays(data, channels)
    model = _network(channels, data.classes, seed)
    loss = (
        keras.losses.CategoricalCrossentropy
        if categorical
        else keras.losses.SparseCategoricalCrossentropy
    )
    model.compile(keras.optimizers.Adam(2e-3), loss(from_logits=True), metrics=["accuracy"])
    seconds: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del logs
            seconds.append(time.perf_counter() - self.begin)
            progress(f"training on {label}", epoch + 1)

    # The datasets shuffle themselves; Keras warns where it is asked to do it as well.
    model.fit(feed, epochs=epochs, verbose=0, callbacks=[Clock()], shuffle=categorical)
    scores = model(images, training=False).numpy()
    return Outcome(
        label=label,
        right=int((scores.argmax(axis=1) == labels).sum()),
        tested=len(labels),
        epoch_s=tuple(seconds),
    )


def _network(channels: int, classes: int, seed: int) -> Any:
    initial = [keras.initializers.GlorotUniform(seed=seed + layer) for layer in range(4)]
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, channels)),
            layers.Conv2D(16, 3, 2, activation="relu", kernel_initializer=initial[0]),
            layers.Conv2D(32, 3, 2, activation="relu", kernel_initializer=initial[1]),
            layers.Flatten(),
            layers.Dense(64, activation="relu", kernel_initializer=initial[2]),
            layers.Dense(classes, kernel_initializer=initial[3]),
        ]
    )


def _test_arrays(data: DemoData, channels: int) -> tuple[Any, Any]:
    """The held-out examples in 0..1, with as many channels as the network takes."""
    examples = data.builder.as_dataset(split=data.test, as_supervised=True)
    pairs = [
        (tf.image.resize(image, (SIDE, SIDE)).numpy() / 255, int(label))
        for image, label in examples
    ]
    images = np.stack([image for image, _ in pairs]).astype(np.float32)
    if images.shape[-1] == 1 and channels == 3:
        images = np.repeat(images, 3, axis=-1)
    return images, np.array([label for _, label in pairs])


def version() -> str:
    """The versions that the figures belong to."""
    return f"TensorFlow {tf.__version__}, Keras {keras.__version__}, TFDS {tfds.__version__}"
