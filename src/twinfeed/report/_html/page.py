"""The page: what a report says and shows, put into the template."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from twinfeed._core.exhibits import Album, Exhibits, Sample
from twinfeed._core.results import Report, VerdictKind
from twinfeed.report._augmentation import HEADING, rows as augmented
from twinfeed.report._html import charts
from twinfeed.report._html.png import data_uri
from twinfeed.report._html.rows import cause, waterfall
from twinfeed.report._sides import rows
from twinfeed.report._words import pairing_text
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted, number

LARGEST_BYTES = 2_000_000
"""Pictures are left out, the least different first, until a page is no larger."""

_HEADLINES: dict[VerdictKind, str] = {
    "same": "Same",
    "different": "Different",
    "undecided": "Undecided",
    "framework": "Equal feeds, unequal results",
    "clean": "Clean",
    "faults": "Faults",
}


def to_html(report: Report, *, largest_bytes: int = LARGEST_BYTES) -> str:
    """The report as one file: no network, no script needed, light and dark, printable.

    Args:
        report: What to show.
        largest_bytes: Bytes that the page may take; pictures are left out to keep to it.
    """
    pictures = list(report.exhibits.samples)
    while True:
        page = _render(report, pictures, left_out=len(report.exhibits.samples) - len(pictures))
        if len(page.encode()) <= largest_bytes or not pictures:
            return page
        pictures.pop()


def to_notebook(report: Report) -> str:
    """The verdict, the causes and a few pictures as part of a notebook: no script, own style."""
    pictures = report.exhibits.samples[:2]
    return (
        _templates()
        .get_template("notebook.html")
        .render(
            complete=report.complete,
            headline=_HEADLINES[report.verdict.kind],
            verdict=clean(report.verdict.text),
            sides=[(side.label, one_line(side.name)) for side in (report.left, report.right)],
            causes=[cause(place, one) for place, one in enumerate(report.findings, 1)],
            samples=[_sample(one) for one in pictures],
            open_questions=len(report.undecided),
        )
    )


def _render(report: Report, pictures: list[Sample], *, left_out: int) -> str:
    shown = report.exhibits
    copy = _text("copy.js")
    digest = base64.b64encode(hashlib.sha256(copy.encode()).digest()).decode()
    return (
        _templates()
        .get_template("report.html")
        .render(
            style=Markup(_text("report.css")),  # noqa: S704 - a file of ours
            script=Markup(copy),  # noqa: S704 - a file of ours
            policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline';"
            f" script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            version=report.tool_version,
            complete=report.complete,
            kind=report.verdict.kind,
            headline=_HEADLINES[report.verdict.kind],
            verdict=clean(report.verdict.text),
            sides=[(side.label, one_line(side.name)) for side in (report.left, report.right)],
            causes=[cause(place, one) for place, one in enumerate(report.findings, 1)],
            samples=[_sample(one) for one in pictures],
            left_out=left_out,
            shown_as=shown.shown_as,
            albums=[_album(one) for one in shown.albums],
            falls=waterfall(report.ledger) if report.ledger else [],
            ledger=report.ledger,
            ledger_rms=number(report.ledger.rms) if report.ledger else "",
            recovered=[
                tuple(one_line(cell) for cell in row) for row in augmented(report.augmentation)
            ]
            if report.augmentation
            else [],
            recovered_title=HEADING,
            sections=list(_sections(shown)),
            coverage=[
                (one.side, one.epoch, f"{one.examples:,}", f"{one.distinct:,}", one.ended)
                for one in shown.coverage
            ],
            within=[
                (one_line(one.finding.code), one_line(one.finding.sentence))
                for one in report.suppressed
            ],
            open_questions=[
                (one_line(one.code), one_line(one.question), one_line(one.needs))
                for one in report.undecided
            ],
            facts=[
                (one_line(name), one_line(a) or "-", one_line(b) or "-", differs)
                for name, a, b, differs in rows(report.left, report.right)
            ],
            notes=[
                (side.label, one_line(note))
                for side in (report.left, report.right)
                for note in side.notes
            ],
            pairing=pairing_text(report.pairing),
            environment=_environment(report.environment),
        )
    )


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
        figure = _figure(charts.timeline(shown.timelines), "Waiting for batches", told)
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
    }


def _album(one: Album) -> Mapping[str, object]:
    return {
        "side": one.side,
        "columns": one.columns,
        "rows": [[data_uri(picture) for picture in row] for row in one.rows],
    }


def _environment(found: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(one_line(name), one_line(value)) for name, value in sorted(found.items())]


def _text(name: str) -> str:
    return files("twinfeed.report").joinpath("templates", name).read_text("utf-8")


@cache
def _templates() -> Any:
    return Environment(
        loader=PackageLoader("twinfeed.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
