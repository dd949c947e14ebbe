"""What a plan says, read together with what was counted."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed._core.plan import Step
from twinfeed._core.plan_facts import example_shuffles, repeats
from twinfeed._core.trace import Trace


@dataclass(frozen=True, slots=True)
class ShortShuffle:
    """A shuffle that holds fewer examples than reach it.

    Attributes:
        step: The shuffle.
        held: Places in its buffer.
        reaching: Examples that reach it in one epoch.
    """

    step: Step
    held: int
    reaching: int


def short_shuffle(trace: Trace) -> ShortShuffle | None:
    """The shuffle that limits the mixing, or ``None`` where the plan shows no such limit.

    A pipeline may shuffle more than once; one shuffle over every example is enough. A shuffle of
    batches mixes no examples, whatever its buffer, and is left out here.
    """
    longest: ShortShuffle | None = None
    for step in example_shuffles(trace.plan):
        held, reaching = step.integer("buffer_size"), _reaching(trace, step)
        if held is None or held < 1 or reaching is None or held >= reaching:
            return None
        if longest is None or held > longest.held:
            longest = ShortShuffle(step, held, reaching)
    return longest


def _reaching(trace: Trace, step: Step) -> int | None:
    """Examples that reach a shuffle in one pass over the data."""
    assert trace.plan is not None
    again = [before for before in trace.plan.before(step) if repeats(before)]
    stated = (again[0] if again else step).examples_in
    if stated is not None or again or not _keeps_number(trace.plan.after(step)):
        return stated
    # Files of records and generators do not say how many they hold; a whole epoch was counted.
    counted = [
        int(trace.ticks.size[trace.ticks.epoch == index].sum())
        for index, epoch in enumerate(trace.epochs)
        if epoch.ended
    ]
    return max(counted, default=None)


def _keeps_number(steps: tuple[Step, ...]) -> bool:
    """Whether no step makes several examples of one."""
    one_to_one = {"decode", "resize", "map", "augment", "cache", "batch", "prefetch", "take"}
    return all(step.kind in one_to_one or step.name == "Options" for step in steps)
