"""From two runs, or files, to one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from twinfeed._core.finding import Finding
from twinfeed._core.results import Report
from twinfeed._core.trace import Role, Trace
from twinfeed.diff._measure import Measure
from twinfeed.diff._run import by_importance, compare
from twinfeed.errors import UsageError

_MAIN: tuple[Role, ...] = ("fit", "feed", "evaluate", "predict", "validation")


def compare_runs(
    left: Sequence[Trace],
    right: Sequence[Trace],
    *,
    measures: Iterable[Measure] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Compare what two runs or files hold: training against training, validation against validation.

    Args:
        left: The traces of A, as a ``.twin`` file holds them.
        right: The traces of B.
        measures: What to look for; the whole catalogue by default.
        progress: Called with the name of each measure before it looks.

    Raises:
        UsageError: If a side holds no trace.
    """
    if not left or not right:
        raise UsageError("a file without a trace", "at least one on each side", "record it again")
    chosen = None if measures is None else tuple(measures)
    report = compare(main_trace(left), main_trace(right), measures=chosen, progress=progress)
    checks = role_of(left, "validation"), role_of(right, "validation")
    if checks[0] is None or checks[1] is None or main_trace(left) is checks[0]:
        return report
    more = compare(checks[0], checks[1], measures=chosen, progress=progress)
    known = {found.code for found in report.findings}
    extra = tuple(_in_validation(found) for found in more.findings if found.code not in known)
    return replace(report, findings=tuple(sorted((*report.findings, *extra), key=by_importance)))


def main_trace(traces: Sequence[Trace]) -> Trace:
    """The trace that stands for a run: what was trained on, else what was read first."""
    return next(
        found
        for found in (*(role_of(traces, role) for role in _MAIN), traces[0])
        if found is not None
    )


def role_of(traces: Sequence[Trace], role: Role) -> Trace | None:
    """The first trace of a role, if there is one."""
    return next((trace for trace in traces if trace.role == role), None)


def _in_validation(found: Finding) -> Finding:
    return replace(found, sentence=f"in validation, {found.sentence}")
