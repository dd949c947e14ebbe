"""Sample weights that reach the train step on one side only, or are others there.

## What it does
Looks for weights in the batches of both sides. Where weights or class weights were given to the
call and none reach the step, the finding says that they are lost. Where both sides bring weights and
gave the same examples to their ends, it compares the smallest, the largest and the mean.

## From what size
Exact: one call on each side is enough.

## Why it matters
Weights decide how much an example counts. Without them a rare class that was to weigh ten times
weighs once, and the loss is that of another problem; with them a loss of 0.3 is not comparable
with one of 0.3 without.

## Example
```python
weight = np.where(labels == 0, 5.0, 1.0).astype("float32")
a = fit_trace(images, labels, sample_weight=weight, shuffle=False)
b = fit_trace(images, labels, shuffle=False)
```

Use instead:
```python
weight = np.where(labels == 0, 5.0, 1.0).astype("float32")
a = fit_trace(images, labels, sample_weight=weight, shuffle=False)
b = fit_trace(images, labels, sample_weight=weight, shuffle=False)
```

## Fix safety
Unsafe: the loss changes.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._consumption import given
from twinfeed.diff._twins import EACH_WAY, Twins
from twinfeed.diff._values._other_inputs import same_examples

_OTHERWISE = 1e-3  # of the largest weight; below it a rule was rounded otherwise


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side without weights while the other has some."""
    for name, other in EACH_WAY:
        trace, theirs = twins.side(name), twins.side(other)
        if trace.spec.part("weight") or not theirs.spec.part("weight") or not trace.spec.leaves:
            continue
        if trace.fit is None and theirs.fit is None:
            continue  # then it is the structure of the feeds that differs
        handed = _handed(trace)
        leaf = theirs.spec.part("weight")[0]
        stats = theirs.stats_of(leaf.path)
        mean = stats.mean[0] if stats and stats.mean else None
        yield MEASURE.finding(
            f"{other}'s batches bring sample weights"
            + (f" (mean {mean:.3g})" if mean is not None else "")
            + (
                f", {name}'s were given {handed} and none reaches the step"
                if handed
                else f", {name}'s bring none"
            ),
            evidence={
                "side_without_weights": name,
                "given_to_the_call": handed,
                "other_mean_weight": mean,
                "other_lowest_weight": stats.low if stats else None,
                "other_highest_weight": stats.high if stats else None,
                "examples": len(trace.rows),
                "other_examples": len(theirs.rows),
            },
            fix=Fix(
                f"Give {name} the same weights",
                "sample_weight=... or class_weight=... in fit beside arrays; (x, y, weight) as"
                " elements of any other feed",
                Safety.UNSAFE,
            ),
            size=0.7 if handed else 0.55,
            severity=Severity.ERROR if handed else None,
        )
    yield from _others(twins)


def _others(twins: Twins) -> Iterator[Answer]:
    """Find weights on both sides that are not the same for the same examples."""
    if not same_examples(twins):
        return
    a, b = _ends(twins.left), _ends(twins.right)
    if a is None or b is None:
        return
    largest = max(map(abs, (*a, *b)))
    if all(abs(x - y) <= _OTHERWISE * largest for x, y in zip(a, b, strict=True)):
        return
    said = [f"{low:.3g} to {high:.3g}, mean {mean:.3g}" for low, high, mean in (a, b)]
    yield MEASURE.finding(
        f"the same examples have other sample weights: A's are {said[0]}, B's {said[1]}",
        evidence={
            "a_lowest_weight": a[0],
            "a_highest_weight": a[1],
            "a_mean_weight": a[2],
            "b_lowest_weight": b[0],
            "b_highest_weight": b[1],
            "b_mean_weight": b[2],
            "examples": len(twins.left.rows),
        },
        fix=Fix("Give both the same weights", "one rule for the weights of both", Safety.UNSAFE),
        size=0.55,
    )


def _ends(trace: Trace) -> tuple[float, float, float] | None:
    """The smallest, the largest and the mean weight; ``None`` without one kind of weights."""
    leaves = trace.spec.part("weight")
    stats = trace.stats_of(leaves[0].path) if len(leaves) == 1 else None
    if stats is None or stats.low is None or stats.high is None or not stats.mean:
        return None
    return stats.low, stats.high, stats.mean[0]


def _handed(trace: Trace) -> str:
    """What of weights was given to the call and did not arrive."""
    if given(trace, "class_weight") is True:
        return "class_weight"
    if given(trace, "sample_weight") is True:
        return "sample_weight"
    if trace.fit and trace.fit.spec and trace.fit.spec.part("weight"):
        return "weights as third part of each element"
    return ""


MEASURE = Measure(
    code="FIT203",
    name="weights-dropped",
    severity=Severity.WARNING,
    tags=("fit-argument-ignored",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
