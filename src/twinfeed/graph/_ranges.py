"""Which values an operation can make, roughly: interval arithmetic over a graph's operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value inside a function.

    Attributes:
        takes: Numbers of the function's arguments that it is made from.
        range: Smallest and largest value; ``None`` if not known.
        constant: Its numbers, where it is a small constant.
        drawn: Whether chance decides it.
        fixed: Whether it is the same in every call.
        each: The range of each of its few numbers, where they are known one by one.
    """

    takes: frozenset[int] = frozenset()
    range: Interval | None = None
    constant: tuple[float, ...] | None = None
    drawn: bool = False
    fixed: bool = False
    each: tuple[Interval | None, ...] | None = None

    @property
    def numbers(self) -> tuple[Interval | None, ...] | None:
        """The range of each number, also of a constant."""
        if self.constant:
            return tuple((one, one) for one in self.constant)
        return self.each

    @property
    def bounds(self) -> Interval | None:
        """The range, also of a constant."""
        if self.constant:
            return min(self.constant), max(self.constant)
        return self.range


WHOLE: dict[str, Interval] = {
    "bool": (0.0, 1.0),
    "uint8": (0.0, 255.0),
    "uint16": (0.0, 65535.0),
    "int8": (-128.0, 127.0),
}
"""Ranges of the dtypes that are mostly used over their whole range."""

SAME = frozenset(
    {"Identity", "IdentityN", "StopGradient", "PreventGradient", "Snapshot", "Reshape",
     "ExpandDims", "Squeeze", "ReverseV2", "Reverse", "Transpose", "StridedSlice", "Slice",
     "Tile", "GatherV2", "Gather", "GatherNd", "Unpack", "EnsureShape", "Roll", "BroadcastTo",
     "ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea",
     "ScaleAndTranslate", "CropAndResize", "AdjustContrastv2", "AdjustHue", "AdjustSaturation",
     "RandomShuffle", "RandomCrop", "Round", "Rint", "Floor", "Ceil", "Max", "Min", "Mean",
     "CheckNumerics", "DeepCopy", "MirrorPad", "ReverseSequence", "ExtractImagePatches",
     "AvgPool", "MaxPool", "TopKV2", "DebugIdentityV2"}
)  # fmt: skip
"""Operations whose results lie in the range of their first input, or nearly so."""

_FIXED_RANGE: dict[str, Interval] = {
    "OneHot": (0.0, 1.0), "Sigmoid": (0.0, 1.0), "Softmax": (0.0, 1.0), "Tanh": (-1.0, 1.0),
    "Equal": (0.0, 1.0), "NotEqual": (0.0, 1.0), "Less": (0.0, 1.0), "LessEqual": (0.0, 1.0),
    "Greater": (0.0, 1.0), "GreaterEqual": (0.0, 1.0), "LogicalAnd": (0.0, 1.0),
    "LogicalOr": (0.0, 1.0), "LogicalNot": (0.0, 1.0), "Sin": (-1.0, 1.0), "Cos": (-1.0, 1.0),
    "RandomStandardNormal": (-3.0, 3.0), "StatelessRandomNormalV2": (-3.0, 3.0),
    "StatelessRandomNormal": (-3.0, 3.0), "TruncatedNormal": (-2.0, 2.0),
    "StatelessTruncatedNormalV2": (-2.0, 2.0), "RandomUniform": (0.0, 1.0),
    "StatelessRandomUniform": (0.0, 1.0), "StatelessRandomUniformV2": (0.0, 1.0),
    "StatefulUniform": (0.0, 1.0), "StatefulStandardNormalV2": (-3.0, 3.0),
}  # fmt: skip
_DECODERS = frozenset(
    {"DecodeJpeg", "DecodeAndCropJpeg", "DecodePng", "DecodeImage", "DecodeBmp", "DecodeGif",
     "DecodeWebP"}
)  # fmt: skip
WHOLE_DRAWS = frozenset(
    {"RandomUniformInt", "StatefulUniformInt", "StatelessRandomUniformInt",
     "StatelessRandomUniformIntV2"}
)  # fmt: skip
"""Operations that draw whole numbers between two that go in."""
SHAPES = frozenset({"Shape", "ShapeN", "Rank", "Size", "TensorArraySizeV3", "TensorListLength"})
"""Operations that look at the form of a tensor and not at its values."""


def range_of(op: str, inputs: Sequence[Value], types: dict[str, str]) -> Interval | None:
    """The range of an operation's result.

    Args:
        op: The operation.
        inputs: What goes in.
        types: Its dtype attributes, by name.
    """
    if op in _FIXED_RANGE:
        return _FIXED_RANGE[op]
    if op in _DECODERS:
        kind = types.get("dtype") or "uint8"
        return (0.0, 1.0) if kind.startswith("float") else WHOLE.get(kind)
    bounds = [value.bounds for value in inputs]
    if op == "Cast":
        return _cast(_open(inputs[0], types), types.get("DstT", "")) if bounds else None
    if op in _SEVERAL:
        return _SEVERAL[op](bounds) if bounds else None
    known = [one for one in bounds[:2] if one is not None]
    if op in _ALONE and known:
        return _ALONE[op](known[0])
    return _PAIRS[op](known[0], known[1]) if op in _PAIRS and len(known) == 2 else None


def each_of(op: str, inputs: Sequence[Value]) -> tuple[Interval | None, ...] | None:
    """The range of each of a few numbers, as where a crop begins on each axis.

    Args:
        op: The operation that makes them.
        inputs: What goes in.
    """
    if op == "Pack":
        return tuple(value.bounds for value in inputs)
    known = inputs[0].numbers if inputs else None
    if op in {"Identity", "Cast"} and known is not None:
        return known
    if op == "FloorMod" and len(inputs) == 2 and inputs[0].drawn and inputs[1].constant:
        return tuple((0.0, one - 1) for one in inputs[1].constant)
    return None


def hull(bounds: Sequence[Interval | None]) -> Interval | None:
    """The smallest range that holds all of these; ``None`` if one is not known."""
    known = [one for one in bounds if one is not None]
    if not known or len(known) < len(bounds):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _cast(bounds: Interval | None, to: str) -> Interval | None:
    whole = WHOLE.get(to)
    if bounds is None:
        return whole
    low, high = bounds
    if to.startswith(("int", "uint")):
        low, high = float(math.trunc(low)), float(math.trunc(high))
    if whole is not None:
        return max(low, whole[0]), min(max(high, whole[0]), whole[1])
    return low, high


def _open(value: Value, types: dict[str, str]) -> Interval | None:
    """The range of what is cut to whole numbers: a fraction is drawn up to its end but not with."""
    bounds = value.bounds
    fraction = types.get("SrcT", "").startswith("float") and value.drawn and not value.takes
    if bounds is None or not fraction or not types.get("DstT", "").startswith(("int", "uint")):
        return bounds
    low, high = bounds
    return (low, high - 1) if low < high == math.trunc(high) and high > 0 else bounds


def _clipped(bounds: Sequence[Interval | None]) -> Interval | None:
    if len(bounds) < 3 or bounds[1] is None or bounds[2] is None:
        return None
    low, high = bounds[1][0], bounds[2][1]
    return (low, high) if bounds[0] is None else (max(low, bounds[0][0]), min(high, bounds[0][1]))


def _products(a: Interval, b: Interval, by: Callable[[float, float], float]) -> Interval | None:
    try:
        corners = [by(x, y) for x in a for y in b]
    except (ZeroDivisionError, OverflowError):
        return None
    return (min(corners), max(corners)) if all(map(math.isfinite, corners)) else None


def _divide(a: Interval, b: Interval) -> Interval | None:
    return None if b[0] <= 0.0 <= b[1] else _products(a, b, lambda x, y: x / y)


def _whole_part(a: Interval, b: Interval) -> Interval | None:
    found = _divide(a, b)
    return None if found is None else (float(math.floor(found[0])), float(math.floor(found[1])))


def _remainder(a: Interval, b: Interval) -> Interval | None:
    if b[0] != b[1] or b[0] <= 0:
        return None
    return a if a[0] >= 0 and a[1] < b[0] else (0.0, b[0])


def _power(a: Interval, b: Interval) -> Interval | None:
    return _products(a, b, lambda x, y: x**y) if a[0] >= 0 and b[0] == b[1] else None


def _whole_draw(low: Interval | None, high: Interval | None) -> Interval | None:
    return None if low is None or high is None else (low[0], high[1] - 1)


def _square(a: Interval) -> Interval:
    corners = (a[0] * a[0], a[1] * a[1])
    return (0.0 if a[0] <= 0 <= a[1] else min(corners)), max(corners)


_ALONE: dict[str, Callable[[Interval], Interval | None]] = {
    "Neg": lambda a: (-a[1], -a[0]),
    "Square": _square,
    "Abs": lambda a: ((0.0 if a[0] <= 0 <= a[1] else min(map(abs, a))), max(map(abs, a))),
    "Sqrt": lambda a: (math.sqrt(a[0]), math.sqrt(a[1])) if a[0] >= 0 else None,
    "Relu": lambda a: (max(0.0, a[0]), max(0.0, a[1])),
}
_PAIRS: dict[str, Callable[[Interval, Interval], Interval | None]] = {
    "Add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "AddV2": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "BiasAdd": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "Sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "Mul": lambda a, b: _products(a, b, lambda x, y: x * y),
    "RealDiv": _divide,
    "Div": _divide,
    "DivNoNan": _divide,
    "FloorDiv": _whole_part,
    "TruncateDiv": _whole_part,
    "FloorMod": _remainder,
    "Mod": _remainder,
    "Pow": _power,
    "Minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "Maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "SquaredDifference": lambda a, b: _square((a[0] - b[1], a[1] - b[0])),
}
_SEVERAL: dict[str, Callable[[Sequence[Interval | None]], Interval | None]] = {
    **dict.fromkeys(SAME, lambda bounds: bounds[0]),
    **dict.fromkeys(
        ("Pad", "ImageProjectiveTransformV2", "ImageProjectiveTransformV3"),
        lambda bounds: hull([bounds[0], (0.0, 0.0)]),
    ),
    **dict.fromkeys(("ConcatV2", "Concat"), lambda bounds: hull(bounds[:-1])),
    **dict.fromkeys(("Select", "SelectV2"), lambda bounds: hull(bounds[1:])),
    "PadV2": lambda bounds: hull([bounds[0], bounds[-1]]),
    "Pack": hull,
    # The last two inputs: from, and up to but not with.
    **dict.fromkeys(WHOLE_DRAWS, lambda bounds: _whole_draw(*bounds[-2:])),
    "Split": lambda bounds: bounds[-1],
    "SplitV": lambda bounds: bounds[0],
    "ClipByValue": _clipped,
}
