"""The same class bears another number in the other feed.

## What it does
Holds the labels of paired examples against each other, one-hot labels by the place of their
one: where each class of A is always the same class of B, and not always the one of the same
number, the table is a permutation.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether the classes of one
feed bear other numbers. Below that the answer is undecided and says how many it takes.

## Why it matters
Folder names are sorted as text, so `10` stands before `2`; a hidden folder becomes class 0 in
one reader and is skipped by the other. Either feed trains as well as the other, but weights,
class weights, and an evaluation of one with the labels of the other are wrong.

A number added to every class is said by `label-values-differ`.

## Example
```python
order = np.array(sorted(range(10), key=lambda digit: str(digit + 1)))
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, np.argsort(order)[labels])).batch(32)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
```

## Fix safety
Unsafe: labels change; weights trained with the old order need the old order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_labels
from twinfeed.diff._labels._story import label_story
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, labels_differ
from twinfeed.diff._twins import Twins

_SHOWN = 6


def look(twins: Twins) -> Iterator[Answer]:
    """Say which class became which."""
    found = label_story(twins)
    if found is None or found.kind != "permuted":
        return
    moved = {a: b for a, b in found.mapping.items() if a != b}
    shown = ", ".join(f"{a}->{b}" for a, b in list(moved.items())[:_SHOWN])
    more = ", ..." if len(moved) > _SHOWN else ""
    of = len(found.mapping)
    yield MEASURE.finding(
        f"{len(moved)} of {of} class{'es' if of != 1 else ''} bear{'s' if len(moved) == 1 else ''}"
        f" another number in B: {shown}{more}"
        f" ({found.pairs:,} paired examples, {found.agree:,} agree)",
        evidence={
            "classes_moved": len(moved),
            "classes_seen": of,
            "mapping": ", ".join(f"{a}->{b}" for a, b in found.mapping.items()),
            "pairs": found.pairs,
            "pairs_that_agree": found.agree,
            "agree_share_low": found.low,
            "agree_share_high": found.high,
        },
        fix=Fix("Give both feeds the same list of classes", _code(twins.right), Safety.UNSAFE),
        size=0.8 * len(moved) / of,
    )


def _code(trace: Trace) -> str:
    if built_by(trace, "ImageDataGenerator"):
        return "classes=[...] in flow_from_directory(...) or flow_from_dataframe(...)"
    if built_by(trace, "tf.data"):
        return (
            "class_names=[...] in image_dataset_from_directory(...), or"
            f" {on_labels(trace, 'tf.gather(number_in_a, y)')}"
        )
    return on_labels(trace, "number_in_a[y]")


MEASURE = Measure(
    code="LBL202",
    name="different-class-order",
    severity=Severity.WARNING,
    tags=("class-index-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="the classes of one feed bear other numbers",
        open=labels_differ,
    ),
)
