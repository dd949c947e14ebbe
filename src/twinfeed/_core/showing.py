"""Values of any range as levels that can be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace

_SIDE = 112  # rows or columns of a picture in a report: some 20 kB, and details still show
_STRETCHED = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class Showing:
    """How the values of one side become levels.

    Attributes:
        low: The value shown as black.
        high: The value shown as white.
        says: That in words.
    """

    low: float
    high: float
    says: str

    def levels(self, picture: Array) -> Array:
        """A picture in levels 0..255, float64; what lies outside is cut off."""
        values = np.nan_to_num(
            picture.astype(np.float64), nan=self.low, posinf=self.high, neginf=self.low
        )
        return ((values - self.low) / (self.high - self.low) * 255).clip(0, 255)


def is_picture(example: Array) -> bool:
    """Whether an example can be shown; a feed's examples need not all be of one kind."""
    return example.ndim == 3 and example.size > 0 and example.dtype.kind in "biuf"


def shows_pictures(trace: Trace) -> bool:
    """Whether the main input is an image, and so is every whole example that was kept."""
    return (
        trace.main is not None
        and trace.main.is_image
        and len(trace.kept.values) > 0
        and all(is_picture(example) for example in trace.kept.values)
    )


def showing(pictures: Sequence[Array]) -> Showing:
    """Choose the levels by the range that the pictures of one side have."""
    values = np.concatenate([picture.reshape(-1)[::7] for picture in pictures]).astype(np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return Showing(0, 1, "no finite values")
    least, most = float(values.min()), float(values.max())
    if all(picture.dtype == np.uint8 for picture in pictures):
        return Showing(0, 255, "levels 0..255 as they are")
    for low, high in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        width = high - low
        inside = least >= low - 0.01 * width and most <= high + 0.01 * width
        if inside and most - least > 0.3 * width:
            return Showing(low, high, f"{low:g}..{high:g} as black to white")
    low, high = (float(edge) for edge in np.quantile(values, _STRETCHED))
    if high <= low:
        low, high = least, max(most, least + 1)
    return Showing(low, high, f"{low:.4g}..{high:.4g} stretched to black and white")


def channels_last(picture: Array, main: LeafSpec) -> Array:
    """A picture with its channels behind."""
    return np.moveaxis(picture, 0, -1) if main.channels_first else picture


def coloured(levels: Array) -> Array:
    """Three channels: grey is repeated, alpha left out."""
    return np.repeat(levels[..., :1], 3, axis=-1) if levels.shape[-1] < 3 else levels[..., :3]


def small(levels: Array, *, side: int = _SIDE, keep_peaks: bool = False) -> Array:
    """A picture of few rows and columns, uint8; each is the mean of those it stands for.

    Args:
        levels: Shape ``(height, width, 3)``.
        side: Rows or columns at most.
        keep_peaks: Take the largest instead of the mean, so that a single odd pixel still shows.
    """
    step = -(-max(levels.shape[:2]) // side)
    if step > 1:
        reduce = np.maximum if keep_peaks else np.add
        for axis in (0, 1):
            starts = list(range(0, levels.shape[axis], step))
            counts = np.diff([*starts, levels.shape[axis]])
            levels = reduce.reduceat(levels, starts, axis=axis)
            if not keep_peaks:
                levels = levels / counts.reshape([-1, 1, 1] if axis == 0 else [1, -1, 1])
    return np.rint(levels).astype(np.uint8)
