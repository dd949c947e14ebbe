"""Findings that were there before: a file that a project keeps beside its code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from twinfeed._core.finding import Finding
from twinfeed._core.fingerprint import fingerprints
from twinfeed.errors import UsageError

FORMAT = "twinfeed baseline 1"


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints in a baseline.

    Raises:
        UsageError: If there is none, or it is something else.
    """
    given = f"--baseline {path}"
    try:
        found: Any = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        hint = "--update-baseline writes it"
        raise UsageError(f"{given}, which does not exist", "a baseline", hint) from None
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is no JSON"
        raise UsageError(f"{given}, which cannot be read ({why})", "a baseline", _HINT) from None
    entries: Any = cast("Any", found).get("findings") if isinstance(found, dict) else None
    if not isinstance(entries, dict) or cast("Any", found).get("format") != FORMAT:
        raise UsageError(f"{given}, which is no baseline", f"a file of {FORMAT!r}", _HINT)
    return frozenset(cast("dict[str, Any]", entries))


_HINT = "name another file, or remove it and write it anew with --update-baseline"


def is_baseline(path: Path) -> bool:
    """Whether a file may be written over by a baseline."""
    try:
        read_baseline(path)
    except UsageError:
        return False
    return True


def baseline_text(findings: Sequence[Finding]) -> str:
    """A baseline of these findings, the same for the same findings."""
    entries = {
        mark: {
            "code": finding.code,
            "name": finding.name,
            "file": finding.at.file if finding.at else None,
            "sentence": finding.sentence,
        }
        for mark, finding in zip(fingerprints(findings), findings, strict=True)
    }
    whole = {"format": FORMAT, "findings": entries}
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"
