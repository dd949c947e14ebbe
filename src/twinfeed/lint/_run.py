"""Asking the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from twinfeed._core.finding import Finding, Location, Severity, Undecided
from twinfeed._core.results import LintReport, Side
from twinfeed._core.version import __version__
from twinfeed.lint._catalogue import CATALOGUE
from twinfeed.lint._rule import Needs, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._verdict import verdict
from twinfeed.observe.environment import environment

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def lint_subjects(
    subjects: Sequence[Subject],
    *,
    rules: Iterable[Rule] | None = None,
    versions: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> LintReport:
    """Name the faults of the feeds of one run.

    Args:
        subjects: The feeds.
        rules: What to look for; the whole catalogue by default.
        versions: Versions and machine by name, if the feeds were built elsewhere.
        progress: Called with the name of each rule before it is asked.
    """
    findings: list[Finding] = []
    undecided: list[Undecided] = []
    complete = True
    try:
        for rule in CATALOGUE.values() if rules is None else rules:
            if progress:
                progress(rule.name)
            for number, subject in enumerate(subjects):
                if not _may(rule, subject):
                    continue
                for answer in rule.check(subject):
                    if isinstance(answer, Finding):
                        at = answer.at or Location(where=subject.name)
                        findings.append(replace(answer, at=replace(at, feed=number)))
                    else:
                        undecided.append(answer)
    except KeyboardInterrupt:
        complete = False
    findings = sorted(_once(findings), key=by_importance)
    feeds = tuple(_side(str(number), one) for number, one in enumerate(subjects, 1))
    return LintReport(
        verdict=verdict(feeds, findings, undecided, complete=complete),
        findings=tuple(findings),
        undecided=tuple(undecided),
        feeds=feeds,
        complete=complete,
        environment=environment() if versions is None else versions,
        tool_version=__version__,
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetition: feeds of one run share steps, and a line of code has a fault once."""
    first: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        at = finding.at
        key = finding.code, at and (at.file, at.line, at.file or at.feed), finding.sentence
        first.setdefault(key, finding)
    return list(first.values())


def by_importance(found: Finding) -> tuple[int, bool, float, str]:
    """What orders findings in a report: severity, what is learned before how fast, then size."""
    return _ORDER[found.severity], found.code.startswith("SPD"), -found.size, found.code


def _may(rule: Rule, subject: Subject) -> bool:
    """Whether the subject may be read as far as the rule must."""
    if rule.needs is Needs.PLAN:
        return True
    return (subject.read_epoch if rule.needs is Needs.EPOCH else subject.read) is not None


def _side(label: str, subject: Subject) -> Side:
    # What no rule asked for is not read for the report either.
    known = vars(subject)
    trace = known.get("epoch") or known.get("sample")
    return Side(
        label=label,
        name=subject.name,
        library=subject.plan.library if subject.plan else "",
        role=subject.use.call or subject.use.role,
        spec=trace.spec if trace and trace.spec.leaves else subject.spec,
        plan=subject.plan,
        batches=subject.batches,
        examples=subject.examples,
        examples_read=len(trace.rows) if trace else 0,
        epochs_read=sum(epoch.looked for epoch in trace.epochs) if trace else 0,
        notes=subject.notes,
        arguments=subject.use.arguments or {},
    )
