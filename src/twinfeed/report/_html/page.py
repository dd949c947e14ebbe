"""The page: what a report says and shows, put into the template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup

from twinfeed._core.exhibits import Album, Exhibits, Sample
from twinfeed._core.results import LintReport, Report
from twinfeed.report._augmentation import HEADING, parameter_name, rows as augmented
from twinfeed.report._html import charts
from twinfeed.report._html.frame import HEADLINES, LARGEST_BYTES, page, rendered
from twinfeed.report._html.lint_page import lint_html, lint_notebook
from twinfeed.report._html.png import data_uri
from twinfeed.report._html.rows import cause, waterfall
from twinfeed.report._left_open import left_open
from twinfeed.report._sides import rows
from twinfeed.report._words import pairing_text
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted, number


def to_html(report: Report | LintReport, *, largest_bytes: int = LARGEST_BYTES) -> str:
    """The report as one file: no network, no script needed, light and dark, printable.

    Args:
        report: What to show.
        largest_bytes: Bytes that the page may take; pictures are left out to keep to it.
    """
    if isinstance(report, LintReport):
        return lint_html(report)
    return within_size(
        [report],
        lambda pictures: page(
            "report.html",
            headline=HEADLINES[report.verdict.kind],
            kind=report.verdict.kind,
            verdict=report.verdict.text,
            complete=report.complete,
            version=report.tool_version,
            environment=report.environment,
            sides=[(side.label, side.name) for side in (report.left, report.right)],
            pair=pair_context(report, pictures[0]),
        ),
        largest_bytes,
    )


def within_size(
    reports: Sequence[Report],
    render: Callable[[Sequence[Sequence[Sample]]], str],
    largest_bytes: int = LARGEST_BYTES,
) -> str:
    """A page with as many pictures as it may hold.

    Args:
        reports: The comparisons whose pictures it shows.
        render: Makes the page of the pictures of each comparison.
        largest_bytes: Bytes that it may take.
    """
    pictures = [list(report.exhibits.samples) for report in reports]
    while True:
        made = render(pictures)
        if len(made.encode()) <= largest_bytes or not any(pictures):
            return made
        max(pictures, key=len).pop()


def to_notebook(report: Report | LintReport) -> str:
    """The verdict, the causes and a few pictures as part of a notebook: no script, own style."""
    if isinstance(report, LintReport):
        return lint_notebook(report)
    return rendered(
        "notebook.html",
        complete=report.complete,
        headline=HEADLINES[report.verdict.kind],
        verdict=clean(report.verdict.text),
        sides=[(side.label, one_line(side.name)) for side in (report.left, report.right)],
        causes=[cause(place, one) for place, one in enumerate(report.findings, 1)],
        samples=[_sample(one) for one in report.exhibits.samples[:2]],
        open_questions=len(report.undecided),
        code="",
    )


def pair_context(report: Report, pictures: Sequence[Sample]) -> dict[str, object]:
    """What a page says and shows of two feeds; every text is clean, none is escaped yet.

    Args:
        report: The comparison.
        pictures: Those of its samples that are shown.
    """
    shown = report.exhibits
    return {
        "verdict": clean(report.verdict.text),
        "sides": [(side.label, one_line(side.name)) for side in (report.left, report.right)],
        "causes": [cause(place, one) for place, one in enumerate(report.findings, 1)],
        "samples": [_sample(one) for one in pictures],
        "left_out": len(shown.samples) - len(pictures),
        "shown_as": tuple(one_line(says) for says in shown.shown_as),
        "albums": [_album(one) for one in shown.albums],
        "falls": waterfall(report.ledger) if report.ledger else [],
        "ledger": report.ledger,
        "ledger_rms": number(report.ledger.rms) if report.ledger else "",
        "recovered": [
            tuple(one_line(cell) for cell in row) for row in augmented(report.augmentation)
        ]
        if report.augmentation
        else [],
        "recovered_title": HEADING,
        "sections": list(_sections(shown)),
        "coverage": [
            (one.side, one.epoch, f"{one.examples:,}", f"{one.distinct:,}", one.ended)
            for one in shown.coverage
        ],
        "within": [
            (one_line(one.finding.code), one_line(one.finding.sentence))
            for one in report.suppressed
        ],
        "open_questions": left_open(report.undecided),
        "facts": [
            (one_line(name), one_line(a) or "-", one_line(b) or "-", differs)
            for name, a, b, differs in rows(report.left, report.right)
        ],
        "notes": [
            (side.label, one_line(note))
            for side in (report.left, report.right)
            for note in side.notes
        ],
        "pairing": pairing_text(report.pairing),
    }


def _sections(shown: Exhibits) -> Iterator[tuple[str, str, list[Mapping[str, object]]]]:
    """Heading, introduction and figures of each group of charts that has any."""
    values = [
        _figure(
            charts.histogram(one), one.path, f"{one.left_values:,} and {one.right_values:,} values"
        )
        for one in shown.histograms
    ]
    if values:
        yield "Values", "How often each value occurs.", values
    drawn = [
        _figure(
            charts.drawn(one),
            one.name.replace("_", " "),
            f"A {one.left_says}; B {one.right_says}",
        )
        for one in shown.drawn
    ]
    if drawn:
        yield "Augmentation", "What is drawn at random, as recovered from the pictures.", drawn
    order = [
        _figure(charts.order_map(one), one.title, counted(one.examples, "example"))
        for one in shown.orders
    ]
    if shown.runs:
        told = "Each colour is a class; long stretches of one colour are data sorted by class."
        order.append(_figure(charts.label_runs(shown.runs), "Labels as they come", told))
    if order:
        told = (
            "A diagonal is one order on both axes, a band along it a short shuffle buffer,"
            " a cloud a full shuffle."
        )
        yield "Order", told, order
    if shown.timelines:
        told = "Read alone, or inside the training where a script was watched."
        waits = charts.waits_told(shown.timelines)
        figure = _figure(
            charts.timeline(shown.timelines), "Waiting for batches", f"{waits}. {told}"
        )
        yield "Time", "Seconds until each batch was there.", [figure]


def _figure(chart: Markup, title: str, caption: str) -> Mapping[str, object]:
    return {"chart": chart, "title": one_line(title), "caption": one_line(caption)}


def _sample(one: Sample) -> Mapping[str, object]:
    pictures = [("A", data_uri(one.left)), ("B", data_uri(one.right))]
    if one.difference is not None:
        pictures.append((f"difference x {one.gain:.3g}", data_uri(one.difference)))
    apart = "" if one.mean_levels is None else f"{number(one.mean_levels)} of 255 levels apart"
    return {
        "title": one_line(one.title),
        "pictures": pictures,
        "apart": apart,
        "pixel": one_line(one.pixel),
        "ring": "" if one.at is None else f"left: {one.at[0]:.1%}; top: {one.at[1]:.1%}",
    }


def _album(one: Album) -> Mapping[str, object]:
    return {
        "side": one.side,
        "columns": one.columns,
        "rows": [[data_uri(picture) for picture in row] for row in one.rows],
        "names": [parameter_name(name) for name in one.names],
        "title": one_line(one.title) or f"The same examples of {one.side} at several times",
    }
