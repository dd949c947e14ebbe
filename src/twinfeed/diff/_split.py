"""Pairs that are the two parts of one split: what was trained on and what it was validated on."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.plan import Plan, Step
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._made_rows import MadeRows, made_rows
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SideName, Twins


def parts(twins: Twins) -> tuple[SideName, SideName] | None:
    """The side that trained and the side that validated; ``None`` for any other pair."""
    roles = twins.left.role, twins.right.role
    if roles == ("fit", "validation"):
        return "A", "B"
    return ("B", "A") if roles == ("validation", "fit") else None


@remembered
def made_from_trained(twins: Twins) -> MadeRows | None:
    """Rows of a validation that were made from rows that are trained on."""
    found = parts(twins)
    if found is None:
        return None
    trained, held = (twins.side(name) for name in found)
    return made_rows(trained, held)


def redrawn_part(plan: Plan | None) -> tuple[Step, Step] | None:
    """A shuffle that draws anew in each epoch, and the step behind it that takes a part."""
    if plan is None:
        return None
    for shuffle in plan.of_kind("shuffle"):
        if shuffle.settings.get("reshuffle_each_iteration") is False:
            continue
        for step in plan.after(shuffle):
            if step.kind == "cache":
                break
            if step.kind in {"take", "shard"} or step.name == "SkipDataset":
                return shuffle, step
    return None


def in_one_round(plan: Plan, part: Step) -> int | None:
    """Examples that a part gives before it is repeated within an epoch; ``None`` if it is not."""
    after = list(plan.after(part))
    return after[0].examples_in if any(step.kind == "repeat" for step in after) else None


def draws_rounds(plan: Plan | None) -> bool:
    """Whether an epoch holds several rounds of a part that is drawn anew for each."""
    found = redrawn_part(plan)
    return plan is not None and found is not None and in_one_round(plan, found[1]) is not None


def examples_of(trace: Trace) -> tuple[Array, list[Array]]:
    """What tells examples apart, and the rows of each epoch that was looked at."""
    rows = trace.rows
    keys = rows.id if bool(rows.id.all()) else rows.content
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    return keys, [found for index in looked if len(found := trace.rows_of(index))]


def shared(left: Trace, right: Trace) -> Array:
    """Keys of the examples that both have in any epoch that was read, each once."""
    by_id = bool(left.rows.id.all() and right.rows.id.all()) and len(left.rows) > 0
    sides = [(side.rows.id if by_id else side.rows.content) for side in (left, right)]
    return np.intersect1d(sides[0], sides[1])
