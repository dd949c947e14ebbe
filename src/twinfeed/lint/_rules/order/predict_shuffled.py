"""Predictions from a feed that shuffles.

## What it does
Looks for a shuffle in a feed that `predict` reads.

## Why it matters
`predict` gives its rows in the order in which the feed gave the examples. Held against file names or
labels in the order of storage, a good model scores like a coin.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(32)
model.predict(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).batch(32)
model.predict(ds)
```

## Fix safety
Unsafe: the order changes, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shuffle where predictions are made."""
    if subject.plan is None or subject.use.role != "predict":
        return
    for step, _ in spots(subject.plan, "shuffle"):
        if step.name == "fit":
            continue
        yield RULE.finding(
            subject,
            "the examples to predict are shuffled, so the rows of the result are in an order that no"
            " list of names or labels has",
            step=step,
            evidence={"buffer_examples": step.integer("buffer_size")},
            fix=Fix("Predict in the order of storage", _code(subject.plan), Safety.UNSAFE),
            size=0.6,
        )


def _code(plan: Plan) -> str:
    if "ImageDataGenerator" in plan.library:
        return "flow_from_directory(..., shuffle=False)"
    return "shuffle=False" if plan.library != "tf.data" else "leave out .shuffle(...)"


RULE = Rule(
    code="ORD110",
    name="predict-shuffled",
    severity=Severity.WARNING,
    tags=("predict-shuffled-misaligned",),
    since="0.2",
    check=check,
    page=__doc__,
)
