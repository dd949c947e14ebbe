"""A report as JSON: published schema, stable keys, no number that JSON cannot hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any, TypeAlias, cast

import numpy as np

from twinfeed._core.augmentation import Augmentation
from twinfeed._core.finding import Finding, Location
from twinfeed._core.plan import Plan, Step
from twinfeed._core.results import SCHEMA_VERSION, Ledger, LintReport, Report, Side

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
SCHEMA_ID = "urn:twinfeed:schema:report:1"
"""Changes with the major version: readers accept every minor of theirs."""


def to_json(report: Report | LintReport) -> str:
    """The report as JSON text.

    The same report gives the same bytes: keys are sorted, floats are the shortest that read
    back the same, and text beyond ASCII is escaped. ``NaN`` and the infinities, which JSON
    lacks, are the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``.
    """
    whole = _shared(report) | (_pair(report) if isinstance(report, Report) else _alone(report))
    return json.dumps(whole, indent=2, sort_keys=True, allow_nan=False)


def _shared(report: Report | LintReport) -> dict[str, Json]:
    return {
        "$schema": SCHEMA_ID,
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "twinfeed", "version": report.tool_version},
        "environment": dict(report.environment),
        "complete": report.complete,
        "verdict": {"kind": report.verdict.kind, "text": report.verdict.text},
        "findings": [_finding(finding) for finding in report.findings],
        "undecided": [
            {"code": open_.code, "question": open_.question, "needs": open_.needs}
            for open_ in report.undecided
        ],
        "suppressed": [
            {"finding": _finding(one.finding), "by": one.by} for one in report.suppressed
        ],
    }


def _alone(report: LintReport) -> dict[str, Json]:
    return {
        "command": "lint",
        "feeds": [_side(feed) for feed in report.feeds],
        "notes": list(report.notes),
    }


def _pair(report: Report) -> dict[str, Json]:
    return {
        "command": report.command,
        "feeds": [_side(report.left), _side(report.right)],
        "pairing": {
            "method": report.pairing.method,
            "pairs": report.pairing.pairs,
            "left": report.pairing.left,
            "right": report.pairing.right,
            "confidence": _plain(report.pairing.confidence),
        },
        "ledger": _ledger(report.ledger),
        "augmentation": [_augmentation(side) for side in report.augmentation],
    }


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every report of this version keeps."""
    return json.loads(files("twinfeed.report").joinpath("twinfeed.schema.json").read_text("utf-8"))


def _finding(finding: Finding) -> dict[str, Json]:
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "tags": list(finding.tags),
        "severity": finding.severity.value,
        "strength": finding.strength.value,
        "sentence": finding.sentence,
        "evidence": _plain(finding.evidence),
        "fix": fix
        and {
            "title": fix.title,
            "code": fix.code,
            "safety": fix.safety.value,
            "rewrite": fix.rewrite or None,
            "arguments": _plain(fix.arguments),
        },
        "size": _plain(finding.size),
        "at": _location(finding.at),
    }


def _location(at: Location | None) -> Json:
    if at is None:
        return None
    return {
        "where": at.where,
        "step": at.step,
        "feed": at.feed,
        "file": at.file,
        "line": at.line,
    }


def _ledger(ledger: Ledger | None) -> Json:
    if ledger is None:
        return None
    return {
        "shares": [
            {
                "step": share.step,
                "says": share.says,
                "share": _plain(share.share),
                "low": _plain(share.low),
                "high": _plain(share.high),
                "pairs": share.pairs,
                "left_rms": _plain(share.left_rms),
            }
            for share in ledger.shares
        ],
        "unexplained": _plain(ledger.unexplained),
        "low": _plain(ledger.low),
        "high": _plain(ledger.high),
        "pairs": ledger.pairs,
        "fitted_pairs": ledger.fitted_pairs,
        "rms": _plain(ledger.rms),
    }


def _augmentation(side: Augmentation) -> Json:
    return {
        "label": side.label,
        "state": side.state,
        "known": side.known,
        "basis": side.basis,
        "relative": side.relative,
        "views": side.views,
        "tried": side.tried,
        "parameters": [_plain(asdict(one)) for one in side.parameters],
        "fill": side.fill,
        "fill_value": _plain(side.fill_value),
        "stated_fill": side.stated_fill,
        "filling": side.filling,
        "pivot": side.pivot,
    }


def _side(side: Side) -> dict[str, Json]:
    return {
        "label": side.label,
        "name": side.name,
        "library": side.library,
        "role": side.role,
        "spec": [
            {"path": leaf.path, "kind": leaf.kind, "dtype": leaf.dtype, "shape": list(leaf.shape)}
            for leaf in side.spec.leaves
        ],
        "plan": _plan(side.plan),
        "batches": side.batches,
        "examples": side.examples,
        "examples_read": side.examples_read,
        "epochs_read": side.epochs_read,
        "examples_per_s": _plain(side.examples_per_s),
        "first_batch_s": _plain(side.first_batch_s),
        "metrics": _plain(side.metrics),
        "notes": list(side.notes),
        "arguments": _plain(side.arguments),
    }


def _plan(plan: Plan | None) -> Json:
    if plan is None:
        return None
    return {"library": plan.library, "steps": [_step(step) for step in plan.steps]}


def _step(step: Step) -> dict[str, Json]:
    return {
        "kind": step.kind,
        "where": step.where,
        "name": step.name,
        "settings": _plain(step.settings),
        "examples_in": step.examples_in,
        "random": step.random,
        "parallel_calls": step.parallel_calls,
        "ops": list(step.ops),
        "file": step.place.file if step.place else None,
        "line": step.place.line if step.place else None,
    }


def _plain(value: object) -> Json:
    """A value as JSON has it; numpy's own numbers become Python's."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {str(key): _plain(entry) for key, entry in entries.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in cast("Sequence[object]", value)]
    number = cast("object", value.item() if isinstance(value, np.number | np.bool) else value)
    if isinstance(number, float) and not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return number if isinstance(number, bool | int | float | str | None) else str(number)
