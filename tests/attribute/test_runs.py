"""Finished trainings are kept, go on after an interruption, and refuse to be mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from twinfeed.attribute._plan import FIRST_SEEDS, SeedPlan
from twinfeed.errors import TrainError
from twinfeed.train.outcome import Trained
from twinfeed.train.runs import OF_A, Runs, Task

SETUP = {"name": "a b", "bits": [["values"]]}
TRAINED = Trained(metrics={"accuracy": (0.5, 0.75)}, epoch_s=(1.0, 0.5))


def test_what_was_trained_is_there_again(tmp_path: Path) -> None:
    runs = Runs.open(tmp_path / "runs", SETUP)
    for arm in (0, 1, OF_A):
        runs.add(Task(0, arm), TRAINED, spent_s=3.0 + arm)
    runs.add(Task(1, 0), TRAINED, spent_s=9.0)
    again = Runs.open(tmp_path / "runs", SETUP)
    assert again.done == runs.done
    assert again.seconds == 9.0
    assert again.complete_seeds((0, 1, OF_A)) == [0]


def test_a_line_that_a_kill_cut_short_is_trained_again(tmp_path: Path) -> None:
    runs = Runs.open(tmp_path, SETUP)
    runs.add(Task(0, 0), TRAINED, spent_s=1.0)
    lines = tmp_path / "runs.jsonl"
    whole = lines.read_bytes()
    lines.write_bytes(whole + whole[: len(whole) // 2])
    again = Runs.open(tmp_path, SETUP)
    assert list(again.done) == [Task(0, 0)]
    again.add(Task(0, 1), TRAINED, spent_s=2.0)
    assert list(Runs.open(tmp_path, SETUP).done) == [Task(0, 0), Task(0, 1)]


def test_runs_of_another_command_are_refused(tmp_path: Path) -> None:
    Runs.open(tmp_path / "runs", SETUP)
    with pytest.raises(TrainError, match="another command"):
        Runs.open(tmp_path / "runs", {**SETUP, "name": "other"})


def test_a_folder_of_the_users_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(TrainError, match="other files"):
        Runs.open(tmp_path, SETUP)


def test_seeds_follow_from_the_clock_or_from_the_first_ones() -> None:
    rng = np.random.default_rng(0)
    by_clock = SeedPlan(seeds=None, half_width=None, budget_s=10.0, values=lambda: np.zeros((0, 1)))
    assert by_clock.wants(3, 0, 99.0, 5.0)  # four seeds at least, whatever they take
    assert by_clock.wants(4, 4, 4.0, 5.0)
    assert not by_clock.wants(4, 3, 4.0, 5.0)
    values = rng.normal(0, 3, (FIRST_SEEDS, 2))
    narrow = SeedPlan(seeds=None, half_width=0.5, budget_s=None, values=lambda: values)
    assert not narrow.wants(FIRST_SEEDS, FIRST_SEEDS - 1, 0.0, 1.0)
    assert narrow.first is None
    assert narrow.wants(FIRST_SEEDS, FIRST_SEEDS, 0.0, 1.0)
    assert narrow.first == FIRST_SEEDS
    fixed = SeedPlan(seeds=4, half_width=None, budget_s=1.0, values=lambda: values)
    assert [fixed.wants(n, 0, 50.0, 9.0) for n in (3, 4)] == [True, False]
