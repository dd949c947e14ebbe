"""Batches made ahead on one side only, as far as it is written.

## What it does
Reads both plans. Always a note: what is written is not what runs. TensorFlow adds a prefetch by
itself unless its options forbid it, and Keras's `fit` puts a queue between a `PyDataset` and the
step. Whether a step really waits is measured by `waiting-for-data`.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Without anything made ahead, feed and step take turns, and the time of a step is their sum and
not the larger of the two.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).map(lambda x, y: (x / 255, y))
a = data.batch(32).prefetch(AUTOTUNE)
b = data.batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).map(lambda x, y: (x / 255, y))
a = data.batch(32).prefetch(AUTOTUNE)
b = data.batch(32).prefetch(AUTOTUNE)
```

## Fix safety
Safe: the same batches in the same order; a few batches more in memory.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Plan
from twinfeed._core.plan_facts import hides_its_steps, in_memory, may_rewrite
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that prefetches while the other does not say so."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name).plan, twins.side(other).plan
        if mine is None or theirs is None or hides_its_steps(theirs) or in_memory(theirs):
            continue
        prefetch = next(mine.of_kind("prefetch"), None)
        if prefetch is None or any(theirs.of_kind("prefetch")) or _has_workers(theirs):
            continue
        yield MEASURE.finding(
            f"{name} prefetches ({prefetch.where}), {other} does not{_but(theirs)}",
            strength=Strength.READ,
            evidence={
                "side_with_prefetch": name,
                "buffer_batches": prefetch.integer("buffer_size"),
                "other_library": theirs.library,
            },
            fix=Fix(
                f"Prefetch in {other}, too",
                argument(twins.side(other), "prefetch"),
                Safety.SAFE if theirs.library == "tf.data" else Safety.SHOW,
            ),
            size=0.1,
        )


def _has_workers(plan: Plan) -> bool:
    """Whether workers of the library itself make batches ahead."""
    return any(step.parallel_calls != 1 for step in plan.of_kind("source"))


def _but(plan: Plan) -> str:
    """What runs although it is not written."""
    if plan.library == "tf.data":
        if may_rewrite(plan):
            return " (TensorFlow adds a prefetch by itself)"
        return " and its options keep TensorFlow from adding one"
    if "ImageDataGenerator" in plan.library or "PyDataset" in plan.library:
        return " (fit puts a queue of its own behind it)"
    return ""


MEASURE = Measure(
    code="PIP202",
    name="prefetch-on-one-side",
    severity=Severity.NOTE,
    tags=("no-parallel-or-prefetch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
