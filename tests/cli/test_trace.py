"""``twinfeed trace``: what is written, where, and over what not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twinfeed.cli.trace import _default
from twinfeed.observe import load
from twinfeed.observe.source import (
    FactorySource,
    FolderSource,
    ScriptSource,
    Source,
    TfdsSource,
)

Run = Callable[..., Any]


def test_written_and_compared(run: Run, here: Path) -> None:
    done = run("trace", "feeds.py:levels", "-o", "run.twin", "--seconds", "1")
    assert done.code == 0
    assert done.out == ""
    assert "Wrote run.twin" in done.err
    assert [trace.name for trace in load(here / "run.twin")] == ["feeds.py:levels"]
    assert run("diff", "run.twin", "feeds.py:levels", "-q", "--seconds", "1").code == 0


def test_replaces_a_trace(run: Run) -> None:
    for _ in range(2):
        assert run("trace", "feeds.py:levels", "-q", "--seconds", "1").code == 0
    assert load("levels.twin")


def test_replaces_nothing_else(run: Run, here: Path) -> None:
    (here / "notes.twin").write_text("my notes")
    done = run("trace", "feeds.py:hangs", "-o", "notes.twin")
    assert done.code == 2
    assert done.three_parts
    assert (here / "notes.twin").read_text() == "my notes"


def test_hang_leaves_what_was_read_marked(run: Run) -> None:
    done = run("trace", "feeds.py:hangs", "-o", "run.twin", "--timeout", "2")
    assert done.code == 3
    assert "PARTIAL" in done.err
    assert "gave no batch for 2 s" in done.err
    assert not load("run.twin")[0].complete


def test_failure_before_the_first_batch_leaves_no_file(run: Run, here: Path) -> None:
    assert run("trace", "feeds.py:raises", "-o", "run.twin").code == 3
    assert not (here / "run.twin").exists()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (ScriptSource("", Path("scripts/train.py"), ("--lr", "3")), "train.twin"),
        (FactorySource("", Path("feeds.py"), "keras_feed"), "keras_feed.twin"),
        (TfdsSource("", "glue/sst2:1.0.0", "train[:10%]"), "glue-sst2-1.0.0-train-10.twin"),
        (FolderSource("", Path("some/photos/")), "photos.twin"),
    ],
)
def test_default_name(source: Source, name: str) -> None:
    assert _default(source) == name
