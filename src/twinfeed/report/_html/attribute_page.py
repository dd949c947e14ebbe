"""The gap between two trainings as a page: a waterfall of its causes, and what they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from twinfeed._core.attribution import Attribution, CauseShare, Estimate, Gap
from twinfeed.report._html import charts
from twinfeed.report._html.frame import Line, Lines, page, rendered
from twinfeed.report._html.page import pair_context, within_size
from twinfeed.report._html.rows import cause
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted

_NOT = {"proven": "not measured", "refuted": "not taken away", "unbuilt": "cannot be taken away"}


def attribution_html(found: Attribution) -> str:
    """The attribution as one file: no network, no script needed, light and dark, printable."""
    gaps = [gap for gap in (found.accuracy, found.speed) if gap is not None]
    tables = [table for gap in gaps for table in (_waterfall(gap), _arms(gap), _story(gap))]
    made = [
        f"Trained: {one_line(found.network)}" if found.network else "",
        f"Evaluated on: {one_line(found.evaluation)}" if found.evaluation else "",
        *(
            f"{one_line(gap.metric)}: {one_line(gap.method)}; intervals by Student's t over seeds, widened as real trainings ask"
            for gap in gaps
        ),
        f"{counted(found.trainings, 'training')}, {found.seconds:.0f} s",
        *(one_line(note) for note in found.notes),
    ]
    sides = [(side.label, side.name) for side in (found.report.left, found.report.right)]
    return within_size(
        [found.report],
        lambda pictures: page(
            "attribute.html",
            headline=found.headline,
            kind=found.verdict.kind,
            verdict=found.verdict.text,
            complete=found.complete,
            version=found.tool_version,
            environment=found.environment or found.report.environment,
            sides=sides,
            tables=[table for table in tables if table.rows],
            clues=[(one_line(c.what), one_line(c.a), one_line(c.b)) for c in found.clues],
            made=[one for one in made if one],
            pair=pair_context(found.report, pictures[0]),
        ),
    )


def attribution_notebook(found: Attribution) -> str:
    """The verdict and the causes as part of a notebook: no script, own style."""
    gaps = [gap for gap in (found.accuracy, found.speed) if gap is not None]
    lines = [
        f"{one_line(gap.metric)}, {row.name}: {' '.join(row.cells)}"
        for gap in gaps
        for row in _waterfall(gap).rows
    ]
    return rendered(
        "notebook.html",
        complete=found.complete,
        headline=found.headline,
        verdict=clean(found.verdict.text),
        sides=[(s.label, one_line(s.name)) for s in (found.report.left, found.report.right)],
        causes=[cause(place, one) for place, one in enumerate(found.report.findings, 1)],
        samples=[],
        open_questions=len(found.report.undecided),
        code="\n".join(lines),
    )


class _Scale:
    """From values to shares of a bar's width."""

    def __init__(self, values: Iterable[float]) -> None:
        finite = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(finite), max(finite)
        margin = 0.04 * ((high - low) or 1.0)
        self.low, self.width = low - margin, (high - low) + 2 * margin

    def __call__(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.low) / self.width))

    def ends(self, gap: Gap) -> str:
        """Where the bars begin and end, since that need not be zero."""
        return f"{_value(self.low, gap)} to {_value(self.low + self.width, gap)}"

    def bar(self, start: float, end: float, estimate: Estimate, style: str, words: str) -> Markup:
        """A bar from one value to another, with the interval around its end."""
        known = math.isfinite(estimate.low) and math.isfinite(estimate.high)
        spread = (end + estimate.low - estimate.value, end + estimate.high - estimate.value)
        low, high = (self(each) for each in spread) if known else (None, None)
        return charts.bar(self(start), self(end), low, high, style=style, says=words)


def _waterfall(gap: Gap) -> Lines:
    measured = [one for one in gap.shares if one.share is not None]
    steps, at = [gap.a.value], gap.a.value
    for one in measured:
        assert one.share is not None
        at -= one.share.value
        steps.append(at)
    reach = [edge for side in (gap.a, gap.b) for edge in (side.low, side.high)]
    scale = _Scale([*steps, gap.b.value, *reach])
    lines = [_whole("A", gap, gap.a, scale, "a")]
    at = gap.a.value
    for one in gap.shares:
        if one.share is None:
            why = f"{_NOT[one.proof]}: {one_line(one.proof_text)}"
            lines.append(Line(name=_name(one), cells=("-", ""), says=why))
            continue
        words = f"{_name(one)} {_told(one.share, gap)}"
        drawn = scale.bar(at, at - one.share.value, _reversed(one.share), "both", words)
        lines.append(
            Line(
                name=_name(one), cells=_cells(one.share, gap), bar=drawn, says=", ".join(one.codes)
            )
        )
        at -= one.share.value
    left = scale.bar(
        at, at - gap.unexplained.value, _reversed(gap.unexplained), "quiet", "unexplained"
    )
    lines += [
        Line(name="unexplained", cells=_cells(gap.unexplained, gap), bar=left, mark=True),
        _whole("B", gap, gap.b, scale, "b"),
    ]
    unit = f", {gap.unit}" if gap.unit else ""
    drawn = "round" if gap.unit == "s" else "paired seed"
    told = (
        f"A less B is {_told(gap.gap, gap)}, over {counted(gap.seeds, drawn)}; so many would show a gap"
        f" of {_value(gap.detectable, gap)} with power 0.8. Each bar begins where the one above ends."
    )
    notes = tuple(
        f"{one_line(gap.title_of(pair.keys[0]))} and {one_line(gap.title_of(pair.keys[1]))} give {_told(pair.value, gap)} beyond the sum of both"
        for pair in gap.interactions
    )
    return Lines(
        title=f"The gap in {one_line(gap.metric)} by cause",
        heads=(
            f"{one_line(gap.when)} {one_line(gap.metric)}{unit}",
            "value",
            "95 % interval",
            f"from A to B, {scale.ends(gap)}",
        ),
        rows=tuple(lines),
        told=told,
        notes=notes,
    )


def _whole(label: str, gap: Gap, estimate: Estimate, scale: _Scale, style: str) -> Line:
    drawn = scale.bar(scale.low, estimate.value, estimate, style, f"{label} {_told(estimate, gap)}")
    return Line(name=label, cells=_cells(estimate, gap), bar=drawn)


def _arms(gap: Gap) -> Lines:
    """What each combination came to."""
    titles = {one.key: one.title for one in gap.shares}
    scale = _Scale(
        edge for arm in gap.arms for edge in (arm.result.value, arm.result.low, arm.result.high)
    )
    rows = tuple(
        Line(
            name="B without " + ", ".join(one_line(titles.get(key, key)) for key in arm.without)
            if arm.without
            else "B as it is",
            cells=(*_cells(arm.result, gap), str(len(arm.values))),
            bar=scale.bar(scale.low, arm.result.value, arm.result, "b", _told(arm.result, gap)),
        )
        for arm in gap.arms
    )
    heads = ("combination", "value", "95 % interval", "seeds", scale.ends(gap))
    return Lines(title=f"Every combination, {one_line(gap.metric)}", heads=heads, rows=rows)


def _story(gap: Gap) -> Lines:
    """What was done to take each cause away, and what looking again saw."""
    rows = tuple(
        Line(
            name=one_line(one.title),
            cells=(
                one.proof,
                _told(one.alone, gap) if one.alone else "-",
                _told(one.last, gap) if one.last else "-",
            ),
            says="; ".join(filter(None, (one_line(one.intervention), one_line(one.proof_text)))),
        )
        for one in gap.shares
    )
    heads = ("cause", "looked again", "taken away alone", "taken away last")
    return Lines(title=f"What was taken away, {one_line(gap.metric)}", heads=heads, rows=rows)


def _name(one: CauseShare) -> str:
    return one_line(one.title)


def _reversed(share: Estimate) -> Estimate:
    """A share as the step down that it is in the waterfall."""
    return Estimate(-share.value, -share.high, -share.low)


def _cells(one: Estimate, gap: Gap) -> tuple[str, str]:
    if not math.isfinite(one.low):
        return _value(one.value, gap), "not known"
    return _value(one.value, gap), f"{_value(one.low, gap)} to {_value(one.high, gap)}"


def _told(one: Estimate, gap: Gap) -> str:
    value, interval = _cells(one, gap)
    return f"{value} ({interval})"


def _value(value: float, gap: Gap) -> str:
    return f"{value:.1f}" if gap.unit == "points" else f"{value:.3f}"
