"""``twinfeed demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twinfeed.cli._exits import CLEAN, INTERRUPTED
from twinfeed.cli._options import common

if TYPE_CHECKING:
    from twinfeed.demo import Answer


@click.command(short_help="The question on bundled data, answered.")
@click.option(
    "--data",
    metavar="SOURCE",
    help="Other data than the bundled digits: tfds:mnist, tfds:cifar10, ...",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How the reports are written.",
)
@click.option("--output-file", metavar="FILE", help="Write them there, not to standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing while it works.")
@common
def demo(*, data: str | None, output_format: str, output_file: str | None, quiet: bool) -> int:
    """Answer the question on bundled data: three pipelines, three accuracies, one explanation.

    The same handwritten digits go through TensorFlow Datasets, through Keras's
    ImageDataGenerator, and through an attempt to imitate the latter in tf.data. Nothing is
    downloaded.

    \b
      twinfeed demo
      twinfeed demo --data tfds:mnist
      twinfeed demo --output-format html --output-file demo.html

    Exit status: 0 when it ran to its end, 2 usage or tool error, 130 interrupted with what was
    found so far.
    """  # noqa: D301 - \b is click's mark
    import contextlib
    import io

    from twinfeed.cli._exits import put
    from twinfeed.cli._output import check_report_target
    from twinfeed.cli._progress import Progress
    from twinfeed.demo import answer

    check_report_target(output_file)
    with Progress(verbosity=-1 if quiet else 0) as progress:
        progress.begin("demo")
        begun: list[str] = []

        def step(what: str, count: int) -> None:
            if what not in begun:
                begun.append(what)
                progress.begin(what)
            progress.step(f"{count:,}")

        # Keras says on standard output how many files it found; ours is for results.
        with contextlib.redirect_stdout(io.StringIO()):
            found = answer(data, progress=step)
    text = _rendered(found, output_format)
    if output_file is None:
        put(text)
    else:
        from twinfeed.report import replace_file

        check_report_target(output_file)
        replace_file(Path(output_file), text, given=f"--output-file {output_file}")
        if not quiet:
            click.echo(f"Wrote the reports to {output_file}.", err=True)
    return CLEAN if found.complete else INTERRUPTED


def _rendered(found: Answer, form: str) -> str:
    if form == "html":
        from twinfeed.demo.page import to_html

        return to_html(found)
    return _json(found) if form == "json" else _text(found)


def _text(found: Answer) -> str:
    import io
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from twinfeed.cli._output import columns, is_colourful
    from twinfeed.report import to_text

    width, colour = columns(), is_colourful(sys.stdout)
    target = io.StringIO()
    console = Console(file=target, width=width, force_terminal=colour, highlight=False, emoji=False)
    console.print(Text(f"Three pipelines over {found.data}"), style="bold")
    console.print(Text(found.versions))
    console.print()
    if found.outcomes:
        table = Table(box=None, pad_edge=False)
        for heading, side in (
            ("", "left"), ("accuracy", "right"), ("95 % interval", "left"), ("s/epoch", "right"),
        ):  # fmt: skip
            table.add_column(heading, justify="right" if side == "right" else "left")
        for outcome in found.outcomes:
            low, high = outcome.interval
            table.add_row(
                Text(outcome.label),
                f"{outcome.accuracy:.1%}",
                f"{low:.1%} to {high:.1%}, {outcome.right} of {outcome.tested}",
                f"{outcome.steady_epoch_s:.2f}",
            )
        console.print(table)
        epochs = len(found.outcomes[0].epoch_s)
        console.print(
            Text(
                f"\nOne network per pipeline, {epochs} epochs, the same first weights; seconds are the"
                " median of the epochs after the first. The interval is over draws of the test"
                " examples, not over trainings."
            )
        )
        console.print()
    if not found.complete:
        console.print(Text("PARTIAL: the work was interrupted."), style="bold red")
        console.print()
    lines = [line.rstrip() for line in target.getvalue().splitlines()]
    reports = [to_text(report, width=width, colour=colour) for report in found.reports]
    return "\n".join([*lines, ""]) + "\n\n".join(reports)


def _json(found: Answer) -> str:
    import json

    from twinfeed._core.results import SCHEMA_VERSION
    from twinfeed.report import to_json

    answer = {
        "schema_version": SCHEMA_VERSION,
        "data": found.data,
        "versions": found.versions,
        "complete": found.complete,
        "trainings": [
            {
                "pipeline": outcome.label,
                "accuracy": outcome.accuracy,
                "accuracy_low": outcome.interval[0],
                "accuracy_high": outcome.interval[1],
                "right": outcome.right,
                "tested": outcome.tested,
                "epoch_s": list(outcome.epoch_s),
            }
            for outcome in found.outcomes
        ],
        "reports": [json.loads(to_json(report)) for report in found.reports],
    }
    return json.dumps(answer, indent=2, sort_keys=True) + "\n"
