"""The fused pass in Numba: nearest grid, affine bilinear sampling, flips and rescale in one go.

Every sum is formed in the order in which ``scipy.ndimage.affine_transform`` forms it, in double
precision, and rounded to single precision where SciPy stores; then it is multiplied by the scale
as NumPy multiplies in place. So the bits are those of the reference, on machines where SciPy was
compiled without fused multiply-add, as its wheels for x86-64 are.

A picture is read through two tables: row ``i`` of the grid is row ``rows[i]`` of the decoded
picture, and the same for columns. That is what resizing to the nearest pixel does.
"""
# ruff: noqa: C901, PLR0911, PLR0912, PLR0915, PLR0917
# Numba compiles each function for its argument types; keyword arguments would cost time per call.

from __future__ import annotations

from typing import Any

import numpy as np

from twinfeed.engine._bindings._compile import compiled, inner
from twinfeed.engine._bindings._lanes import blend, blend_bytes, copy_pixel, widen, widen_inside
from twinfeed.engine._bindings._plain import copy_grid, copy_rgb, take_grid, unfilter
from twinfeed.engine._modes import CONSTANT, MIRROR, NEAREST, REFLECT, WRAP

__all__ = ["copy_grid", "copy_rgb", "take_grid", "unfilter", "warp_any", "warp_rgb"]


@inner
def _mapped(at: Any, size: Any, mode: Any) -> Any:
    """A coordinate outside of ``0..size - 1`` brought in as SciPy's mode says; -1 is outside."""
    last = size - 1
    if at < 0:
        if mode == CONSTANT:
            return -1.0
        if size <= 1 or mode == NEAREST:
            return 0.0
        if mode == MIRROR:
            twice = 2 * size - 2
            at = twice * np.int64(-at / twice) + at
            return at + twice if at <= 1 - size else -at
        if mode == REFLECT:
            twice = 2 * size
            if at < -twice:
                at = twice * np.int64(-at / twice) + at
            if at < -size:
                return at + twice
            return (1e-15 if at > -1e-15 else -at) - 1
        if mode == WRAP:
            return at + last * (np.int64(-at / last) + 1)
        return at + size * (np.int64((-1 - at) / size) + 1)
    if at > last:
        if mode == CONSTANT:
            return -1.0
        if size <= 1:
            return 0.0
        if mode == NEAREST:
            return float(last)
        if mode == MIRROR:
            twice = 2 * size - 2
            at -= twice * np.int64(at / twice)
            return twice - at if at >= size else at
        if mode == REFLECT:
            twice = 2 * size
            at -= twice * np.int64(at / twice)
            return twice - at - 1 if at >= size else at
        if mode == WRAP:
            return at - last * np.int64(at / last)
        return at - size * np.int64(at / size)
    return at


@inner
def _taps(at: Any, size: Any, mode: Any) -> Any:
    """The two samples that a coordinate lies between and the weight of the second.

    The first is -1 where the constant is due.
    """
    if mode == NEAREST:
        # SciPy leaves the coordinate outside and maps the samples: the weights are those outside.
        below = np.floor(at)
        low = np.int64(min(max(below, -1.0), float(size)))
        return max(min(low, size - 1), 0), max(min(low + 1, size - 1), 0), at - below
    at = _mapped(at, size, mode)
    if not at > -1.0:
        return -1, -1, 0.0
    below = np.floor(at)
    low = np.int64(below)
    high = low + 1
    if low < 0 or high >= size:
        inner = MIRROR if mode in (CONSTANT, WRAP) else mode
        low = np.int64(_mapped(float(low), size, inner))
        high = np.int64(_mapped(float(high), size, inner))
    return low, high, at - below


@inner
def _places(
    start: Any, step: Any, size: Any, mode: Any, mirror: Any, at: Any, to: Any, there: Any
) -> None:
    """The taps of one output row along one axis; in ``at`` -1 where the constant is due.

    Args:
        start: The coordinate of output column 0, in input pixels.
        step: From one output column to the next.
        size: Pixels of the input along the axis.
        mode: What lies outside.
        mirror: Whether output columns are counted from the right.
        at: int32, filled with the first sample of each output column.
        to: int32, filled with the second.
        there: float64, filled with the weight of the second.
    """
    width = at.size
    first, sign = (width - 1, -1) if mirror else (0, 1)
    if mode == NEAREST:
        # The common mode, without a branch, so that the compiler can vectorise it.
        last = np.int32(size - 1)
        for j in range(width):
            place = start + np.float64(np.int32(first + sign * j)) * step
            below = np.floor(place)
            there[j] = place - below
            low = np.int32(min(max(below, -1.0), np.float64(size)))
            at[j] = max(min(low, last), np.int32(0))
            to[j] = max(min(np.int32(low + 1), last), np.int32(0))
        return
    for j in range(width):
        place = start + (first + sign * j) * step
        if 0.0 <= place < size - 1:
            low = np.int32(place)
            at[j], to[j], there[j] = low, low + 1, place - low
        else:
            at[j], to[j], there[j] = _taps(place, size, mode)


@compiled
def warp_rgb(
    src: Any, rows: Any, cols: Any, matrix: Any, mode: Any, cval: Any, mirror: Any, turn: Any,
    scale: Any, out: Any,
) -> int:  # fmt: skip
    """Sample a ``uint8`` picture of three channels into ``out``, ``(height, width, 3)`` float32.

    ``matrix`` holds ``m00, m01, m10, m11, offset of rows, offset of columns``.
    """
    height, width = rows.size, cols.size
    pitch = src.shape[1] * 3
    # Signed, for NumPy's rules make a double of an unsigned and a signed number.
    source, target = np.intp(src.ctypes.data), np.intp(out.ctypes.data)
    end = source + src.shape[0] * pitch
    spans = np.empty((4, width), np.int32)
    at, to, above, below = spans[0], spans[1], spans[2], spans[3]
    weights = np.empty((2, width), np.float64)
    there, down = weights[0], weights[1]
    lines = np.empty(2 * width * 4 + 4, np.float64)  # two grid rows, pixels within cache lines
    base, stride = (np.intp(lines.ctypes.data) + 31) // 32 * 32, width * 32
    spare = np.empty(4, np.float32)
    spill = np.intp(spare.ctypes.data)
    held = np.full(2, -1, np.int64)
    ground = np.float32(cval) * scale
    tilted = matrix[1] != 0.0
    # Where rows are crossed, pixels are gathered first, four bytes each, close together.
    gathered = np.empty(height * width if tilted else 0, np.uint32)
    grid = np.intp(gathered.ctypes.data)
    if tilted:
        for i in range(height):
            line, place = source + rows[i] * pitch, grid + i * (width * 4)
            for j in range(width):
                copy_pixel(line + cols[j] * 3, end, place + j * 4)
    for i in range(height):
        si = height - 1 - i if turn else i
        y = matrix[4] + si * matrix[0]
        x = matrix[5] + si * matrix[2]
        _places(x, matrix[3], width, mode, mirror, at, to, there)
        row = target + i * width * 12
        if tilted:
            _places(y, matrix[1], height, mode, mirror, above, below, down)
            for j in range(width):
                if at[j] < 0 or above[j] < 0:
                    out[i, j, 0], out[i, j, 1], out[i, j, 2] = ground, ground, ground
                    continue
                # The fourth lane spills into the next pixel, which is written after this one.
                place = spill if j == width - 1 else row + j * 12
                first, second = grid + above[j] * (width * 4), grid + below[j] * (width * 4)
                left, right = at[j] * 4, to[j] * 4
                blend_bytes(
                    first + left, first + right, second + left, second + right,
                    1.0 - down[j], down[j], 1.0 - there[j], there[j], scale, place,
                )  # fmt: skip
        else:
            low, high, heavy = _taps(y, height, mode)
            if low < 0:
                for j in range(width):
                    out[i, j, 0], out[i, j, 1], out[i, j, 2] = ground, ground, ground
                continue
            # Of two rows in use one is usually still there from the output row before.
            first = 0 if held[0] == low or (held[0] != high and held[1] != low) else 1
            for slot, wanted in ((first, low), (1 - first, high)):
                if held[slot] != wanted:
                    held[slot] = wanted
                    line, place = source + rows[wanted] * pitch, base + slot * stride
                    if rows[wanted] < src.shape[0] - 1:
                        for j in range(width):
                            widen_inside(line + cols[j] * 3, place + j * 32)
                    else:
                        for j in range(width):
                            widen(line + cols[j] * 3, end, place + j * 32)
            one, two, light = base + first * stride, base + (1 - first) * stride, 1.0 - heavy
            for j in range(width):
                if at[j] < 0:
                    out[i, j, 0], out[i, j, 1], out[i, j, 2] = ground, ground, ground
                    continue
                place = spill if j == width - 1 else row + j * 12
                left, right = 1.0 - there[j], there[j]
                blend(one, two, at[j], to[j], light, heavy, left, right, scale, place)
        if at[width - 1] >= 0 and (not tilted or above[width - 1] >= 0):
            for k in range(3):
                out[i, width - 1, k] = spare[k]
    # Numba frees an array after the last line that names it; addresses do not count.
    return lines.size + gathered.size + spare.size


@compiled
def warp_any(
    src: Any, rows: Any, cols: Any, matrix: Any, mode: Any, cval: Any, mirror: Any, turn: Any,
    scale: Any, out: Any, steps: Any,
) -> None:  # fmt: skip
    """The same for any number of channels, ``uint8`` or float32.

    ``out`` is flat; ``steps`` are the distances of rows, columns and channels in it.
    """
    height, width, channels = rows.size, cols.size, src.shape[2]
    at, above = np.empty(width, np.int32), np.empty(width, np.int32)
    to, below = np.empty(width, np.int32), np.empty(width, np.int32)
    there, down = np.empty(width, np.float64), np.empty(width, np.float64)
    ground = np.float32(cval) * scale
    down_rows, along, across = steps
    for i in range(height):
        si = height - 1 - i if turn else i
        x = matrix[5] + si * matrix[2]
        y = matrix[4] + si * matrix[0]
        _places(x, matrix[3], width, mode, mirror, at, to, there)
        _places(y, matrix[1], height, mode, mirror, above, below, down)
        for j in range(width):
            place = i * down_rows + j * along
            if at[j] < 0 or above[j] < 0:
                for k in range(channels):
                    out[np.uintp(place + k * across)] = ground
                continue
            heavy, right = down[j], there[j]
            light, left = 1.0 - heavy, 1.0 - right
            first, second = np.uintp(rows[np.uintp(above[j])]), np.uintp(rows[np.uintp(below[j])])
            a, b = np.uintp(cols[np.uintp(at[j])]), np.uintp(cols[np.uintp(to[j])])
            for k in range(channels):
                total = np.float64(src[first, a, k]) * light * left
                total += np.float64(src[first, b, k]) * light * right
                total += np.float64(src[second, a, k]) * heavy * left
                total += np.float64(src[second, b, k]) * heavy * right
                out[np.uintp(place + k * across)] = np.float32(total) * scale
