"""How long the steps of a training wait for their data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.trace import Trace
from twinfeed.stats.resample import Interval, blocks, mean_rate

_FIRST_STEPS = 3  # of the first epoch: they trace, compile and fill buffers
_LEAST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a training spends its steps.

    Attributes:
        share: Share of the time that is spent waiting, 0 to 1.
        wait_s: Mean wait for a batch.
        step_s: Mean work of a step.
        steps: Steps that were timed.
    """

    share: Interval
    wait_s: float
    step_s: float
    steps: int


def waiting(trace: Trace) -> Waiting | None:
    """How long a trace's steps waited and worked; ``None`` without enough of them."""
    wait_s, step_s = trace.ticks.wait_s, trace.ticks.step_s
    known = np.isfinite(wait_s) & np.isfinite(step_s)
    known[: min(_FIRST_STEPS, len(known))] = False
    if trace.fit is None or int(known.sum()) < _LEAST_STEPS:
        return None
    summed = blocks(np.stack([wait_s[known], wait_s[known] + step_s[known]], axis=1))
    if summed[:, 1].min() <= 0:
        return None
    return Waiting(
        share=mean_rate(summed[:, 0], summed[:, 1]),
        wait_s=float(wait_s[known].mean()),
        step_s=float(step_s[known].mean()),
        steps=int(known.sum()),
    )
