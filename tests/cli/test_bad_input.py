"""What users get wrong: each time given, expected and hint, the right code, no traceback."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

CASES = {
    "missing file": ("missing.py", 2, "there is no such file"),
    "missing trace": ("missing.twin", 2, "there is no such file"),
    "missing function": ("feeds.py:level", 2, "did you mean levels?"),
    "unknown scheme": ("s3://bucket/train", 2, "no known kind of feed"),
    "unknown option": ("dir:photos?imagesize=3", 2, "did you mean image_size?"),
    "folder without its scheme": ("photos", 2, "dir:photos reads it"),
    "empty folder": ("dir:empty", 2, "the folder is empty"),
    "folder without pictures": ("dir:photos", 2, "photos"),
    "syntax error": ("broken.py", 2, "line 1: "),
    "corrupt trace": ("corrupt.twin", 2, "corrupt.twin"),
    "foreign trace": ("foreign.twin", 2, "foreign.twin"),
    "empty trace": ("empty.twin", 2, "empty.twin"),
    "factory that returns nothing": ("feeds.py:nothing", 3, "returned None"),
    "factory that raises": ("feeds.py:raises", 3, "raised LookupError: no such split: [red]trian"),
    "factory that leaves": ("feeds.py:leaves", 3, "called sys.exit('set DATA first')"),
    "factory that hangs": ("feeds.py:hangs", 3, "gave no batch for 2 s"),
    "feed that raises at a batch": ("feeds.py:raises_later", 3, "raised OSError at batch 1"),
    "feed that ends at once": ("feeds.py:ends_at_once", 3, "ended before its first batch"),
    "feed that kills its process": ("feeds.py:dies", 3, "exit code 7"),
    "script that never trains": ("silent.py", 3, "silent.py ended without a call of fit"),
    "script that raises": ("raises.py", 3, "raised RuntimeError: halfway"),
    "script that leaves": ("leaves.py", 3, "called sys.exit(4)"),
    "script with a missing import": ("imports.py", 3, "raised ModuleNotFoundError"),
}


@pytest.fixture(autouse=True)
def _files(here: Path) -> None:
    (here / "photos" / "cats").mkdir(parents=True)
    (here / "photos" / "cats" / "notes.txt").write_text("no picture")
    (here / "empty").mkdir()
    (here / "broken.py").write_text("def make(:\n")
    (here / "corrupt.twin").write_bytes(os.urandom(2000))
    (here / "empty.twin").touch()
    with zipfile.ZipFile(here / "foreign.twin", "w") as archive:
        archive.writestr("else.txt", "something else")
    (here / "silent.py").write_text("print('no training here')\n")
    (here / "raises.py").write_text("raise RuntimeError('halfway')\n")
    (here / "leaves.py").write_text("import sys\nsys.exit(4)\n")
    (here / "imports.py").write_text("import no_such_library\n")


@pytest.mark.parametrize(("source", "code", "said"), CASES.values(), ids=CASES)
def test_told_in_three_parts(run: Run, source: str, code: int, said: str) -> None:
    done = run("diff", source, "feeds.py:levels", "--timeout", "2", "--seconds", "5", "-q")
    assert done.code == code, done.err
    assert done.three_parts, done.err
    assert said in done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err


@pytest.mark.parametrize("source", ["feeds.py:raises", "raises.py", "feeds.py:raises_later"])
def test_traceback_if_asked(run: Run, source: str) -> None:
    done = run("trace", source, "-o", "x.twin", "--traceback")
    assert done.code == 3
    assert "Traceback (most recent call last)" in done.err
    assert source.partition(":")[0] in done.err


def test_the_right_hand_side_is_checked_before_the_left_runs(run: Run) -> None:
    done = run("diff", "feeds.py:hangs", "missing.py")
    assert done.code == 2
    assert "missing.py: there is no such file" in done.err


def test_a_script_of_the_users_is_not_written_over(run: Run, here: Path) -> None:
    for name in ("one.py", "two.py"):
        (here / name).write_text("raise RuntimeError('must not run')\n")
    for target, said in (
        ("raises.py", "that is no script"),
        ("bug.txt", "ends in .py"),
        ("none/bug.py", "there is no folder none"),
    ):
        done = run("attribute", "one.py", "two.py", "--repro", target)
        assert done.code == 2
        assert done.three_parts
        assert said in done.err
    (here / "bug.npz").write_bytes(b"mine")
    assert "script's data" in run("attribute", "one.py", "two.py", "--repro", "bug.py").err
