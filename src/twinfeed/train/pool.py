"""Processes that stay alive and train one task after another, one core each."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from twinfeed.errors import TrainError
from twinfeed.train.outcome import Trained
from twinfeed.train.runs import Task

_ONE_CORE = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
)  # fmt: skip


class Pool:
    """Trains tasks in processes of their own; use it as a context.

    Each reads one task per line and writes one line per finished training. What the user's model
    prints goes to a log.

    Args:
        module: The module that each process runs.
        log: The file for what they print.
        jobs: Processes at once.
    """

    def __init__(self, module: str, log: Path, jobs: int) -> None:
        self._command = [sys.executable, "-P", "-m", module]
        self._log = log
        self._environment = {**os.environ, **dict.fromkeys(_ONE_CORE, "1")}
        self.jobs = jobs
        self._workers: list[subprocess.Popen[bytes]] = []
        self._idle: list[subprocess.Popen[bytes]] = []
        self._waiting: list[tuple[Path, Task]] = []
        self._working: dict[int, Task] = {}
        self._heard: queue.Queue[tuple[subprocess.Popen[bytes], dict[str, Any] | None]] = (
            queue.Queue()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            worker.wait()
            for stream in (worker.stdin, worker.stdout):
                if stream is not None:
                    stream.close()

    @property
    def pending(self) -> int:
        """Tasks that are not finished."""
        return len(self._waiting) + len(self._working)

    def start(self) -> None:
        """Start the processes before there is work, because a framework takes long to load."""
        while len(self._workers) < self.jobs:
            self._idle.append(self._started())

    def submit(self, folder: Path, task: Task) -> None:
        """Queue a task of the study in a folder."""
        self._waiting.append((folder, task))
        self._deal()

    def result(self, timeout_s: float | None = None) -> tuple[Task, Trained] | None:
        """The next finished training; ``None`` if there is none in time.

        Raises:
            TrainError: If the user's model fails, or a process ends without a word.
        """
        try:
            worker, told = self._heard.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if told is None:
            raise TrainError(
                f"these feeds: a training process ended with exit code {worker.wait()}",
                "processes that train until they are told to stop",
                f"its last words were: {self._last_words()}; --jobs 1 takes less memory",
            )
        task = self._working.pop(worker.pid)
        if "error" in told:
            raise TrainError(told["error"], told["expected"], told["hint"])
        self._idle.append(worker)
        self._deal()
        metrics = {name: tuple(values) for name, values in told["metrics"].items()}
        return task, Trained(metrics=metrics, epoch_s=tuple(told["epoch_s"]))

    def _deal(self) -> None:
        while self._waiting and len(self._working) < self.jobs:
            worker = self._idle.pop() if self._idle else self._started()
            folder, task = self._waiting.pop(0)
            self._working[worker.pid] = task
            assert worker.stdin is not None, "started with a pipe"
            told = {"folder": str(folder), "seed": task.seed, "arm": task.arm}
            with contextlib.suppress(BrokenPipeError):  # its end is heard by who listens
                worker.stdin.write(json.dumps(told).encode() + b"\n")
                worker.stdin.flush()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment,
            )
        self._workers.append(worker)
        assert worker.stdout is not None, "started with a pipe"
        threading.Thread(target=self._listen, args=(worker, worker.stdout), daemon=True).start()
        return worker

    def _listen(self, worker: subprocess.Popen[bytes], lines: IO[bytes]) -> None:
        try:
            for line in lines:
                self._heard.put((worker, json.loads(line)))
        except ValueError:  # closed while we ended, or cut short by a crash
            pass
        self._heard.put((worker, None))

    def _last_words(self) -> str:
        if not self._log.exists():
            return "none"
        lines = self._log.read_text("utf-8", errors="replace").split("\n")
        return " / ".join(line.strip() for line in lines[-4:] if line.strip()) or "none"
