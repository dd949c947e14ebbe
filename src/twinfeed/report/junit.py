"""A report as JUnit's XML, which every build server lists among its tests."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from twinfeed._core.finding import Finding, Severity
from twinfeed._core.results import LintReport, Report
from twinfeed.report.clean import clean, one_line

_NO_XML = re.compile("[\ufffe\uffff]")


def to_junit(report: Report | LintReport) -> str:
    """A test case per finding, failed from a warning upwards; one that passed where there is none."""
    failed = [found for found in report.findings if found.severity is not Severity.NOTE]
    cases = max(1, len(report.findings) + len(report.undecided))
    counts = {
        "tests": str(cases),
        "failures": str(len(failed)),
        "errors": "0" if report.complete else "1",
        "skipped": str(len(report.undecided)),
    }
    root = Element("testsuites", {"name": "twinfeed report", **counts})
    suite = SubElement(root, "testsuite", {"name": "twinfeed", **counts})
    for finding in report.findings:
        _case(suite, report, finding)
    for open_ in report.undecided:
        case = SubElement(suite, "testcase", classname="twinfeed", name=_text(open_.code))
        message = _text(f"not decided: {open_.question}; needs {open_.needs}")
        SubElement(case, "skipped", message=message)
    if cases == 1 and not report.findings and not report.undecided:
        SubElement(suite, "testcase", classname="twinfeed", name="nothing found")
    if not report.complete:
        SubElement(suite, "system-err").text = "PARTIAL: this was interrupted"
    SubElement(suite, "system-out").text = _text(report.verdict.text)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, report: Report | LintReport, finding: Finding) -> None:
    at = finding.at
    where: dict[str, str] = {}
    if at and at.file:
        where = {"file": _text(at.file), **({"line": str(at.line)} if at.line else {})}
    feed = f".{report.feeds[at.feed].role}" if at and isinstance(report, LintReport) else ""
    name = f"{finding.code} {finding.name}" + (
        f", {at.where}" if at and at.step is not None else ""
    )
    named = {"classname": _text(f"twinfeed{feed}"), "name": _text(name)}
    case = SubElement(suite, "testcase", named | where)
    body = _text(finding.sentence)
    if finding.fix:
        body += f"\nFix: {_text(finding.fix.title)}\n{_NO_XML.sub('?', clean(finding.fix.code))}"
    if finding.severity is Severity.NOTE:
        SubElement(case, "system-out").text = body
        return
    told = {"message": _text(finding.sentence), "type": finding.severity.value}
    SubElement(case, "failure", told).text = body


def _text(text: str) -> str:
    return _NO_XML.sub("?", one_line(text))
