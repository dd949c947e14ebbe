"""Predictions that come in another order.

## What it does
Compares the order in which examples reached `predict` on both sides. Where it differs, predictions of
the one cannot be held against labels or file names that were listed for the other. Two pipelines
that shuffle alike are named too where both predict: the results of each come in an order of their own.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether one side predicts in a
mixed order. Below that the answer is undecided and says how many it takes.

## Why it matters
`image_dataset_from_directory` and `flow_from_directory` shuffle by default. Labels read in one
pass and predictions made in a second are then two orders of the same data: a network that is
right in 86 % of the cases looks as good as chance, and the confusion matrix is noise.

## Example
```python
data = tf.data.Dataset.from_tensor_slices(images)
a = fit_trace(data.shuffle(400).batch(32), method="predict")
b = fit_trace(data.batch(32), method="predict")
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices(images)
a = fit_trace(data.batch(32), method="predict")
b = fit_trace(data.batch(32), method="predict")
```

## Fix safety
Safe: the mean of a metric does not depend on the order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, predictions_differ
from twinfeed.diff._streams._order import offset
from twinfeed.diff._twins import EACH_WAY, Twins

_LEAST_PAIRS = 10
_LEAST_CONFIDENCE = 0.9
_OTHER = 0.2  # share of the examples at another place


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose predictions come in a drawn order while the other's do not."""
    pairs = twins.pairs
    if len(pairs) < _LEAST_PAIRS or pairs.confidence < _LEAST_CONFIDENCE:
        return
    places = twins.left.rows.position[pairs.left], twins.right.rows.position[pairs.right]
    moved = float((places[0] != places[1]).mean())
    if moved < _OTHER or offset(twins) is not None:
        return
    if all(side.role == "predict" and _shuffles(side) for side in (twins.left, twins.right)):
        yield MEASURE.finding(
            f"both predict in an order that is drawn anew in each pass: {moved:.1%} of the"
            f" {len(pairs):,} examples stand at another place in A than in B",
            evidence={
                "side": "both",
                "share_at_another_place": round(moved, 4),
                "examples": len(pairs),
            },
            fix=Fix(
                "Keep what is predicted in the order of its labels",
                "shuffle=False in the reader of each side, and its own list of files",
                Safety.SAFE,
            ),
            size=0.7,
        )
        return
    for name, other in EACH_WAY:
        trace, theirs = twins.side(name), twins.side(other)
        if trace.role != "predict" or (_shuffles(theirs) and theirs.role != "evaluate"):
            continue
        drawn = _shuffles(trace)
        if not drawn and (name == "B" or theirs.role != "predict"):
            continue
        yield MEASURE.finding(
            f"{name} predicts in {'an order that is drawn anew in each pass' if drawn else 'another order'}: {moved:.1%} of the"
            f" {len(pairs):,} examples stand at another place than in {other}",
            evidence={
                "side": name,
                "share_at_another_place": round(moved, 4),
                "examples": len(pairs),
            },
            fix=Fix(
                f"Keep what {name} predicts in the order of its labels",
                "shuffle=False in the reader, and its own list of files",
                Safety.SAFE,
            ),
            size=0.7,
        )


def _shuffles(trace: Trace) -> bool:
    return trace.plan is not None and any(trace.plan.of_kind("shuffle"))


MEASURE = Measure(
    code="ORD207",
    name="predicted-in-another-order",
    severity=Severity.WARNING,
    tags=("predict-shuffled-misaligned",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="one side predicts in a mixed order",
        open=predictions_differ,
    ),
)
