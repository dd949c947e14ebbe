"""A shuffle behind costly work, which must fill up before the first batch.

## What it does
Looks for a shuffle of many places behind decoding, resizing or Python, with no cache between.

## Why it matters
At the start of every epoch the work of a whole buffer is done before the first batch comes out, and the
training waits for it. Shuffled before the work, names come out at once.

## Example
```python
ds = tf.data.Dataset.range(10_000).map(lambda i: tf.image.resize(tf.zeros([64, 64, 3]), (32, 32)))
ds = ds.shuffle(5_000).batch(32)
model.fit(ds)
```

Use instead:
```python
ds = tf.data.Dataset.range(10_000).shuffle(10_000)
ds = ds.map(lambda i: tf.image.resize(tf.zeros([64, 64, 3]), (32, 32))).batch(32)
model.fit(ds)
```

## Fix safety
Unsafe: the order of the examples changes.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Step
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    is_costly,
    spots,
)

_LEAST_PLACES = 500


def check(subject: Subject) -> Iterator[Answer]:
    """Find a buffer of finished examples."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data" or not subject.trains:
        return
    for step, lines in spots(plan, "shuffle"):
        line, held = lines[0], step.integer("buffer_size")
        before = line.before(step)
        cached = max((i for i, one in enumerate(before) if one.kind == "cache"), default=-1)
        costly = [one for one in before[cached + 1 :] if is_costly(one)]
        places = min(held or 0, step.examples_in or 1 << 60)
        if not costly or places < _LEAST_PLACES or is_batched(line, step):
            continue
        if not _could_be_earlier(before, costly[0]):
            continue
        yield RULE.finding(
            subject,
            f"the shuffle stands behind {costly[0].where}, whose work is done for {places:,} examples"
            " before the first batch of each epoch",
            step=step,
            evidence={"work": costly[0].where, "buffer_examples": places},
            fix=Fix(
                "Shuffle before the work",
                "ds.shuffle(n).map(work)",
                Safety.UNSAFE,
                rewrite="shuffle-before-map",
            ),
            size=0.3,
        )


def _could_be_earlier(before: tuple[Step, ...], costly: Step) -> bool:
    """Whether single examples reach the work, and not files of records."""
    return costly.kind != "source" and all(
        one.settings.get("unit") != "files" for one in before[: before.index(costly) + 1]
    )


RULE = Rule(
    code="SPD105",
    name="shuffle-behind-work",
    severity=Severity.NOTE,
    tags=("heavy-buffer", "shuffle-misplaced"),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-before-map",
)
