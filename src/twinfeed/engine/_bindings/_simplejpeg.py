"""simplejpeg: libjpeg-turbo without Pillow's overhead, releasing the interpreter's lock."""

from __future__ import annotations

import io
import threading

import numpy as np
import simplejpeg
from PIL import Image

from twinfeed._core.batch import Array
from twinfeed.engine._bindings import _pillow

_COLOURS = {"YCbCr": True, "RGB": True, "Gray": True}
_FORMATS = {"rgb": ("RGB", 3), "rgba": ("RGBA", 4), "grayscale": ("RGB", 3)}
_SCRATCH = threading.local()


def decode(data: bytes, color_mode: str) -> Array | None:
    """A JPEG's pixels, or ``None`` where Pillow has to decide.

    The array is only valid until the next call in the same thread: it lies in a buffer that is
    used again, which saves the kernel a page fault for every 4 kB of pixels.
    """
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
        if colours not in _COLOURS or _pillow.suspicious(int(width), int(height)):
            return None
        if color_mode == "grayscale" and colours == "Gray":
            name, channels = "GRAY", 1
        else:
            name, channels = _FORMATS[color_mode]
        room = _room(int(height) * int(width) * channels)
        pixels = simplejpeg.decode_jpeg(data, name, fastdct=False, buffer=room)
    except ValueError:
        # Damaged, or damaged in its opinion: Pillow repairs some of what it refuses.
        return None
    return pixels


def _room(size: int) -> Array:
    room: Array | None = getattr(_SCRATCH, "room", None)
    if room is None or room.size < size:
        room = _SCRATCH.room = np.empty(max(size, 1 << 20), np.uint8)
    return room


def agrees() -> bool:
    """Whether this build decodes to Pillow's bytes: both may carry any libjpeg-turbo."""
    ramp = np.add.outer(np.arange(50) * 5, np.arange(70) * 3)
    picture = np.stack([ramp % 256, (ramp * 7) % 256, (ramp // 3) ** 2 % 256], -1).astype(np.uint8)
    for subsampling, quality in (("4:2:0", 90), ("4:2:2", 60), ("4:4:4", 95)):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=subsampling)
        for color_mode in ("rgb", "rgba"):
            ours = decode(file.getvalue(), color_mode)
            if ours is None or not np.array_equal(
                ours, _pillow.decode(file.getvalue(), color_mode)
            ):
                return False
    return True
