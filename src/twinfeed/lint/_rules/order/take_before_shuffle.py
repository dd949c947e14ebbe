"""A part taken in the order of storage.

## What it does
Looks for a training feed that takes its first examples, of a known number, before anything was
shuffled.

## Why it matters
Stored data lie sorted by class, camera or day more often than not; the first tenth is then no small
picture of the whole, but one corner of it.

## Example
```python
ds = tf.data.Dataset.range(1_000).take(100).shuffle(100).batch(10)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000, seed=1, reshuffle_each_iteration=False).take(100)
ds = ds.shuffle(100).batch(10)
model.fit(ds)
```

## Fix safety
Unsafe: other examples are taken, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a part of what was never mixed."""
    plan = subject.plan
    if plan is None or not subject.trains:
        return
    for step, lines in spots(plan, "take"):
        count, reaching = step.integer("count"), step.examples_in
        taken = None if count is None else count * (step.per_element or 1)
        if taken is None or reaching is None or not 0 <= taken < reaching:
            continue
        if any(one.kind in {"shuffle", "repeat"} for line in lines for one in line.before(step)):
            continue
        if any(one.name == "SkipDataset" for line in lines for one in line.before(step)):
            continue
        if _is_split(subject):
            continue  # whether its parts differ is asked of the data
        yield RULE.finding(
            subject,
            f"the first {taken:,} of {reaching:,} examples are taken in the order of storage;"
            " nothing was shuffled before",
            step=step,
            evidence={"taken_examples": taken, "examples": reaching},
            fix=Fix(
                "Shuffle once, by a seed, before a part is taken",
                f"ds.shuffle({reaching}, seed=1, reshuffle_each_iteration=False).take({count})",
                Safety.UNSAFE,
                rewrite="shuffle-before-take",
            ),
            size=0.3,
        )


def _is_split(subject: Subject) -> bool:
    """Whether the rest goes to another branch, or to another feed of the run."""
    plans = [one.plan for one in (subject, *subject.others) if one.plan is not None]
    return any(step.name == "SkipDataset" for plan in plans for step in plan.everything())


RULE = Rule(
    code="ORD107",
    name="take-before-shuffle",
    severity=Severity.NOTE,
    tags=("split-not-random",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-before-take",
)
