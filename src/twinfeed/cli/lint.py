"""``twinfeed lint``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from twinfeed.cli._config import Configured
from twinfeed.cli._exits import CLEAN, FEED_FAILED, FOUND, INTERRUPTED, tell
from twinfeed.cli._options import common, reported, watched
from twinfeed.errors import TwinfeedError, UsageError

if TYPE_CHECKING:
    from twinfeed._core.plan import Place
    from twinfeed._core.results import LintReport
    from twinfeed._core.trace import Trace
    from twinfeed.cli._progress import Progress
    from twinfeed.lint import Rule
    from twinfeed.observe.child import Observed
    from twinfeed.observe.source import Source


class _Lint(Configured):
    keys = frozenset(
        {"baseline", "exit-zero", "ignore", "output-format", "role", "seconds", "select",
         "stop-after", "timeout", "whole-epoch", "no-sample"}
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looking:
    """How feeds are looked at."""

    role: str | None
    sample: bool
    whole_epoch: bool
    stop_after: int
    seconds: float
    timeout_s: float
    verbosity: int


@click.command(cls=_Lint, short_help="Name the faults of one pipeline.")
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--select", metavar="CODES", multiple=True, help="Ask these rules only: AUG,ORD101.")
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not ask these rules.")
@click.option(
    "--role",
    type=click.Choice(["training", "evaluation", "predict"]),
    help="What feeds are for that no Keras call uses.",
)
@click.option("--no-sample", is_flag=True, help="Read no batch; ask what the steps alone tell.")
@click.option("--whole-epoch", is_flag=True, help="Let rules read a whole epoch of a factory.")
@click.option(
    "--stop-after",
    metavar="N",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Ask each fit of a script to stop after N epochs; 0 lets it run.",
)
@click.option(
    "--seconds",
    metavar="S",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="Ask each fit of a script to stop after S seconds; 0 lets it run.",
)
@click.option("--baseline", metavar="FILE", help="Leave out the findings that stand in FILE.")
@click.option("--update-baseline", is_flag=True, help="Write what is found now to --baseline.")
@click.option("--fix", is_flag=True, help="Change your code where that keeps what is fed.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix, also change order and values.")
@click.option("--diff", is_flag=True, help="With --fix, print the change and write nothing.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@reported("html")
@watched(120.0, "a batch after which a feed is given up")
@common
@click.pass_context
def lint(
    context: click.Context,
    *,
    targets: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline: str | None,
    update_baseline: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    exit_zero: bool,
    output_format: str,
    output_file: str | None,
    **how: Any,
) -> int:
    """Name the faults of a pipeline, each with the step, the line and what to change.

    A script runs unchanged: every feed that it hands to Model.fit, evaluate or predict is
    judged by what it is used for. What stands behind `--role` is needed for other targets only.

    \b
      twinfeed lint train.py
      twinfeed lint "train.py --lr 0.1" --select ORD,AUG
      twinfeed lint feeds.py:make_feed --role training
      twinfeed lint tfds:mnist/train dir:photos run.twin
      twinfeed lint train.py --output-format sarif --output-file lint.sarif
      twinfeed lint train.py --fix --diff

    --fix edits your code, runs it again, and keeps the change only if the finding is gone and,
    for safe changes, what is fed is the same as before.

    `# twinfeed: ignore[ORD101]` on the line of a step leaves a finding out, `# twinfeed:
    ignore-file` all of a file. Options may stand under [tool.twinfeed.lint] of pyproject.toml.

    Exit status: 0 nothing above a note, 1 something was found, 2 usage or tool error, 3 a feed
    failed, timed out or could not be judged, 130 interrupted with a partial report.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._output import check_report_target, show_report
    from twinfeed.cli._progress import Progress
    from twinfeed.lint import CATALOGUE
    from twinfeed.lint._baseline import baseline_text
    from twinfeed.observe.source import FactorySource, ScriptSource, parse_source
    from twinfeed.report import replace_file

    looking = _looking(how)
    _check_fix(fix=fix, unsafe=unsafe_fixes, diff=diff)
    # All that can be wrong with the command line is said before anything runs.
    rules = _rules(select, ignore)
    check_report_target(output_file)
    known = _known(baseline, update=update_baseline)
    sources = [parse_source(target) for target in targets]
    with Progress(verbosity=looking.verbosity) as progress:
        found = _found(sources, looking, rules, progress)
    report = found.report
    if report is None:  # every target failed, which has been said
        return FEED_FAILED
    from twinfeed.lint._suppress import suppress

    asked = CATALOGUE if rules is None else {rule.code for rule in rules}
    known_to_user = partial(
        suppress,
        files=[str(s.path) for s in sources if isinstance(s, ScriptSource | FactorySource)],
        asked=asked,
        per_file_ignores=context.obj.per_file_ignores,
        baseline=known,
    )
    report = known_to_user(report)
    if fix and not found.interrupted:
        from twinfeed.cli._mend import Mending

        mending = Mending(unsafe=unsafe_fixes, show=diff, verbosity=looking.verbosity)
        if diff:
            return FOUND if mending.shown(report) and not exit_zero else CLEAN
        with Progress(verbosity=looking.verbosity) as progress:
            report = mending.mended(
                report,
                found.traces,
                lambda: _again(sources, looking, rules, progress, known_to_user),
            )
    if update_baseline and baseline is not None:
        text = baseline_text(report.findings)
        replace_file(Path(baseline), text, given=f"--baseline {baseline}")
        if looking.verbosity >= 0:
            click.echo(f"Wrote {len(report.findings)} findings to {baseline}.", err=True)
        return INTERRUPTED if found.interrupted else CLEAN
    show_report(report, form=output_format, file=output_file, quiet=looking.verbosity < 0)
    return _code(found, report, exit_zero=exit_zero)


def _code(found: _Found, report: LintReport, *, exit_zero: bool) -> int:
    if found.interrupted:
        return INTERRUPTED
    if found.failed:
        return FEED_FAILED
    if exit_zero or report.verdict.kind == "clean":
        return CLEAN
    return FOUND if report.verdict.kind == "faults" else FEED_FAILED


def _check_fix(*, fix: bool, unsafe: bool, diff: bool) -> None:
    if (unsafe or diff) and not fix:
        given = f"{'--diff' if diff else '--unsafe-fixes'} without --fix"
        raise UsageError(given, "--fix, to which it belongs", "add --fix")


def _known(baseline: str | None, *, update: bool) -> Collection[str] | None:
    """What stands in the baseline; ``None`` where none is to be left out."""
    from twinfeed.cli._output import check_target
    from twinfeed.lint._baseline import is_baseline, read_baseline

    if not update:
        return None if baseline is None else read_baseline(Path(baseline))
    if baseline is None:
        given = "--update-baseline without --baseline"
        raise UsageError(given, "a file to write it to", "--baseline twinfeed-baseline.json")
    check_target(baseline, "--baseline", "baseline", is_baseline)
    return None


def _looking(how: dict[str, Any]) -> _Looking:
    return _Looking(
        role=how["role"],
        sample=not how["no_sample"],
        whole_epoch=how["whole_epoch"],
        stop_after=how["stop_after"],
        seconds=how["seconds"],
        timeout_s=how["timeout"],
        verbosity=-1 if how["quiet"] else int(how["verbose"]),
    )


def _rules(select: tuple[str, ...], ignore: tuple[str, ...]) -> Sequence[Rule] | None:
    if not select and not ignore:
        return None
    from twinfeed._core.select import chosen
    from twinfeed.lint import CATALOGUE

    return chosen(CATALOGUE, select, ignore)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What came of the targets: a report unless each of them failed."""

    report: LintReport | None
    traces: Sequence[Trace]
    interrupted: bool
    failed: bool


def _found(
    sources: Sequence[Source],
    looking: _Looking,
    rules: Sequence[Rule] | None,
    progress: Progress,
) -> _Found:
    from twinfeed.lint import lint_subjects
    from twinfeed.lint._traces import subjects_of

    traces: list[Trace] = []
    homes: list[Place | None] = []
    notes: list[str] = []
    failed = interrupted = False
    for source in sources:
        seen = _observed(source, looking, rules, progress)
        traces += seen.traces
        homes += [_home(source)] * len(seen.traces)
        interrupted = seen.interrupted
        if interrupted:
            notes.append(f"{source.given}: interrupted")
            break
        if seen.error is not None and len(sources) == 1 and not seen.traces:
            raise seen.error
        if seen.error is not None:
            failed = failed or not seen.traces
            tell(seen.error, traceback=False)
            first = str(seen.error).partition("\n")[0]
            notes.append(f"{source.given} failed before its end: {first}")
    if not traces and not interrupted:
        return _Found(report=None, traces=(), interrupted=False, failed=True)
    progress.begin("asking the rules")
    subjects = subjects_of(traces, role=cast("Any", looking.role), homes=homes)
    versions = {name: v for trace in traces for name, v in trace.environment.items()}
    report = lint_subjects(subjects, rules=rules, versions=versions, progress=progress.step)
    interrupted = interrupted or not report.complete
    whole = not (failed or interrupted)
    made = replace(report, notes=(*report.notes, *notes), complete=report.complete and whole)
    return _Found(report=made, traces=traces, interrupted=interrupted, failed=failed)


def _home(source: Source) -> Place | None:
    """Where a factory is written."""
    from twinfeed._core.plan import Place
    from twinfeed.observe._python_source import defined_at
    from twinfeed.observe.source import FactorySource

    if not isinstance(source, FactorySource):
        return None
    line = defined_at(source.path, source.function)
    path = source.path.resolve()
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return None if line is None else Place(file=str(shown), line=line)


def _again(
    sources: Sequence[Source],
    looking: _Looking,
    rules: Sequence[Rule] | None,
    progress: Progress,
    known_to_user: Callable[[LintReport], LintReport],
) -> tuple[LintReport, Sequence[Trace]] | None:
    """The same once more, with the code as it is now; ``None`` if it no longer runs to its end."""
    try:
        found = _found(sources, looking, rules, progress)
    except TwinfeedError as error:
        tell(error, traceback=False)
        return None
    if found.interrupted:
        raise KeyboardInterrupt
    if found.report is None or found.failed or not found.report.complete:
        return None
    return known_to_user(found.report), found.traces


def _observed(
    source: Source, looking: _Looking, rules: Sequence[Rule] | None, progress: Progress
) -> Observed:
    from twinfeed.lint import CATALOGUE, Needs
    from twinfeed.lint._budgets import SAMPLE, WHOLE
    from twinfeed.observe.child import observe_source
    from twinfeed.observe.source import FactorySource

    progress.begin(source.given)
    if looking.verbosity > 0 and isinstance(source, FactorySource):
        click.echo(f"calling {source.function} of {source.path.resolve()}", err=True)
    asked = CATALOGUE.values() if rules is None else rules
    needs = max((rule.needs for rule in asked), default=Needs.PLAN)
    return observe_source(
        source,
        budget=WHOLE if looking.whole_epoch and needs is Needs.EPOCH else SAMPLE,
        stop_after_epochs=looking.stop_after or None,
        stop_after_seconds=looking.seconds or None,
        plan_only=not looking.sample or needs is Needs.PLAN,
        timeout_s=looking.timeout_s,
        on_event=progress.heard,
        on_output=progress.printed,
        verbose=looking.verbosity > 0,
    )
