"""Rules by which a picture of one shape becomes one of another: stretch, crop, pad."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

from twinfeed._core.batch import Array

Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Axis:
    """What becomes of one axis.

    Attributes:
        start: First old point that takes part.
        length: Old points that take part.
        resized: Their number after the resize.
        offset: Which of the resized points is the first new one; negative where a bar is put
            in front.
    """

    start: int
    length: int
    resized: int
    offset: int

    def beyond(self, at: Array) -> Array:
        """Which of some new points lie in a bar."""
        place = at + self.offset
        return (place < 0) | (place >= self.resized)


Policy: TypeAlias = "Callable[[Size, Size], tuple[Axis, Axis]]"


def _stretch(before: Size, after: Size) -> tuple[Axis, Axis]:
    return Axis(0, before[0], after[0], 0), Axis(0, before[1], after[1], 0)


def _crop_to_shape(before: Size, after: Size) -> tuple[Axis, Axis]:
    """The largest centred part of the new shape, resized: ``crop_to_aspect_ratio``."""
    height = min(before[0], int(before[1] * after[0] / after[1]))
    width = min(before[1], int(before[0] * after[1] / after[0]))
    return (
        Axis(int((before[0] - height) / 2), height, after[0], 0),
        Axis(int((before[1] - width) / 2), width, after[1], 0),
    )


def _pad(before: Size, after: Size) -> tuple[Axis, Axis]:
    """Resized to fit, bars around it: ``tf.image.resize_with_pad``."""
    ratio = max(before[0] / after[0], before[1] / after[1])
    sizes = [max(1, int(length / ratio + 1e-9)) for length in before]
    rows, columns = (
        Axis(0, length, size, -((whole - size) // 2))
        for length, size, whole in zip(before, sizes, after, strict=True)
    )
    return rows, columns


def _pad_at_end(rounded: Callable[[float], int]) -> Policy:
    """Resized to fit, bars at the right or below: readers of text, and detectors."""

    def policy(before: Size, after: Size) -> tuple[Axis, Axis]:
        ratio = max(before[0] / after[0], before[1] / after[1])
        rows, columns = (
            Axis(0, length, min(whole, max(1, rounded(length / ratio - 1e-9))), 0)
            for length, whole in zip(before, after, strict=True)
        )
        return rows, columns

    return policy


def _shorter_side(factor: float) -> Policy:
    """The shorter side to ``factor`` times the new one, then the middle."""

    def policy(before: Size, after: Size) -> tuple[Axis, Axis]:
        goal = round(min(after) * factor)
        short = min(before)
        sizes = [goal if length == short else int(goal * length / short) for length in before]
        rows, columns = (
            Axis(0, length, size, round((size - whole) / 2))
            for length, size, whole in zip(before, sizes, after, strict=True)
        )
        return rows, columns

    return policy


def _middle(before: Size, after: Size) -> tuple[Axis, Axis]:
    """The middle at its own scale: ``tf.image.resize_with_crop_or_pad``."""
    rows, columns = (
        Axis(
            0,
            length,
            length,
            (length - whole) // 2 if length >= whole else -((whole - length) // 2),
        )
        for length, whole in zip(before, after, strict=True)
    )
    return rows, columns


POLICIES: dict[str, Policy] = {
    "stretched": _stretch,
    "cropped to the new shape, then resized": _crop_to_shape,
    "resized to fit and padded": _pad,
    "resized to fit and padded at the right or below": _pad_at_end(round),
    "resized to fit, rounded up, and padded at the right or below": _pad_at_end(ceil),
    "shorter side resized, then the middle cut out": _shorter_side(1.0),
    "shorter side resized to 256/224, then the middle cut out": _shorter_side(256 / 224),
    "middle cut out at its own scale": _middle,
}
"""What a finding calls each; of two that give the same points the first is named."""


SIDEWAYS = frozenset({5, 6, 7, 8})
"""EXIF orientations that make rows of columns."""


def turned(picture: Array, orientation: int) -> Array:
    """A picture, rows and columns first, as the EXIF orientation 1 to 8 wants it shown."""
    if orientation in SIDEWAYS:
        picture = picture.swapaxes(0, 1)
    # After the transposition: 2, 6 and 7 mirror columns; 3 both; 4, 7 and 8 rows.
    columns = orientation in {2, 3, 6, 7}
    rows = orientation in {3, 4, 7, 8}
    return picture[:: -1 if rows else 1, :: -1 if columns else 1]
