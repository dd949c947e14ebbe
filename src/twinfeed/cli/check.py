"""``twinfeed check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twinfeed.cli._config import Configured
from twinfeed.cli._exits import CLEAN, FEED_FAILED, FOUND, INTERRUPTED
from twinfeed.cli._options import Reading, reading, reported
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed._core.results import Report
    from twinfeed._core.trace import Trace
    from twinfeed.cli._progress import Progress
    from twinfeed.observe.source import Source


KEYS = frozenset(
    {"epochs", "every-value", "examples", "exit-zero", "fail-on", "ignore", "output-format",
     "seconds", "select", "speed-tolerance", "stop-after", "timeout", "value-tolerance"}
)  # fmt: skip
"""What may stand in ``[tool.twinfeed.check]``; the pytest plugin reads it as well."""


class _Check(Configured):
    keys = KEYS


@click.command(cls=_Check, short_help="Is this still the feed that was approved?")
@click.argument("baseline", metavar="BASELINE.twin")
@click.argument("feed", metavar="FEED")
@click.option("--update", is_flag=True, help="Approve FEED: say what changed, and write BASELINE.")
@click.option(
    "--select", metavar="CODES", multiple=True, help="Look for these causes only: AUG,ORD101."
)
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not look for these causes.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="warning",
    show_default=True,
    help="The least severity that fails.",
)
@click.option(
    "--value-tolerance",
    metavar="X",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How far a value may be from the approved one, in the units of the feed.",
)
@click.option(
    "--speed-tolerance",
    metavar="X",
    type=click.FloatRange(1),
    help="How many times slower the feed may be; without it speed is left out.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@reported("html")
@reading
def check(
    *,
    baseline: str,
    feed: str,
    update: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
    value_tolerance: float,
    speed_tolerance: float | None,
    exit_zero: bool,
    output_format: str,
    output_file: str | None,
    reading: Reading,
) -> int:
    """Hold a feed against the trace of it that was approved: a gate for continuous integration.

    BASELINE is a trace that `twinfeed trace` or --update wrote, FEED anything that `twinfeed
    diff` takes.

    \b
      twinfeed check approved.twin train.py --update   approve it
      twinfeed check approved.twin train.py            is it still the same?
      twinfeed check approved.twin feeds.py:make_feed --value-tolerance 0.01
      twinfeed check approved.twin train.py --output-format github
      twinfeed check approved.twin dir:photos --ignore ORD,VAL204 --fail-on error

    Options may stand in pyproject.toml:

    \b
      [tool.twinfeed.check]
      ignore = ["ORD205"]
      value-tolerance = 0.01

    Exit status: 0 nothing that fails, 1 something was found, 2 usage or tool error, 3 the feed
    failed, timed out or could not be judged, 130 interrupted with a partial report. --update
    exits with 0 once BASELINE is written; it is written whole or not at all.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._output import check_report_target, check_target, show_report
    from twinfeed.cli._progress import Progress
    from twinfeed.cli._threads import load_numpy
    from twinfeed.cli.diff import chosen_measures
    from twinfeed.observe.source import parse_source
    from twinfeed.observe.twinfile import is_twin

    # All that can be wrong with the command line is said before anything runs.
    measures = chosen_measures(select, ignore)
    check_report_target(output_file)
    if update:
        check_target(baseline, "--update", "trace", is_twin)
    source = parse_source(feed)
    load_numpy()
    from twinfeed._core.finding import Severity
    from twinfeed.diff import Tolerances, check_runs

    approved = _approved(baseline, update=update)
    tolerances = Tolerances(
        fail_on=Severity(fail_on), values=value_tolerance, speed=speed_tolerance
    )
    with Progress(verbosity=reading.verbosity) as progress:
        now, interrupted = _now(source, reading, progress)
        if not now:
            click.echo("Interrupted before anything was read: nothing was judged.", err=True)
            return INTERRUPTED
        report = None
        if approved:
            progress.begin("comparing")
            report = check_runs(
                approved, now, tolerances=tolerances, measures=measures, progress=progress.step
            )
    if report is not None:
        quiet = reading.verbosity < 0
        show_report(report, form=output_format, file=output_file, quiet=quiet)
        whole = all(trace.complete for trace in (*approved, *now))
        interrupted = interrupted or (whole and not report.complete)
    if interrupted:
        return INTERRUPTED
    if update:
        _approve(now, baseline, report, quiet=reading.verbosity < 0)
        return CLEAN
    assert report is not None, "without --update there is a baseline, or an error"
    if exit_zero or report.verdict.kind == "same":
        return CLEAN
    return FEED_FAILED if report.verdict.kind == "undecided" else FOUND


def _approved(baseline: str, *, update: bool) -> Sequence[Trace]:
    """The traces of the baseline; none where one is to be written for the first time."""
    from twinfeed.observe import load

    if Path(baseline).exists():
        return load(baseline)
    if update:
        return ()
    raise UsageError(
        f"{baseline}, which does not exist",
        "a trace of the feed as it was approved",
        "add --update once to write it, and keep it beside the code",
    )


def _now(source: Source, reading: Reading, progress: Progress) -> tuple[Sequence[Trace], bool]:
    """The traces of the feed as it is, and whether the user cut the work short."""
    from twinfeed.cli._observe import observed

    found = observed(source, reading, progress).or_raise()
    return found.traces, found.interrupted


def _approve(now: Sequence[Trace], baseline: str, before: Report | None, *, quiet: bool) -> None:
    from twinfeed.cli.trace import summary
    from twinfeed.observe import save

    if not all(trace.complete for trace in now):
        raise UsageError(
            f"--update {baseline}, and the feed was read in part only",
            "a feed that was read as planned",
            "run it again without interrupting it",
        )
    try:
        save(now, baseline)
    except OSError as error:
        given = f"--update {baseline}, which cannot be written ({error.strerror or error})"
        raise UsageError(given, "room for the trace", "name a file elsewhere") from error
    if not quiet:
        click.echo(summary(now, baseline), err=True)
        click.echo(f"  {_replaced(before)}", err=True)


def _replaced(before: Report | None) -> str:
    """What is approved now and was not, in a line."""
    from twinfeed.report.numbers import counted

    if before is None:
        return "It is the first one: nothing was replaced."
    failing = len(before.findings)
    if before.verdict.kind == "undecided":
        return "It replaces one with which nothing could be compared."
    if before.verdict.kind == "same":
        return "It replaces one that fed the same."
    return f"It replaces one that differed in {counted(failing, 'finding')}, listed in the report."
