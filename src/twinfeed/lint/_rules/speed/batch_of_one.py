"""Batches of one example.

## What it does
Looks for a training feed of at least 100 examples whose batches hold one example, and whose examples are
small.

## Why it matters
Each step moves all weights for one example: the noise of its gradient is as large as it can be, and a
machine that could do 32 at once does one.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(1)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(32)
model.fit(ds)
```

## Fix safety
Unsafe: fewer and larger steps, which want another learning rate.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    element_bytes,
    readable_bytes,
    spots,
)

_LARGE_BYTES = 512 << 10
_LEAST_EXAMPLES = 100


def check(subject: Subject) -> Iterator[Answer]:
    """Find batches of one small example."""
    plan = subject.plan
    if plan is None or not subject.trains:
        return
    for step, lines in spots(plan, "batch"):
        if step.integer("batch_size") != 1 or any(
            one.kind == "batch" for line in lines for one in (*line.before(step), *line.after(step))
        ):
            continue
        before = lines[0].before(step)
        each = element_bytes(before[-1]) if before else None
        if (each or 0) > _LARGE_BYTES or (step.examples_in or _LEAST_EXAMPLES) < _LEAST_EXAMPLES:
            continue  # large pictures are trained on one by one for want of memory
        yield RULE.finding(
            subject,
            "each batch holds one example" + (f" of {readable_bytes(each)}" if each else ""),
            step=step,
            evidence={"example_bytes": each},
            fix=Fix("Train on several examples at once", "ds.batch(32)", Safety.UNSAFE),
            size=0.3,
        )


RULE = Rule(
    code="SPD106",
    name="batch-of-one",
    severity=Severity.NOTE,
    tags=("per-element-overhead",),
    since="0.2",
    check=check,
    page=__doc__,
)
