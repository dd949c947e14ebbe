"""Batches of pictures through affine transforms, as TensorFlow states them."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.decode import Grid
from twinfeed.engine.warp import Sampling, warp

FILLS = {b"NEAREST": "nearest", b"REFLECT": "reflect"}
"""TensorFlow's names of what lies outside, where the kernel means the same by it."""


def project(images: Array, transforms: Array, fill: bytes) -> Array:
    """Sample each picture bilinearly at transformed places.

    Args:
        images: ``(count, height, width, channels)``, uint8 or float32.
        transforms: Eight numbers per picture or for all, from places in the output to places in
            the input: ``x' = a0 x + a1 y + a2`` and ``y' = b0 x + b1 y + b2``.
        fill: TensorFlow's name of what lies outside, one of ``FILLS``.

    Returns:
        float32, of the images' shape.
    """
    count, height, width, _ = images.shape
    rows, columns = np.arange(height, dtype=np.int32), np.arange(width, dtype=np.int32)
    sampling = Sampling(fill_mode=FILLS[fill])
    out = np.empty(images.shape, np.float32)
    for number in range(count):
        a0, a1, a2, b0, b1, b2 = transforms[number if len(transforms) > 1 else 0, :6].tolist()
        matrix = np.array([b1, b0, a1, a0, b2, a2], np.float64)
        grid = Grid(np.ascontiguousarray(images[number]), rows, columns)
        warp(grid, matrix, sampling, mirror=False, turn=False, scale=1.0, out=out[number])
    return out
