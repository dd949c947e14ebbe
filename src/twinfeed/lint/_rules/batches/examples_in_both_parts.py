"""Examples that are trained on and evaluated on.

## What it does
Reads an epoch of both feeds and counts the inputs that are in both, by name where there is one and by
content else.

## Why it matters
A score on examples that the network has seen says how well it remembers. Two loaders that split by
different seeds, or copies of one photo in the set, are the usual reasons.

## Example
```python
x = np.random.default_rng(0).random((100, 4)).astype(np.float32)
train = tf.data.Dataset.from_tensor_slices(x[:80]).batch(10)
test = tf.data.Dataset.from_tensor_slices(x[70:]).batch(10)
model.fit(train, validation_data=test)
```

Use instead:
```python
x = np.random.default_rng(0).random((100, 4)).astype(np.float32)
train = tf.data.Dataset.from_tensor_slices(x[:80]).batch(10)
test = tf.data.Dataset.from_tensor_slices(x[80:]).batch(10)
model.fit(train, validation_data=test)
```

## Fix safety
Unsafe: examples leave one part, which is the point.
"""

import math
from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.lint._rule import Answer, Needs, Rule
from twinfeed.lint._subject import Subject

_LEAST_SHARED = 2
_FEW = 8  # numbers of an input below which two of them may well be equal by chance
_MOST_EQUAL = 0.5  # share of rows that may be copies of others before content says nothing


def check(subject: Subject) -> Iterator[Answer]:
    """Find examples of an evaluation that a training has as well."""
    trained = [other for other in subject.others if other.trains and not other.infinite]
    if subject.use.role != "evaluation" or subject.infinite or not trained:
        return
    mine = subject.epoch
    if mine is None or not len(mine.rows):
        return
    for other in trained:
        theirs = other.epoch
        if theirs is None or not len(theirs.rows):
            continue
        by_name = bool(mine.rows.id.all() and theirs.rows.id.all())
        left, right = ((one.rows.id if by_name else one.rows.content) for one in (mine, theirs))
        distinct = np.unique(left)
        # Each epoch that was read holds every example once more.
        if not by_name and len(distinct) < _MOST_EQUAL * len(mine.rows_of(0)):
            continue  # inputs of a few values are equal by chance
        shared = int(np.isin(distinct, right).sum())
        if shared < _LEAST_SHARED:
            continue
        if (
            not by_name
            and _numbers(mine) < _FEW
            and shared <= 2 * _by_chance(distinct, right[theirs.rows_of(0)])
        ):
            continue
        yield RULE.finding(
            subject,
            f"the training has {shared:,} of the {len(distinct):,} examples as well",
            strength=Strength.MEASURED,
            evidence={"shared": shared, "examples": len(distinct), "by_name": by_name},
            fix=Fix(
                "Split once, by a seed, and keep both parts", "same seed=, same validation_split="
            ),
            size=min(1.0, 0.5 + shared / len(distinct)),
        )
        return


def _numbers(trace: Trace) -> int:
    """Numbers in the inputs of one example; a text counts as many."""
    return sum(
        _FEW if leaf.kind != "dense" else math.prod(side or _FEW for side in leaf.shape)
        for leaf in trace.spec.part("x")
    )


def _by_chance(mine: Array, theirs: Array) -> float:
    """How many of ``mine`` would be in ``theirs`` if each were drawn from what these are."""
    _, times = np.unique(theirs, return_counts=True)
    pairs = float((times * (times - 1)).sum()) / max(1, len(theirs) * (len(theirs) - 1))
    return len(mine) * (1 - (1 - pairs) ** len(theirs))


RULE = Rule(
    code="BAT106",
    name="examples-in-both-parts",
    severity=Severity.ERROR,
    tags=("split-leak",),
    since="0.2",
    check=check,
    page=__doc__,
    needs=Needs.EPOCH,
)
