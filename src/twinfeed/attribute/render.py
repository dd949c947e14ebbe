"""An attribution as text, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from textwrap import wrap
from typing import Any, cast

from twinfeed._core.attribution import (
    ATTRIBUTION_SCHEMA,
    Attribution,
    CauseShare,
    Estimate,
    Gap,
)
from twinfeed._core.version import __version__
from twinfeed.report import HEADER, attribution_html, to_json as report_to_json
from twinfeed.report.clean import clean

_BAR = 24


def rendered(found: Attribution, form: str) -> str:
    """The answer in a form of ``--output-format``, to be written to a file."""
    if form == "html":
        return attribution_html(found)
    return to_json(found) if form == "json" else to_text(found)


def to_text(found: Attribution, *, width: int = 80) -> str:
    """The answer for a terminal: verdict, the gap by cause, what was taken away and how."""
    left, right = found.report.left, found.report.right
    head = [
        f"{HEADER} (version {__version__})",
        f"  A  {clean(left.name)}",
        f"  B  {clean(right.name)}",
    ]
    title = clean(found.headline).upper()
    if not found.complete:
        title += " (PARTIAL: interrupted)"
    parts: list[list[str]] = [head, [title, *_folded(found.verdict.text, width)]]
    for gap in (found.accuracy, found.speed):
        if gap is not None:
            parts += [_table(gap, width), _interactions(gap, width), _taken_away(gap, width)]
    if found.clues:
        rows = [f"{one.what}: A {one.a}, B {one.b}" for one in found.clues]
        parts.append(
            ["How the feeds are used", *(f for r in rows for f in _folded(r, width, "  "))]
        )
    parts.append(_made(found, width))
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _table(gap: Gap, width: int) -> list[str]:
    digits = 1 if gap.unit == "points" else 3
    name = f"{gap.metric}, {gap.when}" + (f", {gap.unit}" if gap.unit else "")
    room = max(20, width - 2 - 8 - 2 - 18 - 2 - _BAR)
    largest = max(
        [abs(gap.gap.value), abs(gap.unexplained.value)]
        + [abs(one.share.value) for one in gap.shares if one.share]
    )

    def row(title: str, value: Estimate, *, bar: bool = True) -> list[str]:
        between = f"{value.low:.{digits}f} to {value.high:.{digits}f}"
        if not math.isfinite(value.low):
            between = "not known"
        drawn = _bar(value.value, largest) if bar else ""
        first, *more = _folded(title, room) or [""]
        line = f"  {first:<{room}}{value.value:>8.{digits}f}  {between:<18}  {drawn}".rstrip()
        return [line, *(f"  {rest}" for rest in more)]

    lines = [
        f"The gap ({name}; {gap.seeds} {'rounds' if gap.unit == 's' else 'paired seeds'})",
        f"  {'':<{room}}{'value':>8}  95 % interval",
        *row("A", gap.a, bar=False),
        *row("B", gap.b, bar=False),
        *row("gap, A less B", gap.gap),
    ]
    for one in gap.shares:
        title = f"{one.title} ({', '.join(one.codes)})"
        if one.share is not None:
            lines += row(f"- {title}", one.share)
        else:
            first, *more = _folded(f"- {title}", room)
            lines.append(f"  {first:<{room}}{'-':>8}  {_NOT[one.proof]}")
            lines += [f"  {rest}" for rest in more]
    return [*lines, *row("- unexplained", gap.unexplained)]


_NOT = {"proven": "not measured", "refuted": "not taken away", "unbuilt": "cannot be taken away"}


def _bar(value: float, largest: float) -> str:
    length = round(abs(value) / largest * (_BAR - 1)) if largest else 0
    return ("-" if value < 0 else "+") * length


def _interactions(gap: Gap, width: int) -> list[str]:
    digits = 1 if gap.unit == "points" else 3
    rows = [
        f"{gap.title_of(one.keys[0])} and {gap.title_of(one.keys[1])}: {one.value.value:+.{digits}f}"
        f" ({one.value.low:.{digits}f} to {one.value.high:.{digits}f}) beyond the sum of both"
        for one in gap.interactions
    ]
    return (
        ["Causes that do not add up", *(f for r in rows for f in _folded(r, width, "  "))]
        if rows
        else []
    )


def _taken_away(gap: Gap, width: int) -> list[str]:
    lines: list[str] = []
    for one in gap.shares:
        lines += _folded(f"{one.title}: {_story(one)}.", width, "  ")
    return ["What was taken away, and what looking again saw", *lines] if lines else []


def _story(one: CauseShare) -> str:
    if one.proof == "unbuilt":
        return f"not taken away: {one.proof_text}; its part is in the unexplained"
    if one.proof == "refuted":
        return f"{one.intervention}, but {one.proof_text}; its part is in the unexplained"
    return f"{one.intervention}; {one.proof_text}"


def _made(found: Attribution, width: int) -> list[str]:
    lines = [
        f"Trained: {found.network}." if found.network else "",
        f"Evaluated on: {found.evaluation}, written as each network was trained.",
        f"{found.trainings} trainings, {found.seconds:.0f} s.",
    ]
    if found.accuracy is not None:
        lines.insert(
            0,
            f"Method: {found.accuracy.method}; intervals by Student's t over seeds, widened as real trainings ask.",
        )
    lines += [f"Note: {note}." for note in found.notes]
    return [folded for line in lines if line for folded in _folded(line, width)]


def _folded(text: str, width: int, indent: str = "") -> list[str]:
    return wrap(
        clean(text), width, initial_indent=indent, subsequent_indent=indent + ("  " if indent else ""),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def to_json(found: Attribution) -> str:
    """The answer as JSON, by the schema of :func:`schema`."""
    plain = asdict(found)
    plain.pop("report")
    whole = {
        "schema_version": ATTRIBUTION_SCHEMA,
        "tool": {"name": "twinfeed", "version": plain.pop("tool_version")},
        "command": "attribute",
        "comparison": json.loads(report_to_json(found.report)),
        "ignored": [one.code for one in found.ignored],
        **{key: value for key, value in plain.items() if key != "ignored"},
    }
    return json.dumps(_finite(whole), indent=2, sort_keys=True, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what ``to_json`` writes."""
    return json.loads(
        files("twinfeed.attribute").joinpath("attribution.schema.json").read_text("utf-8")
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in cast("Sequence[Any]", value)]
    return value
