"""An evaluation that leaves examples out.

## What it does
Looks at feeds that a model is evaluated on, or predicts from, for `drop_remainder=True` and for
fewer steps than batches.

## Why it matters
The score is that of other examples than the ones in the table of a paper, and of the same ones each
time only by luck.

## Example
```python
ds = tf.data.Dataset.range(1_000).batch(64, drop_remainder=True)
model.evaluate(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).batch(64)
model.evaluate(ds)
```

## Fix safety
Unsafe: more examples are evaluated, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find what an evaluation does not see."""
    plan = subject.plan
    if plan is None or not subject.evaluates:
        return
    for step, _ in spots(plan, "batch"):
        size, reaching = step.integer("batch_size"), step.examples_in
        if (
            not step.settings.get("drop_remainder")
            or not size
            or not reaching
            or not reaching % size
        ):
            continue
        yield RULE.finding(
            subject,
            f"drop_remainder leaves {reaching % size:,} of {reaching:,} examples out of the {_call(subject)}",
            step=step,
            evidence={"examples": reaching, "left_out": reaching % size},
            fix=Fix("Keep the last batch", f"batch({size})", Safety.UNSAFE),
            size=min(0.9, 0.3 + reaching % size / reaching),
        )
    steps, batches = subject.argument("steps"), subject.batches
    if isinstance(steps, int) and batches is not None and 0 < steps < batches:
        name = "validation_steps" if subject.use.call == "validation" else "steps"
        yield RULE.finding(
            subject,
            f"{name}={steps:,} of {batches:,} batches: the rest is never part of the {_call(subject)}",
            evidence={"steps": steps, "batches": batches},
            fix=Fix("Leave the argument out", f"{name}=None", Safety.UNSAFE),
            size=min(0.9, 0.3 + (batches - steps) / batches),
        )


def _call(subject: Subject) -> str:
    return {"predict": "prediction", "validation": "validation"}.get(subject.use.call, "evaluation")


RULE = Rule(
    code="BAT104",
    name="evaluated-in-part",
    severity=Severity.WARNING,
    tags=("eval-covers-partial-set", "partial-last-batch"),
    since="0.2",
    check=check,
    page=__doc__,
)
