"""One side does not know its length, or has no end.

## What it does
Compares whether the libraries state a number of batches per epoch: `cardinality()` of a
`tf.data.Dataset`, `len()` of a loader or a `PyDataset`. A feed that states none, and of which each
example came three times or more before the reader stopped its first epoch, is taken to have no end.

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
from twinfeed.diff._streams._epochs import endless, passed, rounds
from twinfeed.diff._twins import EACH_WAY, SideName, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side without a length while the other states its own."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name), twins.side(other)
        no_end = endless(mine)
        stated = _counted(theirs) if no_end else _batches(theirs)
        if stated is None or _batches(mine) is not None:
            continue
        steps = _steps(mine)
        if steps is not None and steps == _steps(theirs):
            continue  # both calls count for themselves
        cut = f"; fit counts {steps:,} steps as one" if isinstance(steps, int) else ""
        yield MEASURE.finding(
            (_said(name, mine) if no_end else f"{name} does not know how long its epochs are")
            + f", {other} has {stated:,} batches per epoch{cut}",
            evidence={
                "side": name,
                "infinite": mine.infinite,
                "times_each_example_came": rounds(mine) or None,
                "other_batches_per_epoch": stated,
                "steps_per_epoch": steps,
            },
            fix=Fix(
                f"Remove .repeat() from {name}, or set steps_per_epoch={stated} in fit"
                if no_end
                else f"Let {name} state its length",
                f"steps_per_epoch={stated} in fit" if no_end else argument(mine, "length"),
            ),
            # A generator, `unbatch` or `filter` is why an epoch that ends has no stated length: what
            # names that step comes first (PIP206 0.15, PIP207 0.14).
            size=0.4 if no_end else 0.13,
            severity=Severity.NOTE if steps is not None or not no_end else None,
        )


def _said(name: SideName, trace: Trace) -> str:
    """That a side has no end, as its library says or as it was seen."""
    if trace.infinite:
        return f"{name}'s epochs have no end"
    return (
        f"{name}'s epoch had not ended when each of its examples had come {rounds(trace):,} times"
    )


def _counted(trace: Trace) -> int | None:
    """Batches of an epoch as stated, else as counted in one that ended."""
    whole = passed(trace)
    return _batches(trace) or (whole[0].batches if whole else None)


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
