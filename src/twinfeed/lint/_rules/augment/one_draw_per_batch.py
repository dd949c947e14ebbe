"""One random number for a whole batch.

## What it does
Looks for a single random number, drawn behind `batch`, that changes every example of the batch alike.

## Why it matters
`tf.image.random_brightness` and its kind draw one number per call. Behind `batch` all images of a batch
get the same change: fewer different views per epoch, and batches that differ as wholes.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.batch(32).map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.3), y))
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.3), y)).batch(32)
```

## Fix safety
Unsafe: each example gets a number of its own, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find scalars that are drawn for batches."""
    plan = subject.plan
    if plan is None or subject.evaluates:
        return
    for step, lines in spots(plan, "augment"):
        batch = next((one for one in reversed(lines[0].before(step)) if one.kind == "batch"), None)
        if batch is None or not is_batched(lines[0], step) or batch.integer("batch_size") == 1:
            continue
        scalars = [act for act in step.acts if act.settings.get("scalar") and act.reaches]
        changed = [act for act in step.acts if act.settings.get("drawn") and act.reaches]
        if not scalars or not changed:
            continue
        size = batch.integer("batch_size")
        yield RULE.finding(
            subject,
            f"one random number is drawn for all {f'{size:,} ' if size else ''}examples of a batch"
            f" ({scalars[0].op})",
            step=step,
            evidence={"batch_examples": size, "draws": len(scalars)},
            fix=Fix("Draw per example, before batch", "ds.map(augment).batch(n)", Safety.UNSAFE),
            size=0.3,
        )


RULE = Rule(
    code="AUG106",
    name="one-draw-per-batch",
    severity=Severity.NOTE,
    tags=("augment-semantics",),
    since="0.2",
    check=check,
    page=__doc__,
)
