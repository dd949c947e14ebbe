"""The turn that a photo's EXIF tag asks for, from the first bytes of its file."""

from __future__ import annotations

import struct

HEAD_BYTES = 1 << 16
"""So many bytes from the beginning of a JPEG file hold its EXIF block, unless others precede it."""
_TAG = 0x0112
_UPRIGHT = 1


def orientation(head: bytes) -> int:
    """The orientation tag of a JPEG: 1 is upright, 2 to 8 are turned or mirrored.

    Args:
        head: The beginning of the file, e.g. ``HEAD_BYTES`` of it.

    Returns:
        The tag; 1 where there is none, the file is no JPEG or its block is broken.

    Source: JEITA CP-3451, sections 4.5 and 4.6.4.
    """
    if head[:2] != b"\xff\xd8":
        return _UPRIGHT
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker, size = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker == 0xE1 and head[at + 4 : at + 10] == b"Exif\0\0":
            return _tag(head[at + 10 : at + 2 + size])
        if marker == 0xDA or size < 2:  # the picture itself begins
            break
        at += 2 + size
    return _UPRIGHT


def _tag(block: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return _UPRIGHT
    try:
        (first,) = struct.unpack_from(order + "I", block, 4)
        (entries,) = struct.unpack_from(order + "H", block, first)
        for number in range(entries):
            tag, _kind, _count, value = struct.unpack_from(
                order + "HHIH", block, first + 2 + 12 * number
            )
            if tag == _TAG:
                return value if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        pass
    return _UPRIGHT
