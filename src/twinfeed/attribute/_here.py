"""Trainings in this process, for a model that is made by a function that lives here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from twinfeed.attribute._worker_main import Worker
from twinfeed.train.outcome import Trained
from twinfeed.train.runs import Task


class Here:
    """Trains one task after another when its result is asked for; use it as a context.

    Args:
        make: Makes a compiled model.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._workers: dict[Path, Worker] = {}
        self._waiting: list[tuple[Path, Task]] = []
        self.jobs = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._waiting.clear()

    @property
    def pending(self) -> int:
        """Trainings that are not finished."""
        return len(self._waiting)

    def start(self) -> None:
        """Nothing has to be started."""

    def submit(self, folder: Path, task: Task) -> None:
        """Queue a training of the study in a folder."""
        self._waiting.append((folder, task))

    def result(self, timeout_s: float | None = None) -> tuple[Task, Trained] | None:
        """Train the next one."""
        del timeout_s
        if not self._waiting:
            return None
        folder, task = self._waiting.pop(0)
        if folder not in self._workers:
            self._workers[folder] = Worker(folder, self._make)
        return task, self._workers[folder].train(task)
