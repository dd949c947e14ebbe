"""Two parts of one set of files that were drawn by different rules.

## What it does
Where both sides are recognised by name or by content and were read to their ends, counts the
examples in common. Some, but less than half of the smaller side, mean two parts of one set.

## Why it matters
`validation_split` of the older readers takes the first files of each class in order of their
names, `image_dataset_from_directory` draws with its seed, and arrays give their last rows. Scores
on two such parts are not comparable, and a part in order of names may be one patient or one day.

## Example
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[:100], labels[:100])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

Use instead:
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[order], labels[order])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

## Fix safety
Unsafe: the data change.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._split import parts
from twinfeed.diff._streams._identity import key_kind, keys_of, left_out_by_chance
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._streams._tails import same_data
from twinfeed.diff._twins import SIDES, Twins

_LESS = 0.5  # share of the smaller side in common from which examples are missing instead
_STILL_NEW = 0.05  # share of a side's examples that its latest epoch was the first to give
_LEAST = 3
_LEAST_EXAMPLES = 10


def look(twins: Twins) -> Iterator[Answer]:
    """Find two sides that have some of their examples in common, and not many."""
    if parts(twins) is not None or not all(_read_whole(twins.side(name)) for name in SIDES):
        return
    if same_data(twins, share=_LESS):
        return  # found again by likeness: the same examples, changed
    kind = "id" if key_kind(twins) == "id" else "content"
    if kind == "content" and not all(twins.is_plain(name) for name in SIDES):
        return  # changes drawn once and kept make other contents of the same examples
    left, right = (np.unique(keys_of(twins.side(name), kind)) for name in SIDES)
    if any(
        left_out_by_chance(twins.side(name), kind, len(keys))[1] > _STILL_NEW * len(keys)
        for name, keys in zip(SIDES, (left, right), strict=True)
    ):
        return  # each epoch takes other examples: all may be in common in the end
    fewer = min(len(left), len(right))
    common = len(np.intersect1d(left, right, assume_unique=True))
    if fewer < _LEAST_EXAMPLES or common < _LEAST or common >= _LESS * fewer:
        return
    yield MEASURE.finding(
        f"only {common:,} of A's {len(left):,} and B's {len(right):,} examples are the same: they are"
        " two parts of one set, drawn by different rules",
        evidence={
            "examples_in_common": common,
            "a_examples": len(left),
            "b_examples": len(right),
            "told_by": kind,
        },
        fix=Fix(
            "Draw both parts by one rule",
            "one list of files, mixed once with a seed and split once, for both feeds",
            Safety.UNSAFE,
        ),
        size=0.75,
    )


def _read_whole(trace: Trace) -> bool:
    looked = [index for index, epoch in enumerate(trace.epochs) if epoch.looked]
    return bool(looked) and all(is_whole(trace, index) for index in looked)


MEASURE = Measure(
    code="BAT213",
    name="little-in-common",
    severity=Severity.WARNING,
    tags=("split-not-random", "file-set-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
)
