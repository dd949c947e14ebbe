"""What two feeds draw at random, parameter by parameter, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinfeed._core.augmentation import Augmentation, Parameter
from twinfeed.report.clean import one_line
from twinfeed.report.numbers import percent

HEADING = "Augmentation recovered from the examples"
_STATES = {
    "none": "nothing changes from epoch to epoch",
    "fresh": "anew in each epoch",
    "frozen": "once, then replayed",
    "repeated": "the same in every epoch",
    "unknown": "not known: no example was seen twice",
}
_BASES = {
    "plain": "its own pictures without augmentation",
    "other plain": "the other feed's pictures without augmentation",
    "other": "the other feed's pictures",
    "epochs": "the same examples in another epoch",
    "stated": "what its graph states, borne out by pairs",
}
_UNITS = {"rotation_degrees": "°", "shear_degrees": "°", "hue_degrees": "°"}
_PERCENT = frozenset(
    {"shift_x", "shift_y", "erased_height", "erased_width", "erased_area", "brightness",
     "channel_shift"}
)  # fmt: skip
_NAMES = {
    "flip_x": "mirrored",
    "flip_y": "upside down",
    "turned": "quarter turns",
    "zoom_x": "zoom across",
    "zoom_y": "zoom down",
    "rotation_degrees": "rotation",
    "shear_degrees": "shear",
    "shift_x": "shift across",
    "shift_y": "shift down",
    "contrast": "factor on values",
    "channel_shift": "channel shift",
    "hue_degrees": "hue",
    "erased": "erased patch",
    "erased_height": "its height",
    "erased_width": "its width",
    "erased_area": "its area",
}


def parameter_name(name: str) -> str:
    """A parameter of a policy in words."""
    return _NAMES.get(name, one_line(name.replace("_", " ")))


def rows(sides: Sequence[Augmentation]) -> list[tuple[str, ...]]:
    """What each line is about, then what A and what B do; not yet cleaned."""
    left, right = sides
    lines: list[tuple[str, ...]] = [
        ("drawn", *(_STATES.get(one.state, one.state) for one in sides)),
        ("seen against", *(_seen(one) for one in sides)),
    ]
    tables = [{one.name: one for one in side.parameters} for side in sides]
    for name in dict.fromkeys([*tables[0], *tables[1]]):
        cells = (_cell(side, table.get(name)) for side, table in zip(sides, tables, strict=True))
        lines.append((parameter_name(name), *cells))
    if any(one.fill or one.stated_fill for one in sides):
        lines.append(("outside", *(_fill(one) for one in sides)))
    if left.filling or right.filling:
        lines.append(("patch holds", *(one.filling or "-" for one in sides)))
    if left.pivot or right.pivot:
        lines.append(("factor about", *(one.pivot or "-" for one in sides)))
    return lines


def augmentation_table(console: Console, sides: Sequence[Augmentation]) -> None:
    """Print the recovered policies."""
    console.print()
    console.print(Text(HEADING, "bold underline"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=True)
    table.add_column("", width=14, overflow="fold")
    for side in sides:
        table.add_column(side.label, ratio=1, overflow="fold")
    for name, *cells in rows(sides):
        table.add_row(Text(one_line(name)), *(Text(one_line(cell) or "-") for cell in cells))
    console.print(table)
    console.print(Text("In brackets: the 95 % interval of each bound.", "dim"))


def _seen(side: Augmentation) -> str:
    basis = _BASES.get(side.basis)
    if basis is None or side.state == "none":
        return "-"
    told = f"{side.views:,} of {side.tried:,} views against {basis}"
    return told if side.known else f"{told}; too few to say more"


def _fill(side: Augmentation) -> str:
    told = side.fill or "not seen"
    if math.isfinite(side.fill_value) and side.fill == "constant":
        told += f" {side.fill_value * 255:.0f} of 255"
    return told + (f"; stated {side.stated_fill}" if side.stated_fill else "")


def _cell(side: Augmentation, one: Parameter | None) -> str:
    if one is None:
        return "no" if side.known else "not known"
    parts = ["none seen" if side.known else "not known"]
    if one.drawn and side.relative and one.shape != "share":
        told = f"two draws differ by {_say(one, one.low)} to {_say(one, one.high)}"
        parts = [told, f"deviation of one {_say(one, one.deviation)}", _per(one)]
    elif one.drawn:
        parts = [_bounds(one), _shape(one), _rest(one), _per(one)]
    if one.stated is not None:
        low, high = one.stated
        what = percent(low) if one.shape == "share" else f"{_say(one, low)} to {_say(one, high)}"
        parts.append(f"stated {what}")
    return "; ".join(part for part in parts if part)


def _bounds(one: Parameter) -> str:
    if one.shape == "share":
        low, high = one.low_between
        return f"{percent(one.low)} ({percent(low)} to {percent(high)})"
    if one.shape == "discrete":
        each = zip(one.values, one.shares, strict=True)
        return ", ".join(f"{_say(one, value)} in {percent(share)}" for value, share in each)
    return f"{_end(one, one.low, one.low_between)} to {_end(one, one.high, one.high_between)}"


def _end(one: Parameter, value: float, between: tuple[float, float]) -> str:
    if not all(map(math.isfinite, between)):
        return _say(one, value)
    return f"{_say(one, value)} ({' to '.join(_say(one, end) for end in between)})"


def _say(one: Parameter, value: float) -> str:
    if one.name in _PERCENT:
        return f"{100 * value:.1f} %"
    unit = _UNITS.get(one.name)
    return f"{value:.1f}{unit}" if unit else f"{value:.3f}"


def _shape(one: Parameter) -> str:
    if one.shape == "share":
        return ""
    told = {"other": "neither uniform nor normal", "undecided": "shape undecided"}.get(
        one.shape, one.shape
    )
    return f"{told} in its {one.scale}" if one.scale else told


def _rest(one: Parameter) -> str:
    return f"{percent(one.untouched)} left as they are" if one.untouched else ""


def _per(one: Parameter) -> str:
    return "" if one.per == "undecided" else f"per {one.per}"
