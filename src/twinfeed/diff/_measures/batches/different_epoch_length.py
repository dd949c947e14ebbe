"""Epochs of another length, counted in examples.

## What it does
Counts the examples and batches of every epoch that ended by itself, and takes the lengths that
the libraries state where none did. A length that differs only by the last batch belongs to
`partial-last-batch`, one that differs only by the batch size to `different-batch-size`. A feed
that states one length and has another is named as well, and one whose first epoch alone is
longer or shorter than all that follow, as a loader gives it that was left half read.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
"Ten epochs" of a feed that is repeated twice are twenty passes; of a feed that lost a tenth of
its files they are nine. Learning-rate schedules, early stopping and the moment of validation
all count epochs or steps. A stated length that is wrong ends `fit` early or makes it wait.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.repeat(2).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32)
```

## Fix safety
Unsafe: the number of steps per epoch changes.
"""

import math
from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough, took_the_same
from twinfeed.diff._split import parts
from twinfeed.diff._streams._epochs import (
    Length,
    length,
    passed,
    starts_at_the_beginning,
)
from twinfeed.diff._streams._tails import tail
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins

_EPOCHS = 3  # that were counted of each side: one first one and more than one after it


def look(twins: Twins) -> Iterator[Answer]:
    """Compare lengths, then each side's stated length with its counted one."""
    # A validation is shorter by design, and one feed may be cut by steps, the other by itself.
    if not parts(twins) and not took_the_same(twins):
        yield from _between(twins)
    wrong = {name: _misstated(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        found = wrong[name]
        if found is None or wrong[other] is not None:
            continue
        stated, counted = found
        yield MEASURE.finding(
            f"{name} states {stated:,} batches per epoch and gives {counted:,}",
            evidence={"side": name, "stated_batches": stated, "counted_batches": counted},
            fix=Fix(f"State the length that {name} has", argument(twins.side(name), "length")),
            size=0.3,
        )


def _between(twins: Twins) -> Iterator[Answer]:
    left, right = length(twins.left), length(twins.right)
    if left is None or right is None or tail(twins) is not None:
        return
    if _overlap(left, right):
        yield from _first_one(twins)
        return
    low, high = _middle(left), _middle(right)
    ratio = high / low
    yield MEASURE.finding(
        f"an epoch of A has {_say(left)}, one of B {_say(right)} ({_ratio(ratio)})",
        strength=Strength.MEASURED if left.source == right.source == "counted" else Strength.READ,
        evidence={
            "a_examples_per_epoch": _exact(left.examples),
            "b_examples_per_epoch": _exact(right.examples),
            "a_batches_per_epoch": _exact(left.batches),
            "b_batches_per_epoch": _exact(right.batches),
            "a_epochs_counted": left.epochs,
            "b_epochs_counted": right.epochs,
        },
        fix=Fix(
            "Give both the same number of examples per epoch",
            "remove .repeat(n) or .take(n) from the longer or shorter one, read the same files"
            " and the same subset, or set steps_per_epoch in both calls of fit",
            Safety.UNSAFE,
        ),
        size=min(0.8, 0.3 + 0.3 * abs(math.log2(ratio))),
    )


def _first_one(twins: Twins) -> Iterator[Answer]:
    """A first epoch of another length than all that follow it, where the other's are all alike.

    What was left half read before, or was read ahead, shows in the first epoch alone.
    """
    for name, other in EACH_WAY:
        mine, theirs = _counts(twins.side(name)), _counts(twins.side(other))
        if min(len(mine), len(theirs)) < _EPOCHS or len({one[0] for one in theirs}) > 1:
            continue
        (first, batches), *later = mine
        examples, usual = later[0]
        if {one[0] for one in later} != {theirs[0][0]} or first == examples:
            continue
        yield MEASURE.finding(
            f"{name}'s first epoch has {first:,} examples in {batches:,} batches, each later one"
            f" {examples:,} in {usual:,}, as {other}'s have",
            evidence={
                "side": name,
                "first_epoch_examples": first,
                "later_epochs_examples": examples,
                "epochs_counted": len(mine),
            },
            fix=Fix(
                f"Let {name} begin at its beginning",
                "an iterator that is made for each epoch, and none that was left half read before",
            ),
            size=0.4,
        )


def _counts(trace: Trace) -> list[tuple[int, int]]:
    """Examples and batches of each epoch of the first build, where the first one ended by itself."""
    found: list[tuple[int, int]] = []
    for index, epoch in enumerate(trace.epochs):
        sizes = trace.ticks.size[trace.ticks.epoch == index]
        if not index and not epoch.ended:
            return []
        if epoch.build == 0 and epoch.ended and starts_at_the_beginning(trace, index):
            found.append((int(sizes.sum()), len(sizes)))
    return found


def _overlap(left: Length, right: Length) -> bool:
    return left.examples[0] <= right.examples[1] and right.examples[0] <= left.examples[1]


def _misstated(trace: Trace) -> tuple[int, int] | None:
    """Batches stated and counted, where every counted epoch disagrees."""
    whole = passed(trace)
    stated = trace.batches
    if stated is None or not whole or any(epoch.batches == stated for epoch in whole):
        return None
    return stated, whole[0].batches


def _middle(found: Length) -> float:
    return max(1, sum(found.examples) / 2)


def _exact(bounds: tuple[int, int]) -> int | str:
    return bounds[0] if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"


def _say(found: Length) -> str:
    low, high = found.examples
    examples = f"{high:,}" if low == high else f"{low:,} to {high:,}"
    batches = f"{found.batches[0]:,}"
    if found.batches[0] != found.batches[1]:
        batches += f" to {found.batches[1]:,}"
    many = "es" if found.batches[1] != 1 else ""
    return f"{examples} examples in {batches} batch{many}" + (
        " as stated" if found.source == "stated" else ""
    )


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f} times" if ratio > 1.5 else f"{ratio - 1:+.1%}"


MEASURE = Measure(
    code="BAT202",
    name="different-epoch-length",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
)
