"""A mix of datasets that changes when the first of them ends.

## What it does
Looks for `sample_from_datasets` or `choose_from_datasets` without `stop_on_empty_dataset=True` over
datasets of known and unequal length, one of which ends first.

## Why it matters
The weights hold until the smallest dataset is used up; the rest of each epoch comes from the others alone.
A minority class that was to be balanced is missing from the end of every epoch.

## Example
```python
few = tf.data.Dataset.range(100).map(lambda i: (tf.cast(i, tf.float32), 1))
many = tf.data.Dataset.range(900).map(lambda i: (tf.cast(i, tf.float32), 0))
ds = tf.data.Dataset.sample_from_datasets([few, many], [0.5, 0.5], stop_on_empty_dataset=False).batch(10)
```

Use instead:
```python
few = tf.data.Dataset.range(100).map(lambda i: (tf.cast(i, tf.float32), 1))
many = tf.data.Dataset.range(900).map(lambda i: (tf.cast(i, tf.float32), 0))
ds = tf.data.Dataset.sample_from_datasets([few.repeat(9), many], [0.5, 0.5]).batch(10)
```

## Fix safety
Unsafe: epochs get another length and another mix.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)

_UNEQUAL = 1.25


def check(subject: Subject) -> Iterator[Answer]:
    """Find a mix whose parts end at different times."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "other"):
        if step.name != "DirectedInterleaveDataset" or step.settings.get("stop_on_empty_dataset"):
            continue
        ends = [_leaving(line, step) for line in lines]
        known = [count for count in ends if count is not None]
        if len(known) < 2 or len(known) < len(ends) or max(known) < _UNEQUAL * min(known):
            continue
        yield RULE.finding(
            subject,
            f"the datasets that are mixed hold {_listed(known)} examples: after the shortest has ended"
            " the rest comes from the others alone",
            step=step,
            evidence={"shortest": min(known), "longest": max(known)},
            fix=Fix(
                "Stop with the shortest, or repeat it",
                "sample_from_datasets([few.repeat(), many], weights, stop_on_empty_dataset=True)",
                Safety.UNSAFE,
            ),
            size=0.6,
        )


def _leaving(line: Plan, step: Step) -> int | None:
    before = line.before(step)
    last = before[-1] if before else None
    if last is None or last.examples_in is None or repeats(last):
        count = None if last is None or last.examples_in is None else last.integer("count")
        return (
            None if count is None or count < 0 else count * ((last.examples_in if last else 0) or 0)
        )
    taken = last.integer("count") if last.kind == "take" else None
    return last.examples_in if taken is None else min(taken, last.examples_in)


def _listed(counts: list[int]) -> str:
    return " and ".join(f"{count:,}" for count in sorted(counts))


RULE = Rule(
    code="BAT108",
    name="mix-runs-dry",
    severity=Severity.WARNING,
    tags=("shard-bias", "epoch-length-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
