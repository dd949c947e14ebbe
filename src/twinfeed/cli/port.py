"""``twinfeed port``."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twinfeed.cli._exits import CLEAN, FEED_FAILED, FOUND, INTERRUPTED, USAGE, put
from twinfeed.cli._options import Reading, reading
from twinfeed.errors import UsageError

_ARGUMENTS = "twinfeed.port.arguments"

if TYPE_CHECKING:
    from twinfeed._core.trace import Trace
    from twinfeed.port import Ported


class _WithArguments(click.Command):
    """What follows ``--`` is handed to the scripts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given: list[str] = []
        if "--" in args:
            at = args.index("--")
            args, given = args[:at], args[at + 1 :]
        ctx.meta[_ARGUMENTS] = given
        return super().parse_args(ctx, args)


@click.command(cls=_WithArguments, short_help="Rewrite ImageDataGenerator code.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--to",
    type=click.Choice(["twinfeed", "tf-data"]),
    default="twinfeed",
    show_default=True,
    help="The drop-in, or plain tf.data and Keras layers.",
)
@click.option("--diff", "show", is_flag=True, help="Print the change and write nothing.")
@click.option("--check", is_flag=True, help="Exit with 1 if something would change; write nothing.")
@click.option(
    "--prove",
    is_flag=True,
    help="Run both versions and compare what reaches the model; write only if it is the same.",
)
@reading
def port(
    *, files: tuple[str, ...], to: str, show: bool, check: bool, prove: bool, reading: Reading
) -> int:
    """Rewrite scripts and notebooks from Keras's ImageDataGenerator, in place.

    By default to twinfeed.images, where the same seed gives the same batches, faster. Every
    way to import the class is known, and so are fit_generator and its like. With --to tf-data
    to Datasets and Keras layers, where their meaning is the same.
    Comments and layout stay. A file with something that is not understood, or that cannot be
    kept, is left as it is, and each such place is listed. What follows -- is handed to the
    scripts that --prove runs.

    \b
      twinfeed port train.py
      twinfeed port *.py notebook.ipynb --diff
      twinfeed port src/train.py --check
      twinfeed port train.py --prove
      twinfeed port train.py --prove -- --epochs 1
      twinfeed port train.py --to tf-data --diff

    Exit status: 0 done, or nothing to do; 1 something would change (--check), or the two
    versions differ (--prove); 2 usage or tool error, or a file was refused; 3 a version
    failed or could not be judged (--prove); 130 interrupted.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.port import port_file, replace_file

    arguments = tuple(click.get_current_context().meta[_ARGUMENTS])
    if arguments and not prove:
        given = f"-- {arguments[0]}, and nothing is run"
        raise UsageError(given, "arguments of scripts that --prove runs", "add --prove")
    # All files are read before the first is written.
    done = [
        port_file(Path(file), to="tf-data" if to == "tf-data" else "twinfeed") for file in files
    ]
    codes = [CLEAN]
    for one in done:
        _say(one, to_errors=show, will=check or show)
        if one.refusals:
            codes.append(USAGE)
        if show:
            put(difference(one))
        if check and one.is_changed:
            codes.append(FOUND)
        if one.is_changed and prove:
            codes.append(_proved(one, arguments, reading))
            if codes[-1] != CLEAN:
                continue
        if one.is_changed and not (show or check):
            replace_file(one)
    return max(codes)


def _say(done: Ported, *, to_errors: bool, will: bool) -> None:
    """One line per place."""
    from twinfeed.report.clean import clean

    lines = [*done.changes, *done.notes]
    if done.refusals:
        lines = [f"{place} (left as it is)" for place in done.refusals]
    elif not done.is_changed:
        lines = [f"{done.path}: nothing to port"]
    elif will:
        lines.append(f"{done.path}: would be rewritten")
    for line in lines:
        click.echo(clean(line), err=to_errors or bool(done.refusals))


def difference(done: Ported) -> str:
    """A unified diff."""
    from difflib import unified_diff

    before, after = (
        side.decode("utf-8", "surrogateescape").splitlines(keepends=True)
        for side in (done.before, done.after)
    )
    lines: list[str] = []
    for line in unified_diff(before, after, str(done.path), str(done.path)):
        lines.append(line)
        if not line.endswith("\n"):
            lines.append("\n\\ No newline at end of file\n")
    return "".join(lines).encode("utf-8", "replace").decode()


def _proved(done: Ported, arguments: tuple[str, ...], reading: Reading) -> int:
    """Run both versions and say how they compare."""
    from shlex import join

    from twinfeed.cli._observe import observed
    from twinfeed.cli._progress import Progress
    from twinfeed.diff import CATALOGUE, compare_runs
    from twinfeed.observe.source import parse_source
    from twinfeed.port import script_of
    from twinfeed.port.write import beside

    with ExitStack() as stack:
        progress = stack.enter_context(Progress(verbosity=reading.verbosity))
        first = done.path
        if first.suffix != ".py":  # a notebook's code is run as a script
            first = stack.enter_context(beside(done.path, script_of(done.path, done.before)))
        copy = stack.enter_context(beside(done.path, script_of(done.path, done.after)))
        traces: list[tuple[Trace, ...]] = []
        for label, path, now in (("A", first, ""), ("B", copy, ", ported")):
            source = parse_source(join([str(path), *arguments]) if arguments else str(path))
            found = observed(source, reading, progress, label=label).or_raise()
            if found.interrupted:
                return INTERRUPTED
            traces.append(tuple(_fed(one, f"{done.path}{now}") for one in found.traces))
        progress.begin("comparing")
        # How fast it is was to change, and on a busy machine it does so either way.
        measures = [m for code, m in CATALOGUE.items() if not code.startswith("SPD")]
        report = compare_runs(traces[0], traces[1], measures=measures, progress=progress.step)
    put(f"{done.path}: {report.verdict.kind}: {report.verdict.text}\n")
    for finding in report.findings:
        put(f"  {finding.code} {finding.name}: {finding.sentence}\n")
    if report.verdict.kind == "same":
        return CLEAN
    put(f"{done.path}: left as it is\n")
    return FEED_FAILED if report.verdict.kind == "undecided" else FOUND


def _fed(trace: Trace, name: str) -> Trace:
    """What a model was fed, without how it learned: each run has weights of its own."""
    fit = replace(trace.fit, metrics={}) if trace.fit else None
    return replace(trace, name=name, fit=fit)
