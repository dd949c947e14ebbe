"""Running the project's own tools on the project."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE_LENGTH = 100


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in the project's folder and keep what it says."""
    # The tools draw with letters that a plain terminal's encoding may lack.
    plain = {"NO_COLOR": "1", "COLUMNS": str(LINE_LENGTH), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **plain, **variables},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=500,
    )


def module(name: str, *, extra: str) -> tuple[str, ...]:
    """The start of a command that runs a module of this environment; skips where it is missing."""
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed; the extra [{extra}] has it")
    return sys.executable, "-m", name


def sources(*folders: str, suffix: str = ".py") -> list[Path]:
    """Files of the project in these folders, without what is built or cached."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob(f"*{suffix}")
        if not {"_build", "__pycache__"}.intersection(path.parts)
    )


def name_of(path: Path) -> str:
    """A file's path within the project."""
    return path.relative_to(ROOT).as_posix()
