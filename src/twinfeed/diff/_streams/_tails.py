"""What becomes of the examples that do not fill a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from twinfeed._core.trace import Trace
from twinfeed.diff._streams._epochs import Passed, Source, batch_sizes, passed
from twinfeed.diff._streams._identity import own_key_kind, repeats
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins


@dataclass(frozen=True, slots=True)
class Tail:
    """A side that drops or pads its last batch while the other keeps it.

    Attributes:
        name: The side.
        other: The side that keeps it.
        does: Whether examples are left out or added.
        examples: How many per epoch.
        of: Examples per epoch of the side that keeps them.
        batch: Examples per batch of the side that does not.
        source: Whether epochs were counted or the plans say so.
    """

    name: SideName
    other: SideName
    does: Literal["drops", "pads"]
    examples: int
    of: int
    batch: int
    source: Source


def tail(twins: Twins) -> Tail | None:
    """The side that drops or pads its last batch, if one does and the other does not."""
    return _counted(twins) or _read(twins)


def drops_tail(trace: Trace) -> bool | None:
    """Whether the plan says that a smaller last batch is left out; ``None`` if it does not say."""
    if trace.plan is None:
        return None
    said = [
        step.settings[name]
        for step in trace.plan.of_kind("batch")
        for name in ("drop_remainder", "drop_last")
        if isinstance(step.settings.get(name), bool)
    ]
    return bool(said[-1]) if said else None


def reaching(trace: Trace) -> int | None:
    """Examples that are batched in an epoch, as the plan has it; ``None`` if it does not say."""
    batches = [] if trace.plan is None else list(trace.plan.of_kind("batch"))
    return batches[-1].examples_in if batches else None


def stated_tail(twins: Twins) -> Tail | None:
    """What the plans say of the last batch where epochs differ in length for another reason."""
    for name, other in EACH_WAY:
        trace = twins.side(name)
        batch, total = _batch(trace), reaching(trace)
        if batch is None or total is None or not drops_tail(trace):
            continue
        if drops_tail(twins.side(other)) is False and total % batch and total > batch:
            return Tail(name, other, "drops", total % batch, total, batch, "stated")
    return None


def same_data(twins: Twins, *, share: float) -> bool:
    """Whether that share of the shorter first epoch was found in the other, and surely so."""
    pairs = twins.pairs
    shorter = min(len(pairs.left_rows), len(pairs.right_rows))
    return shorter > 0 and len(pairs) >= share * shorter and pairs.confidence >= 0.9


def _counted(twins: Twins) -> Tail | None:
    ends = {name: passed(twins.side(name)) for name in SIDES}
    if not (ends["A"] and ends["B"]):
        return None
    if any(len({epoch.examples for epoch in epochs}) > 1 for epochs in ends.values()):
        return None
    for name, other in EACH_WAY:
        mine, theirs = ends[name][0], ends[other][0]
        batch = _batch(twins.side(name))
        if batch is None or mine.examples % batch:
            continue
        lost = theirs.examples - mine.examples
        if 0 < lost < batch and _drops(twins, name):
            # Fewer may reach the batches than the other side has: the rest is not the tail's.
            total = min(reaching(twins.side(name)) or theirs.examples, theirs.examples)
            lost = total - mine.examples
            return Tail(name, other, "drops", lost, total, batch, "counted") if lost > 0 else None
        if 0 < -lost < batch and _fills_up(twins, name, mine, -lost):
            return Tail(name, other, "pads", -lost, theirs.examples, batch, "counted")
    return None


def _drops(twins: Twins, name: SideName) -> bool:
    """Whether the plan says so; where it does not say, whether the data are the same."""
    said = drops_tail(twins.side(name))
    return same_data(twins, share=0.9 if said is None else 0.5) and said is not False


def _fills_up(twins: Twins, name: SideName, epoch: Passed, added: int) -> bool:
    """Whether the last batch repeats examples of the epoch."""
    kind = own_key_kind(twins, name)
    return kind is not None and epoch.last > added and repeats(twins.side(name), kind) == added


def _read(twins: Twins) -> Tail | None:
    """What the plans say of the last batch, where no epoch was read to its end."""
    if any(passed(twins.side(name)) for name in SIDES):
        return None
    for name, other in EACH_WAY:
        trace, total = twins.side(name), twins.side(other).examples
        batch = _batch(trace)
        if batch is None or total is None or not drops_tail(trace):
            continue
        if drops_tail(twins.side(other)) is False and total % batch and total > batch:
            return Tail(name, other, "drops", total % batch, total, batch, "stated")
    return None


def _batch(trace: Trace) -> int | None:
    sizes = batch_sizes(trace)
    return None if sizes is None or sizes.varies else sizes.usual
