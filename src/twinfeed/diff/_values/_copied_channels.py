"""Grey that was written into every channel, against colours."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins

_LOOKED_AT = 32
_ROUNDING = 1e-3  # of a channel's spread, that a line leaves of a grey in each channel's own units
_TINGE = 2e-3  # of the range, on average: what a seam that a JPEG coloured leaves of a grey picture


@remembered
def grey_in_colours(twins: Twins) -> SideName | None:
    """The side whose channels are copies of one, where those of the other are not."""
    shown = [_shown(twins.side(name)) for name in SIDES]
    left, right = shown
    if left is None or right is None:
        return None
    copied = [all((image == image[..., :1]).all() for image in images) for images in (left, right)]
    colours = right if copied[0] else left
    if copied[0] == copied[1] or no_colours(colours):
        return None
    return "A" if copied[0] else "B"


def no_colours(images: list[Array]) -> bool:
    """Whether several channels show one grey: normalised each, or tinged at a seam.

    Args:
        images: Channels last.
    """
    return _one_grey(images) or _hardly_coloured(images)


def _one_grey(images: list[Array]) -> bool:
    """Whether each channel is the first one times a factor plus an offset, the same in all images.

    A grey that was copied and then normalised by the constants of three colours is one still.

    Args:
        images: Channels last.
    """
    every = np.concatenate([image.reshape(-1, image.shape[-1]) for image in images])
    every = every.astype(np.float64)
    if not np.isfinite(every).all() or (np.ptp(every, axis=0) == 0).any():
        return False
    spread = every.std(axis=0)
    alike = (every - every.mean(axis=0)) / spread
    return bool(np.abs(alike - alike[:, :1]).max() < _ROUNDING)


def _hardly_coloured(images: list[Array]) -> bool:
    """Whether no picture is further from a grey than by a line of it or a level here and there.

    Args:
        images: Channels last.
    """
    low, high = min(float(each.min()) for each in images), max(float(each.max()) for each in images)
    most = _TINGE * (high - low)
    return all(
        float(np.abs(each.astype(np.float64) - each[..., :1]).mean()) <= most for each in images
    )


def _shown(trace: Trace) -> list[Array] | None:
    """Some examples, channels last; ``None`` where they have no several channels."""
    main = trace.main
    if main is None or not main.is_image or not trace.kept.values:
        return None
    axis = 0 if main.channels_first else -1
    images = [np.moveaxis(image, axis, -1) for image in trace.kept.values[:_LOOKED_AT]]
    if images[0].ndim != 3 or images[0].shape[-1] < 2:
        return None
    return images
