"""What the graph of a ``tf.data`` pipeline states of its augmentation.

``tf.image.random_*``, their stateless twins, Keras's random layers inside ``map``, and the same
written by hand end in the same operations: a number that is drawn between two constants, and then
an addition, a factor, or a map of the plane. What is drawn without constants stays unsaid.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from twinfeed._core.plan import Act, Plan, Step

_PLANE = frozenset({"ImageProjectiveTransformV2", "ImageProjectiveTransformV3"})
_ADDS, _TIMES, _DIVIDES = frozenset({"AddV2", "Add", "Sub"}), "Mul", frozenset({"RealDiv", "Div"})
_MOST_NUMBERS = 4  # of one draw: more are noise
_ALIKE = 1e-6

Range = tuple[float, float]


def graph_ranges(
    plan: Plan, main: str, size: tuple[int, int] | None, span: float | None
) -> dict[str, Range]:
    """Bounds by parameter of a policy; what is stated twice, or for another leaf, is left out.

    Args:
        plan: The steps of a ``tf.data`` pipeline.
        main: Path of the leaf that is augmented.
        size: Height and width of its pictures.
        span: Width of the range of its values, where it is known.
    """
    found: dict[str, list[Range]] = {}
    for step in plan.steps:
        for field, bounds in _of_step(step, main, size):
            found.setdefault(field, []).append(bounds)
        if step.random or "brightness" in found:
            factor = _scaled_by(step, main)
            found["brightness"] = [(a * factor, b * factor) for a, b in found.get("brightness", [])]
    made = {field: each[0] for field, each in found.items() if len(each) == 1}
    if "brightness" in made:
        low, high = made.pop("brightness")
        if span:
            made["brightness"] = low / span, high / span
    return made


def _of_step(step: Step, main: str, size: tuple[int, int] | None) -> Iterator[tuple[str, Range]]:
    if not step.random:
        return
    draws: list[Act] = []
    mirrored: list[Act] = []
    few = [bounds for act in step.acts if (bounds := _few(act)) is not None]
    for act in step.acts:
        if act.reaches and main not in act.reaches:
            continue
        if _draws(act):
            draws.append(act)
            continue
        if act.op == "ReverseV2":  # one draw may decide on both axes
            draws, mirrored = [], draws or mirrored
        found = list(_meant(act, mirrored if act.op == "ReverseV2" else draws, few, size))
        if act.settings.get("drawn"):
            draws = []
        yield from found


def _meant(
    act: Act, draws: list[Act], few: list[Range], size: tuple[int, int] | None
) -> Iterator[tuple[str, Range]]:
    """What an operation does with what was drawn in front of it."""
    bounds = _range(act)
    if act.op in _PLANE and act.settings.get("drawn"):
        yield from _plane([one for one in draws if _range(one)], size)
    elif act.op == "ReverseV2" and draws:
        if (field := _flip(act, draws[-1])) is not None:
            yield field, (0.5, 0.5)
    elif bounds is None or not act.settings.get("drawn"):
        return
    elif act.op == "AdjustContrastv2":
        yield "contrast", bounds
    elif any(_same(one, bounds) for one in few) and act.op in {*_ADDS, _TIMES}:
        yield "contrast" if act.op == _TIMES else "brightness", bounds


def _plane(draws: list[Act], size: tuple[int, int] | None) -> Iterator[tuple[str, Range]]:
    """What the draws in front of a map of the plane are for: Keras draws rows before columns."""
    turns = [one for one in draws if one.settings.get("angle")]
    rest = [bounds for one in draws if one not in turns and (bounds := _range(one)) is not None]
    if len(turns) == 1 and not rest:
        low, high = _range(turns[0]) or (0.0, 0.0)
        yield "rotation_degrees", (math.degrees(low), math.degrees(high))
    if turns or not 1 <= len(rest) <= 2:
        return
    down, across = rest[0], rest[-1]
    if all(low > 0 and low <= 1 <= high for low, high in rest):
        yield "zoom_y", down
        yield "zoom_x", across
    elif size is not None and len(rest) == 2 and all(low <= 0 <= high for low, high in rest):
        # A picture that moves down shows at each place what lay above it.
        yield "shift_y", (-down[1] / size[0], -down[0] / size[0])
        yield "shift_x", (-across[1] / size[1], -across[0] / size[1])


def _range(act: Act) -> Range | None:
    low, high = act.number("drawn_low"), act.number("drawn_high")
    return None if low is None or high is None or high <= low else (low, high)


def _draws(act: Act) -> bool:
    return "numbers" in act.settings or any(
        part in act.op for part in ("RandomUniform", "Normal", "StatefulUniform")
    )


def _few(act: Act) -> Range | None:
    """The range of a draw of a few numbers, and not of one per pixel."""
    numbers = act.number("numbers")
    return None if numbers is None or numbers > _MOST_NUMBERS else _range(act)


def _same(one: Range, other: Range) -> bool:
    return all(abs(a - b) <= _ALIKE * max(1.0, abs(b)) for a, b in zip(one, other, strict=True))


def _flip(act: Act, draw: Act) -> str | None:
    """Axis 0 is down and 2 across; axis 1 is across where one picture has a draw of its own."""
    axis = act.number("axis")
    if axis == 1:
        return "flip_x" if draw.settings.get("scalar") else "flip_y"
    return {0: "flip_y", 2: "flip_x"}.get(-1 if axis is None else int(axis))


def _scaled_by(step: Step, main: str) -> float:
    """By how much a step's constants scale what was added; 1 in front of the addition itself."""
    factor, after = 1.0, not step.random
    for act in step.acts:
        if act.reaches and main not in act.reaches:
            continue
        constant = act.number("constant")
        if act.op in _ADDS and act.settings.get("drawn"):
            after = True
        elif after and constant and act.op == _TIMES:
            factor *= constant
        elif after and constant and act.op in _DIVIDES and act.settings.get("first", True):
            factor /= constant
    return factor
