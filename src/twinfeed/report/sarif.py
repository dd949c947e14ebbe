"""A report as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from twinfeed._core.finding import Finding, Location
from twinfeed._core.fingerprint import fingerprints
from twinfeed._core.pages import pages
from twinfeed._core.results import LintReport, Report
from twinfeed.report.clean import clean, one_line

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_ROOT = "%SRCROOT%"
"""Stands for the folder in which twinfeed ran; every relative name starts there."""


def to_sarif(report: Report | LintReport) -> str:
    """The report as a SARIF log with one run, the same bytes for the same report.

    A finding whose line is not known is a notification about the run, since SARIF's readers
    drop results without a place; so is what could not be decided.
    """
    placed = [found for found in report.findings if found.at and found.at.file]
    quiet = [one for one in report.suppressed if one.finding.at and one.finding.at.file]
    codes = sorted({found.code for found in (*placed, *(one.finding for one in quiet))})
    marks = fingerprints([*placed, *(one.finding for one in quiet)])
    results = [_result(found, codes, mark) for found, mark in zip(placed, marks, strict=False)]
    for one, mark in zip(quiet, marks[len(placed) :], strict=True):
        kind = "inSource" if one.by == "comment" else "external"
        results.append(_result(one.finding, codes, mark) | {"suppressions": [{"kind": kind}]})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "twinfeed",
                "version": report.tool_version,
                "semanticVersion": report.tool_version,
                "rules": _rules(codes),
            }
        },
        "invocations": [
            {
                "executionSuccessful": report.complete,
                "toolExecutionNotifications": _notifications(report),
            }
        ],
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, sort_keys=True, allow_nan=False)


def _rules(codes: Iterable[str]) -> list[dict[str, Any]]:
    known = pages()
    found: list[dict[str, Any]] = []
    for code in codes:
        page = known.get(code)
        rule: dict[str, Any] = {"id": code}
        if page is not None:
            title, _, body = page.page.strip().partition("\n")
            rule |= {
                "name": page.name,
                "shortDescription": {"text": title},
                "help": {"text": body.strip(), "markdown": body.strip()},
                "defaultConfiguration": {"level": page.severity},
            }
        found.append(rule)
    return found


def _result(finding: Finding, codes: list[str], mark: str) -> dict[str, Any]:
    assert finding.at is not None
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.severity.value,
        "message": {"text": _message(finding)},
        "locations": [_location(finding.at)],
        "partialFingerprints": {"twinfeed/v1": mark},
        "properties": {"strength": finding.strength.value, "tags": list(finding.tags)},
    }


def _message(finding: Finding) -> str:
    text = one_line(finding.sentence)
    if finding.fix:
        text += f". Fix: {one_line(finding.fix.title)}"
    # Readers make links of [text](target).
    return text.replace("](", "] (")


def _location(at: Location) -> dict[str, Any]:
    assert at.file is not None
    file = clean(at.file).replace("\\", "/")
    absolute = PurePath(file).is_absolute()
    artifact = {"uri": quote(f"file://{file}" if absolute else file, safe="/:")}
    physical: dict[str, Any] = {
        "artifactLocation": artifact if absolute else artifact | {"uriBaseId": _ROOT}
    }
    if at.line:
        physical["region"] = {"startLine": at.line}
    return {
        "physicalLocation": physical,
        "logicalLocations": [{"fullyQualifiedName": one_line(at.where)}],
    }


def _notifications(report: Report | LintReport) -> list[dict[str, Any]]:
    told = [
        {
            "level": found.severity.value,
            "message": {"text": f"{found.code} {found.name}: {_message(found)}"},
        }
        for found in report.findings
        if found.at is None or found.at.file is None
    ]
    told += [
        {
            "level": "note",
            "message": {"text": f"{open_.code}, not decided: {one_line(open_.question)}"},
        }
        for open_ in report.undecided
    ]
    return [*told, {"level": "note", "message": {"text": one_line(report.verdict.text)}}]
