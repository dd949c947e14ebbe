"""What the tap costs a training: the same fits with and without it, in turn, in one process.

    python benchmarks/tap_overhead.py --backend tensorflow

A step is the time from one ``on_train_batch_end`` to the next, so fetching, looking and booking
are all in it. The first step of each epoch is left out (it compiles, or starts the pipeline).
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
    arguments.add_argument("--rounds", type=int, default=4, help="times each fit is run either way")
    arguments.add_argument("--only", choices=["images", "digits"])
    given = arguments.parse_args()
    os.environ["KERAS_BACKEND"] = given.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", message=".*shuffle=True. was passed")
    print(f"backend {given.backend}, {os.cpu_count()} cores, {given.rounds} rounds")
    if given.only != "digits":
        compare("conv net, 32 x 224 x 224 x 3", images, epochs=6, rounds=given.rounds)
    if given.only != "images":
        compare("MNIST-like, 32 x 28 x 28 x 1", digits, epochs=6, rounds=given.rounds)


def images() -> tuple[Any, Any]:
    """A small convolutional network, and epochs of 20 batches of photographs' size."""
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
    return model, batches(x, rng.integers(0, 10, 128), repeat=5)


def digits() -> tuple[Any, Any]:
    """A tiny dense network, and epochs of 600 batches of digits' size."""
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
    x = rng.random((19_200, 28, 28, 1), np.float32)
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


def compare(name: str, make: Callable[[], tuple[Any, Any]], *, epochs: int, rounds: int) -> None:
    """Print how much longer a step is under the tap."""
    from twinfeed.observe.tap import Watch, tapped

    model, feed = make()
    steps_of(model, feed, 1)  # compiles
    bare: list[list[float]] = []
    with_tap: list[list[float]] = []
    looked = 0
    for _ in range(rounds):
        bare += steps_of(model, feed, epochs)
        watch = Watch()
        with tapped(watch):
            with_tap += steps_of(model, feed, epochs)
        looked = len(watch.traces()[0].rows)
    alone, together = flat(bare), flat(with_tap)
    print(f"\n{name}: {len(alone)} steps either way, {looked:,} examples looked at per fit")
    print(f"  median step   {median(alone) * 1e3:9.3f} ms -> {median(together) * 1e3:9.3f} ms"
          f"   ratio {median(together) / median(alone):.3f}")  # fmt: skip
    print(f"  whole fits    {sum(alone):9.2f} s  -> {sum(together):9.2f} s "
          f"   ratio {sum(together) / sum(alone):.3f}")  # fmt: skip
    for epoch in range(epochs):
        a, b = flat(bare[epoch::epochs]), flat(with_tap[epoch::epochs])
        print(f"  epoch {epoch + 1} median {median(a) * 1e3:9.3f} ms -> {median(b) * 1e3:9.3f} ms"
              f"   ratio {median(b) / median(a):.3f} ({len(a)} steps)")  # fmt: skip


def flat(several: list[list[float]]) -> list[float]:
    """All steps of several epochs."""
    return [step for steps in several for step in steps]


def steps_of(model: Any, feed: Any, epochs: int) -> list[list[float]]:
    """Seconds of each step, per epoch."""
    from keras.callbacks import Callback

    class Clock(Callback):
        def __init__(self) -> None:
            super().__init__()
            self.ends: list[list[float]] = []

        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            self.ends.append([])

        def on_train_batch_end(self, *_: Any, **__: Any) -> None:
            self.ends[-1].append(time.perf_counter())

    clock = Clock()
    model.fit(feed, epochs=epochs, verbose=0, callbacks=[clock])
    return [[b - a for a, b in pairwise(ends)] for ends in clock.ends]


if __name__ == "__main__":
    main()
