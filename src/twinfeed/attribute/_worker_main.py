"""A training process: reads a task per line, trains, writes a line per finished training.

Started by ``twinfeed.train.pool`` as ``python -P -m twinfeed.attribute._worker_main``.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from twinfeed.attribute._kept import Kept
from twinfeed.attribute._scripts import caught
from twinfeed.attribute._study import NETWORK, Study, epochs_of, evaluation_of, load_world
from twinfeed.attribute._world import World
from twinfeed.errors import TwinfeedError
from twinfeed.observe._open import find_factory
from twinfeed.observe.source import FactorySource, ScriptSource, parse_source
from twinfeed.train.outcome import Trained, Trainer
from twinfeed.train.runs import OF_A, Task

_FRAMEWORK = "twinfeed.train._frameworks._keras"


class Worker:
    """Trains what a study asks for.

    Args:
        folder: The run folder.
        make: Makes a compiled model; found by the study's own name for it if absent.
    """

    def __init__(self, folder: Path, make: Any = None) -> None:
        self._folder = folder
        self._study = Study.load(folder)
        if make is None and self._study.model:
            source = parse_source(self._study.model)
            assert isinstance(source, FactorySource), "checked before this process was started"
            make = find_factory(source, lambda _what: None)
        keras_trainer = import_module(_FRAMEWORK).KerasTrainer
        classes = self._study.forms.classes
        self._trainers: tuple[Trainer, Trainer]
        if self._study.scripts and make is None:
            fits = [caught(cast("ScriptSource", parse_source(s))) for s in self._study.scripts]
            one, other = (keras_trainer(fit.make, classes, fit.options) for fit in fits)
            self._trainers = one, other
        else:
            self._trainers = (keras_trainer(make, classes),) * 2
        self._world: tuple[int, World] | None = None

    def train(self, task: Task) -> Trained:
        """Do a task."""
        if self._world is None or self._world[0] != task.seed:
            folder = self._folder / f"seed-{task.seed}"
            self._world = task.seed, load_world(folder, self._study, task.seed)
        world = self._world[1]
        evaluation = evaluation_of(world, self._folder, self._study)
        evaluated = (
            evaluation.of_a(world)
            if task.arm == OF_A
            else evaluation.of_b(world, self._study.without(task.arm))
        )
        trainer = self._trainers[0 if task.arm == OF_A else 1]
        epochs = epochs_of(world, self._study, task.arm)
        own_model = task.arm == OF_A and self._trainers[0] is not self._trainers[1]
        kept = Kept(self._folder / f"seed-{task.seed}", (*epochs, evaluated), own_model=own_model)
        known = kept.read()
        if known is not None:
            return known
        trained = trainer.train(
            epochs, evaluated, seed=task.seed, every_epoch=self._study.every_epoch
        )
        kept.write(trained)
        (self._folder / NETWORK).write_text(trainer.told, "utf-8")
        return trained


def main() -> int:
    """Train until there is nothing more to read."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # ends with the process that started it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides when we end
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what models print is no answer
    import_module(_FRAMEWORK)  # takes seconds, while who started us has other work
    workers: dict[str, Worker] = {}
    for line in sys.stdin:
        told = json.loads(line)
        folder = told["folder"]
        try:
            if folder not in workers:
                workers[folder] = Worker(Path(folder))
            trained = workers[folder].train(Task(told["seed"], told["arm"]))
            answer: dict[str, Any] = {"metrics": trained.metrics, "epoch_s": trained.epoch_s}
        except Exception as error:  # noqa: BLE001 - told to who started us
            answer = _told(error)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


def _told(error: Exception) -> dict[str, str]:
    if isinstance(error, TwinfeedError):
        lines = str(error).splitlines()
        return {
            "error": lines[0].removeprefix("Cannot train on ").rstrip("."),
            "expected": lines[1].removeprefix("Expected ").rstrip(".") if len(lines) > 1 else "",
            "hint": lines[-1].removeprefix("Hint: ").rstrip("."),
        }
    first = next(iter(str(error).splitlines()), "")
    return {
        "error": f"these feeds: {type(error).__name__}: {first}",
        "expected": "a compiled model that takes their batches",
        "hint": "try one fit call of the model on each feed by hand; workers.log has the rest",
    }


if __name__ == "__main__":
    sys.exit(main())
