"""More steps than batches, or steps that cut an epoch in the middle.

## What it does
Compares `steps_per_epoch` and `epochs` with the batches of a feed that does not repeat.

## Why it matters
Keras goes on where the last epoch stopped. With fewer steps than batches epochs alternate in length and
end in the middle; with more, training stops with "ran out of data".

## Example
```python
ds = tf.data.Dataset.range(1_000).batch(10)
model.fit(ds, steps_per_epoch=150, epochs=2)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).repeat().batch(10)
model.fit(ds, steps_per_epoch=100, epochs=2)
```

## Fix safety
Unsafe: epochs get another length.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find steps that do not fit the data."""
    plan = subject.plan
    steps, batches = subject.argument("steps_per_epoch"), subject.batches
    if plan is None or plan.library == "arrays" or not subject.trains or not isinstance(steps, int):
        return
    if batches is None or steps == batches or steps < 1:
        return
    epochs = subject.argument("epochs", 1)
    if steps > batches:
        sentence = (
            f"an epoch of {steps:,} steps is asked of a feed of {batches:,} batches that does not repeat:"
            " the data run out"
        )
    elif isinstance(epochs, int) and epochs > 1 and batches % steps:
        sentence = (
            f"epochs of {steps:,} steps are cut from passes of {batches:,} batches: each goes on where"
            f" the last one stopped, and every {-(-batches // steps):,}th is shorter"
        )
    else:
        return
    yield RULE.finding(
        subject,
        sentence,
        step=plan.steps[-1] if plan.steps else None,
        evidence={"steps_per_epoch": steps, "batches": batches, "epochs": epochs},
        fix=Fix("Repeat the feed, or leave steps_per_epoch out", "ds.repeat()", Safety.UNSAFE),
        size=0.7 if steps > batches else 0.4,
        severity=Severity.ERROR if steps > batches else None,
    )


RULE = Rule(
    code="BAT103",
    name="steps-beyond-data",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch", "iterator-state-carried-over"),
    since="0.2",
    check=check,
    page=__doc__,
)
