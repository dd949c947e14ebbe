"""The fused pass in Numba: nearest grid, affine bilinear sampling, flips and rescale in one go.

Every sum is formed in the order in which ``scipy.ndimage.affine_transform`` forms it, in double
precision, and rounded to single precision where SciPy stores; then it is multiplied by the scale
as NumPy multiplies in place. So the bits are those of the reference, on machines where SciPy was
compiled without fused multiply-add, as its wheels for x86-64 are.

A picture is read through two tables: row ``i`` of the grid is row ``rows[i]`` of the decoded
picture, and the same for columns. That is what resizing to the nearest pixel does.
"""
# ruff: noqa: ARG001, C901, PLR0911, PLR0912, PLR0915, PLR0917
# Numba compiles each function for its argument types; keyword arguments would cost time per call.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from twinfeed.engine._modes import CONSTANT, MIRROR, NEAREST, REFLECT, WRAP
from twinfeed.engine.places import kernel_cache

_LANES = 4


def _compiled(**options: Any) -> Callable[[Any], Any]:
    """``njit`` whose machine code is kept where nothing lies beside the user's files."""

    def decorate(function: Any) -> Any:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(kernel_cache())
        try:
            return numba.njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # nowhere to write: compile anew in each process
            return numba.njit(nogil=True, **options)(function)
        finally:
            numba.config.CACHE_DIR = before

    return decorate


_inner = numba.njit(error_model="numpy", nogil=True)


def _vector(kind: Any) -> Any:
    return ir.VectorType(kind, _LANES)


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _splat(builder: Any, value: Any) -> Any:
    made = ir.Constant(_vector(value.type), ir.Undefined)
    for lane in range(_LANES):
        made = builder.insert_element(made, value, ir.Constant(ir.IntType(32), lane))
    return made


def _load_pixel(builder: Any, address: Any, end: Any, kind: Any) -> Any:
    """Four floats from the bytes at ``address``; reads no byte at or after ``end``."""
    word = ir.IntType(32)
    past = builder.icmp_signed(">", builder.add(address, ir.Constant(address.type, _LANES)), end)
    back = builder.zext(past, address.type)
    loaded = builder.load(_pointer(builder, builder.sub(address, back), word), align=1)
    shift = builder.shl(builder.zext(past, word), ir.Constant(word, 3))
    four = builder.bitcast(builder.lshr(loaded, shift), _vector(ir.IntType(8)))
    return builder.uitofp(four, _vector(kind))


@intrinsic
def _widen(_context: Any, address: Any, end: Any, target: Any) -> Any:
    """Store the pixel at ``address`` as four doubles at ``target``."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, end, target = given
        value = _load_pixel(builder, address, end, ir.DoubleType())
        builder.store(value, _pointer(builder, target, value.type), align=8)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), generate


@intrinsic
def _scale_bytes(_context: Any, address: Any, end: Any, scale: Any, out: Any) -> Any:
    """Store the pixel at ``address``, times ``scale``, as four floats at ``out``."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, end, scale, out = given
        value = _load_pixel(builder, address, end, ir.FloatType())
        scaled = builder.fmul(value, _splat(builder, scale))
        builder.store(scaled, _pointer(builder, out, scaled.type), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float32, types.intp), generate


def _finish(builder: Any, total: Any, scale: Any, target: Any) -> None:
    single = builder.fptrunc(total, _vector(ir.FloatType()))
    scaled = builder.fmul(single, _splat(builder, scale))
    builder.store(scaled, _pointer(builder, target, scaled.type), align=4)


@intrinsic
def _blend(
    _context: Any, top: Any, low: Any, at: Any, to: Any, here: Any, there: Any, scale: Any, out: Any
) -> Any:
    """One pixel from two rows of doubles that already carry their vertical weights."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        top, low, at, to, here, there, scale, out = given
        kind = _vector(ir.DoubleType())
        size = ir.Constant(at.type, 8 * _LANES)
        offsets = builder.mul(at, size), builder.mul(to, size)
        weights = _splat(builder, here), _splat(builder, there)
        total = None
        for row in (top, low):
            for offset, weight in zip(offsets, weights, strict=True):
                place = _pointer(builder, builder.add(row, offset), kind)
                part = builder.fmul(builder.load(place, align=8), weight)
                total = part if total is None else builder.fadd(total, part)
        _finish(builder, total, scale, out)
        return context.get_dummy_value()

    intp, double = types.intp, types.float64
    return types.void(intp, intp, intp, intp, double, double, types.float32, intp), generate


@intrinsic
def _blend_bytes(
    _context: Any, a: Any, b: Any, c: Any, d: Any, end: Any, up: Any, down: Any, here: Any,
    there: Any, scale: Any, out: Any,
) -> Any:  # fmt: skip
    """One pixel from four pixels of bytes: upper left, upper right, lower left, lower right."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        corners, (end, up, down, here, there, scale, out) = given[:4], given[4:]
        vertical = _splat(builder, up), _splat(builder, down)
        horizontal = _splat(builder, here), _splat(builder, there)
        total = None
        for index, corner in enumerate(corners):
            part = builder.fmul(
                _load_pixel(builder, corner, end, ir.DoubleType()), vertical[index // 2]
            )
            part = builder.fmul(part, horizontal[index % 2])
            total = part if total is None else builder.fadd(total, part)
        _finish(builder, total, scale, out)
        return context.get_dummy_value()

    intp, double = types.intp, types.float64
    signature = types.void(*(intp,) * 5, *(double,) * 4, types.float32, intp)
    return signature, generate


@_inner
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


@_inner
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


@_inner
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


@_compiled(error_model="numpy")
def warp_rgb(
    src: Any, rows: Any, cols: Any, matrix: Any, mode: Any, cval: Any, mirror: Any, turn: Any,
    scale: Any, out: Any,
) -> None:  # fmt: skip
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
    lines = np.empty((4, width * 4), np.float64)  # two grid rows, and the same two weighted
    base, stride = np.intp(lines.ctypes.data), width * 32
    upper, lower = lines[2], lines[3]
    top, bottom = base + 2 * stride, base + 3 * stride
    spare = np.empty(4, np.float32)
    spill = np.intp(spare.ctypes.data)
    held = np.full(2, -1, np.int64)
    ground = np.float32(cval) * scale
    tilted = matrix[1] != 0.0
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
                first = source + rows[np.uintp(above[j])] * pitch
                second = source + rows[np.uintp(below[j])] * pitch
                left, right = cols[np.uintp(at[j])] * 3, cols[np.uintp(to[j])] * 3
                _blend_bytes(
                    first + left, first + right, second + left, second + right, end,
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
                    for j in range(width):
                        _widen(line + cols[j] * 3, end, place + j * 32)
            one, two = lines[first], lines[1 - first]
            light = 1.0 - heavy
            for j in range(width * 4):
                upper[j] = one[j] * light
                lower[j] = two[j] * heavy
            for j in range(width):
                if at[j] < 0:
                    out[i, j, 0], out[i, j, 1], out[i, j, 2] = ground, ground, ground
                    continue
                place = spill if j == width - 1 else row + j * 12
                _blend(top, bottom, at[j], to[j], 1.0 - there[j], there[j], scale, place)
        if at[width - 1] >= 0 and (not tilted or above[width - 1] >= 0):
            for k in range(3):
                out[i, width - 1, k] = spare[k]


@_compiled(error_model="numpy")
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


@_compiled(error_model="numpy")
def copy_rgb(src: Any, rows: Any, cols: Any, mirror: Any, turn: Any, scale: Any, out: Any) -> None:
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
            _scale_bytes(line + cols[last - j if mirror else j] * 3, end, scale, row + j * 12)
        _scale_bytes(line + cols[0 if mirror else last] * 3, end, scale, spill)
        for k in range(3):
            out[i, last, k] = spare[k]


@_compiled(error_model="numpy")
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


@_compiled(error_model="numpy")
def take_grid(src: Any, rows: Any, cols: Any, out: Any) -> None:
    """The nearest grid as it stands, in the type of the source."""
    for i in range(rows.size):
        row = np.uintp(rows[i])
        for j in range(cols.size):
            column = np.uintp(cols[j])
            for k in range(src.shape[2]):
                out[i, j, k] = src[row, column, k]


@_compiled(error_model="numpy")
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
