"""A last batch of a handful of examples, with the weight of a whole one.

## What it does
Divides the examples of a training epoch by the batch size. A single example in the last batch is a
warning, less than an eighth of a batch a note.

## Why it matters
Each batch makes one step of the same length. Two examples in the last one count as much as 64 others,
and batch normalisation of one example divides by zero or nearly so.

## Example
```python
ds = tf.data.Dataset.range(1_001).shuffle(1_001).batch(50)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_001).shuffle(1_001).batch(50, drop_remainder=True)
model.fit(ds)
```

## Fix safety
Unsafe: a few examples are left out of each epoch, others each time where the feed shuffles.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import is_batched, repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)

_SMALL = 1 / 8


def check(subject: Subject) -> Iterator[Answer]:
    """Find a short last batch."""
    plan = subject.plan
    if plan is None or not subject.trains:
        return
    for step, lines in spots(plan, "batch"):
        size, reaching = step.integer("batch_size"), step.examples_in
        if not size or not reaching or step.settings.get("drop_remainder"):
            continue
        if is_batched(lines[0], step) or any(
            repeats(one) and one.integer("count") == -1 for one in lines[0].before(step)
        ):
            continue
        if any(
            one.kind in {"batch", "take"} or one.name == "SkipDataset"
            for one in lines[0].after(step)
        ):
            continue
        left = reaching % size
        if not left or reaching < size or left >= size * _SMALL:
            continue
        yield RULE.finding(
            subject,
            f"the last of {-(-reaching // size):,} batches holds {left:,} of {size:,} examples and makes a"
            " step as large as any other",
            step=step,
            evidence={"examples": reaching, "batch_examples": size, "last_batch_examples": left},
            fix=Fix(
                "Leave the rest out, or choose another size",
                f"batch({size}, drop_remainder=True)",
                Safety.UNSAFE,
            ),
            size=0.4 if left == 1 else 0.2,
            severity=Severity.WARNING if left == 1 else None,
        )


RULE = Rule(
    code="BAT102",
    name="tiny-last-batch",
    severity=Severity.NOTE,
    tags=("partial-last-batch",),
    since="0.2",
    check=check,
    page=__doc__,
)
