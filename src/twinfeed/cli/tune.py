"""``twinfeed tune``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twinfeed.cli._exits import CLEAN, FEED_FAILED, INTERRUPTED
from twinfeed.cli._options import Reading, common, size, watched
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed.cli._progress import Progress
    from twinfeed.tune import Training, Tuned


@click.command(short_help="Make a pipeline faster, measured.")
@click.argument("factory")
@click.option(
    "--memory",
    metavar="SIZE",
    callback=size,
    help="What caches may take: 8GB; half of it by default.",
)
@click.option("--cores", metavar="N", type=click.IntRange(1), help="Cores to count on.")
@click.option(
    "--seconds",
    metavar="S",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds to spend, about.",
)
@click.option(
    "--with",
    "script",
    metavar="train.py",
    help="First watch this training: is its step the bottleneck, or the feed?",
)
@click.option("--any-order", is_flag=True, help="The order of the examples may change.")
@click.option(
    "--unsafe", is_flag=True, help="Python code may run in threads, seeded draws lose their seed."
)
@click.option(
    "--cache-dir", metavar="DIR", help="Where a cache may lie that does not fit into memory."
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How the answer is written.",
)
@click.option("--output-file", metavar="FILE", help="Write it there, not to standard output.")
@watched(120.0, "a sign of life after which it is given up")
@common
def tune(
    *,
    factory: str,
    script: str | None,
    output_format: str,
    output_file: str | None,
    timeout: float,
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> int:
    """Make the tf.data pipeline that FACTORY returns faster, and print its code.

    FACTORY is file.py:make_feed or package.module:make_feed. What each step costs is read from
    the running pipeline; parallel calls, places for a cache, prefetching, maps on whole batches
    and options are tried in turn with the original. What wins is kept, if looking at both finds
    the same examples in the same order. Where nothing wins, that is the answer.

    \b
      twinfeed tune train.py:make_feed
      twinfeed tune train.py:make_feed --memory 8GB --cores 8 --seconds 120
      twinfeed tune train.py:make_feed --with train.py
      twinfeed tune train.py:make_feed --output-format html > tuned.html

    Exit status: 0 done, also where nothing wins; 2 usage or tool error; 3 the feed failed, timed
    out or cannot be tuned; 130 interrupted with the best so far.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._output import check_report_target
    from twinfeed.cli._progress import Progress

    check_report_target(output_file)
    source = _checked(factory, script, given["cache_dir"])
    verbosity = -1 if quiet else int(verbose)
    training: Training | None = None
    done: Tuned | None = None
    interrupted = False
    with Progress(verbosity=verbosity) as progress:
        if script is not None:
            training, interrupted = _watched(script, timeout, verbosity, progress)
        if training is not None and not training.input_bound:
            from twinfeed.tune._training import not_bound

            done = not_bound(training)
        elif not interrupted:
            done, interrupted = _tuned(source, given, timeout, verbosity, progress)
    if done is None:
        click.echo("Interrupted before anything was measured.", err=True)
        return INTERRUPTED
    done = replace(done, training=training)
    _show(done, factory, output_format, output_file, quiet=quiet)
    if interrupted:
        return INTERRUPTED
    return FEED_FAILED if done.kind == "cannot" else CLEAN


def _checked(factory: str, script: str | None, cache_dir: str | None) -> str:
    """What can be wrong with the command line is said before anything runs."""
    from twinfeed.observe.source import FactorySource, ScriptSource, parse_source

    source = parse_source(factory)
    if not isinstance(source, FactorySource):
        raise UsageError(
            f"{factory} to tune",
            "a function that returns a tf.data.Dataset: file.py:make_feed",
            "write `def make_feed(): return ...` in a file and name it",
        )
    if script is not None and not isinstance(parse_source(script), ScriptSource):
        raise UsageError(f"--with {script}", "a script that trains", "write --with train.py")
    if cache_dir is not None and not Path(cache_dir).is_dir():
        raise UsageError(f"--cache-dir {cache_dir}", "a folder that exists", "make it first")
    return factory


def _watched(
    script: str, timeout_s: float, verbosity: int, progress: Progress
) -> tuple[Training | None, bool]:
    """Where the training spends its time, and whether the user ended it."""
    from twinfeed.cli._observe import observed
    from twinfeed.observe.source import parse_source
    from twinfeed.tune._training import training_of

    reading = Reading(
        examples=2_000, epochs=1, seconds=60.0, every_value=False,
        stop_after=2, timeout_s=timeout_s, verbosity=verbosity,
    )  # fmt: skip
    seen = observed(parse_source(script), reading, progress).or_raise()
    return training_of(seen.traces), seen.interrupted


def _tuned(
    factory: str, given: dict[str, Any], timeout_s: float, verbosity: int, progress: Progress
) -> tuple[Tuned | None, bool]:
    from twinfeed.tune._job import TuneJob
    from twinfeed.tune.child import tune_factory

    progress.begin(f"tuning {factory}")
    return tune_factory(
        TuneJob(given=factory, **given),
        timeout_s=timeout_s,
        on_event=progress.heard,
        on_output=progress.printed,
        verbose=verbosity > 0,
    )


def _show(done: Tuned, name: str, form: str, file: str | None, *, quiet: bool) -> None:
    from twinfeed.cli._exits import put
    from twinfeed.cli._output import check_report_target, columns
    from twinfeed.report import replace_file
    from twinfeed.tune.render import rendered, to_text

    if form == "text" and file is None:
        text = to_text(done, name=name, width=columns())
    else:
        text = rendered(done, name, form)
    if file is None:
        put(text)
        return
    check_report_target(file)
    replace_file(Path(file), text, given=f"--output-file {file}")
    if not quiet:
        click.echo(f"Wrote the answer to {file}.", err=True)
