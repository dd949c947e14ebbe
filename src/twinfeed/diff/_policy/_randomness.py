"""Whether a feed changes its examples at random, and how often it draws anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.plan import Plan, Step
from twinfeed._core.trace import Trace
from twinfeed.diff._idle_draws import draws_anew
from twinfeed.diff._streams._epochs import cache_left_open
from twinfeed.diff._twins import Repeats, SideName, Twins
from twinfeed.diff._values._by_batch import by_batch
from twinfeed.stats.intervals import wilson

State: TypeAlias = Literal["none", "fresh", "frozen", "repeated", "unknown"]
CHANGES = "changes its examples at random"
OPEN_DRAWS = (f"whether A {CHANGES}", f"whether B {CHANGES}")
"""How the question begins where too few examples came again as they were, or at all."""

ENOUGH = 20  # examples seen twice below which nothing is concluded
_SHARE = 0.02  # share of changed examples above which a feed draws anew; rules out stray clashes
_AT_ENDS = 0.98  # share of values at the ends from which a changed brightness changes nothing
_SHARE_BY_LIKENESS = 0.12  # the same where nothing else speaks of random changes


@dataclass(frozen=True, slots=True)
class Randomness:
    """How a feed's random changes behave.

    Attributes:
        state: ``none``; ``fresh``: drawn anew each epoch; ``frozen``: drawn once per build and
            then replayed; ``repeated``: the same in every epoch and build; ``unknown``.
        epoch_changed: Share of examples that changed from one epoch to the next, or ``None``.
        build_changed: Share of examples that changed from one build to the next, or ``None``; not
            looked for where they change from epoch to epoch.
        epoch_examples: Examples seen in two epochs of one build.
        build_examples: Examples seen in two builds.
        steps: Steps of the plan that draw random numbers.
        cache: The cache behind such a step, or ``None``.
    """

    state: State
    epoch_changed: float | None
    build_changed: float | None
    epoch_examples: int
    build_examples: int
    steps: tuple[Step, ...]
    cache: Step | None

    @property
    def in_doubt(self) -> bool:
        """Whether it may be that nothing is drawn: few examples changed, or all with their batch."""
        return self.state == "unknown" and self.epoch_changed is not None


def randomness(twins: Twins, name: SideName) -> Randomness:
    """How the random changes of one side behave."""
    plan = twins.side(name).plan
    steps = tuple(step for step in plan.steps if step.random) if plan else ()
    again = twins.epochs_of(name)
    epoch_examples = len(again.same) if again else 0
    epoch_changed = 1 - again.share_same if again and epoch_examples >= ENOUGH else None
    cache = _cache_behind(plan, steps)
    # Where only likeness tells that an example changed, a stranger may be taken for it.
    named = bool(len(twins.side(name).rows)) and bool(twins.side(name).rows.id.all())
    least = _SHARE if steps or named else _SHARE_BY_LIKENESS
    sure = bool(steps) or named
    anew = epoch_changed is not None and epoch_changed > least
    fresh = anew and not cache_left_open(twins.side(name), steps)
    # What changes from epoch to epoch does so from build to build: builds are asked of the rest.
    builds = None if fresh else twins.builds_of(name)
    build_examples = len(builds.same) if builds else 0
    build_changed = 1 - builds.share_same if builds and build_examples >= ENOUGH else None
    if epoch_changed is None or (not steps and by_batch(twins)[name]):
        # What is taken out with the mean of its batch changes with who is in the batch.
        state: State = "unknown"
    elif fresh:
        state = "fresh" if sure or _surely(again, least) else "unknown"
    elif build_changed is not None and build_changed > least:
        # To be frozen is an error: a few that came otherwise by chance do not show it.
        state = "frozen" if _surely(builds, least) else "unknown"
    elif anew:
        state = "unknown"
    elif steps:
        # Inside a training there is one build only: the cache behind the draw is the witness.
        state = "frozen" if cache is not None and build_changed is None else "repeated"
    elif twins.is_still(name) is None:
        state = "unknown"  # few of an epoch's examples come again as they were, and the others not at all
    else:
        state = "repeated" if twins.keeps_draws(name) else "none"
    if steps and state in {"frozen", "repeated"}:
        if _saturated(twins.side(name)):
            state = "unknown"  # what came again may have been drawn anew
        elif state == "repeated" and draws_anew(plan):
            state = "none"
    return Randomness(
        state=state,
        epoch_changed=epoch_changed,
        build_changed=build_changed,
        epoch_examples=epoch_examples,
        build_examples=build_examples,
        steps=steps,
        cache=cache,
    )


def _saturated(trace: Trace) -> bool:
    """Whether nearly all values stand at the ends of the range, so that draws of them do not show."""
    stats = trace.stats_of(trace.main.path) if trace.main else None
    if stats is None or stats.low is None or stats.high is None:
        return False
    ends = [float(stats.low), float(stats.high)]
    at_ends = sum(int(np.isin(one, ends).sum()) for one in trace.kept.values)
    return at_ends > _AT_ENDS * sum(one.size for one in trace.kept.values)


def _surely(found: Repeats | None, least: float) -> bool:
    """Whether more than that share changed, beyond the chance of so few examples."""
    if found is None:
        return False
    changed = int((~found.same).sum())
    return wilson(changed, len(found.same))[0] > least


def _cache_behind(plan: Plan | None, steps: tuple[Step, ...]) -> Step | None:
    if plan is None or not steps:
        return None
    return next((step for step in plan.after(steps[0]) if step.kind == "cache"), None)


def past_recognition(twins: Twins, name: SideName) -> tuple[int, int] | None:
    """How many examples of a whole epoch there are, and how few of them came again in the next.

    Returns:
        ``None`` where enough of them were recognised, or an epoch was not read to its end.
    """
    again, trace = twins.epochs_of(name), twins.side(name)
    if again is None or trace.main is None or not trace.main.is_image:
        return None
    looked = [epoch for epoch in trace.epochs if epoch.looked and epoch.build == 0]
    rows = min(len(again.pairs.left_rows), len(again.pairs.right_rows))
    if not all(epoch.ended for epoch in looked[:2]) or len(again.pairs) >= min(ENOUGH, rows):
        return None
    return rows, len(again.pairs)
