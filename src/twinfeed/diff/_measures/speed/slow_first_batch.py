"""A long wait for the first batch on one side.

## What it does
Takes the time to the first batch of the first epoch, for each build of the pipeline that was
read, less what a later batch takes. One side must be slower in its best case than the other in
its worst, at least twice and by at least 0.3 seconds. Where both start alike, the same is asked of
the later epochs. It is a note unless the wait is above 2 seconds or makes whole later epochs twice
as long.

## From what size
No number of examples decides: it rests on times, and counts what exceeds their scatter.

## Why it matters
A shuffle behind decoding or augmentation fills its buffer with finished examples before the
first one comes out: a start of minutes with large images, at each epoch, and memory to match.
Shuffling names, indices or undecoded records first costs next to nothing. A torch `DataLoader`
starts its workers anew in each epoch, with whatever they open and load, unless they persist.

## Example
```python
def slow(x):
    for _ in range(5):
        u = np.linalg.svd(x[..., 0].numpy().astype("float32"))[0]
    return x + np.uint8(abs(u[0, 0]))


def prepare(x, y):
    out = tf.py_function(slow, [x], tf.uint8)
    out.set_shape(x.shape)
    return out, y


data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(prepare).shuffle(400).batch(8)
b = data.shuffle(400).map(prepare).batch(8)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).batch(8)
b = data.shuffle(400).batch(8)
```

## Fix safety
Unsafe: the order of the examples changes.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import example_shuffles, mixes_places, work_steps
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_TIMES = 2.0
_LEAST_S = 0.3
_GRAVE_S = 2.0  # a wait per epoch that a user notices
_LEAST_EPOCHS = 2  # later ones, of either side


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the waits for the first batch, the best of one side with the worst of the other."""
    for name, other in EACH_WAY:
        trace, against = twins.side(name), twins.side(other)
        first = _longer(_waits(trace), _waits(against), least=1)
        later = _longer(_later_waits(trace), _later_waits(against), least=_LEAST_EPOCHS)
        if first is not None:
            yield _at_first(twins, name, other, first)
        elif later is not None:
            yield _in_each(twins, name, other, later)


def _longer(mine: list[float], theirs: list[float], *, least: int) -> tuple[float, float] | None:
    """The least wait of one side and the most of the other, where the first is surely longer."""
    if min(len(mine), len(theirs)) < least:
        return None
    shortest, longest = min(mine), max(theirs)
    surely = shortest >= _TIMES * longest and shortest - longest >= _LEAST_S
    return (shortest, longest) if surely else None


def _at_first(twins: Twins, name: SideName, other: SideName, waits: tuple[float, float]) -> Answer:
    least, most = waits
    trace = twins.side(name)
    where = _shuffle_of_finished_work(trace)
    later = _later_waits(trace)
    again = float(np.median(later)) if later else 0.0
    return MEASURE.finding(
        f"{name} needs {least:.2g} s to its first batch, {other} {most:.2g} s"
        + (f", because its shuffle ({where}) fills up with finished examples" if where else "")
        + (f"; each epoch waits again ({again:.2g} s)" if again > _LEAST_S else ""),
        evidence={
            "side": name,
            "first_batch_s": round(least, 3),
            "other_first_batch_s": round(most, 3),
            "builds": len(_waits(trace)),
            "other_builds": len(_waits(twins.side(other))),
            "later_epochs_first_batch_s": round(again, 3),
        },
        fix=Fix(
            f"Shuffle {name} before its examples are made",
            "move .shuffle(...) in front of .map(...)"
            if where
            else "less work before the first batch: a smaller buffer, or names shuffled first",
            Safety.UNSAFE,
        ),
        size=min(0.6, 0.1 + 0.1 * (least - most)),
        severity=_severity(twins, name, other, least - most),
    )


def _in_each(twins: Twins, name: SideName, other: SideName, waits: tuple[float, float]) -> Answer:
    least, most = waits
    mine, theirs = (max(_waits(twins.side(side)), default=0.0) for side in (name, other))
    plan = twins.side(name).plan
    workers = plan is not None and any(
        step.settings.get("num_workers") for step in plan.of_kind("source")
    )
    return MEASURE.finding(
        f"{name} needs {least:.2g} s to the first batch of each later epoch, {other} {most:.2g} s"
        f" (in their first epochs {mine:.2g} s and {theirs:.2g} s)",
        evidence={
            "side": name,
            "later_epochs_first_batch_s": round(least, 3),
            "other_later_epochs_first_batch_s": round(most, 3),
            "later_epochs": len(_later_waits(twins.side(name))),
            "other_later_epochs": len(_later_waits(twins.side(other))),
        },
        fix=Fix(
            f"Let {name} keep what it made in its first epoch",
            "DataLoader(..., persistent_workers=True)"
            if workers
            else "a cache behind the work, or what is opened and loaded kept between epochs",
        ),
        size=min(0.6, 0.1 + 0.1 * (least - most)),
        severity=_severity(twins, name, other, least - most),
    )


def _severity(twins: Twins, name: SideName, other: SideName, longer_s: float) -> Severity | None:
    """A note, but for a wait that a training would notice."""
    mine, theirs = (_whole_later_epochs(twins.side(side)) for side in (name, other))
    twice = bool(mine and theirs) and min(mine) >= _TIMES * max(theirs)
    return None if twice or longer_s > _GRAVE_S else Severity.NOTE


def _waits(trace: Trace) -> list[float]:
    """Seconds to the first batch of each build, less those of a later batch."""
    if trace.role != "feed":
        return []
    return [
        max(0.0, found)
        for index, epoch in enumerate(trace.epochs)
        if epoch.number == 0 and (found := _excess(trace, index)) is not None
    ]


def _later_waits(trace: Trace) -> list[float]:
    """The same for the later epochs of the first build."""
    if trace.role != "feed":
        return []
    return [
        max(0.0, found)
        for index, epoch in enumerate(trace.epochs)
        if epoch.build == 0 and epoch.number > 0 and (found := _excess(trace, index)) is not None
    ]


def _whole_later_epochs(trace: Trace) -> list[float]:
    """Seconds of each later epoch that was read to its end."""
    return [
        float(trace.ticks.wait_s[trace.ticks.epoch == index].sum())
        for index, epoch in enumerate(trace.epochs)
        if epoch.build == 0 and epoch.number > 0 and epoch.ended
    ]


def _excess(trace: Trace, index: int) -> float | None:
    waits = trace.ticks.wait_s[trace.ticks.epoch == index]
    if not len(waits):
        return None
    return float(waits[0]) - (float(np.median(waits[1:])) if len(waits) > 1 else 0.0)


def _shuffle_of_finished_work(trace: Trace) -> str | None:
    """The shuffle that stands behind the work on the examples."""
    if trace.plan is None:
        return None
    work = work_steps(trace.plan)
    for step in example_shuffles(trace.plan):
        if not mixes_places(step) and any(before in work for before in trace.plan.before(step)):
            return step.where
    return None


MEASURE = Measure(
    code="SPD201",
    name="slow-first-batch",
    severity=Severity.WARNING,
    tags=("heavy-buffer", "shuffle-misplaced"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.TIMES,
)
