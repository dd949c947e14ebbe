"""Height, width and channels of an image leaf, wherever its channels stand."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed._core.spec import LeafSpec
from twinfeed.diff._leaves import matched
from twinfeed.diff._twins import Twins


@dataclass(frozen=True, slots=True)
class ImageShape:
    """The shape of one example; ``None`` where it varies.

    Attributes:
        path: The leaf's path.
        height: Rows.
        width: Columns.
        channels: Channels.
        channels_first: Whether they are the first axis.
    """

    path: str
    height: int | None
    width: int | None
    channels: int | None
    channels_first: bool

    @property
    def size(self) -> str:
        """Height and width in words."""
        if self.height is None and self.width is None:
            return "of varying size"
        return f"{_or_any(self.height)} x {_or_any(self.width)}"


def image_shapes(twins: Twins) -> list[tuple[ImageShape, ImageShape]]:
    """The inputs that are images on both sides."""
    return [
        (image_shape(left), image_shape(right))
        for left, right in matched(twins, "x")
        if left.is_image and right.is_image
    ]


def image_shape(leaf: LeafSpec) -> ImageShape:
    """The shape of an image leaf."""
    first = leaf.channels_first
    height, width, channels = (*leaf.shape[1:], leaf.shape[0]) if first else leaf.shape
    return ImageShape(leaf.path, height, width, channels, first)


def _or_any(length: int | None) -> str:
    return "any" if length is None else str(length)
