"""``twinfeed repro``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twinfeed.cli._exits import CLEAN, INTERRUPTED
from twinfeed.cli._options import Reading, reading
from twinfeed.errors import SourceError, UsageError

if TYPE_CHECKING:
    from twinfeed._core.trace import Trace
    from twinfeed.observe.source import Source


@click.command(short_help="Write a script that shows one finding.")
@click.argument("feeds", metavar="{A B | REPORT.json}", nargs=-1, required=True)
@click.argument("finding", metavar="CODE")
@click.option(
    "-o", "--output", metavar="FILE.py", help="Where it is written; repro-CODE.py by default."
)
@reading
def repro(*, feeds: tuple[str, ...], finding: str, output: str | None, reading: Reading) -> int:
    """Write a script of some twenty lines that shows one finding, ready for a bug report.

    It needs numpy alone. The example that shows the finding stands in its text, or in an .npz
    file beside it where that would be long. A and B are those of `twinfeed diff`; a report in
    JSON names the two that it compared, and they are read again.

    \b
      twinfeed repro keras_train.py tfds_train.py VAL203
      twinfeed repro a.twin b.twin frozen-augmentation -o frozen.py
      twinfeed repro diff.json LBL202

    Exit status: 0 written, 2 usage or tool error, or CODE is not found in these feeds, 3 a feed
    failed or timed out, 130 interrupted.
    """  # noqa: D301 - \b is click's mark
    from twinfeed._core.select import matching
    from twinfeed.cli._output import check_target
    from twinfeed.cli._progress import Progress
    from twinfeed.cli._threads import load_numpy

    load_numpy()  # before the catalogue does
    from twinfeed.diff import CATALOGUE

    measures = [CATALOGUE[code] for code in matching(CATALOGUE, finding, "CODE")]
    sources = _sources(feeds)
    if output is not None and not output.endswith(".py"):
        raise UsageError(f"-o {output}", "a name that ends in .py", f"write -o {output}.py")
    target = Path(output or f"repro-{finding.upper() if len(measures) == 1 else finding}.py")
    from twinfeed.repro import is_script, write_script

    check_target(str(target), "-o", "script", is_script)
    beside = target.with_suffix(".npz")
    check_target(str(beside), "-o", "script's data", lambda _beside: target.exists())
    with Progress(verbosity=reading.verbosity) as progress:
        from twinfeed.cli._observe import observed

        traces: list[Sequence[Trace]] = []
        for label, source in zip("AB", sources, strict=True):
            seen = observed(source, reading, progress, label=label).or_raise()
            if seen.interrupted:
                click.echo("Interrupted: nothing was written.", err=True)
                return INTERRUPTED
            traces.append(seen.traces)
        progress.begin("comparing")
        from twinfeed.diff import compare_runs

        report = compare_runs(traces[0], traces[1], measures=measures, progress=progress.step)
    if not report.findings:
        given = f"{finding}, which is not found between {sources[0].given} and {sources[1].given}"
        hint = f"twinfeed diff {sources[0].given} {sources[1].given} lists what is"
        raise UsageError(given, "a cause that these two feeds show", hint)
    written = write_script(traces[0], traces[1], report.findings[0], target)
    if reading.verbosity >= 0:
        click.echo(f"Wrote {' and '.join(map(str, written))}.", err=True)
    return CLEAN


def _sources(feeds: tuple[str, ...]) -> list[Source]:
    """The two feeds, by name or out of a report."""
    from twinfeed.observe.source import parse_source

    if len(feeds) == 2:
        return [parse_source(one) for one in feeds]
    if len(feeds) != 1 or not feeds[0].endswith(".json"):
        given = f"{len(feeds)} feeds: {' '.join(feeds)}"
        expected = "two feeds, or one report of theirs in JSON, and then a code"
        raise UsageError(given, expected, "twinfeed repro a.py b.py VAL203")
    names = _names(Path(feeds[0]))
    try:
        return [parse_source(one) for one in names]
    except SourceError as error:
        given = f"{feeds[0]}, whose feeds are {names[0]} and {names[1]}"
        hint = "name them: twinfeed repro A B CODE"
        raise UsageError(given, "feeds that can be read again", hint) from error


def _names(path: Path) -> list[str]:
    expected = "a report that `twinfeed diff --output-format json` wrote"
    hint = "write one, or name the two feeds: twinfeed repro A B CODE"
    try:
        found: Any = json.loads(path.read_text("utf-8"))
        names = [str(feed["name"]) for feed in found["feeds"]]
    except OSError as error:
        given = f"{path}, which cannot be read ({error.strerror or error})"
        raise UsageError(given, expected, hint) from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UsageError(f"{path}, which is no report", expected, hint) from None
    if len(names) != 2:
        raise UsageError(f"{path}, which is a report of {len(names)} feeds", expected, hint)
    return names
