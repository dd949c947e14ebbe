"""A folder of runs: one line per finished training, so that an interrupted study goes on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinfeed.errors import TrainError
from twinfeed.train.outcome import Trained

OF_A = -1
"""The arm that trains on A itself; other arms are bit masks of the causes taken away from B."""
_SETUP, _RUNS = "setup.json", "runs.jsonl"


@dataclass(frozen=True, slots=True)
class Task:
    """One training that is to be done.

    Attributes:
        seed: Of weights, dropout and draws.
        arm: ``OF_A``, or which causes are taken away from B: a bit each.
    """

    seed: int
    arm: int


@dataclass(slots=True)
class Runs:
    """Finished trainings, in memory and on disk.

    Attributes:
        folder: Where they are kept.
        done: What each training came to.
        seconds: Seconds spent in sessions before this one.
    """

    folder: Path
    done: dict[Task, Trained] = field(default_factory=dict[Task, Trained])
    seconds: float = 0.0

    @staticmethod
    def open(folder: Path, setup: dict[str, Any]) -> Runs:
        """Begin in a folder, or go on with what was done there for the same setup.

        Args:
            folder: Made where it is missing.
            setup: What every training of the study has in common.

        Raises:
            TrainError: If the folder holds something else.
        """
        folder.mkdir(parents=True, exist_ok=True)
        told = json.dumps(setup, sort_keys=True)
        stored = folder / _SETUP
        if stored.exists() and stored.read_text("utf-8") != told:
            raise TrainError(
                f"a run folder {folder} that belongs to another command",
                "the folder of the same two feeds, network and settings",
                "name another folder, or remove this one",
            )
        if not stored.exists() and any(folder.iterdir()):
            raise TrainError(
                f"a run folder {folder} that holds other files",
                "a new or empty folder",
                "name another folder",
            )
        stored.write_text(told, "utf-8")
        runs = Runs(folder)
        runs._read()
        return runs

    def add(self, task: Task, trained: Trained, *, spent_s: float) -> None:
        """Keep a finished training; its line is written at once and whole."""
        self.done[task] = trained
        line = {
            "seed": task.seed,
            "arm": task.arm,
            "metrics": trained.metrics,
            "epoch_s": trained.epoch_s,
            "spent_s": round(spent_s, 3),
        }
        with (self.folder / _RUNS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def seed_folder(self, seed: int) -> Path:
        """Where a seed's recordings lie while its trainings are not all done."""
        return self.folder / f"seed-{seed}"

    def forget_recordings(self, seed: int) -> None:
        """Remove a seed's recordings once its trainings are done."""
        shutil.rmtree(self.seed_folder(seed), ignore_errors=True)

    def complete_seeds(self, arms: tuple[int, ...]) -> list[int]:
        """Seeds with a training of each of these arms, ascending."""
        seeds = sorted({task.seed for task in self.done})
        return [seed for seed in seeds if all(Task(seed, arm) in self.done for arm in arms)]

    def _read(self) -> None:
        path = self.folder / _RUNS
        if not path.exists():
            return
        for told in _lines(path):
            metrics = {name: tuple(values) for name, values in told["metrics"].items()}
            trained = Trained(metrics=metrics, epoch_s=tuple(told["epoch_s"]))
            self.done[Task(told["seed"], told["arm"])] = trained
            self.seconds = max(self.seconds, float(told["spent_s"]))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Whole lines; one that a kill cut short is left out, and mended by the next."""
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        path.write_bytes(data[: data.rfind(b"\n") + 1])
    for line in data.splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(line)
