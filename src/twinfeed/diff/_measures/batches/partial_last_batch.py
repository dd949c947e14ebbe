"""The examples that do not fill a batch: kept by one side, dropped or padded by the other.

## What it does
Compares the last batches of epochs that ended by themselves, and says how many examples one side
leaves out or adds, whether they are the same in every epoch, and which. Where no epoch ended it
reads what the plans say. A side with several smaller batches within one epoch, such as one per
worker, is named as well, and so is one without an end whose batches run on into the next pass
where the other side ends each pass with a smaller batch.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
With 400 examples and batches of 32, dropping the rest loses 16 examples per epoch: 4 %. In a
fixed order they are always the same ones, often all of the last class. On evaluation the score
is then that of another set; a padded batch counts some examples twice.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32, drop_remainder=True)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32)
```

## Fix safety
Unsafe: the number of steps may change, and the last batch is smaller, which compiled code with
fixed shapes does not take.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._split import parts
from twinfeed.diff._streams._epochs import endless, passed
from twinfeed.diff._streams._identity import key_kind, keys_of
from twinfeed.diff._streams._order import moves
from twinfeed.diff._streams._tails import Tail, stated_tail, tail
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins

_SEVERAL = 3  # smaller batches in an epoch that are more than the end of it
_FEW_SIZES = 3  # sizes beyond which batches are of many sizes by design
_MATERIAL = 0.005  # share of the examples above which losing others each epoch matters


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that drops or pads the last batch while the other keeps it."""
    found = tail(twins) or (stated_tail(twins) if parts(twins) is None else None)
    if found is None:
        yield from _ends_inside(twins)
        yield from _ends_unseen(twins)
        return
    trace = twins.side(found.name)
    which, always = _which(twins, found)
    share = found.examples / found.of
    done = "adds" if found.does == "pads" else "leaves out"
    yield MEASURE.finding(
        f"{found.name} {done} {found.examples:,} of {found.of:,} examples per epoch, those that do"
        f" not fill a batch of {found.batch:,} ({share:.2%}){which}; {found.other} keeps them as a"
        " smaller batch",
        strength=Strength.MEASURED if found.source == "counted" else Strength.READ,
        evidence={
            "side": found.name,
            "examples_added" if found.does == "pads" else "examples_left_out": found.examples,
            "examples_per_epoch": found.of,
            "examples_per_batch": found.batch,
            "same_in_each_epoch": always,
            "epochs": len(passed(trace)),
        },
        fix=Fix(
            f"Keep the last batch of {found.name}", argument(trace, "keep tail"), Safety.UNSAFE
        ),
        size=min(0.8, 0.1 + 2 * share + (0.2 if always else 0)),
        severity=None
        if always or found.does == "pads" or share >= _MATERIAL or trace.role not in {"feed", "fit"}
        else Severity.NOTE,
    )


def _ends_inside(twins: Twins) -> Iterator[Answer]:
    """Find a side that cuts a batch short several times within an epoch while the other does not."""
    small = {name: _small_batches(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = small[name], small[other]
        if mine is None or theirs is None or theirs[0] > 1:
            continue
        # Of as many examples one smaller batch is left over, and never two.
        if mine[0] < (_SEVERAL if mine[4] != theirs[4] else 2):
            continue
        yield MEASURE.finding(
            f"{name} cuts {mine[0]:,} of the {mine[1]:,} batches of an epoch short, the smallest to"
            f" {mine[2]:,} of {mine[3]:,} examples, as if each worker or part ended with a batch of"
            f" its own; {other} cuts {theirs[0]:,}",
            evidence={
                "side": name,
                "smaller_batches": mine[0],
                "batches": mine[1],
                "smallest_examples": mine[2],
                "examples_per_batch": mine[3],
                "other_smaller_batches": theirs[0],
            },
            fix=Fix(
                f"Batch {name} once, behind its workers",
                "move .batch(...) behind the step that joins the parts",
                Safety.UNSAFE,
            ),
            size=0.3,
        )


def _ends_unseen(twins: Twins) -> Iterator[Answer]:
    """Find a side without an end whose batches run on where the other's end with each pass."""
    if not (endless(twins.left) and endless(twins.right)):
        return
    sizes = {name: _sizes_in_order(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = sizes[name], sizes[other]
        ends = np.flatnonzero(theirs < theirs.max(initial=0))
        if len(ends) < 2 or len(np.unique(theirs[ends])) > 1 or len(set(np.diff(ends))) > 1:
            continue
        every, usual = int(ends[1] - ends[0]), int(theirs.max())
        if len(mine) <= every or set(mine.tolist()) != {usual}:
            continue
        rest = int(theirs[ends[0]])
        share = (usual - rest) / ((every - 1) * usual + rest)
        yield MEASURE.finding(
            f"{other} ends each pass over its data with a batch of {rest:,} of {usual:,} examples;"
            f" {name}'s batches run on into the next pass, so that {every:,} of them hold"
            f" {usual - rest:,} examples more ({share:.2%})",
            evidence={
                "side": name,
                "examples_in_last_batch": rest,
                "examples_per_batch": usual,
                "batches_per_pass": every,
            },
            fix=Fix(f"Batch {name} before it is repeated", "ds.batch(n).repeat()", Safety.UNSAFE),
            size=min(0.8, 0.1 + 2 * share),
            severity=None if share >= _MATERIAL else Severity.NOTE,
        )


def _sizes_in_order(trace: Trace) -> Array:
    """Sizes of the batches of the longest stretch that was read without beginning again."""
    if trace.fit is None:
        stretches = [
            trace.ticks.size[trace.ticks.epoch == index] for index in range(len(trace.epochs))
        ]
        return max(stretches, key=len, default=np.zeros(0, int))
    return trace.ticks.size  # Keras keeps its place in a feed without an end


def _small_batches(trace: Trace) -> tuple[int, int, int, int, int] | None:
    """Of the first whole epoch: smaller batches, all, the smallest, the usual size, examples."""
    first = next((index for index, epoch in enumerate(trace.epochs) if epoch.ended), None)
    if first is None:
        return None
    sizes = trace.ticks.size[trace.ticks.epoch == first]
    if not len(sizes) or len(np.unique(sizes)) > _FEW_SIZES:
        return None
    usual = int(sizes.max())
    return int((sizes < usual).sum()), len(sizes), int(sizes.min()), usual, int(sizes.sum())


def _which(twins: Twins, found: Tail) -> tuple[str, bool]:
    """Which examples these are, and whether they are the same in each epoch."""
    moved = moves(twins, found.name)
    always = moved is not None and moved.change == "still"
    if found.does == "pads":
        return ", which come twice", always
    if found.source == "stated" or moved is None:
        return "", False
    if not always:
        return f", {found.examples:,} others each epoch", False
    kind = key_kind(twins)
    if kind is None:
        return ", the same ones in each epoch", True
    other = twins.side(found.other)
    missing = ~np.isin(keys_of(other, kind), keys_of(twins.side(found.name), kind))
    labels = np.unique(other.rows.label[missing])
    labels = labels[~np.isnan(labels)]
    if len(labels) == 1:
        return f", the same ones in each epoch, all of class {labels[0]:g}", True
    return ", the same ones in each epoch", True


MEASURE = Measure(
    code="BAT203",
    name="partial-last-batch",
    severity=Severity.WARNING,
    tags=("partial-last-batch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
)
