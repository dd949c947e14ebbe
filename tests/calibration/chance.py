"""What recipes of feeds draw alike: batch sizes, forms of labels, and augmentation in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.calibration.augmenting import Change, erased, moved
from tests.calibration.material import Data

Form = Callable[[np.ndarray], np.ndarray]
"""From class numbers, int64 ``(count,)``, to the labels that a feed gives."""


def batch_size(random: np.random.Generator, count: int) -> int:
    """Examples per batch, at most half of ``count``: a rest is left over more often than not."""
    return int(random.integers(2, max(3, min(65, count // 2))))


def chance(random: np.random.Generator, share: float = 0.5) -> bool:
    """Whether something with that probability, 0 to 1, happens."""
    return bool(random.random() < share)


def label_form(random: np.random.Generator) -> Form:
    """Class numbers of some type, one-hot vectors, or numbers on a scale."""
    chosen = str(random.choice(["int64", "int32", "uint8", "column", "one-hot", "value"]))
    if chosen == "one-hot":
        return lambda labels: np.eye(int(labels.max()) + 1, dtype=np.float32)[labels]
    if chosen == "column":
        return lambda labels: labels[:, None].astype(np.float32)
    if chosen == "value":
        return lambda labels: (labels * 1.5 + np.arange(len(labels)) * 1e-3).astype(np.float32)
    return lambda labels: labels.astype(chosen)


def changes(random: np.random.Generator) -> Change | None:
    """An augmentation of pictures in 0..255: some of what libraries offer, or ``None``."""
    if chance(random, 0.3):
        return None
    every: dict[str, Change] = {
        "flip": lambda x, r: x[:, ::-1] if chance(r) else x,
        "flip_down": lambda x, r: x[::-1] if chance(r) else x,
        "affine": _affine(random),
        "crop": _cropped,
        "bright": lambda x, r: np.clip(x + r.uniform(-50, 50), 0, 255),
        "unclipped": lambda x, r: x * r.uniform(0.7, 1.3),
        "channels": lambda x, r: np.clip(x + r.uniform(-30, 30, x.shape[-1]), 0, 255),
        "noise": lambda x, r: x + r.normal(0, 6, x.shape),
        "erased": lambda x, r: erased(x, r, value=None if chance(r) else 0.0),
    }
    chosen = [change for change in every.values() if chance(random, 0.25)]

    def change(image: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
        for one in chosen:
            image = one(image, drawn)
        return np.ascontiguousarray(image, np.float32)

    return change


def _affine(random: np.random.Generator) -> Change:
    degrees, shift, zoom = (random.uniform(0, most) for most in (30, 0.15, 0.25))
    mode = str(random.choice(["constant", "nearest", "reflect", "wrap"]))

    def change(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        by = float(r.uniform(-shift, shift)), float(r.uniform(-shift, shift))
        scale = float(r.uniform(1 - zoom, 1 + zoom))
        return moved(
            x, degrees=float(r.uniform(-degrees, degrees)), shift=by, zoom=(scale,) * 2,
            mode=mode,
        )  # fmt: skip

    return change


def _cropped(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    """A random crop of the picture with a black border, as for CIFAR."""
    rim = max(1, x.shape[0] // 8)
    wide = np.pad(x, ((rim, rim), (rim, rim), (0, 0)))
    top, left = r.integers(0, 2 * rim + 1, 2)
    return wide[top : top + x.shape[0], left : left + x.shape[1]]


def odd(random: np.random.Generator, data: Data) -> Data:
    """The examples with what real sets hold: classes of unequal size, bursts, copies, few pixels.

    Args:
        random: What is drawn.
        data: uint8 pictures of shape ``(count, side, side, 3)`` sorted by class, and classes.
    """
    images, labels = data
    count = len(images)
    if chance(random, 0.25):  # one class in four out of five examples
        common = labels == random.choice(labels)
        weight = np.where(common, 4.0 / common.sum(), 1.0 / max(1, (~common).sum()))
        picks = np.sort(random.choice(count, max(16, count // 2), False, weight / weight.sum()))
        images, labels = images[picks], labels[picks]
    if chance(random, 0.25):  # frames of one scene: each fifth is nearly the one before it
        images = images.copy()
        later = np.arange(1, len(images), 5)
        noise = random.normal(0, 2, images[later].shape)
        images[later] = np.clip(images[later - 1] + noise, 0, 255).astype(np.uint8)
        labels = labels.copy()
        labels[later] = labels[later - 1]
        labels = np.sort(labels) if chance(random) else labels
    elif chance(random, 0.15):  # the same file twice
        images, labels = images.copy(), labels.copy()
        images[1::9], labels[1::9] = (
            images[:-1:9][: len(images[1::9])],
            labels[:-1:9][: len(labels[1::9])],
        )
    if chance(random, 0.15):
        images = images[:, ::2, ::2]
    if chance(random, 0.1):
        images = np.repeat(images.mean(axis=-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    return np.ascontiguousarray(images), labels
