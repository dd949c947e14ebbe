"""``twinfeed trace``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twinfeed.cli._exits import CLEAN, INTERRUPTED
from twinfeed.cli._options import Reading, reading
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed._core.trace import Trace
    from twinfeed.observe.source import Source


@click.command(short_help="Record what reaches the model.")
@click.argument("source")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS]...")
@click.option(
    "-o",
    "--output",
    metavar="FILE.twin",
    help="Where the trace is written; SOURCE.twin by default.",
)
@reading
def trace(*, source: str, arguments: tuple[str, ...], output: str | None, reading: Reading) -> int:
    """Record what SOURCE feeds into a file that can be compared later, on any machine.

    A script runs unchanged, as it would under `coverage run`: what is handed to Model.fit,
    evaluate and predict is recorded, and what reaches the train step. Its arguments stand
    behind `--`. Any other source of `twinfeed diff` is read within --examples, --epochs and
    --seconds.

    \b
      twinfeed trace train.py -o run.twin
      twinfeed trace train.py -o run.twin -- --epochs 3
      twinfeed trace feeds.py:keras_feed
      twinfeed diff run.twin feeds.py:tfds_feed

    Exit status: 0 written, 2 usage or tool error, 3 the feed failed or timed out, 130
    interrupted. What had been recorded by then is written, and marked as partial.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._observe import observed
    from twinfeed.cli._output import check_target
    from twinfeed.cli._progress import Progress
    from twinfeed.observe import save
    from twinfeed.observe.source import parse_source
    from twinfeed.observe.twinfile import is_twin

    parsed = parse_source(shlex.join([source, *arguments]) if arguments else source)
    target = output or _default(parsed)
    check_target(target, "-o", "trace", is_twin)
    with Progress(verbosity=reading.verbosity, pass_on=True) as progress:
        found = observed(parsed, reading, progress)
    if found.traces:
        try:
            save(found.traces, target)
        except OSError as error:
            given = f"-o {target}, which cannot be written ({error.strerror or error})"
            raise UsageError(given, "room for the trace", "name a file elsewhere") from error
    if found.traces and reading.verbosity >= 0:
        click.echo(summary(found.traces, target), err=True)
    found.or_raise()
    if not found.traces:
        click.echo("Interrupted before anything was read: nothing was written.", err=True)
    return INTERRUPTED if found.interrupted else CLEAN


def _default(source: Source) -> str:
    """``train.py`` -> ``train.twin``, ``feeds.py:keras_feed`` -> ``keras_feed.twin``."""
    from twinfeed.observe.source import FactorySource, TfdsSource

    if isinstance(source, FactorySource):
        name = source.function
    elif isinstance(source, TfdsSource):
        name = f"{source.name}-{source.split}"
    else:
        name = source.path.resolve().stem
    return re.sub(r"[^\w.-]+", "-", name).strip("-") + ".twin"


def summary(traces: Sequence[Trace], target: str) -> str:
    """What was written, and how much of each feed is in it."""
    from twinfeed.report.numbers import counted, size

    lines = [f"Wrote {target} ({size(Path(target).stat().st_size)}):"]
    for found in traces:
        looked = [number for number, epoch in enumerate(found.epochs) if epoch.looked]
        of_them = [tick in looked for tick in found.ticks.epoch.tolist()]  # not those only timed
        read = counted(int(found.ticks.size[of_them].sum()), "example")
        cut = "" if found.complete else ", PARTIAL: cut short"
        lines.append(f"  {found.role}: {read} in {counted(len(looked), 'epoch')}{cut}")
    return "\n".join(lines)
