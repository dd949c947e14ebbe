"""An epoch that never ends, or whose length nobody knows.

## What it does
Compares the length of the feed with the steps that the Keras call was given. A length that is not known
is a note: the first epoch finds it out.

## Why it matters
`fit` on a feed that repeats for ever, without `steps_per_epoch`, stays in its first epoch: no validation,
no checkpoint, no learning rate schedule ever runs.

## Example
```python
ds = tf.data.Dataset.range(1_000).repeat().batch(10)
model.fit(ds, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).repeat().batch(10)
model.fit(ds, steps_per_epoch=100, epochs=5)
```

## Fix safety
Unsafe: epochs end where you say.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    ways,
)

_STEPS = {"fit": "steps_per_epoch", "validation": "steps", "evaluate": "steps", "predict": "steps"}


def check(subject: Subject) -> Iterator[Answer]:
    """Find a call that cannot know where to stop."""
    plan, arguments = subject.plan, subject.use.arguments
    argument = _STEPS.get(subject.use.call, "steps_per_epoch" if subject.trains else "steps")
    if arguments is None or plan is None or arguments.get(argument) or subject.batches is not None:
        return
    if subject.infinite or _goes_on(plan):
        repeat = next((one for line in ways(plan) for one in line.of_kind("repeat")), None)
        steps = "validation_steps" if subject.use.call == "validation" else argument
        yield RULE.finding(
            subject,
            f"the feed has no end and {steps} is not given, so the first pass goes on for ever",
            step=repeat,
            evidence={"argument": steps},
            fix=Fix(
                "Say how long an epoch is, or leave repeat out",
                f"{steps}=n",
                Safety.UNSAFE,
                rewrite="drop-repeat",
            )
            if repeat is not None and plan.library == "tf.data"
            else Fix("Say how long an epoch is", f"{steps}=n"),
            size=1.0,
        )
        return
    if not subject.trains or plan.library != "tf.data":
        return
    steps = [one for one in plan.steps if one.name != "Options"]
    # The step in front of the first one that no known number of examples reaches.
    first = next((i for i, one in enumerate(steps) if i and one.examples_in is None), len(steps))
    culprit = steps[first - 1]
    yield RULE.finding(
        subject,
        f"the length of an epoch is not known ({culprit.where}), so the first epoch shows no progress"
        " and no schedule can count on it",
        step=culprit,
        evidence={"argument": argument},
        fix=Fix(
            "State the number of batches",
            "ds.apply(tf.data.experimental.assert_cardinality(n))",
            Safety.SAFE,
        ),
        size=0.1,
        severity=Severity.NOTE,
    )


def _goes_on(plan: Plan) -> bool:
    """Whether an endless repeat is the last word, whatever else hides the length."""
    return any(
        step.kind == "repeat"
        and step.settings.get("count") == -1
        and not any(
            one.kind in {"take", "other"} for one in plan.after(step) if one.name != "Options"
        )
        for step in plan.steps
    )


RULE = Rule(
    code="BAT101",
    name="epoch-without-end",
    severity=Severity.ERROR,
    tags=("epoch-length-mismatch",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="drop-repeat",
)
