"""Small pictures inside the page."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from twinfeed._core.batch import Array


def data_uri(pixels: Array) -> str:
    """A picture as an address that holds it whole.

    Args:
        pixels: uint8, shape ``(height, width, 3)``.
    """
    return "data:image/png;base64," + base64.b64encode(encode(pixels)).decode("ascii")


def encode(pixels: Array) -> bytes:
    """A PNG of 8 bits, RGB; each line stores its difference to the line above.

    The format is that of the PNG specification (W3C, third edition): signature, header,
    one packed data chunk, end.
    """
    height, width, _ = pixels.shape
    above = np.concatenate([np.zeros_like(pixels[:1]), pixels[:-1]])
    lines = (pixels - above).reshape(height, -1)  # uint8 wraps round, as the filter wants it
    filtered = np.concatenate([np.full((height, 1), 2, np.uint8), lines], axis=1)
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
