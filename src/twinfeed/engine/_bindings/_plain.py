"""Kernels that move no pixel: the nearest grid as it stands, and the filters of PNG."""
# ruff: noqa: C901, PLR0912, PLR0917

from __future__ import annotations

from typing import Any

import numpy as np

from twinfeed.engine._bindings._compile import compiled
from twinfeed.engine._bindings._lanes import scale_bytes


@compiled
def copy_rgb(src: Any, rows: Any, cols: Any, mirror: Any, turn: Any, scale: Any, out: Any) -> int:
    """``copy_grid`` for three channels of ``uint8`` and ``out`` of shape ``(height, width, 3)``."""
    height, width = rows.size, cols.size
    pitch = src.shape[1] * 3
    source, target = np.intp(src.ctypes.data), np.intp(out.ctypes.data)
    end = source + src.shape[0] * pitch
    spare = np.empty(4, np.float32)
    spill = np.intp(spare.ctypes.data)
    last = width - 1
    for i in range(height):
        line = source + rows[height - 1 - i if turn else i] * pitch
        row = target + i * width * 12
        for j in range(last):
            scale_bytes(line + cols[last - j if mirror else j] * 3, end, scale, row + j * 12)
        scale_bytes(line + cols[0 if mirror else last] * 3, end, scale, spill)
        for k in range(3):
            out[i, last, k] = spare[k]
    return spare.size  # in use up to here, which an address does not tell Numba


@compiled
def copy_grid(
    src: Any, rows: Any, cols: Any, mirror: Any, turn: Any, scale: Any, out: Any, steps: Any
) -> None:
    """The nearest grid as it stands, flipped and scaled; ``out`` and ``steps`` as above."""
    height, width, channels = rows.size, cols.size, src.shape[2]
    down_rows, along, across = steps
    for i in range(height):
        row = np.uintp(rows[height - 1 - i if turn else i])
        for j in range(width):
            column = np.uintp(cols[width - 1 - j if mirror else j])
            place = i * down_rows + j * along
            for k in range(channels):
                out[np.uintp(place + k * across)] = np.float32(src[row, column, k]) * scale


@compiled
def take_grid(src: Any, rows: Any, cols: Any, out: Any) -> None:
    """The nearest grid as it stands, in the type of the source."""
    for i in range(rows.size):
        row = np.uintp(rows[i])
        for j in range(cols.size):
            column = np.uintp(cols[j])
            for k in range(src.shape[2]):
                out[i, j, k] = src[row, column, k]


@compiled
def unfilter(lines: Any, channels: Any, out: Any) -> Any:
    """Undo the filters of PNG.

    Args:
        lines: For each row a byte that names its filter, then the row; uint8.
        channels: Bytes per pixel.
        out: ``(height, width * channels)`` uint8.

    Returns:
        Whether every filter was known.
    """
    height, width = out.shape
    nothing = np.zeros(width, np.uint8)
    for i in range(height):
        start = i * (width + 1)
        kind, line, row = lines[start], lines[start + 1 : start + 1 + width], out[i]
        above = out[i - 1] if i > 0 else nothing
        if kind == 0:
            for j in range(width):
                row[j] = line[j]
        elif kind == 1:
            for j in range(width):
                row[j] = line[j] + (row[j - channels] if j >= channels else 0)
        elif kind == 2:
            for j in range(width):
                row[j] = line[j] + above[j]
        elif kind == 3:
            for j in range(width):
                left = np.int32(row[j - channels]) if j >= channels else np.int32(0)
                row[j] = line[j] + ((left + above[j]) >> 1)
        elif kind == 4:
            for j in range(min(channels, width)):
                row[j] = line[j] + above[j]
            for j in range(channels, width):
                left, up = np.int32(row[j - channels]), np.int32(above[j])
                corner = np.int32(above[j - channels])
                to_left, to_up = abs(up - corner), abs(left - corner)
                to_corner = abs(left + up - 2 * corner)
                near_up = up if to_up <= to_corner else corner
                nearest = left if to_left <= to_up and to_left <= to_corner else near_up
                row[j] = line[j] + nearest
        else:
            return False
    return True
