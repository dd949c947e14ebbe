"""A split whose parts hold other classes.

## What it does
Reads an epoch of the training and of the validation and compares how often each label is in
them. It fires where more than a third of one part would have to change its class to look like
the other, and chance cannot be the reason.

## Why it matters
The last tenth of data that lie sorted by class is one class, which the training has hardly seen.
The validation score then says nothing about the model.

## Example
```python
x, y = np.random.default_rng(0).random((400, 4)), np.repeat(np.arange(4), 100)
ds = tf.data.Dataset.from_tensor_slices((x, y))
model.fit(ds.skip(80).shuffle(320).batch(32), validation_data=ds.take(80).batch(32))
```

Use instead:
```python
x, y = np.random.default_rng(0).random((400, 4)), np.repeat(np.arange(4), 100)
order = np.random.default_rng(1).permutation(400)
ds = tf.data.Dataset.from_tensor_slices((x[order], y[order]))
model.fit(ds.skip(80).shuffle(320).batch(32), validation_data=ds.take(80).batch(32))
```

## Fix safety
Unsafe: other examples are validated on, which is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.lint._rule import Answer, Needs, Rule
from twinfeed.lint._subject import Subject

_FAR = 1 / 3  # total variation between the shares of the labels
_LEAST = 8
_MOST_CLASSES = 1_000


def check(subject: Subject) -> Iterator[Answer]:
    """Find a validation of other classes."""
    trained = [other for other in subject.others if other.trains and not other.infinite]
    if subject.use.call != "validation" or subject.infinite or not trained:
        return
    mine, theirs = subject.epoch, trained[0].epoch
    if mine is None or theirs is None:
        return
    left, right = _labels(mine), _labels(theirs)
    kinds = np.unique(np.concatenate([left, right]))
    if min(len(left), len(right)) < _LEAST or not 1 < len(kinds) <= min(
        _MOST_CLASSES, len(right) // 5
    ):
        return
    mine_share, their_share = _shares(left, kinds), _shares(right, kinds)
    apart = float(np.abs(mine_share - their_share).sum()) / 2
    # Twice what chance gives two samples of these sizes, on average.
    chance = float(np.sqrt(len(kinds) * (1 / len(left) + 1 / len(right)) / 2))
    if apart < max(_FAR, 2 * chance):
        return
    missing = int(np.count_nonzero((mine_share > 0) & (their_share == 0)))
    yield RULE.finding(
        subject,
        f"its labels are distributed otherwise than those of the training: {apart:.0%} would have to"
        f" change class, and {missing} of its classes are never trained on",
        strength=Strength.MEASURED,
        evidence={"apart": apart, "examples": len(left), "classes_missing": missing},
        fix=Fix(
            "Shuffle by a seed before the split",
            "ds.shuffle(n, seed=1, reshuffle_each_iteration=False)",
        ),
        size=min(1.0, 0.4 + apart / 2),
    )


def _labels(trace: Trace) -> Array:
    labels: Array = trace.rows.label[trace.rows_of(0)] if len(trace.rows) else trace.rows.label
    return labels[np.isfinite(labels)]


def _shares(labels: Array, kinds: Array) -> Array:
    """The share of each kind of label."""
    counts: Array = (labels[:, None] == kinds[None, :]).sum(axis=0)
    return counts / len(labels)


RULE = Rule(
    code="BAT111",
    name="parts-of-other-classes",
    severity=Severity.WARNING,
    tags=("split-not-random",),
    since="0.2",
    check=check,
    page=__doc__,
    needs=Needs.EPOCH,
)
