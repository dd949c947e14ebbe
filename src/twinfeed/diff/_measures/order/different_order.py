"""The same examples in another order.

## What it does
Pairs the examples of both first epochs and compares their places. Says nothing where one side
repeats its order and the other does not: that has a name of its own.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether each feed mixes its
examples by itself. Below that the answer is undecided and says how many it takes.

## Why it matters
Rarely a cause by itself: two seeds of one pipeline differ as much. It matters when labels are
read in one pass and predictions made in another, and it is why two runs on equal feeds do not
end with equal weights.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images[::-1], labels[::-1])).batch(32)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, places_differ
from twinfeed.diff._streams._order import left_to_fit, moves, offset
from twinfeed.diff._twins import Twins
from twinfeed.diff._two_parts import two_parts
from twinfeed.stats.sequence import rank_correlation

_LEAST_PAIRS = 10
_SAME = 0.8  # share of examples at the same place that wrong pairs cannot hide
_LEAST_CONFIDENCE = 0.9
_ALIKE = {
    "id": 0.999,
    "content": 0.999,
    "values": 0.999,
    "parts": 0.999,
    "likeness": 0.9,
    "place": 0.9,
}
"""Rank correlation of one order from which examples are missing, by how pairs were found."""


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the places of the examples that both sides have."""
    pairs = twins.pairs
    if len(pairs) < _LEAST_PAIRS or pairs.confidence < _LEAST_CONFIDENCE:
        return
    both_have = _in_both(twins)
    count = int(both_have.sum())
    places = (
        twins.left.rows.position[pairs.left[both_have]].astype(np.int64),
        twins.right.rows.position[pairs.right[both_have]].astype(np.int64),
    )
    same = float((places[0] == places[1]).mean())
    correlation = rank_correlation(*places)
    if same > _SAME or correlation > _ALIKE.get(pairs.method, 1) or offset(twins) is not None:
        return
    change = [moved.change if moved else None for moved in (moves(twins, "A"), moves(twins, "B"))]
    if None not in change and (change[0] == "still") != (change[1] == "still"):
        still = twins.left if change[0] == "still" else twins.right
        if not left_to_fit(still):
            return
    both = "; both change it in each epoch" if not {None, "still"} & set(change) else ""
    yield MEASURE.finding(
        f"the {count:,} examples in common come in another order: {1 - same:.1%} stand at"
        f" another place (rank correlation {correlation:.2f}){both}",
        evidence={
            "share_at_another_place": round(1 - same, 4),
            "rank_correlation": round(correlation, 4),
            "examples": count,
            "both_change": bool(both),
        },
        fix=Fix(
            "Give both the same seed and turn other sources of chance off, if equal runs are wanted",
            "seed=... where the order is drawn, and deterministic=True in tf.data's options",
            Safety.UNSAFE,
        ),
        size=0.05,
    )


def _in_both(twins: Twins) -> Array:
    """Which pairs are of one example: of two parts of a set, some rows that are alike are not.

    A feed without an end gives each example again and again: its first place is the one that counts.
    """
    pairs, drawn = twins.pairs, two_parts(twins)
    contents = twins.left.rows.content[pairs.left], twins.right.rows.content[pairs.right]
    every = np.ones(len(pairs), bool)
    if drawn is not None and drawn.told_by == "content":
        every &= contents[0] == contents[1]
    for trace, rows, content in zip(
        (twins.left, twins.right), (pairs.left, pairs.right), contents, strict=True
    ):
        if trace.infinite:
            every &= _first_of_each(content, trace.rows.position[rows])
    return every


def _first_of_each(content: Array, position: Array) -> Array:
    """Which rows are the first of their content."""
    order = np.argsort(position, kind="stable")
    first = np.zeros(len(content), bool)
    first[order[np.unique(content[order], return_index=True)[1]]] = True
    return first


MEASURE = Measure(
    code="ORD205",
    name="different-order",
    severity=Severity.NOTE,
    tags=("order-not-reproducible",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="each feed mixes its examples by itself",
        open=places_differ,
    ),
)
