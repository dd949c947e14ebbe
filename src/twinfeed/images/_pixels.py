"""What happens to the values of one picture after it was sampled, as Keras does it.

Sums over a picture depend on the order of its values in memory, so arrays keep the memory order
that they have in Keras: planes of channels where a picture was sampled, pixels elsewhere.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, Protocol

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine._kernels import kernels
from twinfeed.engine.decode import Grid, as_grid, pillow
from twinfeed.engine.reference import planes
from twinfeed.engine.warp import Sampling, warp
from twinfeed.errors import UsageError
from twinfeed.images._frameworks import _keras


class Standard(Protocol):
    """What of a generator decides how values are normalised."""

    preprocessing_function: Any
    rescale: Any
    samplewise_center: Any
    samplewise_std_normalization: Any
    featurewise_center: Any
    featurewise_std_normalization: Any
    zca_whitening: Any
    mean: Any
    std: Any
    zca_whitening_matrix: Any


def sampled(x: Array, matrix: Array, sampling: Sampling, channel_axis: int) -> Array:
    """A picture moved by an affine map; planes in memory, axes as they were.

    Args:
        x: Three axes, the channels first or last.
        matrix: Six numbers as ``warp`` takes them.
        sampling: Fill mode, constant and order.
        channel_axis: 0 or 2.
    """
    channels = np.rollaxis(x, channel_axis, 0)
    if x.dtype == np.float32 and sampling.order == 1 and kernels() is not None:
        made = np.empty(channels.shape, np.float32)
        grid, out = as_grid(channels.transpose(1, 2, 0)), made.transpose(1, 2, 0)
        warp(grid, matrix, sampling, mirror=False, turn=False, scale=1.0, out=out)
    else:
        made = planes(channels, matrix, sampling)
    return np.rollaxis(made, 0, channel_axis + 1)


def sampled_grid(
    grid: Grid, matrix: Array | None, sampling: Sampling, *, channels_first: bool, dtype: Any
) -> Array:
    """A decoded picture as the float array that Keras has after ``apply_affine_transform``."""
    if matrix is None or dtype != np.float32:
        x = grid.taken().astype(dtype)
        if channels_first:
            x = x.transpose(2, 0, 1)
        return x if matrix is None else sampled(x, matrix, sampling, 0 if channels_first else 2)
    made = np.empty((len(grid.rows), len(grid.columns), grid.pixels.shape[2]), np.float32)
    warp(grid, matrix, sampling, mirror=False, turn=False, scale=1.0, out=made)
    channels = np.ascontiguousarray(made.transpose(2, 0, 1))
    return channels if channels_first else np.rollaxis(channels, 0, 3)


def flipped(x: Array, axis: int) -> Array:
    """A view with one axis turned round."""
    return np.flip(np.asarray(x), axis)


def channel_shifted(x: Array, intensity: float, channel_axis: int) -> Array:
    """Add to every value and clip to what the picture spans."""
    x = np.rollaxis(x, channel_axis, 0)
    low, high = np.min(x), np.max(x)
    x = np.stack([np.clip(channel + intensity, low, high) for channel in x], axis=0)
    return np.rollaxis(x, 0, channel_axis + 1)


def brightened(x: Array, factor: float) -> Array:
    """Multiply the brightness as Keras does, with its faults.

    Values are cut to whole numbers; a picture in 0..1 becomes black and white; one that leaves
    0..255 is stretched to its own span first; channels are taken to be where Keras's global
    setting says, whatever the generator's is.
    """
    low, high = np.min(x), np.max(x)
    outside = low < 0 or high > 255
    first = _keras.setting("image_data_format") == "channels_first"
    x = np.asarray(x, _keras.setting("floatx"))
    pixels = x.transpose(1, 2, 0) if first else x
    channels = pixels.shape[2]
    if channels not in {1, 3, 4}:
        raise UsageError(
            f"brightness_range for pictures of shape {x.shape}",
            "1, 3 or 4 channels where Keras's image_data_format has them",
            "pass keras_faults=False, which heeds the generator's own data_format",
        )
    image = pillow().as_image(x, channels_first=first, scale=bool(outside))
    x = np.asarray(pillow().brightness(np.asarray(image), factor), _keras.setting("floatx"))
    if x.ndim == 2:
        x = x[None] if first else x[..., None]
    elif first:
        x = x.transpose(2, 0, 1)
    return x / 255 * (high - low) + low if outside else x


def brightened_right(x: Array, factor: float) -> Array:
    """Multiply and clip to white, which is 255, or 1 for a picture that stays within 0..1."""
    white = 1.0 if np.max(x) <= 1 else 255.0
    return np.clip(x * np.asarray(factor, x.dtype), 0, white).astype(x.dtype)


def standardized(x: Array, how: Standard) -> Array:
    """Normalise in place where NumPy can, as Keras does.

    Args:
        x: One picture, or a batch for what needs no axis.
        how: The generator.
    """
    if how.preprocessing_function:
        x = how.preprocessing_function(x)
    if how.rescale:
        x *= how.rescale
    if how.samplewise_center:
        x -= np.mean(x, keepdims=True)
    if how.samplewise_std_normalization:
        x /= np.std(x, keepdims=True) + 1e-6
    x = _with_statistics(x, how)
    if how.zca_whitening:
        if how.zca_whitening_matrix is not None:
            flat = x.reshape(-1, math.prod(x.shape[-3:]))
            x = np.reshape(flat @ how.zca_whitening_matrix, x.shape)
        else:
            _not_fitted("zca_whitening")
    return x


def _with_statistics(x: Array, how: Standard) -> Array:
    if how.featurewise_center:
        if how.mean is not None:
            x -= how.mean
        else:
            _not_fitted("featurewise_center")
    if how.featurewise_std_normalization:
        if how.std is not None:
            x /= how.std + 1e-6
        else:
            _not_fitted("featurewise_std_normalization")
    return x


def _not_fitted(name: str) -> None:
    warnings.warn(
        f"This ImageDataGenerator specifies `{name}`, but it hasn't been fit on any training "
        "data. Fit it first by calling `.fit(numpy_data)`.",
        stacklevel=3,
    )
