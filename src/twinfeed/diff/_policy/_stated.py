"""What a plan states of its augmentation, in the words in which it is recovered."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import cast

from twinfeed._core.plan import Plan, Setting, Step

_GEOMETRY = (
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "shear_range",
    "zoom_range",
)
_FLIPS = {"horizontal_flip": "flip_x", "vertical_flip": "flip_y"}
_EVEN = {
    "rotation_range": ("rotation_degrees", 1.0),
    "shear_range": ("shear_degrees", 1.0),
    "channel_shift_range": ("brightness", 255.0),
    # Keras moves columns by height_shift_range and rows by width_shift_range.
    "height_shift_range": ("shift_x", 1.0),
    "width_shift_range": ("shift_y", 1.0),
}
_FILL = re.compile(r"ImageProjectiveTransform\w*\(.*?fill_mode=(\w+)")


@dataclass(frozen=True, slots=True)
class StatedFill:
    """A stated fill mode, with the constant as a share of 0..255 where it is stated."""

    mode: str
    value_share: float | None


def stated_fill(plan: Plan | None) -> StatedFill | None:
    """How a plan says that the outside is filled; ``None`` where it does not, or says it twice."""
    if plan is None:
        return None
    if "ImageDataGenerator" in plan.library:
        return next((_of_generator(step) for step in plan.of_kind("augment") if _moves(step)), None)
    modes = {
        found.group(1).lower()
        for step in plan.steps
        if step.random
        for op in step.ops
        if (found := _FILL.search(op))
    }
    return StatedFill(modes.pop(), None) if len(modes) == 1 else None


def stated_ranges(plan: Plan | None) -> dict[str, tuple[float, float]] | None:
    """Bounds by parameter of a policy, as the arguments of an ``ImageDataGenerator`` state them.

    Shares for flips stand twice. ``None`` for other libraries, whose graphs show no ranges.
    """
    if plan is None or "ImageDataGenerator" not in plan.library:
        return None
    found: dict[str, tuple[float, float]] = {}
    for step in plan.of_kind("augment"):
        for name, value in step.settings.items():
            found |= _range(name, value)
    return found


def _range(name: str, value: Setting) -> dict[str, tuple[float, float]]:
    if name in _FLIPS:
        return {_FLIPS[name]: (0.5, 0.5)}
    bounds = _numbers(value)
    if name in {"zoom_range", "brightness_range"}:
        if len(bounds) == 1:
            bounds = [1 - bounds[0], 1 + bounds[0]]
        fields = ("zoom_x", "zoom_y") if name == "zoom_range" else ("contrast",)
        return dict.fromkeys(fields, (bounds[0], bounds[1])) if len(bounds) == 2 else {}
    if name not in _EVEN or len(bounds) != 1:
        return {}
    field, unit = _EVEN[name]
    if (
        field.startswith("shift") and abs(bounds[0]) >= 1
    ):  # pixels, of a size that is not known here
        return {}
    return {field: _even(bounds[0] / unit)}


def _even(most: float) -> tuple[float, float]:
    return -abs(most), abs(most)


def _numbers(value: Setting) -> list[float]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [float(value)]
    try:
        made: object = ast.literal_eval(value) if isinstance(value, str) else None
    except (ValueError, SyntaxError):
        return []
    many = cast("list[object]", list(made)) if isinstance(made, list | tuple) else []  # pyright: ignore[reportUnknownArgumentType]
    return [float(each) for each in many if isinstance(each, int | float)]


def _moves(step: Step) -> bool:
    return any(name in step.settings for name in _GEOMETRY)


def _of_generator(step: Step) -> StatedFill:
    mode = str(step.settings.get("fill_mode", "nearest"))
    value = step.settings.get("cval", 0.0)
    level = float(value) / 255 if isinstance(value, int | float) else None
    return StatedFill(mode, level if mode == "constant" else None)
