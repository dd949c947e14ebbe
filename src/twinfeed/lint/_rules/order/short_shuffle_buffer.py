"""A shuffle that mixes an example only with its neighbours.

## What it does
Compares the buffer of every shuffle of examples with the number of examples that reach it in
one epoch, as the graph states both.

## Why it matters
A buffer of 100 mixes over about 100 examples: what lies far back in the data cannot come early.
Data that lie sorted by class then arrive in stretches of few classes, and each epoch meets the
classes in the same order.

## Example
```python
ds = tf.data.Dataset.range(50_000).shuffle(100).batch(32)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(50_000).shuffle(50_000).batch(32)
model.fit(ds)
```

## Fix safety
Unsafe: the order of the examples changes, and a longer buffer takes more memory. Shuffling file
names or indices before anything is decoded costs next to nothing.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject

_SHORT = 0.5  # share of the examples above which a buffer mixes well enough


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shuffle of a training feed whose buffer is short."""
    if subject.plan is None or not subject.trains:
        return
    for step in subject.plan.of_kind("shuffle"):
        held, reaching = step.integer("buffer_size"), step.examples_in
        if held is None or held < 1 or reaching is None or held >= _SHORT * reaching:
            continue
        if any(before.kind == "batch" for before in subject.plan.before(step)):
            continue  # a shuffle of batches is another fault
        yield RULE.finding(
            subject,
            f"the shuffle buffer holds {held:,} of the {reaching:,} examples that reach it",
            step=step,
            evidence={"buffer_examples": held, "examples_per_epoch": reaching},
            fix=Fix(
                "Let the buffer hold every example",
                f"ds.shuffle({reaching})",
                Safety.UNSAFE,
                rewrite="set-shuffle-buffer",
                arguments={"buffer_size": reaching},
            ),
            size=min(0.9, 0.9 - held / reaching),
        )


RULE = Rule(
    code="ORD101",
    name="short-shuffle-buffer",
    severity=Severity.WARNING,
    tags=("shuffle-buffer-too-small",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="set-shuffle-buffer",
)
