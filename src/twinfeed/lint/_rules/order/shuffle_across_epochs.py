"""A shuffle behind `repeat`, which mixes one epoch with the next.

## What it does
Looks for a shuffle that more than one pass over the data reaches.

## Why it matters
Some examples come twice before others come once: an "epoch" of so many steps no longer holds every
example, and a validation after it compares unequal passes. The effect grows with the buffer.

## Example
```python
ds = tf.data.Dataset.range(1_000).repeat().shuffle(1_000).batch(50)
model.fit(ds, steps_per_epoch=20, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).repeat().batch(50)
model.fit(ds, steps_per_epoch=20, epochs=5)
```

## Fix safety
Unsafe: the order of the examples changes, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shuffle behind a repeat."""
    if subject.plan is None or not subject.trains:
        return
    for step, lines in spots(subject.plan, "shuffle"):
        if step.settings.get("unit") == "files" or step.settings.get("whole_batches"):
            continue
        before = [one for line in lines for one in line.before(step)]
        repeat = next((one for one in before if repeats(one)), None)
        if repeat is None or subject.plan.library == "grain":
            continue  # Grain shuffles each repetition by itself
        if any(one.kind == "shuffle" for one in lines[0].before(repeat)):
            continue  # each pass is mixed as a whole already
        held = step.integer("buffer_size")
        yield RULE.finding(
            subject,
            f"the shuffle stands behind {repeat.where} and mixes passes over the data: of two"
            " examples one can come twice before the other comes once",
            step=step,
            evidence={"repeat": repeat.where, "buffer_examples": held},
            fix=Fix(
                "Shuffle each pass, then repeat",
                f"ds.shuffle({held or 'n'}).repeat()",
                Safety.UNSAFE,
                rewrite="shuffle-before-repeat",
            ),
            size=0.5,
        )


RULE = Rule(
    code="ORD103",
    name="shuffle-across-epochs",
    severity=Severity.WARNING,
    tags=("shuffle-misplaced",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-before-repeat",
)
