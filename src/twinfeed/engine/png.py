"""Plain PNG files without Pillow: 8 bits, not interlaced, nothing special.

For small pictures most of the time goes into objects around the decoding. Whatever is not plain,
or not whole, is left to Pillow, which then decides what it is.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine._kernels import kernels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">II5B")
_CHUNK = struct.Struct(">I4s")
_CHANNELS = {"grayscale": (0, 1), "rgb": (2, 3), "rgba": (6, 4)}
_LARGEST = 1 << 26
"""Pixels, 67 million: from about there on Pillow has something to say."""
_HARMLESS = frozenset(
    {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs", b"tEXt", b"tIME", b"bKGD", b"eXIf"}
)


def decode(data: bytes, color_mode: str) -> Array | None:
    """The pixels of a plain PNG in the wanted colours, or ``None`` where Pillow has to decide.

    Returns:
        ``(height, width, channels)`` uint8.
    """
    compiled = kernels()
    if compiled is None:
        return None
    kind, channels = _CHANNELS[color_mode]
    try:
        header, packed = _chunks(data)
        width, height, *rest = _HEADER.unpack(header)
        if rest != [8, kind, 0, 0, 0] or not 0 < width * height <= _LARGEST:
            return None
        wanted = height * (1 + width * channels)
        unpacking = zlib.decompressobj()
        lines = unpacking.decompress(packed, wanted + 1)
        if len(lines) != wanted or not unpacking.eof:
            return None
    except (struct.error, zlib.error, _NotPlainError):
        return None
    pixels = np.empty((height, width * channels), np.uint8)
    if not compiled.unfilter(np.frombuffer(lines, np.uint8), channels, pixels):
        return None
    return pixels.reshape(height, width, channels)


class _NotPlainError(Exception):
    """A chunk that Pillow should see."""


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The header and the compressed lines, both with the right checksum."""
    header, parts, at = b"", list[bytes](), len(SIGNATURE)
    while True:
        length, name = _CHUNK.unpack_from(data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length:
            raise _NotPlainError
        if name in {b"IHDR", b"IDAT"}:
            said = int.from_bytes(data[at + 8 + length : at + 12 + length], "big")
            if zlib.crc32(body, zlib.crc32(name)) != said:
                raise _NotPlainError
            if name == b"IHDR":
                header = body
            else:
                parts.append(body)
        elif name == b"IEND":
            return header, b"".join(parts)
        elif name not in _HARMLESS:
            raise _NotPlainError
        at += 12 + length
