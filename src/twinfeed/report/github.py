"""A report as GitHub's workflow commands, which become annotations of a change."""

from __future__ import annotations

from twinfeed._core.finding import Finding, Severity
from twinfeed._core.results import LintReport, Report
from twinfeed.report._words import HEADER
from twinfeed.report.clean import one_line

_MOST = 9  # a step shows ten of a kind; the last one says how many more there are
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def to_github(report: Report | LintReport) -> str:
    """The worst findings, each as an annotation, and the verdict in a line of the log."""
    lines = [f"{HEADER} (version {report.tool_version})"]
    lines += [_annotation(found) for found in report.findings[:_MOST]]
    more = len(report.findings) - _MOST
    if more > 0:
        worst = _COMMANDS[report.findings[_MOST].severity]
        lines.append(f"::{worst} title=twinfeed::{more} more: the log of this step lists them")
        lines += [f"  {found.code} {_said(found)}" for found in report.findings[_MOST:]]
    if not report.complete:
        lines.append("::warning title=twinfeed::PARTIAL: this was interrupted")
    # Behind a word, so that nothing in it is a command.
    lines.append(f"verdict: {report.verdict.kind}: {one_line(report.verdict.text)}")
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding) -> str:
    at = finding.at
    properties = {"title": f"{finding.code} {finding.name}"}
    if at and at.file:
        properties = {"file": one_line(at.file).replace("\\", "/"), **properties}
        if at.line:
            properties["line"] = str(at.line)
    told = ",".join(f"{name}={_property(value)}" for name, value in sorted(properties.items()))
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(_said(finding))}"


def _said(finding: Finding) -> str:
    at = finding.at
    where = f"{one_line(at.where)}: " if at and at.step is not None else ""
    fix = f". Fix: {one_line(finding.fix.title)}" if finding.fix else ""
    return f"{where}{one_line(finding.sentence)}{fix}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
