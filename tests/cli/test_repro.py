"""``twinfeed repro``: from two names, or a report of theirs, to a script."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_script_of_two_feeds_runs(run: Run, saved: Path, here: Path) -> None:
    done = run("repro", saved / "levels.twin", saved / "scaled.twin", "VAL203")
    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("Wrote repro-VAL203.py and repro-VAL203.npz.\n")
    again = run("repro", saved / "levels.twin", saved / "scaled.twin", "VAL203", "-q")
    assert (again.code, again.err) == (0, "")
    script = subprocess.run(
        [sys.executable, "repro-VAL203.py"], cwd=here, capture_output=True, text=True, check=True
    )
    assert "A: uint8 (12, 12, 3), from 0 to 255" in script.stdout
    assert "plus" in script.stdout.splitlines()[-1]


def test_feeds_of_a_report_are_read_again(run: Run, here: Path) -> None:
    fast = ("--seconds", "0.5", "-q")
    options = ("--output-format", "json", "--output-file", "diff.json")
    run("diff", "feeds.py:levels", "feeds.py:scaled", *fast, *options)
    done = run("repro", "diff.json", "different-value-dtype", "-o", "dtype.py", *fast)
    assert done.code == 0, done.err
    assert "VAL204" in (here / "dtype.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("levels.twin", "scaled.twin", "AUG202"), "which is not found between"),
        (("levels.twin", "scaled.twin", "VAL203", "-o", "mine.py"), "where a file stands that is"),
        (("levels.twin", "scaled.twin", "VAL203", "-o", "mine.txt"), "a name that ends in .py"),
        (("levels.twin", "scaled.twin", "VAL2O3"), "did you mean VAL203?"),
        (("levels.twin", "VAL203"), "two feeds, or one report"),
        (("notes.json", "VAL203"), "which is no report"),
        (("named.json", "VAL203"), "feeds that can be read again"),
        (("none.json", "VAL203"), "which cannot be read"),
    ],
)
def test_what_cannot_be_shown_is_said(
    run: Run, saved: Path, here: Path, arguments: tuple[str, ...], said: str
) -> None:
    for name in ("levels.twin", "scaled.twin"):
        (here / name).symlink_to(saved / name)
    (here / "mine.py").write_text("import this\n")
    (here / "notes.json").write_text("[1, 2]")
    (here / "named.json").write_text('{"feeds": [{"name": "levels"}, {"name": "scaled"}]}')
    done = run("repro", *arguments)
    assert done.code == 2
    assert done.three_parts, done.err
    assert said in done.err
    assert (here / "mine.py").read_text() == "import this\n"
