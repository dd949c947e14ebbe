"""An argument of `fit` that means nothing for this kind of feed.

## What it does
Compares the arguments of the Keras call with what each kind of feed obeys: `batch_size` concerns arrays
only, `shuffle` arrays and `PyDataset`.

## Why it matters
Keras takes the argument in silence. `fit(dataset, batch_size=128)` trains in the batches of the dataset,
and `shuffle=True` does not shuffle it.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(10)
model.fit(ds, batch_size=128)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(128)
model.fit(ds)
```

## Fix safety
Unsafe: what was meant happens.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import in_memory
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    draws_order_anew,
    ways,
)

_DATASETS = ("tf.data", "grain", "torch", "PyDataset", "ImageDataGenerator", "generator")


def check(subject: Subject) -> Iterator[Answer]:
    """Find what was asked for and does not happen."""
    plan = subject.plan
    if plan is None or in_memory(plan) or not any(name in plan.library for name in _DATASETS):
        return
    for name in ("batch_size", "validation_batch_size"):
        asked = subject.argument(name)
        if not isinstance(asked, int) or isinstance(asked, bool) or name != "batch_size":
            continue
        batch = next((one for one in reversed(plan.steps) if one.kind == "batch"), None)
        size = batch.integer("batch_size") if batch else None
        if size == asked:
            continue
        yield RULE.finding(
            subject,
            f"batch_size={asked:,} has no effect on this feed"
            + (f", whose batches hold {size:,}" if size else ""),
            step=batch,
            evidence={"asked": asked, "batch_examples": size},
            fix=Fix("Set the size where the batches are made", f"batch({asked})", Safety.UNSAFE),
            size=0.6,
        )
    if subject.argument("shuffle") is False and "tf.data" in plan.library:
        mixed = next(
            (
                one
                for line in ways(plan)
                for one in line.of_kind("shuffle")
                if draws_order_anew(one)
            ),
            None,
        )
        if mixed is not None and subject.trains:
            yield RULE.finding(
                subject,
                f"shuffle=False has no effect: {mixed.where} shuffles",
                step=mixed,
                evidence={"asked": False},
                fix=Fix("Leave out what shuffles", "ds without .shuffle(...)", Safety.UNSAFE),
                size=0.5,
            )


RULE = Rule(
    code="FIT101",
    name="argument-without-effect",
    severity=Severity.WARNING,
    tags=("fit-argument-ignored",),
    since="0.2",
    check=check,
    page=__doc__,
)
