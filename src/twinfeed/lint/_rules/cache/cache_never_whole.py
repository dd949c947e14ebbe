"""A cache that is never completed, so its work is done again.

## What it does
Looks for a cache behind an endless `repeat`, or in front of a `take` that stops before its end.

## Why it matters
A cache is replayed only once it was read to its end. Behind `repeat()` there is no end, and it grows
until memory is gone; in front of `take(n)` each epoch starts it anew and throws it away.

## Example
```python
ds = tf.data.Dataset.range(1_000).cache().take(100).batch(10)
model.fit(ds, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).take(100).cache().batch(10)
model.fit(ds, epochs=5)
```

## Fix safety
Safe where the cache moves behind `take`: the same examples in the same order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
    takes_a_part,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a cache that cannot be completed."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "cache"):
        line = lines[0]
        repeat = next((one for one in line.before(step) if repeats(one)), None)
        part = next(
            (one for one in line.after(step) if one.kind == "take" and takes_a_part(one)), None
        )
        if repeat is not None:
            endless = repeat.settings.get("count") in {-1, None}
            effect = (
                "it has no end, is never whole and grows with every epoch"
                if endless
                else "it keeps each example once per repetition"
            )
            yield RULE.finding(
                subject,
                f"the cache stands behind {repeat.where}, so {effect}",
                step=step,
                evidence={"repeat": repeat.where, "repetitions": repeat.integer("count")},
                fix=Fix(
                    "Cache one pass, then repeat",
                    "ds.cache().repeat()",
                    Safety.SAFE,
                    rewrite="move-cache",
                ),
                size=0.9 if endless else 0.4,
                severity=Severity.ERROR if endless else None,
            )
        elif part is not None and part.examples_in is not None and not _mixed(line, step, part):
            yield RULE.finding(
                subject,
                f"{part.where} stops before the cache is whole, so every epoch makes its examples"
                " again",
                step=step,
                evidence={"take": part.where, "taken": part.integer("count")},
                fix=Fix(
                    "Take first, then cache",
                    "ds.take(n).cache()",
                    Safety.SAFE,
                    rewrite="move-cache",
                ),
                size=0.5,
            )


def _mixed(line: Plan, step: Step, part: Step) -> bool:
    """Whether a shuffle between the two reads the cache to its end all the same."""
    between = line.after(step)[: line.after(step).index(part)]
    return any(
        one.kind == "shuffle" and (one.integer("buffer_size") or 0) >= (one.examples_in or 1 << 60)
        for one in between
    )


RULE = Rule(
    code="CCH103",
    name="cache-never-whole",
    severity=Severity.WARNING,
    tags=("cache-incomplete",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="move-cache",
)
