"""Kernels that move no pixel: the nearest grid as it stands, and the filters of PNG."""
# ruff: noqa: C901, PLR0912, PLR0917

from __future__ import annotations

from typing import Any

import numpy as np

from twinfeed.engine._bindings._compile import compiled, inner
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


@inner
def _nearest(left: Any, over: Any, corner: Any) -> Any:
    """Paeth's choice: the neighbour that is nearest to ``left + over - corner``."""
    across, down = over - corner, left - corner
    to_left, to_over, to_corner = abs(across), abs(down), abs(across + down)
    near = over if to_over <= to_corner else corner
    return left if to_left <= min(to_over, to_corner) else near


@inner
def _paeth_rgb(lines: Any, line: Any, flat: Any, up: Any, row: Any, size: Any) -> None:
    """One row of three channels; what one pixel needs of the one before never leaves registers."""
    left_0 = left_1 = left_2 = corner_0 = corner_1 = corner_2 = np.int32(0)
    one, two, byte = np.uintp(1), np.uintp(2), np.int32(255)
    for j in range(np.uintp(0), size, np.uintp(3)):
        over_0, over_1 = np.int32(flat[up + j]), np.int32(flat[up + j + one])
        over_2 = np.int32(flat[up + j + two])
        left_0 = (lines[line + j] + _nearest(left_0, over_0, corner_0)) & byte
        left_1 = (lines[line + j + one] + _nearest(left_1, over_1, corner_1)) & byte
        left_2 = (lines[line + j + two] + _nearest(left_2, over_2, corner_2)) & byte
        flat[row + j], flat[row + j + one], flat[row + j + two] = left_0, left_1, left_2
        corner_0, corner_1, corner_2 = over_0, over_1, over_2


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
    # Unsigned places need no look at whether they count from the end.
    step, size, row = np.uintp(channels), np.uintp(width), np.uintp(0)
    first = min(step, size)
    flat, one = out.reshape(-1), np.uintp(1)
    for i in range(height):
        line = row + np.uintp(i) + one
        kind, up = lines[line - one], row - size
        if kind > 4:
            return False
        if i == 0:
            # Above the first row is nothing: Paeth's neighbour is then the one to the left.
            kind = 0 if kind == 2 else 1 if kind == 4 else kind
        for j in range(first):
            above = flat[up + j] if i > 0 else np.uint8(0)
            added = above >> 1 if kind == 3 else above if kind in (2, 4) else np.uint8(0)
            flat[row + j] = lines[line + j] + added
        if kind == 0:
            for j in range(first, size):
                flat[row + j] = lines[line + j]
        elif kind == 1:
            for j in range(first, size):
                flat[row + j] = lines[line + j] + flat[row + j - step]
        elif kind == 2:
            for j in range(first, size):
                flat[row + j] = lines[line + j] + flat[up + j]
        elif kind == 3:
            for j in range(first, size):
                over = np.int32(flat[up + j]) if i > 0 else np.int32(0)
                flat[row + j] = lines[line + j] + ((np.int32(flat[row + j - step]) + over) >> 1)
        elif channels == 3 and size % step == 0:
            _paeth_rgb(lines, line, flat, up, row, size)
        else:
            for j in range(first, size):
                left, over = np.int32(flat[row + j - step]), np.int32(flat[up + j])
                near = _nearest(left, over, np.int32(flat[up + j - step]))
                flat[row + j] = lines[line + j] + near
        row += size
    return True
