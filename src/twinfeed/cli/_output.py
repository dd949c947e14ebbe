"""Where results go: standard output or a file, never over something that is not ours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from twinfeed.cli._exits import put
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed._core.results import LintReport, Report

_SUMMARY_CHARACTERS = 250_000  # below the mebibyte that GitHub takes, in any alphabet


def is_colourful(stream: TextIO) -> bool:
    """Whether to write colours; ``NO_COLOR`` and ``FORCE_COLOR`` decide, then the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """Columns to write: those of the terminal but no long lines, 80 where there is none."""
    return min(shutil.get_terminal_size().columns, 100) if sys.stdout.isatty() else 80


def check_target(path: str | None, option: str, kind: str, is_ours: Callable[[Path], bool]) -> None:
    """Refuse to write where there is no folder, or over a file that is none of ours.

    Args:
        path: Where to write; ``None`` for standard output.
        option: The option that named it, for messages.
        kind: What is written: ``"report"``.
        is_ours: Whether a file is such a thing.

    Raises:
        UsageError: If something of the user's would be lost, or it cannot be written.
    """
    if path is None:
        return
    target = Path(path)
    expected = f"a new file, or a {kind} written before"
    if target.is_dir() or not target.parent.is_dir():
        why = "which is a folder" if target.is_dir() else f"but there is no folder {target.parent}"
        raise UsageError(f"{option} {path}, {why}", expected, "name a file in a folder that exists")
    if not os.access(target.parent, os.W_OK):
        given = f"{option} {path}, and you may not write to {target.parent.resolve()}"
        raise UsageError(given, expected, "name a file in a folder of yours")
    if target.exists() and not is_ours(target):
        given = f"{option} {path}, where a file stands that is no {kind}"
        raise UsageError(given, expected, "remove it first if you do not need it")


def check_report_target(path: str | None) -> None:
    """``check_target`` for ``--output-file``."""
    from twinfeed.report import is_report

    check_target(path, "--output-file", "report", is_report)


def show_report(report: Report | LintReport, *, form: str, file: str | None, quiet: bool) -> None:
    """Write a report to a file, or to standard output.

    Args:
        report: The report.
        form: ``text``, ``json`` or another of ``--output-format``.
        file: The file; ``None`` for standard output.
        quiet: Do not say that a file was written.
    """
    from twinfeed.report import rendered, replace_file, to_text

    if form == "github":
        _summarise(report)
    if file is None:
        put(
            to_text(report, width=columns(), colour=is_colourful(sys.stdout))
            if form == "text"
            else rendered(report, form)
        )
        return
    check_report_target(file)  # hours may lie between the first look and this one
    replace_file(Path(file), rendered(report, form), given=f"--output-file {file}")
    if not quiet:
        click.echo(f"Wrote the report to {file}.", err=True)


def _summarise(report: Report | LintReport) -> None:
    """Add the whole report to the page of a job on GitHub, where one runs."""
    from twinfeed.report import to_text

    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if not page:
        return
    text = to_text(report, width=100)[:_SUMMARY_CHARACTERS].replace("```", "...")
    with suppress(OSError), Path(page).open("a", encoding="utf-8") as file:
        file.write(f"```text\n{text}\n```\n")
