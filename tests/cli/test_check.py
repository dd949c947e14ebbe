"""``twinfeed check``: what passes, what fails, and what is written as approved."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from twinfeed.observe import load
from twinfeed.report import schema

Run = Callable[..., Any]
FAST = ("--seconds", "0.5", "--timeout", "30")


@pytest.fixture
def approved(saved: Path, here: Path) -> str:
    """The trace of ``levels``, kept beside the code, and others to compare it with."""
    for name in ("scaled", "nearly"):
        shutil.copy(saved / f"{name}.twin", here)
    shutil.copy(saved / "levels.twin", here / "approved.twin")
    return "approved.twin"


def test_the_approved_feed_passes(run: Run, approved: str) -> None:
    done = run("check", approved, "feeds.py:levels", *FAST)
    assert done.code == 0
    assert "is still the feed that was approved" in " ".join(done.out.split())


def test_another_feed_fails(run: Run, approved: str) -> None:
    done = run("check", approved, "scaled.twin")
    assert done.code == 1
    assert "is no longer the feed that was approved" in " ".join(done.out.split())
    assert "VAL203" in done.out
    assert run("check", approved, "scaled.twin", "--exit-zero").code == 0


def test_strangers_are_not_judged(run: Run, approved: str) -> None:
    done = run("check", approved, "feeds.py:strangers", "--select", "AUG", *FAST)
    assert done.code == 3
    assert "\nUNDECIDED\n" in done.out


def test_a_change_is_proposed_of_the_feed_and_never_of_what_was_approved(
    run: Run, saved: Path, here: Path
) -> None:
    fixes: list[str] = []
    for approved, now in (("levels", "scaled"), ("scaled", "levels")):
        done = run(
            "check", saved / f"{approved}.twin", saved / f"{now}.twin", "--output-format", "json"
        )
        assert done.code == 1
        fixes += [found["fix"]["title"] for found in json.loads(done.out)["findings"]]
    assert "Normalise the feed as the baseline: scaled by 1/255" in fixes
    assert "Take back what changed in the feed, or approve it with --update" in fixes
    assert not any(re.search(r"\b[AB]\b", title) for title in fixes)


class TestTolerances:
    """What may differ, by option and by the project's file."""

    def test_of_values(self, run: Run, approved: str) -> None:
        tight = run("check", approved, "nearly.twin", "--value-tolerance", "7")
        assert tight.code == 1
        loose = run("check", approved, "nearly.twin", "--value-tolerance", "8")
        assert loose.code == 0
        assert "\nWithin the tolerances\n" in loose.out
        told = " ".join(loose.out.split())
        assert "within the tolerances." in told

    def test_of_values_are_those_of_the_feed(self, run: Run, approved: str) -> None:
        scaled = run("check", approved, "scaled.twin", "--value-tolerance", "8")
        assert scaled.code == 1

    def test_of_severity(self, run: Run, approved: str) -> None:
        found = run("check", approved, "scaled.twin", "--fail-on", "error")
        assert found.code == 0
        assert "VAL203" in found.out
        notes = ("--ignore", "VAL203", "--fail-on", "note")
        assert run("check", approved, "scaled.twin", *notes).code == 1

    def test_of_the_project(self, run: Run, approved: str, here: Path) -> None:
        (here / "pyproject.toml").write_text(
            '[tool.twinfeed.check]\nignore = ["VAL204"]\nvalue-tolerance = 8\n'
        )
        assert run("check", approved, "nearly.twin").code == 0
        typed = run("check", approved, "nearly.twin", "--value-tolerance", "0")
        assert typed.code == 1

    def test_unknown_key_is_named(self, run: Run, approved: str, here: Path) -> None:
        (here / "pyproject.toml").write_text("[tool.twinfeed.check]\nvalue-tolerence = 2\n")
        done = run("check", approved, "feeds.py:levels")
        assert done.code == 2
        assert done.three_parts
        assert "did you mean value-tolerance?" in done.err

    def test_speed_counts_only_where_it_is_asked_for(self, run: Run, saved: Path) -> None:
        done = run("check", saved / "levels.twin", "feeds.py:sleepy", *FAST)
        assert "SPD" not in done.out
        pair = saved / "levels.twin", "feeds.py:sleepy"
        assert "SPD202" in run("check", *pair, *FAST, "--speed-tolerance", "2").out


class TestUpdate:
    """A baseline is written whole, and over nothing else."""

    def test_writes_it_and_says_what_changed(self, run: Run, approved: str, here: Path) -> None:
        done = run("check", approved, "feeds.py:scaled", *FAST, "--update")
        assert done.code == 0
        assert "VAL203" in done.out
        assert "Wrote approved.twin" in done.err
        assert "replaces one that differed in 2 findings" in done.err
        assert load(here / approved)[0].spec.leaves[0].dtype == "float32"
        assert run("check", approved, "feeds.py:scaled", *FAST).code == 0
        again = run("check", approved, "feeds.py:scaled", *FAST, "--update")
        assert "replaces one that fed the same" in again.err
        assert sorted(path.name for path in here.glob("*approved*")) == [approved]

    def test_writes_the_first_one(self, run: Run, here: Path) -> None:
        done = run("check", "new.twin", "feeds.py:levels", *FAST, "--update", "-q")
        assert (done.code, done.out, done.err) == (0, "", "")
        (here / "new.twin").unlink()
        told = run("check", "new.twin", "feeds.py:levels", *FAST, "--update").err
        assert "nothing was replaced" in told
        # What was only timed, which may be any number of epochs, is not in the trace.
        assert re.search(r"feed: (\d+) examples in (\d) epochs", told).groups() == ("224", "3")
        assert len(load(here / "new.twin")) == 1

    def test_a_feed_that_fails_changes_nothing(self, run: Run, approved: str, here: Path) -> None:
        before = (here / approved).read_bytes()
        assert run("check", approved, "feeds.py:raises_later", *FAST, "--update").code == 3
        assert (here / approved).read_bytes() == before

    def test_what_is_no_trace_is_left_alone(self, run: Run, here: Path) -> None:
        (here / "mine.twin").write_text("my notes")
        done = run("check", "mine.twin", "feeds.py:hangs", "--update")
        assert done.code == 2
        assert done.three_parts
        assert (here / "mine.twin").read_text() == "my notes"


def test_without_a_baseline_it_says_how_to_make_one(run: Run) -> None:
    done = run("check", "none.twin", "feeds.py:hangs")
    assert done.code == 2
    assert done.three_parts
    assert "--update" in done.err


def test_every_form(run: Run, approved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name in ("json", "sarif", "github", "junit", "html"):
        arguments = ("--output-format", name, "--value-tolerance", "8")
        done = run("check", approved, approved, *arguments, "-q")
        assert done.code == 0, name
        found = run("check", approved, "nearly.twin", *arguments, "-q").out
        if name == "json":
            whole = json.loads(found)
            jsonschema.Draft202012Validator(schema()).validate(whole)
            assert whole["command"] == "check"
            assert {one["by"] for one in whole["suppressed"]} == {"tolerance"}
        elif name == "sarif":
            assert json.loads(found)["version"] == "2.1.0"
        elif name == "junit":
            assert ET.fromstring(found).get("failures") == "0"
        elif name == "html":
            assert "Within the tolerances" in found
        else:
            assert "::error" not in found
