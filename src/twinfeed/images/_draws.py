"""Drawing transformations: the same numbers from NumPy's stream as Keras, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.images._affine import Move, matrices_of, matrix_of


class Ranges(Protocol):
    """What of a generator decides how transformations are drawn."""

    rotation_range: Any
    height_shift_range: Any
    width_shift_range: Any
    shear_range: Any
    zoom_range: Any
    horizontal_flip: Any
    vertical_flip: Any
    channel_shift_range: Any
    brightness_range: Any


@dataclass(slots=True)
class Draws:
    """The transformations of a batch.

    Attributes:
        matrices: One per picture: six numbers, or ``None`` where it stays in place.
        mirror: Whether left and right are exchanged, per picture.
        turn: Whether top and bottom are exchanged, per picture.
        channel_shift: Added to every value, per picture; ``None`` where not asked for.
        brightness: Factor, per picture; ``None`` where not asked for.
        samples: How many numbers were drawn, where all are uniform; ``None`` elsewhere.
    """

    matrices: Sequence[Array | None]
    mirror: list[bool]
    turn: list[bool]
    channel_shift: list[float] | None
    brightness: list[float] | None
    samples: int | None = None


def draw_one(ranges: Ranges, height: int, width: int, random: Any) -> dict[str, Any]:
    """The parameters of one transformation, under Keras's names.

    Args:
        ranges: The generator.
        height: Rows of the picture.
        width: Columns of the picture.
        random: ``numpy.random``, or a ``RandomState``.
    """
    theta = tx = ty = shear = 0
    if ranges.rotation_range:
        theta = random.uniform(-ranges.rotation_range, ranges.rotation_range)
    if ranges.height_shift_range:
        tx = _shift(ranges.height_shift_range, height, random)
    if ranges.width_shift_range:
        ty = _shift(ranges.width_shift_range, width, random)
    if ranges.shear_range:
        shear = random.uniform(-ranges.shear_range, ranges.shear_range)
    zx, zy = 1, 1
    if not (ranges.zoom_range[0] == 1 and ranges.zoom_range[1] == 1):
        zx, zy = random.uniform(ranges.zoom_range[0], ranges.zoom_range[1], 2)
    mirror = (random.random() < 0.5) * ranges.horizontal_flip
    turn = (random.random() < 0.5) * ranges.vertical_flip
    shifted = brightness = None
    if ranges.channel_shift_range != 0:
        shifted = random.uniform(-ranges.channel_shift_range, ranges.channel_shift_range)
    if ranges.brightness_range is not None:
        brightness = random.uniform(ranges.brightness_range[0], ranges.brightness_range[1])
    return {
        "theta": theta,
        "tx": tx,
        "ty": ty,
        "shear": shear,
        "zx": zx,
        "zy": zy,
        "flip_horizontal": mirror,
        "flip_vertical": turn,
        "channel_shift_intensity": shifted,
        "brightness": brightness,
    }


def _shift(most: Any, size: int, random: Any) -> Any:
    try:  # one of several numbers, or of 0 .. most - 1 where it is an integer
        drawn = random.choice(most)
        drawn *= random.choice([-1, 1])
    except ValueError:  # a fraction
        drawn = random.uniform(-most, most)
    if np.max(most) < 1:
        drawn *= size
    return drawn


def draw_batch(
    ranges: Ranges, count: int, shape: tuple[int, int], random: np.random.RandomState
) -> Draws:
    """What ``count`` calls of ``draw_one`` would draw, in one where that is the same."""
    columns = _spans(ranges)
    if columns is None or not _uniform_is_plain():
        drawn = [draw_one(ranges, *shape, random) for _ in range(count)]
        return _collected(drawn, shape)
    uniform = random.random_sample((count, len(columns)))
    values: dict[str, Array] = {}
    for place, (name, (low, high)) in enumerate(columns.items()):
        values[name] = low + (high - low) * uniform[:, place]
    for name, size, most in (
        ("tx", shape[0], ranges.height_shift_range),
        ("ty", shape[1], ranges.width_shift_range),
    ):
        if name in values and most < 1:
            values[name] = values[name] * size
    moves = {name: values[name] for name in Move._fields if name in values}
    matrices: Any = matrices_of(moves, shape) if moves else [None] * count
    if matrices is None:
        lists = {name: column.tolist() for name, column in moves.items()}
        matrices = [
            matrix_of(Move(**{name: column[place] for name, column in lists.items()}), shape)
            for place in range(count)
        ]
    return Draws(
        matrices,
        ((values["mirror"] < 0.5) & bool(ranges.horizontal_flip)).tolist(),
        ((values["turn"] < 0.5) & bool(ranges.vertical_flip)).tolist(),
        values["channel_shift"].tolist() if "channel_shift" in values else None,
        values["brightness"].tolist() if "brightness" in values else None,
        uniform.size,
    )


def _spans(ranges: Ranges) -> dict[str, tuple[float, float]] | None:
    """What is drawn per picture and between which numbers, or ``None`` where that is not plain."""
    spans: dict[str, tuple[float, float]] = {}
    for name, most in (
        ("theta", ranges.rotation_range),
        ("tx", ranges.height_shift_range),
        ("ty", ranges.width_shift_range),
        ("shear", ranges.shear_range),
    ):
        if not isinstance(most, int | float):
            return None
        # An integer of rows or columns is not a span: one of 0, 1, 2, ... is chosen.
        if most and name in {"tx", "ty"} and isinstance(most, int):
            return None
        if most:
            spans[name] = -float(most), float(most)
    low, high = (float(value) for value in ranges.zoom_range)
    if not low == high == 1:
        spans["zx"] = spans["zy"] = low, high
    spans["mirror"] = spans["turn"] = 0.0, 1.0
    if ranges.channel_shift_range != 0:
        spans["channel_shift"] = (
            -float(ranges.channel_shift_range),
            float(ranges.channel_shift_range),
        )
    if ranges.brightness_range is not None:
        first, second = ranges.brightness_range
        spans["brightness"] = float(first), float(second)
    return spans if all(np.isfinite(high - low) for low, high in spans.values()) else None


@cache
def _uniform_is_plain() -> bool:
    """Whether ``uniform`` is ``low + (high - low) * random``, rounded twice, in this NumPy."""
    many, one = np.random.RandomState(0), np.random.RandomState(0)
    low, high = -7.3, 11.1
    drawn = low + (high - low) * many.random_sample(64)
    return drawn.tolist() == [one.uniform(low, high) for _ in range(64)]


def _collected(drawn: list[dict[str, Any]], shape: tuple[int, int]) -> Draws:
    def column(name: str) -> list[float] | None:
        values = [each[name] for each in drawn]
        return None if not values or values[0] is None else values

    return Draws(
        [matrix_of(Move(*(each[name] for name in Move._fields)), shape) for each in drawn],
        [bool(each["flip_horizontal"]) for each in drawn],
        [bool(each["flip_vertical"]) for each in drawn],
        column("channel_shift_intensity"),
        column("brightness"),
    )
