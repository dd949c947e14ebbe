"""What the graph of a ``tf.data`` pipeline states of its augmentation.

``tf.image.random_*``, their stateless twins, Keras's random layers inside ``map``, and the same
written by hand end in the same operations: a number that is drawn between two constants, and then
an addition, a factor, or a map of the plane. What is drawn without constants stays unsaid.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from twinfeed._core.plan import Act, Plan, Step
from twinfeed.diff._policy._stated_crop import crop_ranges, pads

_PLANE = frozenset({"ImageProjectiveTransformV2", "ImageProjectiveTransformV3"})
_ADDS, _TIMES, _DIVIDES = frozenset({"AddV2", "Add", "Sub"}), "Mul", frozenset({"RealDiv", "Div"})
_MOST_NUMBERS = 2  # of one draw: three are of the channels, and more are noise
_ALIKE = 1e-6
_MOST_ZOOM = 2.0  # of a zoom that is drawn: numbers beyond are pixels
_MIRRORS, _SWAPS = "ReverseV2", "Transpose"
_QUARTERS = 4

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

    Returns:
        Shifts as shares of the view's own size, of what it shows of the picture before padding.
    """
    found: dict[str, list[Range]] = {}
    padded: list[float] = []
    for step in plan.steps:
        for field, bounds in _of_step(step, main, size):
            found.setdefault(field, []).append(bounds)
        for act in step.acts:
            if act.reaches and main not in act.reaches:
                continue
            if act.settings.get("size"):
                for field, bounds in crop_ranges(act, padded):
                    found.setdefault(field, []).append(bounds)
            padded = pads(act, padded)
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
    acts = [act for act in step.acts if not act.reaches or main in act.reaches]
    turned = [_quarter_turns(acts, at) for at in range(len(acts))]
    skipped = {at for one in turned if one for at in one[1]}
    for at, act in enumerate(acts):
        if (quarters := turned[at]) is not None and quarters[0]:
            yield "turned", (quarters[0], quarters[0])
        if at in skipped:
            continue
        if _draws(act):
            draws.append(act)
            continue
        if act.op == _MIRRORS:  # one draw may decide on both axes
            draws, mirrored = [], draws or mirrored
        found = list(_meant(act, mirrored if act.op == _MIRRORS else draws, few, size))
        if act.settings.get("drawn"):
            draws = []
        yield from found


def _quarter_turns(acts: list[Act], at: int) -> tuple[float, range] | None:
    """What a draw does that only mirrors and transposes follow, as in ``tf.image.rot90``.

    Returns:
        The share of pictures that are turned, 0 where it is not known, and the places of the acts
        that do it; ``None`` for any other draw.
    """
    if not _draws(acts[at]):
        return None
    end = at + 1
    while end < len(acts) and acts[end].op in {_MIRRORS, _SWAPS}:
        end += 1
    ops = [act.op for act in acts[at + 1 : end]]
    low, high = acts[at].number("whole_low"), acts[at].number("whole_high")
    # A picture may be mirrored by chance, and then its channels be put first.
    least = 2 if low is None or high is None else 1
    if min(ops.count(_MIRRORS), ops.count(_SWAPS)) < least:
        return None
    if low is None or high is None or not 0 < high - low < 4 * _QUARTERS:
        return 0.0, range(at, end)
    each = range(round(low), round(high) + 1)
    return sum(turns % _QUARTERS > 0 for turns in each) / len(each), range(at, end)


def _meant(
    act: Act, draws: list[Act], few: list[Range], size: tuple[int, int] | None
) -> Iterator[tuple[str, Range]]:
    """What an operation does with what was drawn in front of it."""
    bounds = _range(act)
    if act.op in _PLANE and act.settings.get("drawn"):
        yield from _plane([one for one in draws if _ends(one)], size)
    elif act.op == _MIRRORS and draws:
        if (field := _flip(act, draws[-1])) is not None:
            yield field, (0.5, 0.5)
    elif bounds is None or not act.settings.get("drawn"):
        return
    elif act.op == "AdjustContrastv2":
        yield "contrast", bounds
    elif act.op == "AdjustSaturation":
        yield "saturation", bounds
    elif act.op == "AdjustHue":  # as a share of the circle
        yield "hue_degrees", (360 * bounds[0], 360 * bounds[1])
    elif any(_same(one, bounds) for one in few) and act.op in {*_ADDS, _TIMES}:
        yield "contrast" if act.op == _TIMES else "brightness", bounds


def _plane(draws: list[Act], size: tuple[int, int] | None) -> Iterator[tuple[str, Range]]:
    """What the draws in front of a map of the plane are for: Keras draws rows before columns."""
    turns = [one for one in draws if one.settings.get("angle")]
    rest = [bounds for one in draws if one not in turns and (bounds := _ends(one)) is not None]
    if len(turns) == 1 and not rest:
        low, high = _ends(turns[0]) or (0.0, 0.0)
        yield "rotation_degrees", (math.degrees(low), math.degrees(high))
    if turns:
        return
    if len(rest) == 3:
        yield from _sheared(rest, size)
    if not 1 <= len(rest) <= 2:
        return
    down, across = rest[0], rest[-1]
    if all(0 < low <= 1 <= high <= _MOST_ZOOM for low, high in rest):
        yield from _drawn({"zoom_y": down, "zoom_x": across})
    elif size is not None and len(rest) == 2 and any(low <= 0 <= high for low, high in rest):
        # A picture that moves down shows at each place what lay above it.
        yield from _drawn(
            {
                "shift_y": (0 - down[1] / size[0], 0 - down[0] / size[0]),
                "shift_x": (0 - across[1] / size[1], 0 - across[0] / size[1]),
            }
        )


def _sheared(rest: list[Range], size: tuple[int, int] | None) -> Iterator[tuple[str, Range]]:
    """Keras draws the sign, then the shear of rows and that of columns, about the upper left corner."""
    sign, down, across = rest
    if sign != (0.0, 1.0) or size is None or any(max(map(abs, one)) > 1 for one in rest):
        return
    height, width = size
    far_down, far_across = (max(map(abs, one)) for one in (down, across))
    # Both at once turn and zoom as well, by no two numbers that would be bounds.
    if far_down and not far_across:
        angle = math.degrees(math.atan(far_down * width / height))
        ends = {"rotation_degrees": angle, "shear_degrees": angle}
        ends["shift_y"] = far_down * width / height / 2
    elif far_across and not far_down:
        angle = math.degrees(math.atan(far_across * height / width))
        ends = {"shear_degrees": angle, "shift_x": far_across * height / width / 2}
    else:
        return
    yield from _drawn({field: (-most, most) for field, most in ends.items()})


def _drawn(ranges: dict[str, Range]) -> Iterator[tuple[str, Range]]:
    return ((field, ends) for field, ends in ranges.items() if ends[1] > ends[0])


def _ends(act: Act) -> Range | None:
    """The range of a draw, also of one that always gives the same number."""
    low, high = act.number("drawn_low"), act.number("drawn_high")
    return None if low is None or high is None or high < low else (low, high)


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
