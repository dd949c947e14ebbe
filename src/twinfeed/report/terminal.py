"""A report for a terminal: the verdict first, then the causes by size, then what they rest on.

Right at 80 columns, with and without colour, on a terminal or not. Text that others wrote
(names, class names, paths, messages) is cleaned and never read as markup.
"""

from __future__ import annotations

import io

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twinfeed._core.finding import Finding, Severity
from twinfeed._core.results import Report, VerdictKind
from twinfeed.report._ledger import ledger_table
from twinfeed.report._sides import side_by_side
from twinfeed.report._words import HEADER, STRENGTHS, pairing_text
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import said

_HEADLINES: dict[VerdictKind, tuple[str, str]] = {
    "same": ("SAME", "bold green"),
    "different": ("DIFFERENT", "bold red"),
    "undecided": ("UNDECIDED", "bold yellow"),
    "framework": ("EQUAL FEEDS, UNEQUAL RESULTS", "bold magenta"),
    "clean": ("CLEAN", "bold green"),
    "faults": ("FAULTS", "bold red"),
}
_SEVERITIES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "cyan",
}


def to_text(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The report as text, ready to print.

    Args:
        report: What to show.
        width: Columns of the terminal.
        colour: Write ANSI colours.
    """
    target = io.StringIO()
    console = Console(
        file=target,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    _verdict(console, report)
    _causes(console, report.findings)
    for number, finding in enumerate(report.findings, 1):
        _details(console, number, finding)
    if report.ledger:
        ledger_table(console, report.ledger)
    _open_questions(console, report)
    side_by_side(console, report.left, report.right)
    console.print()
    console.print(Text(pairing_text(report.pairing)))
    if not report.complete:
        console.print()
        _partial(console)
    # Rich pads tables to the right edge; nobody wants that in a file or a diff.
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def _verdict(console: Console, report: Report) -> None:
    head = Text(f"{HEADER} (version {report.tool_version})", "dim")
    console.print(head)
    names = Table.grid(padding=(0, 2))
    names.add_column(style="bold")
    names.add_column(overflow="fold")
    for side in (report.left, report.right):
        names.add_row(f"  {side.label}", Text(one_line(side.name)))
    console.print(names)
    console.print()
    if not report.complete:
        _partial(console)
        console.print()
    headline, style = _HEADLINES[report.verdict.kind]
    console.print(Text(headline, style))
    console.print(Text(clean(report.verdict.text)))


def _partial(console: Console) -> None:
    text = "PARTIAL: this was interrupted. It rests on what had been read until then."
    console.print(Text(text, "bold reverse yellow"))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, "bold underline"))


def _causes(console: Console, findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    _heading(console, "Causes, largest first")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "severity", "code", "what", "strength"):
        table.add_column(name, justify="right" if not name else "left", overflow="fold")
    for number, finding in enumerate(findings, 1):
        table.add_row(
            str(number),
            Text(finding.severity.value, _SEVERITIES[finding.severity]),
            one_line(finding.code),
            one_line(finding.name),
            finding.strength.value,
        )
    console.print(table)


def _details(console: Console, number: int, finding: Finding) -> None:
    console.print()
    title = Text(f"{number}  {one_line(finding.code)} ", "bold")
    title.append(one_line(finding.name), "bold")
    title.append(f"  {finding.severity.value}", _SEVERITIES[finding.severity])
    title.append(f", {STRENGTHS[finding.strength]}", "dim not bold")
    console.print(title)
    _indented(console, Text(one_line(finding.sentence)))
    if finding.evidence:
        numbers = [
            said(one_line(name), value) for name, value in finding.evidence.items() if value != ""
        ]
        _indented(console, Text("; ".join(numbers), "dim"))
    if finding.fix:
        _indented(console, Text("Fix: ", "bold green").append(one_line(finding.fix.title), "none"))
        _indented(console, Text(clean(finding.fix.code), "green"), by=5)


def _indented(console: Console, text: Text, *, by: int = 3) -> None:
    console.print(Padding(text, (0, 0, 0, by)))


def _open_questions(console: Console, report: Report) -> None:
    if not report.undecided:
        return
    _heading(console, "Not decided")
    for open_ in report.undecided:
        console.print(
            Text(f"{one_line(open_.code)} ", "bold").append(one_line(open_.question), "not bold")
        )
        _indented(console, Text("Needs: ", "bold").append(one_line(open_.needs), "not bold"))
