"""``twinfeed diff``: from two names to a report, its exit code and where it is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from twinfeed.report import HEADER, schema

Run = Callable[..., Any]
FAST = ("--seconds", "1", "--timeout", "30")


def test_equal_traces_are_clean(run: Run, saved: Path) -> None:
    done = run("diff", saved / "levels.twin", saved / "levels.twin")
    assert done.code == 0
    assert done.out.startswith(HEADER)
    assert "\nSAME\n" in done.out


def test_different_traces_are_found(run: Run, saved: Path) -> None:
    done = run("diff", saved / "levels.twin", saved / "scaled.twin")
    assert done.code == 1
    assert "\nDIFFERENT\n" in done.out
    assert "VAL2" in done.out


def test_exit_zero(run: Run, saved: Path) -> None:
    done = run("diff", saved / "levels.twin", saved / "scaled.twin", "--exit-zero")
    assert done.code == 0
    assert "\nDIFFERENT\n" in done.out


def test_json_keeps_its_schema(run: Run, saved: Path) -> None:
    done = run("diff", saved / "levels.twin", saved / "scaled.twin", "--output-format", "json")
    found = json.loads(done.out)
    jsonschema.Draft202012Validator(schema()).validate(found)
    assert found["verdict"]["kind"] == "different"
    assert done.code == 1


def test_same_input_gives_the_same_bytes(run: Run, saved: Path) -> None:
    arguments = ("diff", saved / "levels.twin", saved / "scaled.twin", "--output-format", "json")
    assert run(*arguments).out == run(*arguments).out


def test_select_and_ignore(run: Run, saved: Path) -> None:
    pair = saved / "levels.twin", saved / "scaled.twin"
    assert run("diff", *pair, "--select", "ORD,BAT").code == 0
    assert run("diff", *pair, "--ignore", "val").code == 0
    assert run("diff", *pair, "--select", "VAL").code == 1


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_unknown_cause(run: Run, saved: Path, option: str) -> None:
    done = run("diff", saved / "levels.twin", saved / "levels.twin", option, "frozen-augmentatio")
    assert done.code == 2
    assert done.three_parts
    assert "did you mean frozen-augmentation?" in done.err


def test_two_factories(run: Run) -> None:
    done = run("diff", "feeds.py:levels", "feeds.py:scaled", *FAST)
    assert done.code == 1
    assert "feeds.py:levels" in done.out
    assert done.err.splitlines() == [
        "A feeds.py:levels ...",
        "B feeds.py:scaled ...",
        "comparing ...",
    ]


def test_quiet_says_only_the_result(run: Run) -> None:
    done = run("diff", "feeds.py:talks", "feeds.py:levels", "-q", *FAST)
    assert done.code == 0
    assert done.err == ""
    assert "loading" not in done.out


@pytest.mark.slow
def test_verbose_passes_on_what_the_code_prints(run: Run) -> None:
    done = run("diff", "feeds.py:talks", "feeds.py:levels", "-v", *FAST)
    assert "loading from standard output" in done.err
    assert f"calling talks of {Path('feeds.py').resolve()}" in done.err
    assert "loading" not in done.out


def test_nothing_in_common_is_not_clean(run: Run) -> None:
    done = run("diff", "feeds.py:levels", "feeds.py:strangers", "--select", "AUG", *FAST)
    assert done.code == 3
    assert "\nUNDECIDED\n" in done.out


class TestOutputFile:
    """What is written, and over what not."""

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_written_and_replaced(self, run: Run, saved: Path, here: Path, form: str) -> None:
        pair = saved / "levels.twin", saved / "scaled.twin"
        for _ in range(2):
            done = run("diff", *pair, "--output-format", form, "--output-file", "report")
            assert done.code == 1
            assert done.out == ""
            assert "Wrote the report to report." in done.err
        text = (here / "report").read_text()
        assert text.startswith(HEADER if form == "text" else "{")
        assert "\x1b" not in text
        assert [path.name for path in here.iterdir() if "report" in path.name] == ["report"]

    @pytest.mark.parametrize("content", ["my notes", '{"mine": 1}', '{"broken', "\x00\x01"])
    def test_what_is_no_report_is_left_alone(
        self, run: Run, saved: Path, here: Path, content: str
    ) -> None:
        (here / "mine.txt").write_text(content)
        done = run("diff", saved / "a.twin", "missing.py", "--output-file", "mine.txt")
        assert done.code == 2
        assert done.three_parts
        assert "a file stands that is no report" in done.err
        assert (here / "mine.txt").read_text() == content

    @pytest.mark.parametrize(("path", "why"), [("no/where.txt", "no folder no"), (".", "a folder")])
    def test_refused_before_anything_runs(self, run: Run, path: str, why: str) -> None:
        done = run("diff", "feeds.py:hangs", "feeds.py:hangs", "--output-file", path)
        assert done.code == 2
        assert done.three_parts
        assert why in done.err


class TestInterrupted:
    """Ctrl-C leaves a partial, marked report."""

    def test_while_b_is_read(self, here: Path) -> None:
        done = _interrupted(here, "feeds.py:levels", "feeds.py:slow")
        assert done.returncode == 130
        found = json.loads(done.stdout)
        jsonschema.Draft202012Validator(schema()).validate(found)
        assert found["complete"] is False
        assert found["feeds"][1]["examples_read"] > 0

    def test_while_a_is_read(self, here: Path) -> None:
        done = _interrupted(here, "feeds.py:slow", "feeds.py:levels")
        assert done.returncode == 130
        found = json.loads(done.stdout)
        jsonschema.Draft202012Validator(schema()).validate(found)
        assert found["complete"] is False
        assert found["verdict"]["kind"] == "undecided"
        assert "before B was read" in found["verdict"]["text"]
        assert found["feeds"][0]["examples_read"] > 0
        assert found["feeds"][1]["examples_read"] == 0

    def test_told_to_end(self, here: Path) -> None:
        done = _interrupted(here, "feeds.py:levels", "feeds.py:slow", by=signal.SIGTERM)
        assert done.returncode == 130
        assert json.loads(done.stdout)["complete"] is False


def _interrupted(
    here: Path, left: str, right: str, by: signal.Signals = signal.SIGINT
) -> subprocess.CompletedProcess[str]:
    """Run a comparison and interrupt it once ``slow`` is being read."""
    ready = here / "ready"
    process = subprocess.Popen(
        [sys.executable, "-m", "twinfeed", "diff", left, right, "--output-format", "json"],
        env={**os.environ, "READY": str(ready)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(60, process.kill)
    timer.start()
    while not ready.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(by)
    out, err = process.communicate()
    timer.cancel()
    assert "Traceback" not in err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
