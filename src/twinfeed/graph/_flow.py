"""What a function does with each of its arguments, followed operation by operation.

Functions inside the function (branches, loops, calls) are followed as if they were written
out; a loop's body is followed once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from twinfeed._core.plan import Setting
from twinfeed.graph._functions import DECODE, PYTHON, RANDOM, RESIZE
from twinfeed.graph._ranges import (
    SAME,
    SHAPES,
    WHOLE_DRAWS,
    Interval,
    Value,
    each_of,
    hull,
    range_of,
)
from twinfeed.graph.network import Call, Network

_ARITHMETIC = frozenset(
    {"Mul", "RealDiv", "Div", "DivNoNan", "Sub", "Add", "AddV2", "BiasAdd", "FloorDiv",
     "TruncateDiv", "FloorMod", "Pow", "Minimum", "Maximum"}
)  # fmt: skip
_RECORDED = _ARITHMETIC | DECODE | RESIZE | RANDOM | PYTHON | frozenset(
    {"Cast", "ReadFile", "ReverseV2", "Transpose", "AdjustContrastv2", "AdjustHue",
     "AdjustSaturation", "ImageProjectiveTransformV2", "ImageProjectiveTransformV3", "OneHot",
     "LookupTableFindV2", "LookupTableInsertV2", "Pad", "PadV2", "MirrorPad", "Round", "Rint",
     "Floor", "EncodeJpeg", "RGBToHSV", "ParseExampleV2", "ParseSingleExample", "ClipByValue",
     "IteratorGetNext", "DecodeProtoV2", "StringSplitV2", "Roll", "RngReadAndSkip", "Slice",
     "StridedSlice"}
)  # fmt: skip
_CROPS = frozenset({"Slice", "StridedSlice"})
_PADS = frozenset({"Pad", "PadV2", "MirrorPad"})
_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
_BRANCHES = frozenset({"If", "StatelessIf", "Case", "StatelessCase"})
_LOOPS = frozenset({"While", "StatelessWhile"})
_UNSTEADY = RANDOM | PYTHON | frozenset(
    {"ReadVariableOp", "ReadFile", "Timestamp", "IteratorGetNext", "VarHandleOp"}
)  # fmt: skip
_STATELESS_DRAWS = frozenset(op for op in RANDOM if op.startswith("Stateless"))
_BY_A_NUMBER = frozenset({"AdjustContrastv2", "AdjustHue", "AdjustSaturation"})
_MOST_ACTS = 400
_MOST_DEPTH = 12


@dataclass(slots=True)
class Done:
    """One operation that was met.

    Attributes:
        op: Its name.
        settings: What is known of how it works here.
        takes: Numbers of the arguments that go into it.
        gives: Numbers of the results that are made from it.
    """

    op: str
    settings: dict[str, Setting]
    takes: tuple[int, ...]
    gives: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """What a function does.

    Attributes:
        results: What is known of each result.
        done: The notable operations, in order.
    """

    results: tuple[Value, ...] = ()
    done: tuple[Done, ...] = ()


def follow(network: Network, name: str, arguments: Sequence[Interval | None]) -> Flow:
    """Follow a function.

    Args:
        network: The graph that holds it.
        name: The function's name.
        arguments: Ranges of the arguments that it is called with, as far as known.
    """
    signature = network.signatures.get(name)
    if signature is None:
        return Flow()
    walk = _Walk(network)
    captured = signature.captured
    given = len(signature.arguments) - len(captured)
    ids: list[int] = []
    for place in range(given):
        known = arguments[place] if place < len(arguments) else None
        ids.append(walk.add(Value(frozenset({place}), known), ()))
    ids += [walk.add(Value(constant=value, fixed=value is not None), ()) for value in captured]
    results = walk.run(name, ids, 0)
    walk.tell_draws()
    for number, result in enumerate(results):
        behind = walk.ancestors(result)
        for done, made in walk.done:
            if made in behind:
                done.gives = (*done.gives, number)
    return Flow(
        tuple(walk.values[result] for result in results), tuple(done for done, _ in walk.done)
    )


@dataclass(slots=True)
class _Walk:
    network: Network
    values: list[Value] = field(default_factory=list[Value])
    parents: list[tuple[int, ...]] = field(default_factory=list[tuple[int, ...]])
    done: list[tuple[Done, int]] = field(default_factory=list[tuple[Done, int]])
    angles: set[int] = field(default_factory=set[int])

    def tell_draws(self) -> None:
        """Give each draw the range that constants make of it, and whether it is an angle."""
        children: dict[int, list[int]] = {}
        for number, parents in enumerate(self.parents):
            for parent in parents:
                children.setdefault(parent, []).append(number)
        for done, number in self.done:
            if done.op not in RANDOM:
                continue
            last = number
            while (after := self._alone(last, children)) is not None:
                last = after
            bounds = self.values[last].bounds
            if bounds is not None and done.op in WHOLE_DRAWS:
                whole = self.values[number].bounds or bounds
                done.settings["whole_low"], done.settings["whole_high"] = whole
            if bounds is not None and last != number:
                done.settings["drawn_low"], done.settings["drawn_high"] = bounds
                if last in self.angles:
                    done.settings["angle"] = True

    def _alone(self, number: int, children: Mapping[int, list[int]]) -> int | None:
        """What is made of a draw and of constants, and of nothing else; the widest of several."""
        if number in self.angles:
            return None
        found = [
            child
            for child in children.get(number, ())
            if (value := self.values[child]).bounds is not None
            and value.drawn
            and not value.takes
            and all(one == number or self.values[one].constant for one in self.parents[child])
            and self.parents[child].count(number) == 1  # beside itself it is two numbers
        ]
        return found[0] if found else None

    def add(self, value: Value, parents: Iterable[int]) -> int:
        self.values.append(value)
        self.parents.append(tuple(parents))
        return len(self.values) - 1

    def ancestors(self, start: int) -> set[int]:
        seen, waiting = {start}, [start]
        while waiting:
            for parent in self.parents[waiting.pop()]:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return seen

    def run(self, name: str, arguments: Sequence[int], depth: int) -> list[int]:
        """Follow a function of the library; the numbers of its results."""
        signature = self.network.signatures.get(name)
        if signature is None or depth > _MOST_DEPTH:
            takes = frozenset[int]().union(*(self.values[one].takes for one in arguments))
            return [self.add(Value(takes), arguments)]
        made: dict[str, list[int]] = {
            argument: [value]
            for argument, value in zip(signature.arguments, arguments, strict=False)
        }
        for call in _ordered(self.network.functions.get(name, ()), set(made)):
            inputs = [self._find(made, one) for one in call.inputs]
            made[call.name] = self._call(call, inputs, depth)
        return [self._find(made, one) for one in signature.returns]

    def _find(self, made: Mapping[str, list[int]], name: str) -> int:
        bare, _, rest = name.partition(":")
        outputs = made.get(bare)
        if not outputs:
            return self.add(Value(), ())
        number = int(rest.rpartition(":")[2]) if rest else 0
        return outputs[min(number, len(outputs) - 1)]

    def _call(self, call: Call, inputs: list[int], depth: int) -> list[int]:
        if call.functions and call.op in _CALLS:
            return self.run(call.functions[0], inputs, depth + 1)
        if call.functions and call.op in _BRANCHES:
            return self._branches(call, inputs, depth)
        if call.functions and call.op in _LOOPS:
            return self._loop(call, inputs, depth)
        if call.op in self.network.signatures:
            return self.run(call.op, inputs, depth + 1)
        value = _result(call, [self.values[one] for one in inputs])
        made = self.add(value, inputs)
        if call.op in {"Sin", "Cos"}:
            self.angles.update(inputs[:1])
        if call.op in _RECORDED and len(self.done) < _MOST_ACTS:
            settings = _told(call, [self.values[one] for one in inputs], value)
            if settings is not None and call.op in RANDOM and inputs and self._each(inputs[0]):
                settings.setdefault("numbers", 1)
            if settings is not None:
                takes = frozenset[int]().union(*(self.values[one].takes for one in inputs))
                self.done.append((Done(call.op, settings, tuple(sorted(takes))), made))
        return [made]

    def _each(self, shape: int) -> bool:
        """Whether a shape is that of one number per example of a batch of any size."""
        while len(self.parents[shape]) == 1:
            (shape,) = self.parents[shape]
        sides = [self.values[one].constant for one in self.parents[shape]]
        return len(sides) > 1 and sides[0] is None and set(sides[1:]) == {(1.0,)}

    def _branches(self, call: Call, inputs: list[int], depth: int) -> list[int]:
        which, arguments = inputs[:1], inputs[1:]
        runs = [self.run(name, arguments, depth + 1) for name in call.functions]
        chance = any(self.values[one].drawn for one in which)
        return [
            self._joined(list(parts), which, drawn=chance) for parts in zip(*runs, strict=False)
        ]

    def _loop(self, call: Call, inputs: list[int], depth: int) -> list[int]:
        rounds = [
            self.run(name, inputs, depth + 1)
            for name in call.functions
            if len(self._returns(name)) == len(inputs)
        ]
        body = rounds[-1] if rounds else inputs
        takes = frozenset[int]().union(*(self.values[one].takes for one in body))
        # A later round may mix what the first one kept apart.
        return [
            self.add(Value(takes, drawn=self.values[after].drawn), (before, after, *inputs, *body))
            for before, after in zip(inputs, body, strict=False)
        ]

    def _returns(self, name: str) -> tuple[str, ...]:
        signature = self.network.signatures.get(name)
        return signature.returns if signature else ()

    def _joined(self, parts: list[int], which: list[int], *, drawn: bool) -> int:
        values = [self.values[one] for one in parts]
        return self.add(
            Value(
                frozenset[int]().union(*(value.takes for value in values)),
                hull([value.bounds for value in values]),
                drawn=drawn or any(value.drawn for value in values),
            ),
            (*parts, *which),
        )


def _ordered(calls: Sequence[Call], known: set[str]) -> list[Call]:
    """The operations, each behind those that feed it; nearly always as they stand."""
    ordered: list[Call] = []
    waiting = list(calls)
    while waiting:
        left: list[Call] = []
        for call in waiting:
            if all(one.partition(":")[0] in known for one in call.inputs):
                ordered.append(call)
                known.add(call.name)
            else:
                left.append(call)
        if len(left) == len(waiting):
            return ordered + left
        waiting = left
    return ordered


def _result(call: Call, inputs: list[Value]) -> Value:
    if call.op == "Const":
        return Value(constant=call.value, fixed=True)
    drawn = call.op in RANDOM or any(value.drawn for value in inputs)
    if call.op in SHAPES:
        return Value()
    if call.op in RANDOM and call.op not in {"RandomShuffle", "RandomCrop"}:
        # A number that is drawn from a seed is not made from it as a picture is from a file.
        return Value(range=range_of(call.op, inputs, {}), drawn=True)
    takes = frozenset[int]().union(*(value.takes for value in inputs))
    fixed = call.op not in _UNSTEADY and bool(inputs) and all(value.fixed for value in inputs)
    types = {name: value for name, value in call.attributes.items() if isinstance(value, str)}
    return Value(
        takes,
        range_of(call.op, inputs, types),
        _folded(call, inputs),
        drawn,
        fixed,
        each_of(call.op, inputs) if drawn and not takes else None,
    )


def _folded(call: Call, inputs: list[Value]) -> tuple[float, ...] | None:
    """The numbers of a small constant that is worked out from others."""
    numbers = [value.constant for value in inputs]
    if call.op in SAME | {"Cast"} and numbers and call.op not in {"Max", "Min", "Mean"}:
        return numbers[0] if call.op in {"Identity", "Reshape", "ExpandDims", "Cast"} else None
    if call.op == "Pack" and all(value is not None for value in numbers):
        return tuple(one for value in numbers for one in value or ())[:16] or None
    if call.op not in _FOLDS or len(numbers) != 2 or None in numbers:
        return None
    try:
        with np.errstate(all="ignore"):
            made = _FOLDS[call.op](np.asarray(numbers[0]), np.asarray(numbers[1]))
    except ValueError:
        return None
    return (
        tuple(float(one) for one in np.atleast_1d(made)[:16]) if np.all(np.isfinite(made)) else None
    )


_FOLDS = {
    "Add": np.add, "AddV2": np.add, "Sub": np.subtract, "Mul": np.multiply,
    "RealDiv": np.divide, "Div": np.divide, "Pow": np.power, "Maximum": np.maximum,
    "Minimum": np.minimum,
}  # fmt: skip


def _told(call: Call, inputs: list[Value], value: Value) -> dict[str, Setting] | None:
    """What is known of how an operation works here; ``None`` if it touches no argument."""
    if call.op in RANDOM | PYTHON:
        return _drawing(call, inputs)
    if call.op in {"ReadFile", "RngReadAndSkip"}:
        return {}
    if not value.takes:
        return None
    main = next((one for one in inputs if one.takes), Value())
    settings: dict[str, Setting] = {}
    if main.bounds is not None:
        settings["low"], settings["high"] = main.bounds
    if call.op in _ARITHMETIC:
        return _arithmetic(call, inputs, settings)
    if call.op in _CROPS:
        return _crop(inputs, settings, ends=call.op == "StridedSlice")
    settings |= _shown(call) | _constants(call, inputs)
    drawn = [one for one in inputs if not one.takes and one.drawn]
    if drawn:
        settings["drawn"] = True
        if drawn[0].bounds is not None and call.op in _BY_A_NUMBER:
            settings["drawn_low"], settings["drawn_high"] = drawn[0].bounds
    return settings


def _constants(call: Call, inputs: list[Value]) -> dict[str, Setting]:
    """What the constant that an operation takes second says."""
    numbers = (inputs[1].constant if len(inputs) > 1 else None) or ()
    if call.op in RESIZE and len(numbers) == 2:
        return {"height": int(numbers[0]), "width": int(numbers[1])}
    if call.op in _SECONDS and numbers:
        return {_SECONDS[call.op]: int(numbers[0])}
    return {"pads": _listed(numbers)} if call.op in _PADS and numbers else {}


def _crop(
    inputs: list[Value], settings: dict[str, Setting], *, ends: bool
) -> dict[str, Setting] | None:
    """Where a window that chance places begins, and its size, per axis; ``None`` for any other."""
    begin, size = (one.numbers for one in inputs[1:3])
    if not inputs[1].drawn or begin is None or size is None or len(begin) != len(size):
        return None
    first, last, sides = list[float](), list[float](), list[float]()
    for start, side in zip(begin, size, strict=True):
        if start is None or side is None:
            return None
        first.append(start[0])
        last.append(start[1])
        sides.append(side[0] - start[0] if ends else side[0])
    settings |= {"begin_low": _listed(first), "begin_high": _listed(last), "size": _listed(sides)}
    return settings | {"drawn": True}


def _listed(numbers: Iterable[float]) -> str:
    return ", ".join(f"{one:.6g}" for one in numbers)


_SECONDS = {"OneHot": "depth", "ReverseV2": "axis"}
"""Operations whose second input is a number worth telling, and its name."""


_SHOWN = ("SrcT", "DstT", "dct_method", "dtype", "method", "kernel_type", "antialias",
          "align_corners", "half_pixel_centers", "ratio", "channels", "T")  # fmt: skip


def _shown(call: Call) -> dict[str, Setting]:
    """The attributes that say how an operation works, those that are set."""
    found = {name: call.attributes.get(name) for name in _SHOWN}
    return (
        {name: value for name, value in found.items() if value or name == "antialias"}
        if (call.op == "ScaleAndTranslate")
        else {name: value for name, value in found.items() if value}
    )


def _drawing(call: Call, inputs: list[Value]) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    shape = inputs[0].constant if inputs else None
    if shape == ():
        settings["scalar"] = True
    if shape is not None and call.op not in {"RandomShuffle", "RandomCrop"}:
        settings["numbers"] = math.prod(int(side) for side in shape)
    for name in ("seed", "seed2"):
        if call.attributes.get(name):
            settings[name] = call.attributes[name]
    if call.op in _STATELESS_DRAWS:
        # The first input of most of these is the shape, the second the seed or its key.
        seeds = inputs[1:] if len(inputs) > 1 else inputs
        settings["fixed_seed"] = bool(seeds) and all(one.fixed for one in seeds)
        settings["seed_from_data"] = any(one.takes for one in seeds)
    return settings


def _arithmetic(
    call: Call, inputs: list[Value], settings: dict[str, Setting]
) -> dict[str, Setting] | None:
    others = [one for one in inputs if not one.takes]
    if len(others) != 1 or len(inputs) != 2:
        return settings if any(one.drawn for one in inputs) else None
    (other,) = others
    settings["T"] = call.attributes.get("T")
    settings["first"] = bool(inputs[0].takes)
    if other.constant:
        settings["constant"] = (
            other.constant[0] if len(set(other.constant)) == 1 else _listed(other.constant)
        )
        return settings
    if other.drawn:
        settings["drawn"] = True
        if other.bounds is not None:
            settings["drawn_low"], settings["drawn_high"] = other.bounds
        return settings
    return None
