"""Where a training spends its time: in the step, or waiting for the feed."""

from __future__ import annotations

from collections.abc import Sequence

from twinfeed._core.trace import Trace
from twinfeed.diff import main_trace
from twinfeed.diff._streams._waiting import waiting
from twinfeed.tune.outcome import Training, Tuned

BOUND = 0.05
"""Share of the time spent waiting below which a faster feed is not noticed."""


def training_of(traces: Sequence[Trace]) -> Training | None:
    """What a watched training says; ``None`` where too few steps were seen."""
    found = waiting(main_trace(traces)) if traces else None
    if found is None:
        return None
    return Training(
        wait_ms=found.wait_s * 1e3,
        step_ms=found.step_s * 1e3,
        waiting=found.share,
        steps=found.steps,
        input_bound=found.share.high > BOUND,
    )


def said(training: Training) -> str:
    """In a sentence."""
    share = training.waiting
    return (
        f"steps wait {share.value:.1%} of their time for data (95 % interval {share.low:.1%} to "
        f"{share.high:.1%}; {training.wait_ms:.3g} ms beside {training.step_ms:.3g} ms of work, "
        f"{training.steps:,} steps)"
    )


def not_bound(training: Training) -> Tuned:
    """The answer where the step is the bottleneck."""
    most = 1 / max(1e-9, 1 - training.waiting.high)
    text = (
        f"Not input-bound: {said(training)}. The fastest feed there is would make training "
        f"{most:.2f} times as fast at most, so the pipeline was left as it is."
    )
    return Tuned(kind="not-input-bound", text=text, training=training)
