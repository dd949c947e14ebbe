"""Epochs that begin where the last one stopped, on one side.

## What it does
Compares the examples of the first two epochs that were read of each side. Where one side's
second epoch holds others than the first one and the other side begins again, the one goes on, or
draws its part anew. (Keras gives the batches that it peeked at, two of a generator, again in each epoch.)
Of feeds that were read outside a training, both epochs must have ended by themselves, the first
one must hold mostly what the other side has, and the second one hardly anything of it and other labels.
Of rows, texts and series that are hardly known again in the second epoch, while the other side's
all are, it says that they are others, or the same ones changed past recognition.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether one training goes on
in its second epoch where the first one stopped. Below that the answer is undecided and says how
many it takes.

## Why it matters
A generator has no beginning. With `validation_steps=20` each validation then scores another
twenty batches, so the curve moves although the network does not, and at the end of the data the
validation stops. A `tf.data.Dataset` or a `PyDataset` begins again and scores the same ones.

## Example
```python
batches = [(images[at:at + 20], labels[at:at + 20]) for at in range(0, 400, 20)]
held = tf.data.Dataset.from_tensor_slices((images, labels)).batch(20)
known = {"epochs": 2, "validation_steps": 4, "role": "validation"}
a = fit_trace(held, validation_data=(batch for batch in batches), **known)
b = fit_trace(held, validation_data=held, **known)
```

Use instead:
```python
held = tf.data.Dataset.from_tensor_slices((images, labels)).batch(20)
known = {"epochs": 2, "validation_steps": 4, "role": "validation"}
a = fit_trace(held, validation_data=held, **known)
b = fit_trace(held, validation_data=held, **known)
```

## Fix safety
Show: the feed is made in the user's own code.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, trained_for_epochs
from twinfeed.diff._split import examples_of, shared
from twinfeed.diff._streams._consumption import given
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

_OTHER, _SAME = 0.6, 0.95  # a shuffle behind a repeat blurs epochs to about 0.75
_FEW = 0.05  # share that came before of an epoch that goes on; a part drawn anew meets more of them
_MOSTLY = 0.5  # share of a first epoch that the other side has as it is
_LEAST_EXAMPLES = 20


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose epochs go on while the other's begin again."""
    alone = twins.left.role == twins.right.role == "feed"
    if not alone and (twins.left.fit is None or twins.right.fit is None):
        return
    steps = "steps_per_epoch" if twins.left.role == "fit" else "steps"
    if given(twins.left, steps) != given(twins.right, steps):
        return  # cut on one side: that has a name of its own
    again = {name: _again(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = again[name], again[other]
        if mine is None or theirs is None or mine[0] > _OTHER or theirs[0] < _SAME:
            continue
        common = shared(twins.left, twins.right)
        known = len(common) >= _LEAST_EXAMPLES  # else contents may have been changed at random
        if alone and known:
            known = mine[0] <= _FEW and _begins_alike(twins.side(name), common)
        if not known and not (alone and _unlike_each_time(twins, name, other)):
            continue
        likeness = twins.epochs_of(name)
        if likeness is not None and len(likeness.pairs) > _OTHER * mine[1]:
            continue  # the same examples, augmented anew
        goes_on = known and mine[0] <= _FEW
        what = (
            "goes on where its first one stopped" if goes_on else "holds others than its first one"
        )
        if not known:
            what += ", or the same ones changed past recognition"
        yield MEASURE.finding(
            f"{name}'s second epoch {what}: {mine[0]:.1%} of its"
            f" {mine[1]:,} examples came before, in {other} {theirs[0]:.1%} of {theirs[1]:,} did",
            evidence={
                "side": name,
                "seen_before": round(mine[0], 4),
                "examples": mine[1],
                "other_seen_before": round(theirs[0], 4),
                "other_examples": theirs[1],
            },
            fix=Fix(
                f"Let {name} begin again in each epoch",
                (
                    "an iterator that is made in each epoch, or epochs as long as the data"
                    if alone
                    else "a tf.data.Dataset or PyDataset instead of a generator, or as many steps as"
                    " it has"
                )
                + ("" if goes_on else "; or one part that is drawn once"),
            ),
            size=0.6,
        )


def _unlike_each_time(twins: Twins, name: SideName, other: SideName) -> bool:
    """Whether whole epochs of rows, texts or series are hardly known again, and the other's are.

    Of pictures it is asked how they are changed.
    """
    if twins.is_still(name) is not None or not twins.is_still(other):
        return False
    for trace in (twins.left, twins.right):
        looked = [epoch for epoch in trace.epochs if epoch.looked][:2]
        if not all(epoch.ended for epoch in looked):
            return False
        if trace.main is None or trace.main.is_image:
            return False
    return True


def _begins_alike(trace: Trace, common: Array) -> bool:
    """Whether two epochs of other labels ended, the first of which is mostly what both sides have.

    Changes drawn at random would leave as much of the second one as they left of the first.
    """
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked][:2]
    first, second = (np.sort(trace.rows.label_key[trace.rows_of(index)]) for index in looked)
    if np.array_equal(first, second):
        return False  # perhaps the same examples, of which nothing is known again
    keys, rows = examples_of(trace)
    return all(trace.epochs[index].ended for index in looked) and bool(
        np.isin(keys[rows[0]], common).mean() >= _MOSTLY
    )


def _again(trace: Trace) -> tuple[float, int] | None:
    """Share of the second epoch's examples that the first one had, and how many it has."""
    keys, rows = examples_of(trace)
    if len(rows) < 2 or min(len(rows[0]), len(rows[1])) < _LEAST_EXAMPLES:
        return None
    return float(np.isin(keys[rows[1]], keys[rows[0]]).mean()), len(rows[1])


MEASURE = Measure(
    code="BAT212",
    name="goes-on-between-epochs",
    severity=Severity.WARNING,
    tags=("iterator-state-carried-over", "eval-covers-partial-set"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="one training goes on in its second epoch where the first one stopped",
        open=trained_for_epochs,
    ),
)
