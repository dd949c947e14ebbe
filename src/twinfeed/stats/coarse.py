"""Coarse views of examples: a grid of an image's points, and a 16 x 16 signature."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec

SIGNATURE_SIDE = 16
GRID_SIDE = 64
"""Rows and columns of an image that are looked at unless every value is asked for."""
VECTOR_VALUES = 256
"""Values of an example that is no picture that its signature is made of."""
_GOLDEN = (5**0.5 - 1) / 2
_SIDES = 12  # of planes through all views: pictures on the same sides of all look much alike
_FOURTH = SIGNATURE_SIDE // 4
_PLANES = np.random.default_rng(12).integers(-64, 65, (_FOURTH**2, _SIDES))


def channels_last(array: Array, leaf: LeafSpec) -> Array:
    """An image batch with its channels as the last axis; a view."""
    return np.moveaxis(array, 1, -1) if leaf.channels_first else array


def grid(array: Array, leaf: LeafSpec) -> Array:
    """An image's evenly spaced rows and columns, channels last; any other leaf as it is."""
    if not leaf.is_image:
        return array
    image = channels_last(array, leaf)
    for axis in (1, 2):
        length = image.shape[axis]
        if length > GRID_SIDE:
            picks = ((np.arange(GRID_SIDE) + 0.5) * length / GRID_SIDE).astype(np.intp)
            image = np.take(image, picks, axis=axis)
    return image


def scattered(length: int, count: int) -> Array:
    """At most so many rows or columns, one in each of as many even parts, at another place of each.

    Evenly spaced ones would all miss, or all hit, what repeats every few points, as what an
    enlargement by whole numbers or the blocks of a JPEG leave does.
    """
    if length <= count:
        return np.arange(length)
    parts = np.arange(count)
    return ((parts + parts * _GOLDEN % 1) * length / count).astype(np.intp)


def signatures(points: Array, leaf: LeafSpec) -> Array:
    """Coarse views for pairing, as ``Rows.signature`` describes them.

    Args:
        points: Examples, channels last, shape ``(size, height, width, channels)`` for images.
        leaf: The leaf's spec.
    """
    if points.dtype.kind not in "biuf" or not points[:1].size or points.ndim == 1:
        return _no_signature(len(points))
    if leaf.is_image:
        coarse = _blocks(_blocks(_grey(points), 1), 2)
    else:
        coarse = points.reshape(len(points), -1)[:, :VECTOR_VALUES].astype(np.float32)
    flat = np.nan_to_num(coarse.reshape(len(points), -1), nan=0.0, posinf=0.0, neginf=0.0)
    centred = flat - flat.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    unit = centred / np.where(spread > 1e-12, spread, 1.0)
    return np.clip(np.rint(unit * 42 + 128), 0, 255).astype(np.uint8)


def looks(views: Array, content: Array) -> Array:
    """A key per picture that others of the same picture share, whatever was done to their values.

    Pictures resized in another way, scaled, or mirrored have the same key but for one in ten or
    twenty; of those cropped or turned a little a third has. Groups of pictures that look alike
    have keys next to each other, and copies the same one.

    Args:
        views: Signatures of pictures, shape ``(size, 256)``.
        content: A hash of each, uint64.
    """
    flat = views.reshape(-1, SIGNATURE_SIDE, SIGNATURE_SIDE).astype(np.int64)
    mirrored = flat + flat[:, ::-1]
    mirrored = mirrored + mirrored[:, :, ::-1]
    parts = mirrored[:, : 2 * _FOURTH, : 2 * _FOURTH]
    parts = parts.reshape(-1, _FOURTH, 2, _FOURTH, 2).sum(axis=(2, 4)).reshape(len(flat), -1)
    centred = parts * parts.shape[1] - parts.sum(axis=1, keepdims=True)
    group = (centred @ _PLANES > 0) @ (1 << np.arange(_SIDES))
    order = np.random.default_rng(_SIDES).permutation(1 << _SIDES).astype(np.uint64)
    return (order[group] << np.uint64(32)) | (content & np.uint64(0xFFFFFFFF))


def _grey(images: Array) -> Array:
    """Channel means, float32. Whole slices are added: numpy is slow at summing three at a time."""
    total = images[..., 0].astype(np.float32)
    for channel in range(1, images.shape[-1]):
        total += images[..., channel]
    return total / np.float32(images.shape[-1])


def _blocks(values: Array, axis: int) -> Array:
    """Means of 16 even blocks along an axis; an axis shorter than 16 is repeated."""
    length = values.shape[axis]
    if length % SIGNATURE_SIDE:
        picks = ((np.arange(GRID_SIDE) + 0.5) * length / GRID_SIDE).astype(np.intp)
        return _blocks(np.take(values, picks, axis=axis), axis)
    each = length // SIGNATURE_SIDE
    ahead = (slice(None),) * axis
    total = values[(*ahead, slice(0, None, each))]
    for step in range(1, each):
        total = total + values[(*ahead, slice(step, None, each))]
    return total / np.float32(each)


def _no_signature(size: int) -> Array:
    return np.zeros((size, 0), np.uint8)
