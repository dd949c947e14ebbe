"""Shards cut from an order that each worker draws for itself.

## What it does
Looks for `shard` behind a shuffle without a seed.

## Why it matters
Each worker shuffles by itself and keeps every n-th of its own order: some examples go to several
workers, others to none, and which ones changes every epoch.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).shard(4, 0).batch(10)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shard(4, 0).shuffle(1_000).batch(10)
```

## Fix safety
Unsafe: other examples reach this worker, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    is_seeded,
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shard of an unseeded order."""
    if subject.plan is None or subject.plan.library != "tf.data":
        return
    for step, lines in spots(subject.plan, "shard"):
        shards = step.integer("num_shards")
        before = [one for line in lines for one in line.before(step) if one.kind == "shuffle"]
        loose = next((one for one in before if not is_seeded(one)), None)
        if loose is None or shards is None or shards < 2:
            continue
        yield RULE.finding(
            subject,
            f"each of {shards:,} workers draws its own order ({loose.where}) and keeps a part of it:"
            " examples reach several workers or none",
            step=step,
            evidence={"shuffle": loose.where, "shards": shards},
            fix=Fix(
                "Cut the shards first",
                f"ds.shard({shards}, index).shuffle(n)",
                Safety.UNSAFE,
                rewrite="shard-first",
            ),
            size=0.8,
        )


RULE = Rule(
    code="ORD108",
    name="shard-after-shuffle",
    severity=Severity.ERROR,
    tags=("shard-bias",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shard-first",
)
