"""What the watching process hands to the watched one, and where in their common folder."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed.observe.budget import Budget

JOB, TRACE, STACKS = "job.json", "trace.twin", "stacks.txt"
ASK_FOR_STACKS = "SIGUSR1"
"""Name of the signal on which the watched process writes where its threads are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the watched process has to do.

    Attributes:
        given: The feed as the user named it.
        budget: Bounds of the read.
        every_value: Count every value instead of a sample of each image.
        stop_after_epochs: Ask each ``fit`` of a script to stop after so many epochs.
        stop_after_seconds: Ask each ``fit`` of a script to stop once it has run so long.
        plan_only: Read no batch of a feed that is not a script's.
    """

    given: str
    budget: Budget
    every_value: bool
    stop_after_epochs: int | None = None
    stop_after_seconds: float | None = None
    plan_only: bool = False
