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

SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "text": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1}},
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "properties": {
                        "driver": {
                            "required": ["name"],
                            "properties": {
                                "rules": {
                                    "items": {
                                        "required": ["id"],
                                        "properties": {
                                            "shortDescription": {"$ref": "#/$defs/text"}
                                        },
                                    }
                                }
                            },
                        }
                    }
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                "invocations": {
                    "items": {
                        "required": ["executionSuccessful"],
                        "properties": {
                            "toolExecutionNotifications": {
                                "items": {
                                    "required": ["message"],
                                    "properties": {
                                        "level": {"$ref": "#/$defs/level"},
                                        "message": {"$ref": "#/$defs/text"},
                                    },
                                }
                            }
                        },
                    }
                },
            },
        },
        "result": {
            "required": ["message", "ruleId", "locations", "partialFingerprints"],
            "properties": {
                "message": {"$ref": "#/$defs/text"},
                "level": {"$ref": "#/$defs/level"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                "suppressions": {
                    "items": {"properties": {"kind": {"enum": ["inSource", "external"]}}}
                },
                "locations": {
                    "minItems": 1,
                    "items": {
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation"],
                                "properties": {
                                    "region": {
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1}
                                        }
                                    }
                                },
                            }
                        }
                    },
                },
            },
        },
    },
}
"""The parts of the SARIF 2.1.0 schema that these logs use."""


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
