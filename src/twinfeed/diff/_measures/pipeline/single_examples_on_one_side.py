"""Work on single examples on one side that the other does on whole batches.

## What it does
Reads both plans: whether steps that make examples stand before `batch` or behind it, whether a
generator gives single examples or batches, whether a map loops over its batch (`map_fn`), and whether
batches are taken apart again by `unbatch`. Where that side was also measured to be slower, the slower
feed (SPD202) is named instead, with this as its reason.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Each call of a map, each element of a generator and each pass from step to step costs some
microseconds, whatever is in it. For small examples that is nearly all the time; on whole batches it
is paid once for all of them. Where a call takes milliseconds, as to decode a photo, it does not show.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(lambda x, y: (x / 255, y)).batch(32)
b = data.batch(32).map(lambda x, y: (x / 255, y))
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32).map(lambda x, y: (x / 255, y))
b = data.batch(32).map(lambda x, y: (x / 255, y))
```

## Fix safety
Show: a function that treats the first axis as height, or draws one random number per call, does
something else to a whole batch.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.plan_facts import python_work
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._singly import one_by_one
from twinfeed.diff._streams._rates import slower
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that handles examples one by one while the other handles batches."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name).plan, twins.side(other).plan
        if mine is None or theirs is None:
            continue
        if python_work(mine) and not python_work(theirs):
            continue  # that each example passes through Python is said already, and costs more
        found = one_by_one(mine, theirs)
        gap = slower(twins)
        if found is None or (gap is not None and gap.name == name):
            continue  # where the clock shows it, the slower feed is named with this as its reason
        yield MEASURE.finding(
            f"{name} {found.does}, {other} {found.keeps}; each such call has a cost of its own",
            strength=Strength.READ,
            evidence={"side": name, "step": found.step.where},
            fix=Fix(
                f"Let {name} handle whole batches", argument(twins.side(name), "whole batches")
            ),
            size=0.14,
        )


MEASURE = Measure(
    code="PIP207",
    name="single-examples-on-one-side",
    severity=Severity.NOTE,
    tags=("per-element-overhead",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
