"""What the examples on the pages of causes may use."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twinfeed._core.trace import Trace
from twinfeed.demo import digits

PER_CLASS = 40


@pytest.fixture(scope="session")
def photos() -> tuple[np.ndarray, np.ndarray]:
    """400 digits sorted by class: uint8 ``(400, 32, 32, 1)`` and int64 ``(400,)``."""
    images, labels = digits.load()
    chosen = np.concatenate([np.flatnonzero(labels == c)[:PER_CLASS] for c in range(10)])
    return images[chosen][..., None], labels[chosen]


@pytest.fixture(scope="session")
def folder(photos: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same digits as PNG files in one folder per class."""
    image = pytest.importorskip("PIL.Image")
    root = tmp_path_factory.mktemp("digits")
    for number, (pixels, label) in enumerate(zip(*photos, strict=True)):
        (root / str(label)).mkdir(exist_ok=True)
        image.fromarray(pixels[..., 0]).save(root / str(label) / f"{number:04}.png")
    return root


@pytest.fixture(scope="session")
def names(photos: tuple[np.ndarray, np.ndarray], folder: Path) -> Callable[[], dict[str, Any]]:
    """Makes the names that a page's example may use."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")

    def make() -> dict[str, Any]:
        images, labels = photos
        return {
            "tf": tf,
            "keras": keras,
            "np": np,
            "images": images.copy(),
            "rgb": np.concatenate([images, 255 - images, images // 2], axis=-1),
            "labels": labels.copy(),
            "folder": folder,
            "AUTOTUNE": tf.data.AUTOTUNE,
            "fit_trace": fit_trace,
        }

    return make


def traced(feed: Any) -> Trace:
    """Observe what an example calls ``a`` or ``b``: a feed of any kind, or already a trace."""
    from twinfeed.feeds import as_feed
    from twinfeed.observe import Budget, observe

    return feed if isinstance(feed, Trace) else observe(as_feed(feed), budget=Budget(timing_s=0.3))


def fit_trace(x: Any, y: Any = None, **arguments: Any) -> Trace:
    """Fit a model of one layer under the tap, and give what reached its train step."""
    import keras

    from twinfeed.observe.tap import Watch, tapped

    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about arguments that examples plant
        with tapped(Watch()) as watch:
            model.fit(x, y, verbose=0, **arguments)
    return next(trace for trace in watch.traces() if trace.role == "fit")
