"""What a user may decide about an attribution."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

from twinfeed.errors import UsageError

When = Literal["last", "best"]
_WORKER_BYTES = 700 << 20
_LOWER_IS_BETTER = ("loss", "error", "mae", "mse", "mean_absolute", "mean_squared")
_SHARES = ("acc", "auc", "precision", "recall", "f1", "iou", "top_k")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user may decide.

    Attributes:
        model: A factory of a compiled model as a user names it; empty for a small network.
        scripts: The two scripts whose own models are trained; empty without any.
        metric: The metric; ``None`` for accuracy where there is one, else the loss.
        when: The metric of the last epoch, or of the best one.
        epochs: Epochs of a training.
        examples: Examples per epoch at most.
        seeds: A fixed number of paired seeds, or ``None``.
        precision: Half of the width that intervals may have, in the unit of the metric's gap;
            ``None`` for as narrow as the budget allows.
        budget_s: Seconds for the trainings, about.
        timing_s: Seconds for timing epochs, about; 0 for none.
        jobs: Processes at once, or ``None`` for as many as cores and memory allow.
        memory: Bytes that they may take together, or ``None`` for half of the machine's.
        seed: Of the first training; the others follow.
    """

    model: str = ""
    scripts: tuple[str, ...] = ()
    metric: str | None = None
    when: When = "last"
    epochs: int = 4
    examples: int = 20_000
    seeds: int | None = None
    precision: float | None = None
    budget_s: float | None = 75.0
    timing_s: float = 10.0
    jobs: int | None = None
    memory: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"epochs": 1, "examples": 2, "seeds": 2, "jobs": 1}
        for name, bound in least.items():
            given = getattr(self, name)
            if given is not None and given < bound:
                raise UsageError(f"{name}={given}", f"at least {bound}", f"leave {name} out")
        for name in ("precision", "budget_s"):
            given = getattr(self, name)
            if given is not None and given <= 0:
                raise UsageError(f"{name}={given}", "more than 0", f"leave {name} out")

    def processes(self, recording_bytes: int, machine_bytes: int) -> int:
        """Processes that cores and memory allow.

        Args:
            recording_bytes: Of one seed's draws of both feeds.
            machine_bytes: Memory of the machine.
        """
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        allowed = self.memory or machine_bytes // 2
        fit = max(1, allowed // (_WORKER_BYTES + 3 * recording_bytes))
        return min(self.jobs or cores or 1, fit)


def chosen_metric(wanted: str | None, known: tuple[str, ...]) -> str:
    """The metric to share out.

    Raises:
        UsageError: If the network does not have it.
    """
    if wanted is None:
        better = [name for name in known if is_share(name)] or [n for n in known if n != "loss"]
        return (better or list(known))[0]
    if wanted not in known:
        raise UsageError(f"metric {wanted}", f"one of {', '.join(known)}", f"try {known[0]}")
    return wanted


def is_share(metric: str) -> bool:
    """Whether a metric runs from 0 to 1, so that its gap is told in points."""
    return any(part in metric.lower() for part in _SHARES)


def best_of(metric: str, values: tuple[float, ...]) -> float:
    """The best value of a metric."""
    lower = any(part in metric.lower() for part in _LOWER_IS_BETTER)
    return min(values) if lower else max(values)
