"""One side does not know its length, or has no end.

## What it does
Compares whether the libraries state a number of batches per epoch: `cardinality()` of a
`tf.data.Dataset`, `len()` of a loader or a `PyDataset`.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
`fit` needs `steps_per_epoch` for a feed without an end, and an epoch is then whatever that
number says. A feed of unknown length shows no total in its first epoch, and schedules that
count steps cannot be computed from it. `filter`, `flat_map`, `from_generator` and
`ignore_errors` make a length unknown, `repeat()` makes it infinite.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.repeat().batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32)
```

## Fix safety
Show: `steps_per_epoch` belongs to the call of `fit`.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan import Setting
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side without a length while the other states its own."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name), twins.side(other)
        stated = _batches(theirs)
        if stated is None or _batches(mine) is not None:
            continue
        steps = _steps(mine)
        if steps is not None and steps == _steps(theirs):
            continue  # both calls count for themselves
        cut = f"; fit counts {steps:,} steps as one" if isinstance(steps, int) else ""
        yield MEASURE.finding(
            (
                f"{name}'s epochs have no end"
                if mine.infinite
                else f"{name} does not know how long its epochs are"
            )
            + f", {other} has {stated:,} batches per epoch{cut}",
            evidence={
                "side": name,
                "infinite": mine.infinite,
                "other_batches_per_epoch": stated,
                "steps_per_epoch": steps,
            },
            fix=Fix(
                f"Remove .repeat() from {name}, or set steps_per_epoch={stated} in fit"
                if mine.infinite
                else f"Let {name} state its length",
                f"steps_per_epoch={stated} in fit" if mine.infinite else argument(mine, "length"),
            ),
            size=0.4 if mine.infinite else 0.2,
            severity=Severity.NOTE if steps is not None or not mine.infinite else None,
        )


def _batches(trace: Trace) -> int | None:
    return trace.fit.batches if trace.fit and trace.fit.batches is not None else trace.batches


def _steps(trace: Trace) -> Setting:
    argument = "steps_per_epoch" if trace.role == "fit" else "steps"
    return trace.fit.arguments.get(argument) if trace.fit else None


MEASURE = Measure(
    code="BAT204",
    name="unknown-or-infinite-length",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
