"""One side gives fewer examples per second, and why.

## What it does
Compares the time per example in passes that were only timed, as a train loop with nothing to do
would take it. The ratio comes with a 95 % interval from blocks of batches (or whole epochs), and
counts only if the whole interval, the middle and the fastest blocks all exceed 1.25: shared
machines drift by 30 %. Of a feed so slow that its first epoch took all the time there was, that
epoch counts where it took eight times as long, and it is said so. The batches of a `PyDataset` are read one after the other, also where it has
several workers: it is called slower where it would be with all of them at work, and what their
number leaves open is undecided. Reasons are taken from the plans and from the time without augmentation.

## From what size
No number of examples decides: it rests on times, and counts what exceeds their scatter.

## Why it matters
Where the feed is slower than the train step, its rate is the speed of the training. Python work
on every image, decoding again in each epoch and maps that run one call at a time are the usual
reasons why one library "is" slower than another.

## Example
```python
def slow(x):
    u = np.linalg.svd(x[..., 0].numpy().astype("float32"))[0]
    return x + np.uint8(abs(u[0, 0]))


def prepare(x, y):
    out = tf.py_function(slow, [x], tf.uint8)
    out.set_shape(x.shape)
    return out, y


data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(prepare).batch(8)
b = data.batch(8)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(8)
b = data.batch(8)
```

## Fix safety
Show: which of the reasons to remove is a choice; a cache is safe where nothing random stands
before it and the decoded data fit into memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan_facts import (
    in_memory,
    is_parallel,
    python_work,
    work_of_each_epoch,
    work_steps,
)
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import Want, argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._singly import one_by_one
from twinfeed.diff._streams._rates import (
    LEAST_BATCHES,
    NOTICED_S,
    Slower,
    rate,
    rough_ratio,
    slower,
    timed_batches,
    unseen_workers,
)
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_SUSPICIOUS = 3.0  # rough ratio below which a busy machine is as good an explanation
_MOST_CHANGES = 2  # a list of everything tells nobody where to begin
_HANGS_ON_WORKERS = 1.5  # ratio from which on a training would notice, if all workers helped
_PART = 0.1  # share of the time that augmentation must take to be named


@dataclass(frozen=True, slots=True)
class _Reason:
    text: str
    want: Want | None


def look(twins: Twins) -> Iterator[Answer]:
    """Name the slower side, by how much, and why."""
    found = slower(twins)
    if found is None:
        yield from _open_question(twins)
        return
    share = _augmentation_share(twins, found)
    reasons = list(_reasons(twins, found, share))
    slow, fast = found.slow.examples_per_s, found.fast.examples_per_s
    why = f": {_listed([reason.text for reason in reasons])}" if reasons else ""
    yield MEASURE.finding(
        f"{found.name} is slower{_so_far(found)}: {_count(slow.value)} examples/s, {found.other}"
        f" {_count(fast.value)} ({_times(found.ratio.value)} times as many, 95 % interval"
        f" {_times(found.ratio.low)} to {_times(found.ratio.high)}){why}",
        evidence={
            "side": found.name,
            "examples_per_s": round(slow.value, 1),
            "examples_per_s_low": round(slow.low, 1),
            "examples_per_s_high": round(slow.high, 1),
            "other_examples_per_s": round(fast.value, 1),
            "other_examples_per_s_low": round(fast.low, 1),
            "other_examples_per_s_high": round(fast.high, 1),
            "ratio": round(found.ratio.value, 3),
            "ratio_low": round(found.ratio.low, 3),
            "ratio_high": round(found.ratio.high, 3),
            "extra_ms_per_batch": round(found.extra_s_per_batch * 1e3, 3),
            "batches_timed": found.slow.batches,
            "other_batches_timed": found.fast.batches,
            "augmentation_share_of_time": None if share is None else round(share, 3),
        },
        fix=_fix(twins.side(found.name), found, reasons),
        size=min(0.95, 0.2 + 0.06 * found.ratio.low),
        severity=None if found.matters else Severity.NOTE,
    )


def _so_far(found: Slower) -> str:
    """What was read of a side so slow that there was no time for a second epoch."""
    return (
        " in its first epoch, beyond which there was no time to read" if found.first_epoch else ""
    )


def _open_question(twins: Twins) -> Iterator[Answer]:
    """Two feeds that look unequally fast, of which too little was timed to say so."""
    for name, other in EACH_WAY:
        few = min(timed_batches(twins.left), timed_batches(twins.right))
        seen = rough_ratio(twins.side(name), twins.side(other))
        if few < LEAST_BATCHES and seen is not None and seen > _SUSPICIOUS:
            yield MEASURE.undecided(
                f"whether {name} is slower than {other}: it took about {_times(seen)} times as"
                f" long per example, but only {few} batches were timed",
                f"at least {LEAST_BATCHES} timed batches of each: a longer timing_s",
            )
            return
    for name, other in EACH_WAY:
        if workers := _workers_decide(twins, name, other):
            yield MEASURE.undecided(
                f"whether {name} is slower than {other} in a training: the batches of {other} were"
                f" read one after the other, and its {workers} workers make as many at once",
                "a training with each feed: twinfeed trace, or the speed of an epoch of fit",
            )
            return


def _workers_decide(twins: Twins, name: SideName, other: SideName) -> int:
    """Workers of the other side that would make this one the slower, if all helped; else 0."""
    workers = unseen_workers(twins.side(other))
    rates = rate(twins.side(name)), rate(twins.side(other))
    if workers <= unseen_workers(twins.side(name)) or rates[0] is None or rates[1] is None:
        return 0
    mine, theirs = (found.s_per_example for found in rates if found is not None)
    per_batch = float(np.median(twins.side(other).ticks.size))
    gained = mine - theirs / workers
    return (
        workers
        if mine * workers > _HANGS_ON_WORKERS * theirs and gained * per_batch > NOTICED_S
        else 0
    )


def _augmentation_share(twins: Twins, found: Slower) -> float | None:
    """Share of the slower side's time that its random augmentation takes, where measured."""
    plain_s = twins.side(found.name).plain_s_per_example
    if plain_s is None or not 0 < plain_s < found.slow.s_per_example:
        return None
    return 1 - plain_s / found.slow.s_per_example


def _reasons(twins: Twins, found: Slower, share: float | None) -> Iterator[_Reason]:
    slow, fast = twins.side(found.name).plan, twins.side(found.other).plan
    if slow is not None and (what := python_work(slow)) and not python_work(fast):
        yield _Reason(f"each example passes through {what}", "no python")
    if share is not None and share >= _PART:
        yield _Reason(f"its random augmentation takes {share:.0%} of the time", None)
    if slow is None or fast is None or in_memory(slow):
        return
    if work_steps(slow) and not is_parallel(slow) and is_parallel(fast):
        yield _Reason("its maps run one call at a time", "parallel")
    if (not python_work(slow) or python_work(fast)) and (single := one_by_one(slow, fast)):
        yield _Reason(f"it {single.does} where the other {single.keeps}", "whole batches")
    again = work_of_each_epoch(slow)
    if again and not work_of_each_epoch(fast) and (work_steps(fast) or in_memory(fast)):
        kinds = ", ".join(dict.fromkeys(step.kind for step in again))
        cached = "behind its cache" if any(slow.of_kind("cache")) else "no cache"
        yield _Reason(f"it does work anew in each epoch ({kinds}; {cached})", "cache")
    if any(fast.of_kind("prefetch")) and not any(slow.of_kind("prefetch")):
        yield _Reason("it does not prefetch", "prefetch")


def _fix(trace: Trace, found: Slower, reasons: list[_Reason]) -> Fix | None:
    wants: list[Want] = [reason.want for reason in reasons if reason.want is not None]
    if not wants:
        return None
    return Fix(
        f"Make {found.name} faster, the first change first",
        "; then ".join(argument(trace, want) for want in wants[:_MOST_CHANGES]),
    )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _count(value: float) -> str:
    """Three digits are all that a timing on a shared machine can carry."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 10 else f"{value:.2g}"


def _times(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}"


MEASURE = Measure(
    code="SPD202",
    name="slower-feed",
    severity=Severity.WARNING,
    tags=("python-bottleneck", "no-parallel-or-prefetch", "per-element-overhead"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.TIMES,
)
