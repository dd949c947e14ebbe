"""Leaving out what the user knows of: by comments, by the configuration, by a baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatch

from twinfeed._core.finding import Finding
from twinfeed._core.fingerprint import fingerprints
from twinfeed._core.results import LintReport, Suppressed
from twinfeed.lint._comments import Comment, comments_of
from twinfeed.lint._verdict import verdict


def suppress(
    report: LintReport,
    *,
    files: Iterable[str] = (),
    asked: Collection[str] = (),
    per_file_ignores: Mapping[str, Iterable[str]] | None = None,
    baseline: Collection[str] | None = None,
) -> LintReport:
    """The report without what is known, which it keeps apart.

    Args:
        report: What was found.
        files: Files whose comments count beside those that build the feeds.
        asked: Codes of the rules that were asked; a comment for another is not called unused.
        per_file_ignores: Codes, families or names to leave out, by pattern of a file's name.
        baseline: Fingerprints of findings that were there before.
    """
    comments = [
        comment
        for file in dict.fromkeys([*files, *_files(report)])
        for comment in comments_of(file)
    ]
    used: set[Comment] = set()
    kept: list[Finding] = []
    out: list[Suppressed] = []
    for finding in report.findings:
        spoken = [comment for comment in comments if _speaks_of(comment, finding, report)]
        used.update(spoken)
        if spoken:
            out.append(Suppressed(finding, "comment"))
        elif _ignored(finding, per_file_ignores or {}):
            out.append(Suppressed(finding, "config"))
        else:
            kept.append(finding)
    stale = 0
    if baseline is not None:
        marks = fingerprints(kept)
        stale = len(set(baseline) - set(marks))
        known = [mark in baseline for mark in marks]
        out += [Suppressed(f, "baseline") for f, old in zip(kept, known, strict=True) if old]
        kept = [f for f, old in zip(kept, known, strict=True) if not old]
    notes = list(report.notes)
    if report.complete:
        notes += [_unused(comment) for comment in comments if _is_unused(comment, used, asked)]
        if stale:
            entries = "1 entry" if stale == 1 else f"{stale} entries"
            notes.append(f"{entries} of the baseline are found no longer: --update-baseline")
    return replace(
        report,
        verdict=verdict(report.feeds, kept, report.undecided, complete=report.complete),
        findings=tuple(kept),
        suppressed=(*report.suppressed, *out),
        notes=tuple(notes),
    )


def _files(report: LintReport) -> list[str]:
    steps = [step for feed in report.feeds if feed.plan for step in feed.plan.steps]
    found = [step.place.file for step in steps if step.place]
    return [*found, *(f.at.file for f in report.findings if f.at and f.at.file)]


def _speaks_of(comment: Comment, finding: Finding, report: LintReport) -> bool:
    at = finding.at
    if at is None or at.file != comment.file or not comment.covers(finding.code, finding.name):
        return False
    if comment.whole_file:
        return True
    plan = report.feeds[at.feed].plan
    place = plan.steps[at.step].place if plan and at.step is not None else None
    first = at.line or 0
    last = max(first, place.end_line if place and place.line == first else first)
    return first <= comment.line <= last


def _ignored(finding: Finding, patterns: Mapping[str, Iterable[str]]) -> bool:
    file = finding.at.file if finding.at else None
    return file is not None and any(
        fnmatch(file, pattern)
        and any(
            finding.code.startswith(word.upper()) or finding.name == word.lower() for word in words
        )
        for pattern, words in patterns.items()
    )


def _is_unused(comment: Comment, used: Collection[Comment], asked: Collection[str]) -> bool:
    if comment in used:
        return False
    # A rule that was not asked may have had something to say.
    return not comment.codes or all(
        any(code.startswith(word) for code in asked) or not word[-3:].isdigit()
        for word in comment.codes
    )


def _unused(comment: Comment) -> str:
    codes = f" {', '.join(comment.codes)}" if comment.codes else ""
    where = "in this file" if comment.whole_file else "here"
    return f"{comment.file}:{comment.line}: the comment is not needed: nothing{codes} {where}"
