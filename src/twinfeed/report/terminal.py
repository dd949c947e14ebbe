"""A report for a terminal: the verdict first, then the causes by size, then what they rest on.

Right at 80 columns, with and without colour, on a terminal or not. Text that others wrote
(names, class names, paths, messages) is cleaned and never read as markup.
"""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinfeed._core.finding import Finding
from twinfeed._core.results import LintReport, Report, VerdictKind
from twinfeed.report._alone import closing, draw_feed
from twinfeed.report._augmentation import augmentation_table
from twinfeed.report._findings import causes, details, open_questions, partial, within_tolerances
from twinfeed.report._ledger import ledger_table
from twinfeed.report._sides import side_by_side
from twinfeed.report._words import HEADER, pairing_text
from twinfeed.report.clean import clean, one_line

_HEADLINES: dict[VerdictKind, tuple[str, str]] = {
    "same": ("SAME", "bold green"),
    "different": ("DIFFERENT", "bold red"),
    "undecided": ("UNDECIDED", "bold yellow"),
    "framework": ("EQUAL FEEDS, UNEQUAL RESULTS", "bold magenta"),
    "clean": ("CLEAN", "bold green"),
    "faults": ("FAULTS", "bold red"),
}


def to_text(report: Report | LintReport, *, width: int = 80, colour: bool = False) -> str:
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
    if isinstance(report, Report):
        _pair(console, report)
    else:
        _alone(console, report)
    if not report.complete:
        console.print()
        partial(console)
    # Rich pads tables to the right edge; nobody wants that in a file or a diff.
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def _pair(console: Console, report: Report) -> None:
    _head(console, report)
    names = Table.grid(padding=(0, 2))
    names.add_column(style="bold")
    names.add_column(overflow="fold")
    for side in (report.left, report.right):
        names.add_row(f"  {side.label}", Text(one_line(side.name)))
    console.print(names)
    console.print()
    _verdict(console, report)
    causes(console, "Causes, largest first", report.findings)
    for number, finding in enumerate(report.findings, 1):
        details(console, number, finding)
    if report.ledger:
        ledger_table(console, report.ledger)
    within_tolerances(console, report.suppressed)
    if report.augmentation:
        augmentation_table(console, report.augmentation)
    open_questions(console, report.undecided)
    side_by_side(console, report.left, report.right)
    console.print()
    console.print(Text(pairing_text(report.pairing)))


def _alone(console: Console, report: LintReport) -> None:
    _head(console, report)
    console.print()
    _verdict(console, report)
    causes(console, "Faults, largest first", report.findings)
    for number, finding in enumerate(report.findings, 1):
        details(console, number, finding)
    open_questions(console, report.undecided)
    for index, feed in enumerate(report.feeds):
        marks = [(number, found) for number, found in enumerate(report.findings, 1)]
        draw_feed(console, feed, [mark for mark in marks if _is_in(mark[1], index)])
    closing(console, report)


def _is_in(finding: Finding, feed: int) -> bool:
    return finding.at is not None and finding.at.feed == feed


def _head(console: Console, report: Report | LintReport) -> None:
    console.print(Text(f"{HEADER} (version {report.tool_version})", "dim"))


def _verdict(console: Console, report: Report | LintReport) -> None:
    if not report.complete:
        partial(console)
        console.print()
    headline, style = _HEADLINES[report.verdict.kind]
    console.print(Text(headline, style))
    console.print(Text(clean(report.verdict.text)))
