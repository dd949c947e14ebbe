"""Style, as ruff sees it."""

from __future__ import annotations

from tests.project.tools import module, run


def test_ruff_finds_nothing() -> None:
    done = run(*module("ruff", extra="lint"), "check", "--no-cache", "--output-format=concise")
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_is_formatted() -> None:
    done = run(*module("ruff", extra="lint"), "format", "--no-cache", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
