"""Resizing with a named kernel, whole or at some points only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._replay._kernels import Kernel
from twinfeed.diff._replay._policies import Axis


def resized(picture: Array, kernel: Kernel, size: tuple[int, int]) -> Array:
    """The whole picture, float32, shape ``(height, width, channels)``, in levels."""
    rows, columns = (
        Axis(0, before, after, 0) for before, after in zip(picture.shape[:2], size, strict=True)
    )
    return at_points(picture, kernel, (rows, columns), (np.arange(size[0]), np.arange(size[1])))


def at_points(
    picture: Array, kernel: Kernel, axes: tuple[Axis, Axis], points: tuple[Array, Array]
) -> Array:
    """The resized picture at some rows and columns, float32; 0 outside of it.

    Args:
        picture: Levels, shape ``(height, width, channels)``.
        kernel: How.
        axes: What becomes of the rows and of the columns.
        points: Rows and columns of the result that are wanted, ascending.
    """
    rows, columns = (_taps(kernel, axis, at) for axis, at in zip(axes, points, strict=True))
    # Only the old rows that any wanted row needs; columns first, as Pillow does.
    needed, places = np.unique(rows.at, return_inverse=True)
    shrunk = _columns(picture[needed], columns)
    if kernel.rounding == "each pass" and axes[1].length != axes[1].resized:
        shrunk = _levels(shrunk)
    found = _rows(shrunk, places.reshape(rows.at.shape), rows.weights)
    if kernel.rounding == "last" or (
        kernel.rounding == "each pass" and axes[0].length != axes[0].resized
    ):
        found = _levels(found)
    return found


@dataclass(frozen=True, slots=True)
class _Taps:
    """The old points of each new one, and their weights; both of shape ``(points, taps)``."""

    at: Array
    weights: Array


def _columns(part: Array, taps: _Taps) -> Array:
    found = part[:, taps.at[:, 0]] * taps.weights[:, 0, None]
    for tap in range(1, taps.at.shape[1]):
        found += part[:, taps.at[:, tap]] * taps.weights[:, tap, None]
    return found


def _rows(shrunk: Array, places: Array, weights: Array) -> Array:
    found = shrunk[places[:, 0]] * weights[:, 0, None, None]
    for tap in range(1, places.shape[1]):
        found += shrunk[places[:, tap]] * weights[:, tap, None, None]
    return found


def _taps(kernel: Kernel, axis: Axis, wanted: Array) -> _Taps:
    inside = ~axis.beyond(wanted)
    place = (wanted + axis.offset).clip(0, axis.resized - 1)
    if axis.length == axis.resized:
        return _Taps((axis.start + place)[:, None], inside[:, None].astype(np.float32))
    dense = kernel.weights(axis.length, axis.resized, place)
    used = dense != 0
    first = used.argmax(axis=1)
    taps = int((axis.length - used[:, ::-1].argmax(axis=1) - first).max())
    at = (first[:, None] + np.arange(taps)).clip(max=axis.length - 1)
    weights = np.take_along_axis(dense, at, axis=1) * inside[:, None]
    # Beyond the last old point the last one would count twice.
    weights[first[:, None] + np.arange(taps) >= axis.length] = 0
    return _Taps(axis.start + at, weights.astype(np.float32))


def _levels(values: Array) -> Array:
    return np.floor(values + 0.5).clip(0, 255)
