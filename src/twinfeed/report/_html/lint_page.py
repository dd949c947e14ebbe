"""The faults of single feeds as a page, and as part of a notebook."""

from __future__ import annotations

from twinfeed._core.results import LintReport, Side, Suppressed
from twinfeed.report._alone import LEFT_OUT, USES, step_told
from twinfeed.report._html.frame import HEADLINES, page, rendered
from twinfeed.report._html.rows import Cause, cause
from twinfeed.report._left_open import left_open
from twinfeed.report._sides import epoch_of, leaf_words
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted


def lint_html(report: LintReport) -> str:
    """The report as one file: no network, no script needed, light and dark, printable."""
    causes = [cause(place, one) for place, one in enumerate(report.findings, 1)]
    return page(
        "lint.html",
        headline=HEADLINES[report.verdict.kind],
        kind=report.verdict.kind,
        verdict=report.verdict.text,
        complete=report.complete,
        version=report.tool_version,
        environment=report.environment,
        causes=causes,
        feeds=[_feed(report, number, causes) for number in range(len(report.feeds))],
        open_questions=left_open(report.undecided),
        left_out=_left_out(report.suppressed),
        notes=[one_line(note) for note in report.notes],
    )


def lint_notebook(report: LintReport) -> str:
    """The verdict and the faults as part of a notebook: no script, own style."""
    return rendered(
        "notebook.html",
        complete=report.complete,
        headline=HEADLINES[report.verdict.kind],
        verdict=clean(report.verdict.text),
        sides=[(feed.label, one_line(feed.name)) for feed in report.feeds],
        causes=[cause(place, one) for place, one in enumerate(report.findings, 1)],
        samples=[],
        open_questions=len(report.undecided),
        code="",
    )


def _feed(report: LintReport, number: int, causes: list[Cause]) -> dict[str, object]:
    feed = report.feeds[number]
    marks = [
        (mark, found.at.step)
        for mark, found in zip(causes, report.findings, strict=True)
        if found.at is not None and found.at.feed == number
    ]
    return {
        "label": one_line(feed.label),
        "name": one_line(feed.name),
        "says": _says(feed),
        "steps": [
            {
                "words": step_told(step),
                "place": f"{one_line(step.place.file)}:{step.place.line}" if step.place else "",
                "faults": [mark for mark, at in marks if at == index],
            }
            for index, step in enumerate(feed.plan.steps)
        ]
        if feed.plan
        else [],
        "notes": [one_line(note) for note in feed.notes],
    }


def _says(feed: Side) -> str:
    use = USES.get(feed.role, "its use is not known")
    leaves = [f"{one_line(leaf.path)} {leaf_words(leaf)}" for leaf in feed.spec.leaves]
    told = [f"{one_line(feed.library) or 'unknown library'}, {use}", epoch_of(feed), *leaves]
    return "; ".join(told)


def _left_out(suppressed: tuple[Suppressed, ...]) -> list[str]:
    found: list[str] = []
    for by, what in LEFT_OUT.items():
        codes = [one_line(one.finding.code) for one in suppressed if one.by == by]
        if codes:
            told = f"{counted(len(codes), 'finding')} left out by {what}"
            found.append(f"{told}: {', '.join(codes)}")
    return found
