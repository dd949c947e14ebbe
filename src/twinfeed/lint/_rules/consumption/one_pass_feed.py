"""A feed that can be read once, for a training of several epochs.

## What it does
Looks for a Python generator or an iterator that is handed to `fit` with `epochs` above 1 and without
`steps_per_epoch`.

## Why it matters
A generator that has ended stays ended: the second epoch finds nothing, and training stops with a warning
that the data ran out. One that goes on starts the second epoch wherever the first one stopped.

## Example
```python
def batches():
    for _ in range(10):
        yield np.zeros((4, 2), np.float32), np.zeros(4)

model.fit(batches(), epochs=5)
```

Use instead:
```python
def batches():
    for _ in range(10):
        yield np.zeros((4, 2), np.float32), np.zeros(4)

ds = tf.data.Dataset.from_generator(batches, output_types=(tf.float32, tf.float32))
model.fit(ds, epochs=5)
```

## Fix safety
Needs your code: something that can be begun again.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find a generator that several epochs share."""
    plan = subject.plan
    if plan is None or "Python generator" not in plan.library or not subject.trains:
        return
    epochs, start = subject.argument("epochs"), subject.argument("initial_epoch", 0)
    if not isinstance(epochs, int) or not isinstance(start, int) or epochs - start < 2:
        return
    if subject.argument("steps_per_epoch"):
        return
    yield RULE.finding(
        subject,
        f"a Python generator is to feed {epochs - start:,} epochs and can be read once",
        step=plan.steps[0] if plan.steps else None,
        evidence={"epochs": epochs - start},
        fix=Fix(
            "Hand in what can be begun again",
            "tf.data.Dataset.from_generator(make_generator, output_signature=...)",
        ),
        size=0.7,
    )


RULE = Rule(
    code="FIT102",
    name="one-pass-feed",
    severity=Severity.WARNING,
    tags=("iterator-state-carried-over", "epoch-length-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
