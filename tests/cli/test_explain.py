"""``twinfeed explain``: pages and lists of causes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from twinfeed.diff import CATALOGUE as MEASURES
from twinfeed.lint import CATALOGUE as RULES

CATALOGUE = {**RULES, **MEASURES}
Run = Callable[..., Any]


def test_every_cause_is_listed(run: Run) -> None:
    lines = run("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(CATALOGUE)


def test_family(run: Run) -> None:
    codes = [line.split()[0] for line in run("explain", "aug").out.splitlines()]
    assert len(codes) > 1
    assert all(code.startswith("AUG") for code in codes)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_page(run: Run, code: str) -> None:
    done = run("explain", code)
    assert done.code == 0
    assert done.out.startswith(f"# {code} {CATALOGUE[code].name}\n")
    assert "## What it does" in done.out


@pytest.mark.parametrize("word", ["frozen-augmentation", "aug202", "AUG202"])
def test_by_code_or_name(run: Run, word: str) -> None:
    assert run("explain", word).out.startswith("# AUG202 ")


def test_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _stream: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run("explain", "AUG202").out
    assert "##" not in plain
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= 80
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" in run("explain", "AUG202").out


@pytest.mark.parametrize(
    ("word", "hint"), [("AUG999", "did you mean AUG"), ("zzz", "`twinfeed explain` lists")]
)
def test_unknown(run: Run, word: str, hint: str) -> None:
    done = run("explain", word)
    assert done.code == 2
    assert done.three_parts
    assert hint in done.err
