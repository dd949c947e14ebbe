"""The demo's answer as a page: three pipelines, their accuracies, and why they differ."""

from __future__ import annotations

from collections.abc import Sequence

from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.version import __version__
from twinfeed.demo.outcome import Outcome
from twinfeed.demo.run import Answer
from twinfeed.observe.environment import environment
from twinfeed.report._html import charts
from twinfeed.report._html.frame import Line, Lines, page
from twinfeed.report._html.page import pair_context, within_size
from twinfeed.report.clean import one_line
from twinfeed.report.numbers import counted


def to_html(found: Answer) -> str:
    """The answer as one file: no network, no script needed, light and dark, printable."""
    named = " and ".join(
        f"{_causes(one)} between ({_short(one.left.name)}) and ({_short(one.right.name)})"
        for one in found.reports
    )
    told = f" What makes them differ is named below: {named}." if named else ""
    return within_size(
        found.reports,
        lambda pictures: page(
            "demo.html",
            headline="Is Keras's use of the data set broken?",
            kind="framework",
            verdict=f"Three pipelines over {found.data}, with {found.versions}.{told}",
            complete=found.complete,
            version=__version__,
            environment=found.reports[0].environment if found.reports else environment(),
            trained=_trained(found.outcomes),
            pairs=[
                pair_context(report, shown)
                | {
                    "title": f"Why ({_short(report.left.name)}) and ({_short(report.right.name)}) differ"
                }
                for report, shown in zip(found.reports, pictures, strict=True)
            ],
        ),
    )


def _causes(report: Report) -> str:
    return counted(sum(f.severity is not Severity.NOTE for f in report.findings), "cause")


def _short(name: str) -> str:
    """``b: ImageDataGenerator`` -> ``b``."""
    return one_line(name).partition(":")[0]


def _trained(outcomes: Sequence[Outcome]) -> Lines:
    """One network per pipeline: how often it was right, and how long an epoch took."""

    def line(one: Outcome) -> Line:
        low, high = one.interval
        return Line(
            name=one_line(one.label),
            cells=(f"{one.accuracy:.1%}", f"{low:.1%} to {high:.1%}", f"{one.steady_epoch_s:.2f}"),
            bar=charts.bar(0, one.accuracy, low, high, says=f"accuracy {one.accuracy:.1%}"),
            says=f"{one.right:,} of {one.tested:,} right",
        )

    epochs = len(outcomes[0].epoch_s) if outcomes else 0
    return Lines(
        title="",
        heads=("pipeline", "accuracy", "95 % interval", "s per epoch", "from zero"),
        rows=tuple(line(one) for one in outcomes),
        told=f"One network per pipeline, {epochs} epochs, the same first weights; seconds are the median"
        " of the epochs after the first. The interval is over draws of the test examples, not over trainings.",
    )
