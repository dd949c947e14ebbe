"""``twinfeed diff``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from twinfeed.cli._exits import CLEAN, FEED_FAILED, FOUND, INTERRUPTED
from twinfeed.cli._options import Reading, reading, reported

if TYPE_CHECKING:
    from twinfeed._core.results import Report
    from twinfeed._core.trace import Trace
    from twinfeed.cli._progress import Progress
    from twinfeed.diff import Measure
    from twinfeed.observe.source import Source


@click.command(short_help="Say why two feeds differ.")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@reported("html")
@click.option(
    "--select", metavar="CODES", multiple=True, help="Look for these causes only: AUG,ORD101."
)
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not look for these causes.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@reading
def diff(
    *,
    left: str,
    right: str,
    output_format: str,
    output_file: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exit_zero: bool,
    reading: Reading,
) -> int:
    """Say why two feeds differ: the verdict, the causes by size, and the evidence.

    A and B are each one of

    \b
      train.py             a script that calls fit; "train.py --lr 0.1" in quotes
      file.py:make_feed    a function that returns what Model.fit accepts
      tfds:mnist/train     a TFDS split; ?batch_size=64&data_dir=~/tfds
      dir:photos           a folder per class; ?image_size=224&batch_size=32
      run.twin             a trace saved by `twinfeed trace`

    For example

    \b
      twinfeed diff keras_train.py tfds_train.py
      twinfeed diff feeds.py:keras_feed feeds.py:tfds_feed --epochs 3
      twinfeed diff approved.twin train.py --output-format json > diff.json
      twinfeed diff a.twin b.twin --output-format html --output-file diff.html
      twinfeed diff "tfds:mnist/train[:10%]" dir:mnist/train --ignore SPD

    Exit status: 0 nothing above a note, 1 something was found, 2 usage or tool error, 3 a feed
    failed, timed out or could not be judged, 130 interrupted with a partial report.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._output import check_report_target, show_report
    from twinfeed.cli._progress import Progress
    from twinfeed.observe.source import parse_source

    # All that can be wrong with the command line is said before anything runs.
    measures = chosen_measures(select, ignore)
    check_report_target(output_file)
    sources = parse_source(left), parse_source(right)
    with Progress(verbosity=reading.verbosity) as progress:
        report, interrupted = _report(sources, reading, measures, progress)
    quiet = reading.verbosity < 0
    show_report(report, form=output_format, file=output_file, quiet=quiet)
    if interrupted:
        return INTERRUPTED
    if exit_zero or report.verdict.kind in {"same", "framework"}:
        return CLEAN
    return FEED_FAILED if report.verdict.kind == "undecided" else FOUND


def chosen_measures(select: tuple[str, ...], ignore: tuple[str, ...]) -> Sequence[Measure] | None:
    """What ``--select`` and ``--ignore`` leave of the catalogue; ``None`` for all of it."""
    if not select and not ignore:
        return None  # the whole catalogue, which need not be loaded before there is work for it
    from twinfeed._core.select import chosen
    from twinfeed.cli._threads import load_numpy

    load_numpy()  # before the catalogue does
    from twinfeed.diff import CATALOGUE

    return chosen(CATALOGUE, select, ignore)


def _report(
    sources: tuple[Source, Source],
    reading: Reading,
    measures: Sequence[Measure] | None,
    progress: Progress,
) -> tuple[Report, bool]:
    """The report, and whether the user cut the work short."""
    from twinfeed.cli._observe import observed
    from twinfeed.cli._threads import load_numpy

    load_numpy()
    # One after the other: side by side they would spoil each other's times.
    left = observed(sources[0], reading, progress, label="A").or_raise()
    if left.interrupted:
        return _half(left.traces, sources), True
    right = observed(sources[1], reading, progress, label="B").or_raise()
    if right.interrupted and not right.traces:
        return _half(left.traces, sources), True
    progress.begin("comparing")
    from twinfeed.diff import compare_runs

    report = compare_runs(left.traces, right.traces, measures=measures, progress=progress.step)
    whole = all(trace.complete for trace in (*left.traces, *right.traces))
    return report, right.interrupted or (whole and not report.complete)


def _half(left: Sequence[Trace], sources: tuple[Source, Source]) -> Report:
    """What can be said when the work ended before both feeds were seen."""
    from twinfeed._core.results import Verdict
    from twinfeed.diff import compare, main_trace
    from twinfeed.observe.recorder import Recorder

    a, b = (
        Recorder().trace(
            name=source.given,
            role="feed",
            plan=None,
            batches=None,
            examples=None,
            infinite=False,
            complete=False,
            notes=["not read: the work was interrupted"],
        )
        for source in sources
    )
    report = compare(main_trace(left) if left else a, b, measures=())
    read = "B" if left else "A"
    text = f"Interrupted before {read} was read, so nothing could be compared."
    return replace(report, verdict=Verdict("undecided", text), complete=False)
