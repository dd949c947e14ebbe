"""How many seeds: fixed, until intervals are narrow enough, or as time allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.stats.shares import seeds_for

LEAST_SEEDS = 4  # three often agree by chance, and the interval would be nothing
FIRST_SEEDS = 10
MOST_SEEDS = 200


@dataclass(slots=True, kw_only=True)
class SeedPlan:
    """Decides whether another seed is worth its time.

    With a precision the number of seeds follows from the spread of the first few (Stein's two
    stages), so that looking does not spoil the intervals. With a budget it follows from the clock
    alone, which knows nothing of the results.

    Attributes:
        seeds: A fixed number, or ``None``.
        half_width: Half of the width of interval that is wanted, or ``None``.
        budget_s: Seconds to spend on trainings, about; ``None`` for no bound.
        values: Per seed what has to be known so precisely, shape ``(seeds, quantities)``; asked
            once the first seeds are complete.
    """

    seeds: int | None
    half_width: float | None
    budget_s: float | None
    values: Callable[[], Array]
    _decided: int | None = field(default=None)

    @property
    def first(self) -> int | None:
        """Seeds that decided by their results how many there are; ``None`` if none did."""
        return FIRST_SEEDS if self.half_width is not None and self._decided is not None else None

    def wants(self, begun: int, complete: int, spent_s: float, seed_s: float | None) -> bool:
        """Whether to begin another seed now.

        Args:
            begun: Seeds that were begun.
            complete: Seeds of which every training has ended.
            spent_s: Seconds spent so far.
            seed_s: Seconds that a seed takes, or ``None`` while that is not known.
        """
        if self.seeds is not None:
            return begun < self.seeds
        if begun < LEAST_SEEDS:
            return True
        if self.budget_s is not None and seed_s is not None:
            ahead = (begun - complete) * seed_s
            if spent_s + ahead + seed_s > self.budget_s:
                return False
        if self.half_width is not None:
            return begun < self._needed(complete)
        return begun < MOST_SEEDS if self.budget_s is not None else begun < FIRST_SEEDS

    def told(self, arms: int) -> str:
        """What will be trained, before anything is: how much, and about how long."""
        each = f"{arms} trainings for each paired seed"
        if self.seeds is not None:
            whole = f"{self.seeds * arms} trainings: {each}, {self.seeds} seeds"
            return f"{whole}; how long they take is said when the first seed has ended"
        bound = f"about {self.budget_s:.0f} s of trainings" if self.budget_s is not None else ""
        if self.half_width is not None:
            most = f", {bound} at most" if bound else ""
            return f"{each}, {FIRST_SEEDS} seeds first, whose spread decides how many more{most}"
        if bound:
            return f"{bound}: {each}, as many seeds as fit and {LEAST_SEEDS} at least"
        return f"{FIRST_SEEDS * arms} trainings: {each}, {FIRST_SEEDS} seeds"

    def foreseen(self, arms: int, complete: int, spent_s: float, seed_s: float) -> str:
        """What is left, once it is known what a seed takes."""
        wanted = [self.seeds or self._decided or MOST_SEEDS]
        if self.seeds is None and self.budget_s is not None:
            fit = complete + max(0.0, self.budget_s - spent_s) / max(seed_s, 1e-9)
            wanted.append(max(LEAST_SEEDS, int(fit)))
        elif self.seeds is None and self._decided is None:
            wanted.append(FIRST_SEEDS)
        count = min(wanted)
        left_s = (count - complete) * seed_s
        return (
            f"a seed takes about {seed_s:.1f} s: about {count} seeds, {count * arms} trainings,"
            f" {left_s:.0f} s more"
        )

    def _needed(self, complete: int) -> int:
        if complete < FIRST_SEEDS:
            return FIRST_SEEDS
        if self._decided is None:
            assert self.half_width is not None
            first = self.values()[:FIRST_SEEDS]
            needed = [seeds_for(column, self.half_width) for column in np.transpose(first)]
            self._decided = min(max(needed, default=FIRST_SEEDS), MOST_SEEDS)
        return self._decided
