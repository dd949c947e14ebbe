"""Pillow: every format, every interpolation, and what the nearest grid is."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from typing import Any

import numpy as np
import PIL
from PIL import Image, ImageEnhance

from twinfeed._core.batch import Array

INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "hamming": Image.Resampling.HAMMING,
    "box": Image.Resampling.BOX,
    "lanczos": Image.Resampling.LANCZOS,
}
_MODES = {"rgb": "RGB", "rgba": "RGBA"}
_GREY = ("L", "I;16", "I")


def decode(data: bytes, color_mode: str) -> Array:
    """The first picture in ``data``.

    Returns:
        ``(height, width, 3)`` or ``(height, width, 4)`` uint8, or ``(height, width)`` for
        ``grayscale``, which keeps 16 and 32 bits where the file has them.
    """
    with Image.open(io.BytesIO(data)) as image:
        wanted = _MODES.get(color_mode)
        keep = image.mode == wanted if wanted else image.mode in _GREY
        return np.asarray(image if keep else image.convert(wanted or "L"))


def refused(width: int, height: int) -> bool:
    """Whether Pillow refuses a picture of this size as a decompression bomb."""
    return Image.MAX_IMAGE_PIXELS is not None and width * height > 2 * Image.MAX_IMAGE_PIXELS


def suspicious(width: int, height: int) -> bool:
    """Whether Pillow has something to say about a picture of this size."""
    return Image.MAX_IMAGE_PIXELS is not None and width * height > Image.MAX_IMAGE_PIXELS


def resize(
    pixels: Array, height: int, width: int, interpolation: str, box: tuple[int, ...] | None
) -> Array:
    """Resize as ``Image.resize`` does; ``box`` is left, upper, right, lower."""
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((width, height), INTERPOLATIONS[interpolation], box=box))


@lru_cache(maxsize=4096)
def nearest_places(size: int, wanted: int, start: int, stop: int, *, short: bool = False) -> Array:
    """Which of ``size`` pixels in a line each of ``wanted`` is, as Pillow's own resize has it.

    Pillow rounds differently for values of 16 bits, which is what ``short`` says.
    """
    places = np.zeros(wanted, np.int32)
    numbers = np.arange(size, dtype=np.int32)
    for bits in (0, 16):
        part = numbers >> bits
        line = Image.fromarray((part & 0xFFFF).astype(np.uint16)[None] if short else part[None])
        taken = line.resize((wanted, 1), Image.Resampling.NEAREST, box=(start, 0, stop, 1))
        places |= np.asarray(taken, np.int32)[0] << bits
        if not short:
            break
    places.setflags(write=False)
    return places


def grey(pixels: Array) -> Array:
    """``(height, width, 3)`` uint8 to ``(height, width)``."""
    return np.asarray(Image.fromarray(pixels).convert("L"))


def brightness(pixels: Array, factor: float) -> Array:
    """``uint8`` pixels as ``ImageEnhance.Brightness`` returns them."""
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(factor))


def as_image(x: Array, *, channels_first: bool, scale: bool) -> Any:
    """A float picture as Keras's ``array_to_img`` makes one of it."""
    x = np.asarray(x, np.float32)
    if channels_first:
        x = x.transpose(1, 2, 0)
    if scale:
        x = x - np.min(x)
        most = np.max(x)
        if most != 0:
            x /= most
        x *= 255
    with warnings.catch_warnings():
        # Outside of 0..255 the cast has no defined result, for Keras neither.
        warnings.simplefilter("ignore", RuntimeWarning)
        if x.shape[2] == 1:
            if np.max(x) > 255:
                return Image.fromarray(x[:, :, 0].astype(np.int32))
            return Image.fromarray(x[:, :, 0].astype(np.uint8))
        return Image.fromarray(x.astype(np.uint8))


def version() -> str:
    """Pillow's version: another one may resize differently."""
    return str(PIL.__version__)
