"""A shuffle that moves whole batches.

## What it does
Looks for a shuffle behind `batch` where nothing shuffled single examples before it.

## Why it matters
The same examples share a batch in every epoch, and each batch holds neighbours of the stored order:
one class, one film, one day. Gradients of such batches are far noisier than their size promises.

## Example
```python
ds = tf.data.Dataset.range(1_000).batch(32).shuffle(32)
model.fit(ds, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).batch(32)
model.fit(ds, epochs=5)
```

## Fix safety
Unsafe: the order of the examples and the company in each batch change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    mixes_all,
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a shuffle of batches that is the only one."""
    if subject.plan is None or not subject.trains:
        return
    for step, lines in spots(subject.plan, "shuffle"):
        if step.settings.get("whole_batches") or not all(
            _only_batches(line, step) for line in lines
        ):
            continue
        batch = next(one for one in reversed(lines[0].before(step)) if one.kind == "batch")
        size = batch.integer("batch_size")
        each = f"batches of {size:,} examples" if size else "whole batches"
        yield RULE.finding(
            subject,
            f"the shuffle moves {each}, so the same examples share a batch in every epoch",
            step=step,
            evidence={"batch": batch.where, "batch_examples": size},
            fix=Fix(
                "Shuffle examples before they are batched",
                f"ds.shuffle({step.examples_in or 'n'}).batch({size or 'b'})",
                Safety.UNSAFE,
                rewrite="shuffle-before-batch",
            ),
            size=0.7,
        )


def _only_batches(line: Plan, step: Step) -> bool:
    """Whether batches reach a shuffle, of more than one example, and nothing mixed these before."""
    before = line.before(step)
    batch = next((one for one in reversed(before) if one.kind == "batch"), None)
    if batch is None or not is_batched(line, step) or batch.integer("batch_size") == 1:
        return False
    # Grain and torch shuffle by index: a whole epoch, wherever the step stands.
    return not any(one.kind == "shuffle" and mixes_all(line, one) for one in before)


RULE = Rule(
    code="ORD102",
    name="shuffled-batches",
    severity=Severity.WARNING,
    tags=("shuffle-misplaced",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-before-batch",
)
