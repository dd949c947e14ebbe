"""What the tap costs a step of a training.

    python benchmarks/tap_overhead.py --backend tensorflow

One fit of many short epochs; the tap is awake in every other epoch, so that whatever else the
machine does falls on both alike. A step is the time from one ``on_train_batch_end`` to the next:
fetching, looking and booking are all in it. The first step of each epoch is left out.

Two figures per model, because a training has two phases: the beginning, in which every batch is
looked at (two epochs, at most 10,000 examples and about a second of each), and the rest.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any


def main() -> None:
    """Train each model both ways and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--backend", default="tensorflow", choices=["tensorflow", "jax", "torch"]
    )
    arguments.add_argument("--pairs", type=int, default=12, help="epochs without and with the tap")
    arguments.add_argument("--only", choices=["images", "digits"])
    given = arguments.parse_args()
    os.environ["KERAS_BACKEND"] = given.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", message=".*shuffle=True. was passed")
    print(f"backend {given.backend}, {os.cpu_count()} cores")
    if given.only != "digits":
        compare("conv net, 32 x 224 x 224 x 3", images, pairs=given.pairs)
    if given.only != "images":
        compare("MNIST-like, 32 x 28 x 28 x 1", digits, pairs=4 * given.pairs)


def images() -> tuple[Any, Any]:
    """A small convolutional network, and epochs of 12 batches of photographs' size."""
    import numpy as np
    from keras import Input, Sequential, layers

    model = Sequential(
        [
            Input((224, 224, 3)),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Conv2D(64, 3, strides=2, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x = rng.random((128, 224, 224, 3), np.float32)
    return model, batches(x, rng.integers(0, 10, 128), repeat=3)


def digits() -> tuple[Any, Any]:
    """A tiny dense network, and epochs of 100 batches of digits' size."""
    import numpy as np
    from keras import Input, Sequential, layers

    model = Sequential(
        [
            Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x = rng.random((3_200, 28, 28, 1), np.float32)
    return model, batches(x, rng.integers(0, 10, len(x)), repeat=1)


def batches(x: Any, y: Any, *, repeat: int) -> Any:
    """The same kind of feed on every backend: batches that cost next to nothing."""
    from keras.utils import PyDataset

    class Batches(PyDataset):
        def __len__(self) -> int:
            return repeat * len(x) // 32

        def __getitem__(self, index: int) -> Any:
            low = index * 32 % len(x)
            return x[low : low + 32], y[low : low + 32]

    if os.environ["KERAS_BACKEND"] != "tensorflow":
        return Batches()
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).repeat(repeat).batch(32)


def compare(name: str, make: Callable[[], tuple[Any, Any]], *, pairs: int) -> None:
    """Print how much longer a step is under the tap, in either phase."""
    from twinfeed.observe.budget import Budget
    from twinfeed.observe.tap import Watch, tapped

    model, feed = make()
    model.fit(feed, verbose=0)  # compiles
    print(f"\n{name}")
    for phase, epochs in (("looking at every batch", 10**6), ("after that", 1)):
        clock = alternating_clock()
        watch = Watch(budget=Budget(epochs=epochs, examples=10**9))
        with tapped(watch):
            # The first two epochs settle the pipeline and, in the second phase, do the looking.
            model.fit(feed, epochs=2 + 2 * pairs, verbose=0, callbacks=[clock])
        asleep = [step for ends in clock.ends[2::2] for step in differences(ends)]
        awake = [step for ends in clock.ends[3::2] for step in differences(ends)]
        ratios = sorted(
            median(differences(b)) / median(differences(a))
            for a, b in zip(clock.ends[2::2], clock.ends[3::2], strict=True)
        )
        print(
            f"  {phase:24s} median step {median(asleep) * 1e3:8.3f} -> {median(awake) * 1e3:8.3f} ms,"
            f" ratio {median(awake) / median(asleep):.3f} of {len(asleep)} steps either way"
            f" (pairs of epochs: median {median(ratios):.3f},"
            f" middle half {ratios[len(ratios) // 4]:.3f} to {ratios[-1 - len(ratios) // 4]:.3f})"
        )


def differences(ends: list[float]) -> list[float]:
    """Seconds of each step of an epoch."""
    return [b - a for a, b in pairwise(ends)]


def alternating_clock() -> Any:
    """A callback that notes when steps end, and lets the tap sleep in every other epoch."""
    from keras.callbacks import Callback

    from twinfeed.observe._frameworks import _keras_seam

    class Clock(Callback):
        def __init__(self) -> None:
            super().__init__()
            self.ends: list[list[float]] = []
            self.readings: list[Any] = []

        def on_epoch_begin(self, epoch: int, *_: Any, **__: Any) -> None:
            self.ends.append([])
            call = _keras_seam._stack.calls[-1]
            self.readings = self.readings or call.readings
            call.readings = self.readings if epoch % 2 or not epoch else []

        def on_train_batch_end(self, *_: Any, **__: Any) -> None:
            self.ends[-1].append(time.perf_counter())

        def on_train_end(self, *_: Any, **__: Any) -> None:
            _keras_seam._stack.calls[-1].readings = self.readings

    return Clock()


if __name__ == "__main__":
    main()
