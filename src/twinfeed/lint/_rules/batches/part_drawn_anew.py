"""A split taken from an order that changes in each epoch.

## What it does
Looks for `take` or `skip` behind a shuffle that draws anew in each pass, where another feed of the run
takes the rest or the feed is evaluated on; for `skip` also where the rest is not in sight.

## Why it matters
`shuffle(n).take(k)` and `shuffle(n).skip(k)` of one dataset are two parts in the first epoch only. From
the second on most validation examples were trained on, and the validation score follows the training.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000, seed=1)
model.fit(ds.skip(200).batch(10), validation_data=ds.take(200).batch(10), epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000, seed=1, reshuffle_each_iteration=False)
model.fit(ds.skip(200).shuffle(800).batch(10), validation_data=ds.take(200).batch(10), epochs=5)
```

## Fix safety
Unsafe: the parts stay what they are, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    draws_order_anew,
    takes_a_part,
    ways,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find parts of an order that does not stay."""
    plan = subject.plan
    if plan is None:
        return
    found = _redrawn(plan)
    if found is None:
        return
    shuffle, part = found
    apart = any(other.plan is not None and _redrawn(other.plan) for other in subject.others)
    verb = "skip" if part.name == "SkipDataset" else part.kind
    alone = not apart and not subject.evaluates
    if alone and verb != "skip":
        return  # `take` also makes an epoch short
    yield RULE.finding(
        subject,
        f"{verb} cuts its part from an order that {shuffle.where} draws anew in each pass, so "
        + (
            "other examples are left out each time"
            if alone
            else "examples of training and validation change places"
        ),
        step=shuffle,
        evidence={"part": part.where, "buffer_examples": shuffle.integer("buffer_size")},
        fix=Fix(
            "Keep the order in which the parts are cut",
            "ds.shuffle(n, seed=1, reshuffle_each_iteration=False)",
            Safety.UNSAFE,
            rewrite="shuffle-once",
        ),
        size=1.0,
        severity=Severity.WARNING if alone else None,
    )


def _redrawn(plan: Plan) -> tuple[Step, Step] | None:
    for line in ways(plan):
        for shuffle in line.of_kind("shuffle"):
            if not draws_order_anew(shuffle) or shuffle.name not in _ANEW:
                continue
            for step in line.after(shuffle):
                if step.kind == "cache":
                    break
                if takes_a_part(step):
                    return shuffle, step
    return None


_ANEW = frozenset({"ShuffleDataset", "ShuffleDatasetV2", "ShuffleDatasetV3"})
"""Shuffles of ``tf.data``; those of Grain draw by a seed and the number of the epoch."""


RULE = Rule(
    code="BAT105",
    name="part-drawn-anew",
    severity=Severity.ERROR,
    tags=("split-leak",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-once",
)
