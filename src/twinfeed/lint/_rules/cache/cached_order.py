"""A cache behind the shuffle, which replays one order.

## What it does
Looks for training feeds of several epochs in which a cache stands behind the only shuffle of examples.

## Why it matters
The order of the first epoch comes again in every other one, and behind `batch` so do the batches. The
shuffle costs its buffer and mixes once.

## Example
```python
ds = tf.data.Dataset.range(1_000).shuffle(1_000).cache().batch(32)
model.fit(ds, epochs=5)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000).cache().shuffle(1_000).batch(32)
model.fit(ds, epochs=5)
```

## Fix safety
Unsafe: the order changes from epoch to epoch, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import is_batched, repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    mixes_all,
    several_epochs,
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a cache of an order that nothing mixes again."""
    plan = subject.plan
    if plan is None or not several_epochs(subject):
        return
    for step, lines in spots(plan, "cache"):
        mixed = [(line, one) for line in lines for one in line.after(step) if one.kind == "shuffle"]
        if any(not is_batched(line, one) for line, one in mixed):
            continue
        if any(
            one.random and one.name != "RandomDataset"
            for line in lines
            for one in line.before(step)
        ):
            continue  # frozen randomness has a rule of its own
        line = lines[0]
        if any(repeats(one) for one in line.before(step)):
            continue  # never whole: another rule
        shuffles = [one for one in line.before(step) if _mixes(line, one)]
        if not shuffles:
            continue
        batched = is_batched(line, step)
        if mixed and not batched:
            continue
        again = "the same batches" if batched else "the order of the first one"
        again += " in another order" if mixed else " in the same order" if batched else ""
        yield RULE.finding(
            subject,
            f"the cache stands behind {shuffles[-1].where}, so every epoch gives {again}",
            step=step,
            evidence={"shuffle": shuffles[-1].where, "holds_batches": batched},
            fix=Fix(
                "Cache first, then shuffle",
                "ds.cache().shuffle(n)",
                Safety.UNSAFE,
                rewrite="cache-before-shuffle",
            ),
            size=0.6,
            severity=Severity.NOTE if mixed else None,
        )


def _mixes(line: Plan, step: Step) -> bool:
    return step.kind == "shuffle" and mixes_all(line, step)


RULE = Rule(
    code="CCH102",
    name="cached-order",
    severity=Severity.WARNING,
    tags=("shuffle-once-not-per-epoch", "cache-freezes-randomness"),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="cache-before-shuffle",
)
