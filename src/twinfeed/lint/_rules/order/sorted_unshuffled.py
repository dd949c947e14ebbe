"""Data that lie sorted by label and reach the training as they lie.

## What it does
Reads some batches of a training feed that nothing shuffles and looks at their labels: how often
neighbours share one, against how often they would by chance.

## Why it matters
A network that sees class after class forgets the first while it learns the last. Folders and files of
records mostly lie sorted.

## Example
```python
x, y = np.zeros((400, 4), np.float32), np.repeat(np.arange(4), 100)
ds = tf.data.Dataset.from_tensor_slices((x, y)).batch(20)
model.fit(ds)
```

Use instead:
```python
x, y = np.zeros((400, 4), np.float32), np.repeat(np.arange(4), 100)
ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(400).batch(20)
model.fit(ds)
```

## Fix safety
Unsafe: the order of the examples changes, which is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Plan
from twinfeed._core.plan_facts import in_memory
from twinfeed.lint._rule import Answer, Needs, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    ways,
)

_LEAST_ROWS = 60
_MOST_CLASSES = 1_000
_SORTED = 0.9  # share of neighbours with one label, of those beyond chance


def check(subject: Subject) -> Iterator[Answer]:
    """Find labels in long runs where nothing shuffles."""
    plan = subject.plan
    if plan is None or not subject.trains or in_memory(plan) or _is_shuffled(plan):
        return
    trace = subject.sample
    if trace is None or not len(trace.rows):
        return
    rows = trace.rows_of(0)
    labels: Array = trace.rows.label[rows]
    labels = labels[np.isfinite(labels)]
    kinds, counts = np.unique(labels, return_counts=True)
    if len(labels) < _LEAST_ROWS or not 1 < len(kinds) <= min(_MOST_CLASSES, len(labels) // 10):
        return
    chance = float(np.sum((counts / len(labels)) ** 2))
    alike = float(np.count_nonzero(labels[1:] == labels[:-1])) / (len(labels) - 1)
    if chance > _SORTED or (alike - chance) / (1 - chance) < _SORTED:
        return
    yield RULE.finding(
        subject,
        f"nothing shuffles, and the labels come in runs: {alike:.0%} of {len(labels):,} examples"
        f" have the label of the one before, where {chance:.0%} would by chance",
        strength=Strength.MEASURED,
        evidence={"examples": len(labels), "alike_share": alike, "chance_share": chance},
        fix=Fix(
            "Shuffle the training examples",
            f"ds.shuffle({subject.examples or 'n'})",
            Safety.UNSAFE,
        ),
        size=0.9,
    )


def _is_shuffled(plan: Plan) -> bool:
    return any(step.kind == "shuffle" for line in ways(plan) for step in line.steps)


RULE = Rule(
    code="ORD105",
    name="sorted-unshuffled",
    severity=Severity.ERROR,
    tags=("sorted-data-unshuffled",),
    since="0.2",
    check=check,
    page=__doc__,
    needs=Needs.SAMPLE,
)
