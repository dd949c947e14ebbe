"""Four values at a time, in the compiler's own terms.

A pixel of three channels is read, weighted and written as four lanes, the fourth of which is
somebody else's; Numba's loops would stay scalar. Sums keep their order.
"""
# ruff: noqa: ARG001, PLR0917
# An intrinsic names its arguments for their types.

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_LANES = 4


def _vector(kind: Any) -> Any:
    return ir.VectorType(kind, _LANES)


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer())


def _splat(builder: Any, value: Any) -> Any:
    made = ir.Constant(_vector(value.type), ir.Undefined)
    for lane in range(_LANES):
        made = builder.insert_element(made, value, ir.Constant(ir.IntType(32), lane))
    return made


def _load_word(builder: Any, address: Any, end: Any) -> Any:
    """The four bytes at ``address`` as one integer; reads no byte at or after ``end``."""
    word = ir.IntType(32)
    past = builder.icmp_signed(">", builder.add(address, ir.Constant(address.type, _LANES)), end)
    back = builder.zext(past, address.type)
    loaded = builder.load(_pointer(builder, builder.sub(address, back), word), align=1)
    return builder.lshr(loaded, builder.shl(builder.zext(past, word), ir.Constant(word, 3)))


def _load_pixel(builder: Any, address: Any, end: Any, kind: Any) -> Any:
    """The same as four floats."""
    four = builder.bitcast(_load_word(builder, address, end), _vector(ir.IntType(8)))
    return builder.uitofp(four, _vector(kind))


@intrinsic
def copy_pixel(_context: Any, address: Any, end: Any, target: Any) -> Any:
    """Store the pixel at ``address`` as four bytes at ``target``."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, end, target = given
        word = _load_word(builder, address, end)
        builder.store(word, _pointer(builder, target, word.type), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), generate


@intrinsic
def widen(_context: Any, address: Any, end: Any, target: Any) -> Any:
    """Store the pixel at ``address`` as four doubles at ``target``."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, end, target = given
        value = _load_pixel(builder, address, end, ir.DoubleType())
        builder.store(value, _pointer(builder, target, value.type), align=8)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp), generate


@intrinsic
def scale_bytes(_context: Any, address: Any, end: Any, scale: Any, out: Any) -> Any:
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
def blend(
    _context: Any, first: Any, second: Any, at: Any, to: Any, up: Any, down: Any, here: Any,
    there: Any, scale: Any, out: Any,
) -> Any:  # fmt: skip
    """One pixel from two rows of doubles, ``at`` and ``to`` in each."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        first, second, at, to, up, down, here, there, scale, out = given
        kind = _vector(ir.DoubleType())
        size = ir.Constant(at.type, 8 * _LANES)
        offsets = builder.mul(at, size), builder.mul(to, size)
        horizontal = _splat(builder, here), _splat(builder, there)
        total = None
        for row, vertical in ((first, _splat(builder, up)), (second, _splat(builder, down))):
            for offset, weight in zip(offsets, horizontal, strict=True):
                place = _pointer(builder, builder.add(row, offset), kind)
                part = builder.fmul(builder.load(place, align=8), vertical)
                part = builder.fmul(part, weight)
                total = part if total is None else builder.fadd(total, part)
        _finish(builder, total, scale, out)
        return context.get_dummy_value()

    intp, double = types.intp, types.float64
    return types.void(*(intp,) * 4, *(double,) * 4, types.float32, intp), generate


@intrinsic
def widen_inside(_context: Any, address: Any, target: Any) -> Any:
    """``widen`` where another byte follows the pixel."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        address, target = given
        four = builder.load(_pointer(builder, address, _vector(ir.IntType(8))), align=1)
        value = builder.uitofp(four, _vector(ir.DoubleType()))
        builder.store(value, _pointer(builder, target, value.type), align=8)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


@intrinsic
def blend_bytes(
    _context: Any, a: Any, b: Any, c: Any, d: Any, up: Any, down: Any, here: Any, there: Any,
    scale: Any, out: Any,
) -> Any:  # fmt: skip
    """One pixel from four of four bytes: upper left, upper right, lower left, lower right."""

    def generate(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        corners, (up, down, here, there, scale, out) = given[:4], given[4:]
        vertical = _splat(builder, up), _splat(builder, down)
        horizontal = _splat(builder, here), _splat(builder, there)
        total = None
        for index, corner in enumerate(corners):
            four = builder.load(_pointer(builder, corner, _vector(ir.IntType(8))), align=4)
            value = builder.uitofp(four, _vector(ir.DoubleType()))
            part = builder.fmul(value, vertical[index // 2])
            part = builder.fmul(part, horizontal[index % 2])
            total = part if total is None else builder.fadd(total, part)
        _finish(builder, total, scale, out)
        return context.get_dummy_value()

    intp, double = types.intp, types.float64
    return types.void(*(intp,) * 4, *(double,) * 4, types.float32, intp), generate
