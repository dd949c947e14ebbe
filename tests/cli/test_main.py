"""The command line as a whole: help, exit codes, and how errors are said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from twinfeed import __version__
from twinfeed.cli import twinfeed
from twinfeed.errors import EmptyFeedError, NothingInCommonError, TwinfeedError, UsageError

Run = Callable[..., Any]


@pytest.mark.parametrize(
    "command",
    ["", "diff", "check", "trace", "explain", "demo", "port", "repro", "tune", "lint", "attribute"],
)
def test_help(run: Run, golden: Callable[[str], None], command: str) -> None:
    done = run(*command.split(), "--help")
    assert done.code == 0
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) <= 80
    golden(done.out)


@pytest.mark.parametrize(
    "command",
    ["diff", "check", "trace", "explain", "demo", "port", "repro", "tune", "lint", "attribute"],
)
def test_every_command_shows_examples(run: Run, command: str) -> None:
    assert f"\n    twinfeed {command}" in run(command, "--help").out


def test_version(run: Run) -> None:
    assert run("--version").out == f"twinfeed {__version__}\n"


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "Usage: twinfeed" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dif"], "Did you mean 'diff'?"),
        (["diff"], "Missing argument 'A'"),
        (["diff", "a.py"], "Missing argument 'B'"),
        (["diff", "a", "b", "--outputformat", "json"], "No such option"),
        (["diff", "a", "b", "--output-format", "xml"], "'xml' is not one of"),
        (["diff", "a", "b", "--examples", "0"], "not in the range"),
        (["diff", "a", "b", "--seconds", "0"], "not in the range"),
        (["diff", "a", "b", "--timeout", "-1"], "not in the range"),
    ],
)
def test_misuse(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_timeout_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFEED_TIMEOUT", "soon")
    done = run("diff", "feeds.py:levels", "feeds.py:levels")
    assert done.code == 2
    assert "'--timeout'" in done.err


def _raise(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def callback() -> None:
        raise error

    command = click.Command("fail", callback=callback)
    monkeypatch.setitem(twinfeed.commands, "fail", command)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("x", "y", "z"), 2, "Error: Given x.\nExpected y.\nHint: z\n"),
        (EmptyFeedError("feed"), 3, "Error: feed ended before its first batch."),
        (TwinfeedError("plain"), 2, "Error: plain\n"),
        (
            ZeroDivisionError("oops"),
            2,
            "this is a fault of twinfeed, not of your pipeline: ZeroDiv",
        ),
        (NothingInCommonError("feeds that have 0", "50", "name one"), 3, "Cannot train on feeds"),
        (KeyboardInterrupt(), 130, "Interrupted: nothing was written.\n"),
        (click.Abort(), 130, "Interrupted: nothing was written.\n"),
    ],
)
def test_errors_have_their_codes(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    _raise(error, monkeypatch)
    done = run("fail")
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_error_of_the_user_draws_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _raise(TwinfeedError("a\x1b[31mb\x1b]0;title\x07c\u202ed"), monkeypatch)
    assert run("fail").err == "Error: abc?d\n"


def test_module_runs_as_a_script() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twinfeed", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"twinfeed {__version__}\n"


@pytest.mark.parametrize("arguments", [["explain"], ["explain", "AUG202"]])
def test_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    """As after ``| head -0``: nothing is said, and no exit code of ours means a crash."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "twinfeed", *arguments],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.stderr == b""
    assert done.returncode == 0


def test_output_that_has_no_room_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with Path("/dev/full").open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "twinfeed", "explain"],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"fault of twinfeed" not in done.stderr
