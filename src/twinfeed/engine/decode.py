"""From a file to the grid of its pixels."""

from __future__ import annotations

import os
import stat
import struct
import time
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.optional import require
from twinfeed.engine import png
from twinfeed.errors import ImageFileError

_JPEG = b"\xff\xd8\xff"
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


Stamp: TypeAlias = tuple[int, int, int]
"""Bytes of a file and the times in ns when its contents and its entry last changed."""
_TICK_NS = 20_000_000
"""A clock of file systems may stand still for some milliseconds."""
_OPENING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Where a FIFO has taken the place of a file just now, opening it does not wait."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is to become.

    Attributes:
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        height: Rows.
        width: Columns.
        interpolation: Pillow's name of the resize kernel in lower case.
        keep_aspect_ratio: Whether the middle is cut out in the wanted ratio before resizing.
    """

    color_mode: str
    height: int
    width: int
    interpolation: str = "nearest"
    keep_aspect_ratio: bool = False


class Grid(NamedTuple):
    """A resized picture that was not resized yet.

    Pixel ``(i, j)`` is ``pixels[rows[i], columns[j]]``. ``pixels`` may lie in a buffer of the
    calling thread and is valid until it decodes the next file.

    Attributes:
        pixels: ``(height, width, channels)``, uint8 or float32, contiguous, read-only.
        rows: int32, one per row wanted.
        columns: int32, one per column wanted.
    """

    pixels: Array
    rows: Array
    columns: Array

    def taken(self) -> Array:
        """The resized picture, an array of its own."""
        return self.pixels[self.rows[:, None], self.columns]


@cache
def pillow() -> ModuleType:
    """Our side of Pillow.

    Raises:
        MissingLibraryError: Pillow is not installed.
    """
    require("PIL", "read pictures")
    return import_module("twinfeed.engine._bindings._pillow")


@cache
def fast_jpeg() -> ModuleType | None:
    """Our side of simplejpeg, or ``None`` where it is missing or decodes to other bytes."""
    pillow()
    if find_spec("simplejpeg") is None:
        return None
    found = import_module("twinfeed.engine._bindings._simplejpeg")
    return found if found.agrees() else None


def stamp(path: str) -> Stamp:
    """What tells a file from what it was before; opens nothing.

    Raises:
        ImageFileError: The file is gone, or is no regular file.
    """
    try:
        found = os.stat(path)  # noqa: PTH116  a Path per picture and epoch is a cost
    except (OSError, ValueError) as error:
        raise ImageFileError(path, _reason(error)) from error
    kind = _KINDS.get(stat.S_IFMT(found.st_mode))
    if kind:
        raise ImageFileError(path, f"it is {kind}, which is not opened")
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def tells(mark: Stamp) -> bool:
    """Whether a change that came after what was read would be seen in the stamp."""
    return not 0 <= time.time_ns() - mark[2] < _TICK_NS


def read(path: str) -> bytes:
    """All bytes of a regular file; anything else is refused and never opened."""
    size = stamp(path)[0]
    if not size:
        raise ImageFileError(path, "it is empty")
    try:
        file = os.open(path, _OPENING)
        try:
            data = os.read(file, size + 1)
            if len(data) != size:  # it grows, or has more than the 2 GiB that come at once
                while more := os.read(file, 1 << 16):
                    data += more
        finally:
            os.close(file)
    except OSError as error:
        raise ImageFileError(path, _reason(error)) from error
    return data


def load(path: str, wanted: Wanted) -> Grid:
    """Read and decode a file as Keras's ``load_img`` does, without resizing where a grid will do.

    Raises:
        ImageFileError: It cannot be read; the message says why.
    """
    data = read(path)
    pixels = None
    if data.startswith(_JPEG) and (fast := fast_jpeg()):
        pixels = fast.decode(data, wanted.color_mode)
    elif data.startswith(png.SIGNATURE):
        pixels = png.decode(data, wanted.color_mode)
    if pixels is None:
        try:
            pixels = pillow().decode(data, wanted.color_mode)
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, MemoryError) as error:
            raise ImageFileError(path, _reason(error)) from error
        except Exception as error:
            # Pillow's own class, and whatever else its plugins let through.
            if type(error).__module__.partition(".")[0] not in {"PIL", "builtins", "zlib"}:
                raise
            raise ImageFileError(path, _reason(error)) from error
    return _grid(pixels, wanted)


def _grid(pixels: Array, wanted: Wanted) -> Grid:
    height, width = pixels.shape[:2]
    same = (height, width) == (wanted.height, wanted.width)
    left, upper, right, lower = 0, 0, width, height
    if wanted.keep_aspect_ratio and not same:
        left, upper, right, lower = _middle(height, width, wanted)
    if wanted.interpolation != "nearest" and not same:
        box = (left, upper, right, lower) if wanted.keep_aspect_ratio else None
        if pixels.ndim == 3 and wanted.color_mode == "grayscale":
            pixels = _grey(pixels)
        pixels = pillow().resize(pixels, wanted.height, wanted.width, wanted.interpolation, box)
        height, width = pixels.shape[:2]
        left, upper, right, lower = 0, 0, width, height
    places, short = pillow().nearest_places, pixels.dtype == np.uint16
    grid = Grid(
        pixels,
        places(height, wanted.height, upper, lower, short=short),
        places(width, wanted.width, left, right, short=short),
    )
    if wanted.color_mode == "grayscale" and pixels.ndim == 3:
        small = _grey(grid.taken())
        grid = Grid(small, *(places(size, size, 0, size) for size in small.shape))
    return grid._replace(pixels=_settled(grid.pixels))


def _grey(pixels: Array) -> Array:
    return pixels[..., 0] if pixels.shape[2] == 1 else pillow().grey(pixels)


def _settled(pixels: Array) -> Array:
    """Three axes, uint8 or float32, contiguous, read-only: one form, so one kernel each."""
    if pixels.dtype != np.uint8:
        pixels = pixels.astype(np.float32)
    pixels = np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None])
    view = pixels.view()
    view.setflags(write=False)
    return view


def _middle(height: int, width: int, wanted: Wanted) -> tuple[int, int, int, int]:
    """The largest part from the middle that has the wanted ratio: left, upper, right, lower."""
    tall = min(height, width * wanted.height // wanted.width)
    wide = min(width, height * wanted.width // wanted.height)
    upper, left = (height - tall) // 2, (width - wide) // 2
    return left, upper, left + wide, upper + tall


def as_grid(pixels: Array) -> Grid:
    """A picture of the right size as a grid."""
    settled = _settled(pixels)
    rows, columns = (_all(size) for size in settled.shape[:2])
    return Grid(settled, rows, columns)


@cache
def _all(size: int) -> Array:
    places = np.arange(size, dtype=np.int32)
    places.setflags(write=False)
    return places


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if type(error).__name__ == "UnidentifiedImageError":
        return "it is no picture that Pillow knows"
    said = (str(error).splitlines() or [""])[0].strip()
    return said or type(error).__name__
