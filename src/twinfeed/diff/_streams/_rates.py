"""How fast each side gives examples, and whether one is surely slower.

Only passes that were timed and not looked at count, but for a feed so slow that few of its batches
were; and only of feeds that were read by themselves: inside a training the wait depends on the step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Epoch, Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SideName, Twins
from twinfeed.stats.resample import Interval, blocks, mean_rate, ratio_of_means

LEAST_BATCHES = 8
_LEAST_EPOCHS = 4
_AT_ALL_TIMES = 1.4  # ratio of the slower side's best time to the faster one's worst
_MARGIN = 1.25  # ratio that the whole interval must exceed: shared machines drift by 30 %
_SURE = 8.0  # ratio that no load of a machine explains, in the middle and at the best times alike
_LEAST_EXTRA_S = 1e-3  # per batch; shorter than any train step, and the reader's own overhead
_CLEAR = 1.5
NOTICED_S = 2e-3
"""Per batch; shorter than the step of all but the smallest networks."""
_STALL = 0.5  # share of a pass spent on its first batch above which the others say nothing
_ALL = 0.9  # share of whole passes spent on their first batch above which the others say nothing
_FLATTERS = 0.1  # share of whole epochs above which leaving first batches out would flatter


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds per example of one side, once it runs.

    Attributes:
        seconds: Per block of consecutive batches, or per whole epoch.
        examples: Per block.
        batches: Batches that were timed.
        whole_epochs: Whether the blocks are whole epochs, time to the first batch included.
    """

    seconds: Array
    examples: Array
    batches: int
    whole_epochs: bool

    @property
    def s_per_example(self) -> float:
        """Mean seconds per example."""
        return float(self.seconds.sum() / self.examples.sum())

    @property
    def examples_per_s(self) -> Interval:
        """Examples per second with a 95 % interval."""
        found = mean_rate(self.seconds, self.examples)
        return Interval(1 / found.value, 1 / found.high, 1 / found.low)

    @property
    def per_block(self) -> Array:
        """Seconds per example of each block."""
        return self.seconds / self.examples


@dataclass(frozen=True, slots=True)
class Slower:
    """One side surely takes more time per example than the other.

    Attributes:
        name: The slower side.
        other: The faster side.
        ratio: Time per example of the slower over that of the faster, with a 95 % interval.
        slow: The rate of the slower side.
        fast: The rate of the faster side.
        extra_s_per_batch: What a batch of the slower side's usual size costs more.
        first_epoch: Whether its first epoch took all the time there was, so that a cache may make
            later ones faster.
    """

    name: SideName
    other: SideName
    ratio: Interval
    slow: Rate
    fast: Rate
    extra_s_per_batch: float
    first_epoch: bool = False

    @property
    def matters(self) -> bool:
        """Whether a training would notice: clearly slower, by more than a short step hides."""
        return self.ratio.value >= _CLEAR and self.extra_s_per_batch >= NOTICED_S


def rate(trace: Trace) -> Rate | None:
    """How fast a feed gives examples; ``None`` where too little was timed."""
    timed = _timed(trace)
    return None if timed is None else timed.by_epoch or timed.by_batch


@remembered
def slower(twins: Twins) -> Slower | None:
    """The side that is surely slower, if one is."""
    timed: dict[SideName, _Timed | None] = {"A": _timed(twins.left), "B": _timed(twins.right)}
    for name, other in EACH_WAY:
        slow, fast, margin = _comparable(timed[name], timed[other])
        if slow is None or fast is None or slow.s_per_example <= fast.s_per_example:
            continue
        margin *= unseen_workers(twins.side(name))
        ratio = ratio_of_means((slow.seconds, slow.examples), (fast.seconds, fast.examples))
        per_batch = float(np.median(twins.side(name).ticks.size))
        extra_s = (slow.s_per_example - fast.s_per_example) * per_batch
        # A stall of the machine moves a mean, but neither the middle nor the fastest blocks.
        typical = float(np.median(slow.per_block) / np.median(fast.per_block))
        best = float(np.quantile(slow.per_block, 0.1) / np.quantile(fast.per_block, 0.1))
        least = min(ratio.low, typical, best)
        if least < margin or extra_s < _LEAST_EXTRA_S:
            continue
        if least < _SURE and not _at_all_times(twins.side(name), twins.side(other)):
            continue
        return Slower(name, other, ratio, slow, fast, extra_s)
    return _in_its_first_epoch(twins, timed)


def _in_its_first_epoch(twins: Twins, timed: dict[SideName, _Timed | None]) -> Slower | None:
    """A side whose first epoch took all the time there was, and more than any of the other's."""
    for name, other in EACH_WAY:
        side, known = twins.side(name), timed[other]
        if timed[name] is not None or side.role != "feed" or known is None:
            continue
        waits = side.ticks.epoch == 0
        parts = np.stack([side.ticks.wait_s[waits], side.ticks.size[waits]], axis=1)[1:]
        slow = _rate([(s, int(n)) for s, n in parts.tolist()], len(parts), LEAST_BATCHES)
        fast = known.by_epoch or known.by_pass or known.by_batch
        if len(side.epochs) > 1 or slow is None or fast is None:
            continue
        ratio = ratio_of_means((slow.seconds, slow.examples), (fast.seconds, fast.examples))
        # While its first epoch was looked at, the other may have filled a cache as well.
        at_first = slow.s_per_example / max(_first_looked(twins.side(other)), fast.s_per_example)
        best = float(np.quantile(slow.per_block, 0.1) / np.quantile(fast.per_block, 0.9))
        if min(ratio.low, best, at_first) < _SURE * unseen_workers(side):
            continue
        extra_s = (slow.s_per_example - fast.s_per_example) * float(np.median(side.ticks.size))
        return Slower(name, other, ratio, slow, fast, extra_s, first_epoch=True)
    return None


def _first_looked(trace: Trace) -> float:
    """Seconds per example of the first epoch, its first batch included."""
    chosen = trace.ticks.epoch == 0
    return float(trace.ticks.wait_s[chosen].sum() / max(1, int(trace.ticks.size[chosen].sum())))


def unseen_workers(trace: Trace) -> int:
    """Workers of a ``PyDataset``, whose batches were read one after the other; 1 elsewhere.

    In a training they make so many batches at once, unless Python's lock keeps them apart.
    """
    steps = trace.plan.of_kind("source") if trace.plan else ()
    told = [step.settings.get("workers") for step in steps]
    return max([1, *(count for count in told if isinstance(count, int))])


def timed_batches(trace: Trace) -> int:
    """Batches that were timed and not looked at, the first of each pass left out."""
    passes = [index for index, epoch in enumerate(trace.epochs) if not epoch.looked]
    return sum(max(0, int((trace.ticks.epoch == index).sum()) - 1) for index in passes)


def rough_ratio(slow: Trace, fast: Trace) -> float | None:
    """Time per example of one side over that of the other, from whatever was read of both.

    ``None`` for trainings, with nothing to go by, or below what any train step hides.
    """
    if slow.role != "feed" or fast.role != "feed":
        return None
    means = [[*_timed_windows(side), *_looked_windows(side)] for side in (slow, fast)]
    if not all(means) or min(means[1]) <= 0:
        return None
    took, other_took = (float(np.mean(side)) for side in means)
    per_batch = float(np.median(slow.ticks.size))
    return took / other_took if (took - other_took) * per_batch > NOTICED_S else None


@dataclass(frozen=True, slots=True)
class _Timed:
    """The timed passes of one side in both ways of counting.

    Attributes:
        by_epoch: Whole epochs, their first batch included; ``None`` with too few.
        by_batch: Batches behind the first of each pass; ``None`` with too few, or where the
            first batch of a pass took most of its time, as behind a shuffle of finished work.
        by_any: The same as ``by_batch``, with the batches of epochs that were looked at.
        by_pass: Batches behind the first, each with its share of the time of that; ``None`` where
            no pass ended.
        stall: Share of the time of whole epochs that was spent on their first batch.
    """

    by_epoch: Rate | None
    by_batch: Rate | None
    by_any: Rate | None
    by_pass: Rate | None
    stall: float


def _timed(trace: Trace) -> _Timed | None:
    if trace.role != "feed":
        return None
    epochs: list[tuple[float, int]] = []
    inside: list[tuple[float, int]] = []
    looked: list[tuple[float, int]] = []
    firsts_s, total_s, firsts_whole_s, batches = 0.0, 0.0, 0.0, 0
    for index, epoch in enumerate(trace.epochs):
        chosen = trace.ticks.epoch == index
        waits, sizes = trace.ticks.wait_s[chosen], trace.ticks.size[chosen]
        if epoch.looked and _runs(trace, epoch):
            looked += zip(waits[1:].tolist(), sizes[1:].tolist(), strict=True)
        if epoch.looked or not chosen.any():
            continue
        batches += len(waits)
        firsts_s, total_s = firsts_s + float(waits[0]), total_s + float(waits.sum())
        inside += zip(waits[1:].tolist(), sizes[1:].tolist(), strict=True)
        if epoch.ended:
            epochs.append((float(waits.sum()), int(sizes.sum())))
            firsts_whole_s += float(waits[0])
    if not batches and not looked:
        return None
    whole_s = sum(seconds for seconds, _ in epochs)
    says_little = firsts_s > _STALL * total_s
    stall = firsts_whole_s / whole_s if whole_s else 0.0
    rest = _rate(inside, batches, LEAST_BATCHES)
    return _Timed(
        by_epoch=_rate(epochs, batches, _LEAST_EPOCHS, whole_epochs=True),
        by_batch=None if says_little else rest,
        by_any=None
        if says_little
        else _rate([*inside, *looked], batches + len(looked), LEAST_BATCHES),
        by_pass=None
        if rest is None or not 0 < stall < _ALL
        else replace(rest, seconds=rest.seconds / (1 - stall)),
        stall=stall,
    )


def _rate(
    parts: list[tuple[float, int]], batches: int, least: int, *, whole_epochs: bool = False
) -> Rate | None:
    if len(parts) < least:
        return None
    found = blocks(np.array(parts, np.float64))
    if found.min() <= 0:
        return None
    return Rate(found[:, 0], found[:, 1], batches, whole_epochs)


def _comparable(slow: _Timed | None, fast: _Timed | None) -> tuple[Rate | None, Rate | None, float]:
    """Both sides counted in one way, or the faster one in the way that does not flatter it.

    Returns:
        Both rates, and the ratio that must be exceeded.
    """
    if slow is None or fast is None:
        return None, None, _MARGIN
    if slow.by_epoch and fast.by_epoch:
        return slow.by_epoch, fast.by_epoch, _MARGIN
    quick = fast.by_batch if fast.stall <= _FLATTERS else fast.by_epoch or fast.by_pass
    if slow.by_batch is None:
        # So slow that few batches were timed. While it is looked at a feed may run ahead, so what
        # was waited for then is the least that it takes.
        return slow.by_any, quick, _SURE
    return slow.by_batch, quick, _MARGIN


def _at_all_times(slow: Trace, fast: Trace) -> bool:
    """Whether the slower side was slower at its best time than the faster one at its worst.

    It must be so by more than the times of either side differ among themselves: what a machine
    does to one feed while nothing changes, it may do to the other.
    """
    sides = [(_timed_windows(side), _looked_windows(side)) for side in (slow, fast)]
    if any(not timed or min(timed) <= 0 for timed, _ in sides):
        return False
    # Looking leaves a pipeline time to run ahead, so only what it makes slower is noise.
    noise = max(max(*timed, *looked) / min(timed) for timed, looked in sides)
    best, worst = (
        pick(*timed, *looked) for pick, (timed, looked) in zip((min, max), sides, strict=True)
    )
    return best > max(_AT_ALL_TIMES, noise) * worst


def _timed_windows(trace: Trace) -> list[float]:
    """Seconds per example in thirds of the time that was only timed, first batches left out."""
    waits: list[Array] = []
    for index, epoch in enumerate(trace.epochs):
        if not epoch.looked:
            chosen = trace.ticks.epoch == index
            waits.append(np.stack([trace.ticks.wait_s[chosen], trace.ticks.size[chosen]])[:, 1:])
    joined = np.concatenate(waits, axis=1) if waits else np.zeros((2, 0))
    parts = np.array_split(joined, min(3, joined.shape[1]) or 1, axis=1)
    return [float(part[0].sum() / part[1].sum()) for part in parts if part.shape[1]]


def _looked_windows(trace: Trace) -> list[float]:
    """The same in each epoch that was looked at, less first epochs where a cache may fill."""
    found: list[float] = []
    for index, epoch in enumerate(trace.epochs):
        chosen = trace.ticks.epoch == index
        examples = int(trace.ticks.size[chosen][1:].sum())
        if epoch.looked and _runs(trace, epoch) and examples:
            found.append(float(trace.ticks.wait_s[chosen][1:].sum()) / examples)
    return found


def _runs(trace: Trace, epoch: Epoch) -> bool:
    """Whether no cache may fill in an epoch."""
    caches = trace.plan is None or any(trace.plan.of_kind("cache"))
    return epoch.number > 0 or (epoch.build > 0 and not caches)
