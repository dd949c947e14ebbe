"""A cache on one side, none on the other.

## What it does
Reads both plans. The finding weighs more where the side without a cache was also measured to be
slower; without that it is a note, because a cache of what is in memory already saves nothing.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Without a cache each epoch reads, decodes and resizes every image again. Decoding is most of the
work of a feed of photographs, so later epochs can be several times as fast with one.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).map(lambda x, y: (x / 255, y))
a = data.cache().batch(32)
b = data.batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).map(lambda x, y: (x / 255, y))
a = data.cache().batch(32)
b = data.cache().batch(32)
```

## Fix safety
Safe where nothing random stands before the cache and the examples fit into memory.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.plan_facts import hides_its_steps, in_memory, work_steps
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._rates import slower
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side with a cache while the other has none and could use one."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name).plan, twins.side(other).plan
        if mine is None or theirs is None or hides_its_steps(theirs) or in_memory(theirs):
            continue
        cache = next(mine.of_kind("cache"), None)
        if cache is None or any(theirs.of_kind("cache")):
            continue
        gap = slower(twins)
        slow = gap is not None and gap.name == other and bool(work_steps(theirs))
        again = ", ".join(dict.fromkeys(step.kind for step in work_steps(theirs)))
        yield MEASURE.finding(
            f"{name} caches ({cache.where}), {other} does not"
            + (f" and does its work ({again}) again in each epoch" if again else ""),
            strength=Strength.READ,
            evidence={
                "side_with_cache": name,
                "cache": cache.where,
                "time_ratio": round(gap.ratio.value, 3) if slow and gap else None,
            },
            fix=Fix(f"Cache in {other}, too", argument(twins.side(other), "cache")),
            size=min(0.35, 0.15 + (0.05 * gap.ratio.low if slow and gap else 0)),
            severity=Severity.WARNING if slow and gap and gap.matters else None,
        )


MEASURE = Measure(
    code="PIP201",
    name="cache-on-one-side",
    severity=Severity.NOTE,
    tags=("no-parallel-or-prefetch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
