"""One order that begins at another place.

## What it does
Compares the places of the examples that both sides have. Where nearly all are shifted by one
number of places, one feed began further along in the same order, or went round once.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether one feed begins a batch
further along in the order of the other. Below that the answer is undecided and says how many it
takes.

## Why it matters
A generator and a reader of the older kind remember where they were. After three batches of a
trial, one call of `predict` or one epoch that was cut by `steps_per_epoch`, the next call goes on
from there: predictions are then held against labels of other examples, and a validation of
twenty steps covers another part each time. Keras also draws one batch more than it uses.

## Example
```python
used = [(images[at:at + 20], labels[at:at + 20]) for at in range(0, 400, 20)]
a = lambda: iter(used[3:] + used[:3])
b = lambda: iter(used)
```

Use instead:
```python
used = [(images[at:at + 20], labels[at:at + 20]) for at in range(0, 400, 20)]
a = lambda: iter(used)
b = lambda: iter(used)
```

## Fix safety
Show: the call that moved the reader is in the user's own code.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, order_unknown
from twinfeed.diff._streams._order import offset
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find an order that is the other one, begun elsewhere."""
    found = offset(twins)
    if found is None:
        return
    later = "A" if found > 0 else "B"
    sizes = twins.side(later).ticks.size
    batches = abs(found) / float(sizes[0]) if len(sizes) and sizes[0] else 0.0
    said = f" ({batches:.0f} batches)" if batches >= 1 and batches == round(batches) else ""
    yield MEASURE.finding(
        f"{later} gives the examples in the same order and begins {abs(found):,} further along"
        f"{said}",
        evidence={
            "side": later,
            "places": abs(found),
            "batches": round(batches, 2),
            "examples": len(twins.pairs),
        },
        fix=Fix(
            f"Begin {later} at the beginning",
            "reset() before each call, or a new iterator or generator for each",
        ),
        size=0.5,
    )


MEASURE = Measure(
    code="ORD206",
    name="starts-elsewhere",
    severity=Severity.WARNING,
    tags=("iterator-state-carried-over", "predict-shuffled-misaligned"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="one feed begins a batch further along in the order of the other",
        open=order_unknown,
    ),
)
