"""Findings and open questions, in the form that every report for a terminal shares."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twinfeed._core.finding import Finding, Location, Safety, Severity, Undecided
from twinfeed._core.results import Suppressed
from twinfeed.report._left_open import left_open
from twinfeed.report._words import STRENGTHS
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import said

_SEVERITIES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}
_SAFETIES = {
    Safety.SAFE: "safe: --fix makes it",
    Safety.UNSAFE: "--fix --unsafe-fixes makes it",
    Safety.SHOW: "yours to make",
}


def partial(console: Console) -> None:
    """Say that the work was cut short."""
    text = "PARTIAL: this was interrupted. It rests on what had been read until then."
    console.print(Text(text, "bold reverse yellow"))


def heading(console: Console, text: str) -> None:
    """The title of a part."""
    console.print()
    console.print(Text(text, "bold underline"))


def causes(console: Console, title: str, findings: tuple[Finding, ...]) -> None:
    """A line per finding; where one has a place, the places are a column."""
    if not findings:
        return
    heading(console, title)
    placed = any(finding.at for finding in findings)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "severity", "code", "what", "where" if placed else "strength"):
        table.add_column(name, justify="right" if not name else "left", overflow="fold")
    for number, finding in enumerate(findings, 1):
        table.add_row(
            str(number),
            Text(finding.severity.value, _SEVERITIES[finding.severity]),
            one_line(finding.code),
            one_line(finding.name),
            Text(place(finding.at)) if placed else finding.strength.value,
        )
    console.print(table)


def place(at: Location | None) -> str:
    """Where a finding is, as editors and terminals make a link of it: ``train.py:12``."""
    if at is None:
        return ""
    if at.file is None:
        return one_line(at.where)
    return one_line(at.file) + (f":{at.line}" if at.line else "")


def details(console: Console, number: int, finding: Finding) -> None:
    """All that is said of a finding."""
    console.print()
    title = Text(f"{number}  {one_line(finding.code)} ", "bold")
    title.append(one_line(finding.name), "bold")
    title.append(f"  {finding.severity.value}", _SEVERITIES[finding.severity])
    title.append(f", {STRENGTHS[finding.strength]}", "dim not bold")
    console.print(title)
    if finding.at:
        step = "" if finding.at.file is None or finding.at.step is None else finding.at.where
        said_where = place(finding.at) + (f", {one_line(step)}" if step else "")
        indented(console, Text(said_where, "bold"))
    indented(console, Text(one_line(finding.sentence)))
    if finding.evidence:
        numbers = [
            said(one_line(name), value) for name, value in finding.evidence.items() if value != ""
        ]
        indented(console, Text("; ".join(numbers), "dim"))
    if finding.fix:
        fix = Text("Fix: ", "bold green").append(one_line(finding.fix.title), "none")
        if finding.at and finding.fix.rewrite:
            fix.append(f" ({_SAFETIES[finding.fix.safety]})", "dim not bold")
        indented(console, fix)
        if finding.fix.code:
            indented(console, Text(clean(finding.fix.code), "green"), by=5)


def indented(console: Console, text: Text, *, by: int = 3) -> None:
    """Text with a margin to its left."""
    console.print(Padding(text, (0, 0, 0, by)))


def open_questions(console: Console, undecided: tuple[Undecided, ...]) -> None:
    """What could not be decided, and what it would take."""
    if not undecided:
        return
    heading(console, "Not decided")
    for entry in left_open(undecided):
        console.print(Text(f"{entry.code} ", "bold").append(entry.question, "not bold"))
        indented(console, Text("Needs: ", "bold").append(entry.needs, "not bold"))


def within_tolerances(console: Console, suppressed: tuple[Suppressed, ...]) -> None:
    """What differs by no more than a check allows."""
    if not suppressed:
        return
    heading(console, "Within the tolerances")
    for one in suppressed:
        told = Text(f"{one_line(one.finding.code)} ", "bold")
        console.print(told.append(one_line(one.finding.sentence), "not bold"))
