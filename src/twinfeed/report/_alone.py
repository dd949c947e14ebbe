"""A feed that was looked at alone: its steps as they are passed, with those at fault marked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinfeed._core.finding import Finding
from twinfeed._core.plan import Step
from twinfeed._core.results import LintReport, Side
from twinfeed.report._findings import heading
from twinfeed.report._sides import epoch_of, leaf_words, step_words
from twinfeed.report.clean import one_line
from twinfeed.report.numbers import counted

_MARK = ">"
USES = {
    "fit": "used by fit",
    "validation": "validated on by fit",
    "evaluate": "used by evaluate",
    "predict": "used by predict",
    "training": "for training",
    "evaluation": "for evaluation",
}


def draw_feed(console: Console, feed: Side, marks: Sequence[tuple[int, Finding]]) -> None:
    """Print what a feed holds and its steps.

    Args:
        console: Where to print.
        feed: The feed.
        marks: Its findings with their numbers.
    """
    heading(console, f"Feed {feed.label}: {one_line(feed.name)}")
    use = USES.get(feed.role, "its use is not known")
    console.print(Text(f"{feed.library or 'unknown library'}, {use}; {epoch_of(feed)}", "dim"))
    leaves = [f"{one_line(leaf.path)} {leaf_words(leaf)}" for leaf in feed.spec.leaves]
    if leaves:
        console.print(Text("; ".join(leaves), "dim"))
    if feed.plan is None:
        console.print(Text("Its steps are hidden by the library."))
    else:
        _steps(console, feed, marks)
    for note in feed.notes:
        console.print(Text(f"Note: {one_line(note)}"))


def _steps(console: Console, feed: Side, marks: Sequence[tuple[int, Finding]]) -> None:
    assert feed.plan is not None
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column("", width=1)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", ratio=1, overflow="fold")
    table.add_column("", overflow="fold")
    table.add_column("", overflow="fold", justify="right")
    table.expand = True
    placed = any(step.place for step in feed.plan.steps)
    for index, step in enumerate(feed.plan.steps):
        found = [mark for mark in marks if mark[1].at and mark[1].at.step == index]
        place = f"{one_line(step.place.file)}:{step.place.line}" if step.place else ""
        table.add_row(
            Text(_MARK if found else "", "bold red"),
            Text(str(index + 1), "dim"),
            Text(step_told(step), "bold" if found else ""),
            Text(place if placed else "", "dim"),
            Text(" ".join(f"{number} {finding.code}" for number, finding in found), "bold red"),
        )
    console.print(table)


def step_told(step: Step) -> str:
    """A step by the library's word for it, which says more than the kind of step that it is."""
    name, words = step.where.partition(",")[0], step_words(step)
    return one_line(name) + words.removeprefix(step.kind) if step.kind != name else words


def closing(console: Console, report: LintReport) -> None:
    """What was left out, and what must be said."""
    lines: list[str] = []
    for by, what in LEFT_OUT.items():
        amount = sum(one.by == by for one in report.suppressed)
        if amount:
            lines.append(f"{counted(amount, 'finding')} left out by {what}.")
    lines += [f"Note: {one_line(note)}" for note in report.notes]
    if lines:
        console.print()
    for line in lines:
        console.print(Text(line))


LEFT_OUT = {
    "comment": "comments in the code",
    "baseline": "the baseline",
    "config": "per-file-ignores",
}
