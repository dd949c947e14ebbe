"""The loop that records draws, hands out trainings and collects what they come to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.attribute._gap import Results
from twinfeed.attribute._plan import SeedPlan
from twinfeed.attribute._settings import Settings, best_of, chosen_metric, is_share
from twinfeed.attribute._study import Study, is_saved, save_world
from twinfeed.attribute._world import World
from twinfeed.stats.shares import shapley
from twinfeed.train.outcome import Trained
from twinfeed.train.runs import OF_A, Runs, Task

_ALIVE_S = 5.0


class Trains(Protocol):
    """Where trainings are done: processes, or this one."""

    @property
    def pending(self) -> int:
        """Trainings that are not finished."""
        ...

    def submit(self, folder: Path, task: Task) -> None:
        """Queue a training of the study in a folder."""
        ...

    def result(self, timeout_s: float | None = None) -> tuple[Task, Trained] | None:
        """The next finished training; ``None`` if there is none in time."""
        ...


@dataclass(kw_only=True)
class Trainings:
    """All trainings of one study.

    Attributes:
        study: What they share.
        arms: The arms of each seed.
        runs: Finished ones.
        pool: Where they are done.
        settings: What the user decided.
        draw: Makes a seed's draws of both feeds.
        say: Called with how far it is.
        tell: Called with what is worth a line that stays: what is planned, and how long it takes.
        began: When this session began, by the clock of ``time.monotonic``.
    """

    study: Study
    arms: tuple[int, ...]
    runs: Runs
    pool: Trains
    settings: Settings
    draw: Callable[[int], World]
    say: Callable[[str], None]
    tell: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    interrupted: bool = False
    _begun: list[int] = field(default_factory=list[int])
    _heard: float = field(default_factory=time.monotonic)
    _took_s: list[float] = field(default_factory=list[float])

    def run(self, budget_s: float | None, seeds: int | None) -> int | None:
        """Train until there are seeds enough, or the user ends it.

        Args:
            budget_s: Seconds for these trainings, about.
            seeds: A fixed number of seeds, or ``None``.

        Returns:
            Seeds that decided by their results how many there are; ``None`` if none did.
        """
        half = self.settings.precision if seeds is None else None
        plan = SeedPlan(seeds=seeds, half_width=half, budget_s=budget_s, values=self._watched)
        try:
            self._loop(plan)
        except KeyboardInterrupt:
            self.interrupted = True
        return plan.first

    def results(self, first: int | None) -> Results | None:
        """The table of the seeds of which every training has ended; ``None`` without one."""
        table = self.columns()
        if table is None:
            return None
        # The arms are all combinations in order, and A last.
        return Results(
            a=table[:, -1], table=table[:, :-1], bits=self.study.bits, first=first,
            chains=self.study.chains,
        )  # fmt: skip

    def columns(self) -> Array | None:
        """A column per arm and a row per complete seed; ``None`` without one."""
        seeds = self.runs.complete_seeds(self.arms)
        done = self.runs.done
        rows = [[self._value(done[Task(seed, arm)]) for arm in self.arms] for seed in seeds]
        return np.array(rows) if rows else None

    @property
    def metric(self) -> str:
        """The metric that is shared out."""
        known = tuple(next(iter(self.runs.done.values())).metrics)
        return chosen_metric(self.settings.metric, known)

    def spent_s(self) -> float:
        """Seconds so far, those of earlier sessions included."""
        return self.runs.seconds + time.monotonic() - self.began

    def _loop(self, plan: SeedPlan) -> None:
        number = 0
        told = False
        self.tell(plan.told(len(self.arms)))
        while True:
            complete = len(self.runs.complete_seeds(self.arms))
            seed_s = self._seed_s()
            if complete and seed_s is not None and not told:
                told = True
                self.tell(plan.foreseen(len(self.arms), complete, self.spent_s(), seed_s))
            ahead = self.pool.pending < 2 * len(self.arms)
            if ahead and plan.wants(len(self._begun), complete, self.spent_s(), seed_s):
                self._begin(self.settings.seed + number)
                number += 1
                continue
            if not self.pool.pending:
                return
            self._collect()

    def _begin(self, seed: int) -> None:
        self._begun.append(seed)
        missing = [arm for arm in self.arms if Task(seed, arm) not in self.runs.done]
        if not missing:
            return
        folder = self.runs.seed_folder(seed)
        if not is_saved(folder):
            # Draws that were lost cannot be drawn again: the seed begins anew.
            missing = list(self.arms)
            save_world(self.draw(seed), folder)
        for arm in sorted(missing):  # A first: B without all of its causes may come to the same
            self.pool.submit(self.runs.folder, Task(seed, arm))

    def _collect(self) -> None:
        found = self.pool.result(_ALIVE_S)
        if found is None:
            self.say(self._how_far())  # long trainings are no hang
            return
        task, trained = found
        self._took_s.append(time.monotonic() - self._heard)
        self._heard = time.monotonic()
        self.runs.add(task, trained, spent_s=self.spent_s())
        chosen_metric(
            self.settings.metric, tuple(trained.metrics)
        )  # what is lacking is told at once
        if all(Task(task.seed, arm) in self.runs.done for arm in self.arms):
            self.runs.forget_recordings(task.seed)
        self.say(self._how_far())

    def _how_far(self) -> str:
        done = len(self.runs.done)
        left = self.pool.pending * self._mean_s()
        complete = len(self.runs.complete_seeds(self.arms))
        said = f"{done} trainings done, {complete} of {len(self._begun)} seeds"
        budget = self.settings.budget_s
        if self.settings.seeds is not None:
            left += max(0, self.settings.seeds - len(self._begun)) * len(self.arms) * self._mean_s()
        elif budget is not None and self.settings.precision is None:
            left = max(left, budget - self.spent_s())
        return f"{said}, about {left:.0f} s left"

    def _mean_s(self) -> float:
        """Seconds between two finished trainings; the first ones load and compile."""
        recent = self._took_s[-20:]
        return sum(recent) / len(recent) if recent else 0.0

    def _seed_s(self) -> float | None:
        return self._mean_s() * len(self.arms) if len(self._took_s) > 1 else None

    def _value(self, trained: Trained) -> float:
        values = trained.metrics[self.metric]
        value = best_of(self.metric, values) if self.settings.when == "best" else values[-1]
        return 100 * value if is_share(self.metric) else value

    def _watched(self) -> Array:
        """The gap, its rest and each share per seed: what a precision is asked of."""
        found = self.results(None)
        assert found is not None, "asked once the first seeds are complete"
        columns = [found.a - found.table[:, 0], found.a - found.table[:, -1]]
        return np.column_stack([*columns, shapley(found.table, found.chains)])


def all_arms(causes: int) -> tuple[int, ...]:
    """A, and B without each combination of causes, B as it is first."""
    return (*range(1 << causes), OF_A)
