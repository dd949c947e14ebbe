"""Batches and epochs of one side: how large, how many, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.plan import Step
from twinfeed._core.trace import Trace

_ROUNDS = 3  # times that each example comes before an epoch is taken to have no end
Source: TypeAlias = Literal["counted", "stated"]


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """How many examples the batches hold, the rest of an ended epoch left out.

    Attributes:
        usual: The most frequent size.
        low: The smallest.
        high: The largest.
        mean: The mean.
        batches: Batches that were counted.
        varies: Whether the size is not one number; a smaller batch at each end of the data, as
            ``batch(...).repeat()`` gives it, is not yet variety.
        whole_epoch: Whether an epoch is one batch, so that no smaller last batch can be told.
    """

    usual: int
    low: int
    high: int
    mean: float
    batches: int
    varies: bool
    whole_epoch: bool


@dataclass(frozen=True, slots=True)
class Passed:
    """One epoch that the feed ended by itself.

    Attributes:
        examples: Its examples.
        batches: Its batches.
        last: Examples in its last batch.
    """

    examples: int
    batches: int
    last: int


@dataclass(frozen=True, slots=True)
class Length:
    """How long an epoch is; bounds, because it may vary or follow from the batches only.

    Attributes:
        examples: Fewest and most examples.
        batches: Fewest and most batches.
        source: Whether epochs were counted or the library states it.
        epochs: Epochs that were counted.
    """

    examples: tuple[int, int]
    batches: tuple[int, int]
    source: Source
    epochs: int


def batch_sizes(trace: Trace) -> BatchSizes | None:
    """Sizes of the batches of every epoch that was read, timed ones included."""
    chosen: list[int] = []
    only_last: list[int] = []
    for index, epoch in enumerate(trace.epochs):
        sizes = trace.ticks.size[trace.ticks.epoch == index].tolist()
        if epoch.ended and sizes:
            only_last.append(sizes.pop(_rest(sizes)))
        chosen += sizes
    whole_epoch = not chosen
    sizes = np.array(chosen or only_last, np.int64)
    if not len(sizes):
        return None
    values, counts = np.unique(sizes, return_counts=True)
    return BatchSizes(
        usual=int(values[counts == counts.max()][-1]),
        low=int(values[0]),
        high=int(values[-1]),
        mean=float(sizes.mean()),
        batches=len(sizes),
        varies=len(values) > 2 or int(counts.max()) * 2 < len(sizes),
        whole_epoch=whole_epoch,
    )


def _rest(sizes: list[int]) -> int:
    """Which batch of an epoch holds the rest: the last, or the one smaller where all are mixed."""
    least = min(sizes)
    others = {size for size in sizes if size != least}
    return sizes.index(least) if sizes.count(least) == 1 and len(others) == 1 else len(sizes) - 1


def passed(trace: Trace) -> list[Passed]:
    """The epochs that the feed ended by itself."""
    found: list[Passed] = []
    for index, epoch in enumerate(trace.epochs):
        sizes = trace.ticks.size[trace.ticks.epoch == index]
        if epoch.ended and len(sizes) and starts_at_the_beginning(trace, index):
            found.append(Passed(int(sizes.sum()), len(sizes), int(sizes[-1])))
    return found


def starts_at_the_beginning(trace: Trace, index: int) -> bool:
    """Whether an epoch begins with the feed: ``fit`` goes on where it cut the epoch before."""
    return trace.fit is None or index == 0 or trace.epochs[index - 1].ended


def until_it_ended(trace: Trace) -> int | None:
    """Batches of the first pass of a training over a feed that states none, where it was seen to end.

    With steps per epoch a pass goes on from one epoch to the next. A generator is used up by its
    only pass, be it as long as its steps: the epoch after it finds nothing.
    """
    count = 0
    for index, epoch in enumerate(trace.epochs):
        count += int((trace.ticks.epoch == index).sum())
        if epoch.ended:
            return count
    return None


def cache_left_open(trace: Trace, drawing: Sequence[Step]) -> bool:
    """Whether a part was read of what a cache keeps behind a step that draws.

    The cache is whole then only if the pipeline happened to run ahead to the end: what comes next
    may be drawn anew or not, and says nothing of a feed that is read whole.
    """
    if trace.plan is None or trace.role != "feed":
        return False
    kept = any(step.kind == "cache" for draw in drawing for step in trace.plan.after(draw))
    looked = [epoch for epoch in trace.epochs if epoch.looked and epoch.build == 0]
    return kept and bool(looked) and not looked[0].ended


def rounds(trace: Trace) -> int:
    """How often each example came in one epoch that the reader stopped; 0 where one ended.

    An epoch of stated length may repeat itself; this is about those that nobody told the end of.
    """
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    stated = trace.batches is not None or trace.examples is not None
    if not looked or stated or trace.role != "feed" or any(epoch.ended for epoch in trace.epochs):
        return 0
    rows = trace.rows_of(looked[0])
    keys = trace.rows.id if trace.rows.id.all() else trace.rows.content
    return int(np.unique(keys[rows], return_counts=True)[1].min(initial=len(rows)))


def endless(trace: Trace) -> bool:
    """Whether an epoch has no end: the library says so, or it came round and round."""
    return trace.infinite or rounds(trace) >= _ROUNDS


def length(trace: Trace) -> Length | None:
    """Examples and batches per epoch, counted where an epoch ended, else as stated."""
    whole = passed(trace)
    if whole:
        examples = [epoch.examples for epoch in whole]
        batches = [epoch.batches for epoch in whole]
        return Length(
            (min(examples), max(examples)), (min(batches), max(batches)), "counted", len(whole)
        )
    if trace.infinite:
        return None
    sizes = batch_sizes(trace)
    if trace.examples is not None:
        batches = trace.batches
        if batches is None:
            if sizes is None or sizes.varies:
                return None
            batches = -(-trace.examples // sizes.usual)
        return Length(_exactly(trace.examples), _exactly(batches), "stated", 0)
    if trace.batches is None or sizes is None or sizes.varies:
        return None
    most = trace.batches * sizes.usual
    return Length((most - sizes.usual + 1, most), _exactly(trace.batches), "stated", 0)


def _exactly(count: int) -> tuple[int, int]:
    return count, count
