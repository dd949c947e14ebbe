"""What a plan states of its augmentation, in the words in which it is recovered."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import cast

from twinfeed._core.plan import Plan, Setting, Step
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._policy._stated_graph import graph_ranges
from twinfeed.diff._values._value_range import value_range

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
_SPANS = {"0..1": 1.0, "-1..1": 2.0, "0..255": 255.0}
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


def stated_ranges(trace: Trace) -> dict[str, tuple[float, float]] | None:
    """Bounds by parameter of a policy, as arguments or the graph of a feed state them.

    Shares for flips stand twice. ``None`` where a library shows none.
    """
    plan, main = trace.plan, trace.main
    if plan is None:
        return None
    if plan.library == "tf.data" and main is not None:
        found = value_range(trace.stats_of(main.path))
        span = _SPANS.get(found.kind) if found else None
        return graph_ranges(plan, main.path, _size(main), span)
    if "ImageDataGenerator" not in plan.library:
        return None
    stated: dict[str, tuple[float, float]] = {}
    for step in plan.of_kind("augment"):
        for name, value in step.settings.items():
            stated |= _range(name, value)
    return stated


def states_everything(plan: Plan | None) -> bool:
    """Whether what a plan does not state is not meant to happen: a graph shows less than it does."""
    return plan is not None and "ImageDataGenerator" in plan.library


def _size(main: LeafSpec) -> tuple[int, int] | None:
    if len(main.shape) != 3:
        return None
    height, width = main.shape[1:] if main.channels_first else main.shape[:2]
    return None if height is None or width is None else (height, width)


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
