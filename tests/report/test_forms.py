"""SARIF, GitHub's commands and JUnit: what their readers insist on, also for a comparison of two feeds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.lint.handmade import run as recorded
from tests.report.sample import FROZEN, report
from twinfeed._core.results import LintReport, Suppressed
from twinfeed.lint import CATALOGUE, lint_subjects
from twinfeed.lint._traces import subjects_of
from twinfeed.report import to_github, to_junit, to_sarif


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An object with no other properties than these, as each of SARIF's objects is."""
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def several(items: dict[str, Any], **how: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **how}


STRING = {"type": "string"}
TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = closed(("text",), text=TEXT)
RULE = closed(
    ("id",),
    id=TEXT,
    name=STRING,
    shortDescription=MESSAGE,
    help=closed(("text",), text=TEXT, markdown=STRING),
    defaultConfiguration=closed(level=LEVEL),
)
PLACE = closed(
    artifactLocation=closed(
        uri={"type": "string", "pattern": "^[!-~]+$"}, uriBaseId={"const": "%SRCROOT%"}
    ),
    region=closed(startLine={"type": "integer", "minimum": 1}),
)
RESULT = closed(
    ("message", "ruleId", "locations", "partialFingerprints"),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=several(
        closed(
            ("physicalLocation",),
            physicalLocation=PLACE,
            logicalLocations=several(closed(fullyQualifiedName=STRING)),
        ),
        minItems=1,
    ),
    partialFingerprints={"type": "object", "additionalProperties": STRING},
    properties={"type": "object", "properties": {"tags": several(STRING, uniqueItems=True)}},
    suppressions=several(closed(("kind",), kind={"enum": ["inSource", "external"]})),
)
RUN = closed(
    ("tool", "results"),
    tool=closed(
        ("driver",),
        driver=closed(
            ("name",),
            name=TEXT,
            version=STRING,
            semanticVersion=STRING,
            rules=several(RULE, uniqueItems=True),
        ),
    ),
    invocations=several(
        closed(
            ("executionSuccessful",),
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=several(closed(("message",), level=LEVEL, message=MESSAGE)),
        )
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=several(RESULT),
)
SARIF = closed(
    ("version", "runs"),
    version={"const": "2.1.0"},
    runs=several(RUN),
    **{"$schema": {"type": "string", "format": "uri"}},
)
"""The parts of OASIS's schema of SARIF 2.1.0 (errata 01) that these logs use, as strict as it is.

The schema itself stays out of here: its 3,000 lines are not ours to hand on. The logs of these tests
and the pages of every rule were held against it.
"""


def linted(file: str = "train.py") -> LintReport:
    return lint_subjects(subjects_of([recorded(file)]), rules=[CATALOGUE["ORD101"]])


def checked(text: str) -> dict[str, Any]:
    """The only run of a log that keeps the schema."""
    jsonschema = pytest.importorskip("jsonschema")
    found = json.loads(text)
    jsonschema.validate(found, SARIF)
    return found["runs"][0]


def test_sarif_of_a_feed() -> None:
    run = checked(to_sarif(linted()))
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == result["ruleId"] == "ORD101"
    assert rule["name"] == "short-shuffle-buffer"
    assert result["level"] == "warning"
    again = checked(to_sarif(linted()))["results"][0]
    assert again["partialFingerprints"] == result["partialFingerprints"]


def test_sarif_of_every_rule() -> None:
    one = linted()
    findings = tuple(replace(one.findings[0], code=code) for code in CATALOGUE)
    run = checked(to_sarif(replace(one, findings=findings)))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted(CATALOGUE)


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/é.py", "a%20b/%C3%A9.py"),
        ("a\\b.py", "a/b.py"),
        ("/far/away.py", "file:///far/away.py"),
    ],
)
def test_sarif_names_files_as_uris(file: str, uri: str) -> None:
    place = checked(to_sarif(linted(file)))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri
    assert ("uriBaseId" in place["artifactLocation"]) == (not file.startswith("/"))


def test_sarif_keeps_what_is_suppressed_apart() -> None:
    found = linted()
    known = replace(found, findings=(), suppressed=(Suppressed(found.findings[0], "comment"),))
    (result,) = checked(to_sarif(known))["results"]
    assert result["suppressions"] == [{"kind": "inSource"}]


def test_sarif_of_a_comparison_has_notifications_and_no_place() -> None:
    run = checked(to_sarif(report()))
    assert run["results"] == []
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert any("AUG202 frozen-augmentation" in one["message"]["text"] for one in told)


def test_github_shows_nine_and_counts_the_rest() -> None:
    many = replace(report(), findings=(FROZEN,) * 12)
    commands = [line for line in to_github(many).splitlines() if line.startswith("::")]
    assert len(commands) == 10
    assert "3 more" in commands[-1]


def test_github_escapes_what_would_end_a_command() -> None:
    evil = replace(FROZEN, sentence="100 % a::error::b\nc")
    said = to_github(replace(report(), findings=(evil,)))
    (command,) = (line for line in said.splitlines() if line.startswith("::"))
    assert command.endswith("Fix: Move cache() before the random steps")
    assert "100 %25 a::error::b c" in command


def test_junit_counts_its_cases() -> None:
    tree = ET.fromstring(to_junit(report()))
    suite = tree[0]
    cases = suite.findall("testcase")
    assert len(cases) == int(tree.get("tests", 0))
    assert len(suite.findall("testcase/failure")) == int(tree.get("failures", 0)) > 0
    assert len(suite.findall("testcase/skipped")) == int(tree.get("skipped", 0))
    clean = ET.fromstring(to_junit(replace(report(), findings=(), undecided=())))
    assert [case.get("name") for case in clean.iter("testcase")] == ["nothing found"]
