"""A long wait for the first batch on one side.

## What it does
Takes the time to the first batch of the first epoch, for each build of the pipeline that was
read, less what a later batch takes. One side must be slower in its best case than the other in
its worst, at least twice and by at least 0.3 seconds.

## From what size
No number of examples decides: it rests on times, and counts what exceeds their scatter.

## Why it matters
A shuffle behind decoding or augmentation fills its buffer with finished examples before the
first one comes out: a start of minutes with large images, at each epoch, and memory to match.
Shuffling names, indices or undecoded records first costs next to nothing.

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
from twinfeed._core.plan_facts import example_shuffles, work_steps
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, Twins

_TIMES = 2.0
_LEAST_S = 0.3
_GRAVE_S = 2.0  # a wait per epoch that a user notices


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the waits for the first batch, the best of one side with the worst of the other."""
    for name, other in EACH_WAY:
        mine, theirs = _waits(twins.side(name)), _waits(twins.side(other))
        if not mine or not theirs:
            continue
        least, most = min(mine), max(theirs)
        if least < _TIMES * most or least - most < _LEAST_S:
            continue
        trace = twins.side(name)
        where = _shuffle_of_finished_work(trace)
        again = _later_epochs(trace)
        yield MEASURE.finding(
            f"{name} needs {least:.2g} s to its first batch, {other} {most:.2g} s"
            + (f", because its shuffle ({where}) fills up with finished examples" if where else "")
            + (f"; each epoch waits again ({again:.2g} s)" if again > _LEAST_S else ""),
            evidence={
                "side": name,
                "first_batch_s": round(least, 3),
                "other_first_batch_s": round(most, 3),
                "builds": len(mine),
                "other_builds": len(theirs),
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
            severity=None if least - most > _GRAVE_S else Severity.NOTE,
        )


def _waits(trace: Trace) -> list[float]:
    """Seconds to the first batch of each build, less those of a later batch."""
    if trace.role != "feed":
        return []
    return [
        max(0.0, found)
        for index, epoch in enumerate(trace.epochs)
        if epoch.number == 0 and (found := _excess(trace, index)) is not None
    ]


def _later_epochs(trace: Trace) -> float:
    """The same for the later epochs of the first build, their median; 0 without any."""
    found = [
        excess
        for index, epoch in enumerate(trace.epochs)
        if epoch.number > 0 and (excess := _excess(trace, index)) is not None
    ]
    return float(np.median(found)) if found else 0.0


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
        if any(before in work for before in trace.plan.before(step)):
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
