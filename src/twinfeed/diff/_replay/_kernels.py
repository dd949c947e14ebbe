"""Resize kernels of the usual libraries as weights: one matrix per axis, no library needed.

Every kernel is separable, so a resized picture is ``rows @ picture @ columns.T``. A library
that works on bytes rounds on the way; that is kept with the kernel, since it is often all that
tells two libraries apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array

Weights: TypeAlias = Callable[[int, int, Array], Array]
Rounding: TypeAlias = Literal["none", "last", "each pass"]
_TABLE = 1024  # TensorFlow looks its cubic weights up in steps of 1/1024


@dataclass(frozen=True, slots=True)
class Kernel:
    """One named way to change a picture's size.

    Attributes:
        name: Library and method, e.g. ``"pil-bilinear"``.
        weights: From the lengths of an axis before and after, and the new points that are
            wanted, to the weights of the old ones, float64, shape ``(points, before)``; rows
            sum to 1.
        rounding: Where values become whole levels: never, at the end, or after each axis
            (columns first, as Pillow does).
        smooths: Whether it widens when it shrinks, so that fine detail does not alias.
    """

    name: str
    weights: Weights
    rounding: Rounding
    smooths: bool


def _centres(before: int, after: int, wanted: Array) -> Array:
    """Where the middle of each new point lies among the old ones, 0 at the first one's edge."""
    return (wanted + 0.5) * (before / after)


def _nearest_by_steps(before: int, after: int, wanted: Array) -> Array:
    # Pillow adds step to step, so a middle between two points may fall to either.
    steps = np.full(after, before / after)
    steps[0] *= 0.5
    return _picked(before, np.floor(np.cumsum(steps))[wanted])


def _nearest_in_short(before: int, after: int, wanted: Array) -> Array:
    # TensorFlow multiplies in float32, which decides the same question in its own way.
    scale = np.float32(before) / np.float32(after)
    return _picked(before, np.floor((wanted.astype(np.float32) + np.float32(0.5)) * scale))


def _nearest_by_edge(before: int, after: int, wanted: Array) -> Array:
    return _picked(before, np.floor(wanted * (before / after)))


def _picked(before: int, at: Array) -> Array:
    weights = np.zeros((len(at), before))
    weights[np.arange(len(at)), at.astype(int).clip(0, before - 1)] = 1
    return weights


def _narrow_linear(before: int, at: Array) -> Array:
    at = at.clip(0, before - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, before - 1)
    weights = np.zeros((len(at), before))
    rows = np.arange(len(at))
    np.add.at(weights, (rows, low), 1 - (at - low))
    np.add.at(weights, (rows, high), at - low)
    return weights


def _linear(before: int, after: int, wanted: Array) -> Array:
    return _narrow_linear(before, _centres(before, after, wanted) - 0.5)


def _linear_by_edge(before: int, after: int, wanted: Array) -> Array:
    # TensorFlow 1 and Keras's older layers: the first points fall together, not the middles.
    return _narrow_linear(before, wanted * (before / after))


def _linear_by_corners(before: int, after: int, wanted: Array) -> Array:
    return _narrow_linear(before, wanted * ((before - 1) / max(1, after - 1)))


def _area(before: int, after: int, wanted: Array) -> Array:
    start, end = (edge[:, None] * (before / after) for edge in (wanted, wanted + 1))
    cells = np.arange(before)
    overlap = np.minimum(end, cells + 1) - np.maximum(start, cells)
    return _normalised(overlap.clip(min=0))


def _widened(shape: Callable[[Array], Array], support: float) -> Weights:
    """A filter that grows with the factor by which the picture shrinks."""

    def weights(before: int, after: int, wanted: Array) -> Array:
        scale = max(before / after, 1.0)
        centres = _centres(before, after, wanted)[:, None]
        cells = np.arange(before)
        # Which cells take part is rounded to whole ones, as Pillow and TensorFlow do.
        first = np.floor(centres - support * scale + 0.5).clip(min=0)
        last = np.floor(centres + support * scale + 0.5).clip(max=before)
        inside = (cells >= first) & (cells < last)
        return _normalised(np.where(inside, shape((cells + 0.5 - centres) / scale), 0))

    return weights


def _narrow_cubic(sharpness: float, *, table: bool, by_edge: bool = False) -> Weights:
    """Four points whatever the scale. ``table``: as TensorFlow, which drops points outside.

    ``by_edge``: as TensorFlow 1, where the first points fall together and those outside are the last
    one again.
    """

    def weights(before: int, after: int, wanted: Array) -> Array:
        at = wanted * (before / after) if by_edge else _centres(before, after, wanted) - 0.5
        low = np.floor(at)
        part = at - low
        if table:
            part = np.rint(part * _TABLE) / _TABLE
        found = np.zeros((len(wanted), before))
        for step in range(-1, 3):
            place = (low + step).astype(int)
            inside = place.clip(0, before - 1)
            weight = _cubic(sharpness)(step - part)
            if table and not by_edge:
                weight = np.where(place == inside, weight, 0)
            np.add.at(found, (np.arange(len(wanted)), inside), weight)
        return _normalised(found)

    return weights


def _normalised(weights: Array) -> Array:
    return weights / weights.sum(axis=1, keepdims=True)


def _triangle(x: Array) -> Array:
    return (1 - np.abs(x)).clip(min=0)


def _box(x: Array) -> Array:
    return ((x > -0.5) & (x <= 0.5)).astype(float)


def _hamming(x: Array) -> Array:
    return np.where(np.abs(x) < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0)


def _lanczos(x: Array) -> Array:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


def _cubic(sharpness: float) -> Callable[[Array], Array]:
    """Keys's cubic; ``sharpness`` is his a."""

    def shape(x: Array) -> Array:
        x = np.abs(x)
        near = ((sharpness + 2) * x - (sharpness + 3)) * x * x + 1
        far = (((x - 5) * x + 8) * x - 4) * sharpness
        return np.where(x < 1, near, np.where(x < 2, far, 0))

    return shape


_SMOOTH_LINEAR = _widened(_triangle, 1.0)
_SMOOTH_CUBIC = _widened(_cubic(-0.5), 2.0)
_TF1_CUBIC = _narrow_cubic(-0.75, table=True, by_edge=True)
_SMOOTH_LANCZOS = _widened(_lanczos, 3.0)

KERNELS = (
    Kernel("pil-nearest", _nearest_by_steps, "none", smooths=False),
    Kernel("tf-nearest", _nearest_in_short, "none", smooths=False),
    Kernel("cv2-nearest", _nearest_by_edge, "none", smooths=False),
    Kernel("tf-bilinear", _linear, "none", smooths=False),
    Kernel("cv2-linear", _linear, "last", smooths=False),
    Kernel("pil-bilinear", _SMOOTH_LINEAR, "each pass", smooths=True),
    Kernel("tf-bilinear-antialias", _SMOOTH_LINEAR, "none", smooths=True),
    Kernel("tf-area", _area, "none", smooths=True),
    Kernel("cv2-area", _area, "last", smooths=True),
    Kernel("pil-box", _widened(_box, 0.5), "each pass", smooths=True),
    Kernel("pil-hamming", _widened(_hamming, 1.0), "each pass", smooths=True),
    Kernel("tf-bicubic", _narrow_cubic(-0.5, table=True), "none", smooths=False),
    Kernel("cv2-cubic", _narrow_cubic(-0.75, table=False), "last", smooths=False),
    Kernel("pil-bicubic", _SMOOTH_CUBIC, "each pass", smooths=True),
    Kernel("tf-bicubic-antialias", _SMOOTH_CUBIC, "none", smooths=True),
    Kernel("pil-lanczos", _SMOOTH_LANCZOS, "each pass", smooths=True),
    Kernel("tf-lanczos3-antialias", _SMOOTH_LANCZOS, "none", smooths=True),
    Kernel("tf1-bilinear", _linear_by_edge, "none", smooths=False),
    Kernel("tf1-bilinear-align-corners", _linear_by_corners, "none", smooths=False),
    Kernel("tf1-bicubic", _TF1_CUBIC, "none", smooths=False),
)
BY_NAME = {kernel.name: kernel for kernel in KERNELS}
