"""Feeds and models for ``tap_trial.py``; the backend is named on its command line."""

# pyright: reportUntypedBaseClass=none
from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BACKEND, FOLDER = sys.argv[1], Path(sys.argv[2])
os.environ["KERAS_BACKEND"] = BACKEND
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore", message=".*shuffle=True. was passed")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from twinfeed._core.trace import Trace  # noqa: E402
from twinfeed.observe.tap import Watch, tapped  # noqa: E402

SIZE, EXAMPLES = 8, 196
BATCHES = 25  # the last one of 4
RNG = np.random.default_rng(0)
X = RNG.normal(size=(EXAMPLES, 6)).astype(np.float32)
Y = np.arange(EXAMPLES)  # the label is the example's number, so a trace shows who was there
FACTS: dict[str, Any] = {}


class Batches(keras.utils.PyDataset):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked = 0

    def __len__(self) -> int:
        return BATCHES

    def __getitem__(self, index: int) -> Any:
        self.asked += 1
        part = slice(index * SIZE, (index + 1) * SIZE)
        return X[part] + np.random.normal(size=(len(X[part]), 1)).astype(np.float32), Y[part]  # noqa: NPY002


def dataset(*, shuffle: bool = True) -> Any:
    import tensorflow as tf

    found = tf.data.Dataset.from_tensor_slices((X, Y))
    return (found.shuffle(64, seed=5) if shuffle else found).batch(SIZE)


def generator() -> Iterator[Any]:
    while True:
        for low in range(0, EXAMPLES, SIZE):
            yield X[low : low + SIZE], Y[low : low + SIZE]


def loader() -> Any:
    import torch

    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(pairs, batch_size=SIZE, shuffle=True)


def network(*, built: bool = True) -> list[Any]:
    layers = keras.layers
    body = [layers.Dense(16, activation="relu"), layers.Dropout(0.3), layers.Dense(1)]
    return [keras.Input((6,)), *body] if built else body


def model(kind: Any = keras.Sequential, *, built: bool = True, **compile_with: Any) -> Any:
    made = kind(network(built=built))
    made.compile("adam", "mse", metrics=["mae"], **compile_with)
    return made


def ids(trace: Trace) -> list[list[list[float]]]:
    """The labels of each batch of each epoch that was looked at."""
    rows = trace.rows
    return [
        [rows.label[(rows.epoch == e) & (rows.batch == b)].tolist() for b in batches]
        for e in range(len(trace.epochs))
        if (batches := sorted(set(rows.batch[rows.epoch == e].tolist())))
    ]


def state() -> list[Any]:
    """Every global random state that the tap could move."""
    found = [random.getstate()[1], np.random.get_state()[1].tolist()]  # noqa: NPY002
    if "torch" in sys.modules:
        found.append(sys.modules["torch"].get_rng_state().tolist())
    if "tensorflow" in sys.modules:
        # Drawn only here, at the very end of a run.
        found.append(sys.modules["tensorflow"].random.uniform(()).numpy().item())
    return found


class Diary(keras.callbacks.Callback):
    """Which hooks were called, in order, and with which logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Any] = []


def _line(name: str) -> Callable[..., None]:
    def write(self: Diary, *args: Any, logs: Any = None) -> None:
        numbers = [a for a in args if isinstance(a, int)]
        known = logs or next((a for a in args if isinstance(a, dict)), {})
        self.lines.append([name, *numbers, sorted(known)])

    return write


for _name in dir(keras.callbacks.Callback):
    if _name.startswith("on_"):
        setattr(Diary, _name, _line(_name))


def twice(run: Callable[[], Any]) -> tuple[Any, Any, tuple[Trace, ...]]:
    """The same run, from the same seeds, without the tap and with it."""
    results: list[Any] = []
    watch = Watch()
    for tap in (False, True):
        keras.backend.clear_session()
        keras.utils.set_random_seed(11)
        if tap:
            with tapped(watch):
                results.append(run())
        else:
            results.append(run())
    return results[0], results[1], watch.traces()


def train(feed: Callable[[], Any], *, built: bool = True, epochs: int = 8, **fit: Any) -> list[Any]:
    """Weights after the run, the callbacks' diary, and the random state at its end."""
    trained, diary = model(built=built), Diary()
    given = feed()
    args = given if isinstance(given, tuple) else (given,)
    trained.fit(*args, epochs=epochs, verbose=0, callbacks=[diary], **fit)
    return [[w.tobytes().hex() for w in trained.get_weights()], diary.lines, state()]
