"""Examples of one side that never arrive on the other.

## What it does
Takes the examples of one side that no epoch of the other holds, where all of those epochs ended
by themselves. Names or contents decide exactly; where augmentation hides both, the number rests
on pairs found by likeness. What one epoch leaves out by chance, and the rest that does not fill
a batch, are not counted.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
The two runs are then trained on different data. The usual reasons are a file type or folder that
one reader skips, a split taken on one side only, a shard that no worker reads, and `take()` left
over from a trial. If the missing ones share a class, that class is never learned.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
b = tf.data.Dataset.from_tensor_slices((images[:360], labels[:360])).batch(40)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
b = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
```

## Fix safety
Unsafe: the data change.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._split import parts
from twinfeed.diff._streams._emptied import emptied
from twinfeed.diff._streams._identity import Lacking, lacking
from twinfeed.diff._streams._tails import drops_tail, reaching, same_data, tail
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._two_parts import two_parts


def look(twins: Twins) -> Iterator[Answer]:
    """Find examples that one side has and the other never gives."""
    if parts(twins) or not same_data(twins, share=0.5) or two_parts(twins):
        return
    if emptied(twins) is not None:
        return  # they arrive, and hold nothing
    left_over = tail(twins)
    for name, other in EACH_WAY:
        reached = reaching(twins.side(name)), reaching(twins.side(other))
        fewer = 0 if reached[0] is None or reached[1] is None else reached[0] - reached[1]
        found = lacking(twins, name, fewer)
        if found is None or not found.examples:
            continue
        if left_over and left_over.name == other and found.examples <= left_over.examples:
            if not 0 < fewer < found.of:
                continue
            # The plans tell what is missing apart from what does not fill a batch.
            found = replace(found, examples=min(found.examples, fewer))
        if all(drops_tail(twins.side(side)) for side in SIDES) and found.examples < _batch(
            twins, other
        ):
            continue  # each side leaves out what does not fill its last batch, in an order of its own
        share = found.examples / found.of
        classes = _classes(twins.side(name), found)
        about = "" if found.confidence == 1 else "about "
        likely = (
            "" if found.confidence == 1 else f" (paired by likeness, {found.confidence:.1%} sure)"
        )
        yield MEASURE.finding(
            f"{about}{found.examples:,} of {name}'s {found.of:,} examples never arrive in {other}"
            f" ({share:.1%}{', ' + classes if classes else ''}){likely}",
            evidence={
                "side_that_lacks_them": other,
                "missing_examples": found.examples,
                "examples": found.of,
                "epochs_searched": sum(epoch.looked for epoch in twins.side(other).epochs),
                "confidence": round(found.confidence, 4),
                "classes": classes,
            },
            fix=Fix(
                f"Let {other} read the files that only {name} reads",
                "compare the lists of files, their extensions, the validation split and .take(...)"
                f" or .shard(...) of {other}",
                Safety.SHOW,
            ),
            size=min(0.9, 0.4 + share),
        )


def _batch(twins: Twins, name: SideName) -> int:
    return int(twins.side(name).ticks.size.max(initial=0))


def _classes(trace: Trace, found: Lacking) -> str:
    """The classes of the missing examples, where they are few of many."""
    if not len(found.rows) or not label_form(trace).is_class:
        return ""
    every = np.unique(trace.rows.label)
    missing = np.unique(trace.rows.label[found.rows])
    if len(every) < 2 or len(missing) * 2 > len(every):
        return ""
    named = ", ".join(f"{label:g}" for label in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"all of class {named}{more}"


MEASURE = Measure(
    code="BAT205",
    name="missing-examples",
    severity=Severity.WARNING,
    tags=("file-set-mismatch", "eval-covers-partial-set", "shard-bias"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
)
