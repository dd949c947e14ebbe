"""What the examples on the pages of causes may use."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diff.replay.material import jpegs, photograph
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Step
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
def photographs() -> np.ndarray:
    """24 colour pictures with edges and grain: uint8 ``(24, 96, 96, 3)``."""
    return np.stack([photograph(96, 96, seed) for seed in range(24)])


@pytest.fixture(scope="session")
def jpeg_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 JPEG files of six shapes in two classes; four ask to be turned."""
    root = tmp_path_factory.mktemp("jpegs")
    jpegs(root, 24, tagged=4)
    return root


@pytest.fixture(scope="session")
def clear_folder(photographs: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 PNG files that are transparent to the left."""
    image = pytest.importorskip("PIL.Image")
    root = tmp_path_factory.mktemp("clear")
    alpha = np.linspace(0, 255, 96).astype(np.uint8) * np.ones((96, 1), np.uint8)
    for number, picture in enumerate(photographs[:12]):
        image.fromarray(np.dstack([picture, alpha])).save(root / f"{number:02}.png")
    return root


@pytest.fixture(scope="session")
def names(
    photos: tuple[np.ndarray, np.ndarray],
    folder: Path,
    photographs: np.ndarray,
    jpeg_folder: Path,
    clear_folder: Path,
) -> Callable[[], dict[str, Any]]:
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
            "photographs": photographs.copy(),
            "jpegs": jpeg_folder,
            "clear": clear_folder,
            "folder_trace": folder_trace,
            "Image": pytest.importorskip("PIL.Image"),
            "ImageOps": pytest.importorskip("PIL.ImageOps"),
        }

    return make


def traced(feed: Any, *, timing_s: float = 0.02) -> Trace:
    """Observe what an example calls ``a`` or ``b``: a feed of any kind, or already a trace."""
    from twinfeed.feeds import as_feed

    return feed if isinstance(feed, Trace) else traced_feed(as_feed(feed), timing_s=timing_s)


def traced_feed(feed: Feed, *, timing_s: float = 0.02) -> Trace:
    """Observe a feed, and time it for that many seconds."""
    from twinfeed.observe import Budget, observe

    return observe(feed, budget=Budget(timing_s=timing_s))


def folder_trace(folder: Path, pictures: np.ndarray) -> Trace:
    """Observe pictures that a loader of the user's own made of a folder's files, in their order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    ids = np.array([path.relative_to(folder).as_posix() for path in files], np.str_)
    source = Step(kind="source", where="source", settings={"directory": str(folder)})

    def open_epoch() -> Iterator[Batch]:
        yield Batch(pictures, ids=ids)

    return traced_feed(Feed(name="loader", open_epoch=open_epoch, plan=Plan((source,))))


def fit_trace(
    x: Any, y: Any = None, *, method: str = "fit", role: str = "", **arguments: Any
) -> Trace:
    """Fit a model of one layer under the tap, and give what reached its train step.

    ``method`` calls another of its methods; ``role`` gives what reached e.g. the validation.
    """
    import keras

    from twinfeed.observe.tap import Watch, tapped

    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about arguments that examples plant
        with tapped(Watch()) as watch:
            labels = () if method == "predict" else (y,)
            getattr(model, method)(x, *labels, verbose=0, **arguments)
    return next(trace for trace in watch.traces() if trace.role == (role or method))
