"""Batches of another size.

## What it does
Counts the examples in each batch, the last batch of an epoch left aside, and compares the most
frequent size. Where sizes vary, as with buckets, it compares their mean.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
The batch size sets how many steps an epoch has, how noisy a gradient is, and what batch
normalisation sees. At one learning rate, batches four times as large take a quarter of the steps
per epoch and usually need a larger rate to reach the same point.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(64)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32)
```

## Fix safety
Unsafe: the number of steps and the learning rate that suits them change.
"""

import math
from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._epochs import BatchSizes, batch_sizes, length
from twinfeed.diff._twins import Twins

_SAME_LENGTH = 0.9  # share of the longer epoch that the shorter one must have
_LIKE = 1.25  # ratio of mean sizes within which varying sizes are taken for the same


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the sizes of the batches."""
    left, right = batch_sizes(twins.left), batch_sizes(twins.right)
    if left is None or right is None or _alike(left, right):
        return
    if _only_a_rest(twins.left, right) or _only_a_rest(twins.right, left):
        return
    ratio = right.mean / left.mean
    yield MEASURE.finding(
        f"a batch of A holds {_say(left)}, one of B {_say(right)}{_steps(twins, ratio)}",
        evidence={
            "a_examples_per_batch": left.usual,
            "b_examples_per_batch": right.usual,
            "a_mean_examples_per_batch": round(left.mean, 2),
            "b_mean_examples_per_batch": round(right.mean, 2),
            "a_batches": left.batches,
            "b_batches": right.batches,
        },
        fix=Fix(
            "Give both feeds one batch size, or scale the learning rate with it",
            argument(twins.right, "batch", batch=left.usual),
            Safety.UNSAFE,
        ),
        size=min(0.8, 0.25 + 0.15 * abs(math.log2(ratio))),
    )


def _only_a_rest(trace: Trace, other: BatchSizes) -> bool:
    """Whether an epoch is one batch, and no more than would be the rest of the other's."""
    found = length(trace)
    return found is not None and found.batches[1] == 1 and found.examples[1] < other.usual


def _steps(twins: Twins, ratio: float) -> str:
    """What that does to the steps of an epoch; nothing where epochs are of unequal length too."""
    lengths = length(twins.left), length(twins.right)
    if lengths[0] is not None and lengths[1] is not None:
        shorter, longer = sorted([lengths[0].examples, lengths[1].examples])
        if shorter[1] < _SAME_LENGTH * longer[0]:
            return ""
    return f", so at one number of epochs B takes {1 / ratio:.2g} times the steps"


def _alike(left: BatchSizes, right: BatchSizes) -> bool:
    if left.varies and right.varies:
        return 1 / _LIKE < left.mean / right.mean < _LIKE
    if left.whole_epoch and right.whole_epoch:
        # One batch per epoch on both sides: what differs then is the number of examples.
        return True
    return (left.usual, left.varies) == (right.usual, right.varies)


def _say(sizes: BatchSizes) -> str:
    if sizes.varies:
        return f"{sizes.low:,} to {sizes.high:,} examples (mean {sizes.mean:.1f})"
    if sizes.whole_epoch:
        return f"all {sizes.usual:,} examples of an epoch"
    return f"{sizes.usual:,} examples"


MEASURE = Measure(
    code="BAT201",
    name="different-batch-size",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch", "per-element-overhead"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
