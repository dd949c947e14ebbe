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


def _vector(kind: Any) -> Any:
    return ir.VectorType(kind, _LANES)


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _splat(builder: Any, value: Any) -> Any:
    made = ir.Constant(_vector(value.type), ir.Undefined)
    for lane in range(_LANES):
        made = builder.insert_element(made, value, ir.Constant(ir.IntType(32), lane))
    return made


def _load_pixel(builder: Any, address: Any, end: Any) -> Any:
    """Four doubles from the bytes at ``address``; reads no byte at or after ``end``."""
    word = ir.IntType(32)
    past = builder.icmp_signed(">", builder.add(address, ir.Constant(address.type, _LANES)), end)
    back = builder.zext(past, address.type)
    loaded = builder.load(_pointer(builder, builder.sub(address, back), word), align=1)
    shift = builder.shl(builder.zext(past, word), ir.Constant(word, 3))
    four = builder.bitcast(builder.lshr(loaded, shift), _vector(ir.IntType(8)))
    return builder.uitofp(four, _vector(ir.DoubleType()))


@intrinsic
def _widen(_context: Any, address: Any, end: Any, target: Any) -> Any:
    """Store the pixel at ``address`` as four doubles at ``target``."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, end, target = given
        value = _load_pixel(builder, address, end)
        builder.store(value, _pointer(builder, target, value.type), align=8)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), generate


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
            part = builder.fmul(_load_pixel(builder, corner, end), vertical[index // 2])
            part = builder.fmul(part, horizontal[index % 2])
            total = part if total is None else builder.fadd(total, part)
        _finish(builder, total, scale, out)
        return context.get_dummy_value()

    intp, double = types.intp, types.float64
    signature = types.void(*(intp,) * 5, *(double,) * 4, types.float32, intp)
    return signature, generate


@numba.njit(inline="always")
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


@numba.njit(inline="always")
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


@numba.njit(inline="always")
def _columns(
    start: Any, step: Any, width: Any, mode: Any, mirror: Any, at: Any, to: Any, there: Any
) -> None:
    """The taps of one output row; in ``at`` -1 where the constant is due."""
    if mode == NEAREST:
        # The common mode, without a branch, so that the compiler can vectorise it.
        first, sign = (width - 1, -1) if mirror else (0, 1)
        last = width - 1
        for j in range(width):
            place = start + np.float64(first + sign * j) * step
            below = np.floor(place)
            there[j] = place - below
            low = np.int32(min(max(below, -1.0), np.float64(width)))
            at[j] = max(min(low, last), 0)
            to[j] = max(min(low + 1, last), 0)
        return
    for j in range(width):
        sj = width - 1 - j if mirror else j
        at[j], to[j], there[j] = _taps(start + sj * step, width, mode)


@_compiled(error_model="numpy")
def warp_rgb(
    src: Any,
    rows: Any,
    cols: Any,
    matrix: Any,
    mode: Any,
    cval: Any,
    mirror: Any,
    turn: Any,
    scale: Any,
    out: Any,
) -> None:
    """Sample a ``uint8`` picture of three channels into ``out``, ``(height, width, 3)`` float32.

    ``matrix`` holds ``m00, m01, m10, m11, offset of rows, offset of columns``.
    """
    height, width = rows.size, cols.size
    source, target = src.ctypes.data, out.ctypes.data
    pitch = src.shape[1] * 3
    end = source + src.shape[0] * pitch
    at = np.empty(width, np.int32)
    to = np.empty(width, np.int32)
    there = np.empty(width, np.float64)
    tilted = matrix[1] != 0.0
    lines = np.empty((4, width * 4), np.float64)  # two grid rows, and the same two weighted
    spare = np.empty(4, np.float32)
    held = np.full(2, -1, np.int64)
    ground = np.float32(cval) * scale
    base, spill, stride = lines.ctypes.data, spare.ctypes.data, width * 32
    for i in range(height):
        si = height - 1 - i if turn else i
        y = matrix[4] + si * matrix[0]
        x = matrix[5] + si * matrix[2]
        _columns(x, matrix[3], width, mode, mirror, at, to, there)
        row = target + i * width * 12
        if not tilted:
            low, high, down = _taps(y, height, mode)
            if low < 0:
                for j in range(width):
                    for k in range(3):
                        out[i, j, k] = ground
                continue
            first = 0 if held[0] == low else 1
            if held[first] != low:
                first = 1 if held[0] == high else 0
                held[first] = low
                line = source + rows[low] * pitch
                for j in range(width):
                    _widen(line + cols[j] * 3, end, base + first * stride + j * 32)
            second = 1 - first
            if held[second] != high:
                held[second] = high
                line = source + rows[high] * pitch
                for j in range(width):
                    _widen(line + cols[j] * 3, end, base + second * stride + j * 32)
            up = 1.0 - down
            for j in range(width * 4):
                lines[2, j] = lines[first, j] * up
                lines[3, j] = lines[second, j] * down
            top, bottom = base + 2 * stride, base + 3 * stride
            for j in range(width):
                if at[j] < 0:
                    for k in range(3):
                        out[i, j, k] = ground
                    continue
                # The fourth lane spills into the next pixel, which is written after this one.
                ends = j == width - 1
                place = spill if ends else row + j * 12
                _blend(top, bottom, at[j], to[j], 1.0 - there[j], there[j], scale, place)
                if ends:
                    for k in range(3):
                        out[i, j, k] = spare[k]
        else:
            for j in range(width):
                sj = width - 1 - j if mirror else j
                low, high, down = _taps(y + sj * matrix[1], height, mode)
                if at[j] < 0 or low < 0:
                    for k in range(3):
                        out[i, j, k] = ground
                    continue
                ends = j == width - 1
                place = spill if ends else row + j * 12
                upper, lower = source + rows[low] * pitch, source + rows[high] * pitch
                left, right = cols[at[j]] * 3, cols[to[j]] * 3
                _blend_bytes(
                    upper + left, upper + right, lower + left, lower + right, end,
                    1.0 - down, down, 1.0 - there[j], there[j], scale, place,
                )  # fmt: skip
                if ends:
                    for k in range(3):
                        out[i, j, k] = spare[k]


@_compiled(error_model="numpy")
def warp_any(
    src: Any,
    rows: Any,
    cols: Any,
    matrix: Any,
    mode: Any,
    cval: Any,
    mirror: Any,
    turn: Any,
    scale: Any,
    out: Any,
) -> None:
    """The same for any number of channels, ``uint8`` or float32, and any memory order of ``out``."""
    height, width, channels = rows.size, cols.size, src.shape[2]
    at = np.empty(width, np.int32)
    to = np.empty(width, np.int32)
    there = np.empty(width, np.float64)
    ground = np.float32(cval) * scale
    tilted = matrix[1] != 0.0
    for i in range(height):
        si = height - 1 - i if turn else i
        y = matrix[4] + si * matrix[0]
        x = matrix[5] + si * matrix[2]
        _columns(x, matrix[3], width, mode, mirror, at, to, there)
        low, high, down = _taps(y, height, mode)
        for j in range(width):
            if tilted:
                sj = width - 1 - j if mirror else j
                low, high, down = _taps(y + sj * matrix[1], height, mode)
            if at[j] < 0 or low < 0:
                for k in range(channels):
                    out[i, j, k] = ground
                continue
            up, right = 1.0 - down, there[j]
            left = 1.0 - right
            upper, lower, a, b = rows[low], rows[high], cols[at[j]], cols[to[j]]
            for k in range(channels):
                total = np.float64(src[upper, a, k]) * up * left
                total += np.float64(src[upper, b, k]) * up * right
                total += np.float64(src[lower, a, k]) * down * left
                total += np.float64(src[lower, b, k]) * down * right
                out[i, j, k] = np.float32(total) * scale


@_compiled(error_model="numpy")
def copy_grid(src: Any, rows: Any, cols: Any, mirror: Any, turn: Any, scale: Any, out: Any) -> None:
    """The nearest grid as it stands, flipped and scaled."""
    height, width, channels = rows.size, cols.size, src.shape[2]
    for i in range(height):
        row = rows[height - 1 - i if turn else i]
        for j in range(width):
            col = cols[width - 1 - j if mirror else j]
            for k in range(channels):
                out[i, j, k] = np.float32(src[row, col, k]) * scale


@_compiled(error_model="numpy")
def take_grid(src: Any, rows: Any, cols: Any, out: Any) -> None:
    """The nearest grid as it stands, in the type of the source."""
    height, width, channels = rows.size, cols.size, src.shape[2]
    for i in range(height):
        row = rows[i]
        for j in range(width):
            col = cols[j]
            for k in range(channels):
                out[i, j, k] = src[row, col, k]


__all__ = ["copy_grid", "take_grid", "warp_any", "warp_rgb"]
