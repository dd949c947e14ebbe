"""Writing reports to files: whole or not at all, never over something that is no report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twinfeed import report as forms
from twinfeed._core.results import LintReport, Report
from twinfeed._core.whole_file import whole_file
from twinfeed.errors import UsageError
from twinfeed.report._words import HEADER, HTML_HEADER

_START_BYTES = 64 << 10
_FORMS = {".html": "html", ".htm": "html", ".json": "json", ".txt": "text"}


def rendered(report: Report | LintReport, form: str) -> str:
    """The report in a form of ``--output-format``, to be written to a file."""
    text: str = getattr(forms, f"to_{form}")(report)
    return text if text.endswith("\n") else f"{text}\n"


def write_report(report: Report | LintReport, path: Path) -> None:
    """Write a report in the form that the end of the name asks for.

    Raises:
        UsageError: If the name ends otherwise, or a file that is no report stands there.
    """
    write_as(path, lambda form: rendered(report, form))


def write_as(path: Path, make: Callable[[str], str]) -> None:
    """Write an answer in the form that the end of the name asks for.

    Args:
        path: Ends in ``.html``, ``.json`` or ``.txt``.
        make: Gives the text of a form.

    Raises:
        UsageError: If the name ends otherwise, or a file that is no report stands there.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        given = f"a report was to be saved as {path.name}"
        expected = "a name that ends in .html, .json or .txt"
        raise UsageError(given, expected, f"{path.stem or 'report'}.html shows the most")
    if path.is_dir() or not path.parent.is_dir():
        given = f"a report was to be saved as {path}, which is no place for a file"
        raise UsageError(given, "a file in a folder that exists", "make the folder first")
    if path.exists() and not is_report(path):
        given = f"a report was to be saved as {path}, where a file stands that is no report"
        expected = "a new file, or a report written before"
        raise UsageError(given, expected, "remove it first if you do not need it")
    replace_file(path, make(form), given=f"a report was to be saved as {path}")


def is_report(path: Path) -> bool:
    """Whether a file is empty or a report that was written before, in any form."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(_START_BYTES).decode(errors="replace")
    return (
        not start
        or start.startswith((HEADER, HTML_HEADER))
        or (start.startswith("<?xml") and f'<testsuites name="{HEADER}"' in start)
        or (start.startswith("{") and _is_json_report(path))
    )


def _is_json_report(path: Path) -> bool:
    try:
        found: Any = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    return "schema_version" in found or '"name": "twinfeed"' in json.dumps(found.get("runs"))  # pyright: ignore[reportUnknownMemberType]


def replace_file(target: Path, text: str, *, given: str) -> None:
    """Write whole or not at all.

    Args:
        target: Where to.
        text: What it shall hold.
        given: What named the place, for messages.

    Raises:
        UsageError: If it cannot be written.
    """
    try:
        with whole_file(target) as file:
            file.write(text.encode())
    except OSError as error:
        why = f"{given}, which cannot be written ({error.strerror or error})"
        raise UsageError(why, "room for the report", "name a file elsewhere") from error
