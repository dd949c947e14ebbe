"""One order for all epochs on one side, a new one each epoch on the other.

## What it does
Finds each example of the first epoch in the second, and compares its place. Arrays and
`PyDataset` objects that were read outside of `fit` are not judged: `fit` mixes them by default.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed repeats its
order and the other changes it. Below that the answer is undecided and says how many it takes.

## Why it matters
With one order, every epoch takes the same steps with the same batches, so the noise that mixing
brings into the gradients is missing and the network can learn the order. A list shuffled once,
`reshuffle_each_iteration=False`, or a cache behind the shuffle look as if they mixed.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400, reshuffle_each_iteration=False).batch(32)
b = data.shuffle(400).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).batch(32)
b = data.shuffle(400).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes from the second epoch on. For evaluation the order does
not matter, and this measure is silent there.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import example_shuffles, shuffles_once
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, order_unknown
from twinfeed.diff._streams._order import BY_CHANCE, label_mixing, left_to_fit, moves, trains
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins

_STAY = 0.5  # share at their places, by wrong pairs among few, that may be the same order as well
_LEAST_MOVED = 1.0  # places: else only that batches did not come again speaks for another order
_FEW_BY_LIKENESS = 60  # examples below which wrong pairs can make an order
_SORTED = 0.5  # label agreement beyond mixing above which the order itself is the worse fault


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that repeats its order while the other changes it."""
    if not (trains(twins.left) and trains(twins.right)):
        return
    for name, other in EACH_WAY:
        mine, theirs = moves(twins, name), moves(twins, other)
        if mine is None or mine.change != "still" or theirs is None or theirs.change == "still":
            continue
        trace, mixing = twins.side(name), label_mixing(twins.side(name))
        if left_to_fit(trace) or theirs.stay > _STAY or theirs.moved < _LEAST_MOVED:
            continue
        if _by_likeness(twins) and min(mine.examples, theirs.examples) < _FEW_BY_LIKENESS:
            yield MEASURE.undecided(
                f"whether {name} repeats its order: {mine.examples} examples were recognised by"
                " likeness alone, of which some may be taken for others",
                f"{_FEW_BY_LIKENESS} examples of each feed",
            )
            continue
        if theirs.by_chance > BY_CHANCE:
            yield MEASURE.undecided(
                f"whether {name} repeats its order: {other} moves whole batches, and its"
                f" {theirs.batches} keep their order by chance {theirs.by_chance:.1%} of the time",
                "a batch size that gives 7 batches or more in an epoch",
            )
            continue
        yield MEASURE.finding(
            f"{name} {_why(trace)} the same order in each epoch ({mine.examples:,} examples seen"
            f" twice), {other} moves an example by {theirs.moved:,.0f} places on average",
            evidence={
                "side": name,
                "examples_seen_twice": mine.examples,
                "places_moved": round(mine.moved, 2),
                "other_places_moved": round(theirs.moved, 2),
                "other_examples_seen_twice": theirs.examples,
            },
            fix=_fix(trace, name),
            size=0.2 if mixing is not None and mixing.excess > _SORTED else 0.4,
        )


def _by_likeness(twins: Twins) -> bool:
    """Whether likeness alone tells of some side which example came again where."""
    seen = [twins.epochs_of(name) for name in SIDES]
    return any(again is not None and again.pairs.method == "likeness" for again in seen)


def _why(trace: Trace) -> str:
    if shuffles_once(trace.plan):
        return "shuffles once and then gives"
    if trace.plan is not None and not example_shuffles(trace.plan):
        return "does not shuffle and gives"
    return "gives"


def _fix(trace: Trace, name: str) -> Fix:
    plan = trace.plan
    once = plan and next(
        (s for s in plan.of_kind("shuffle") if s.settings.get("reshuffle_each_iteration") is False),
        None,
    )
    cached = plan and next(
        (s for s in plan.of_kind("shuffle") if any(a.kind == "cache" for a in plan.after(s))), None
    )
    if once:
        code = f"reshuffle_each_iteration=True in .shuffle(...) ({once.where})"
    elif cached:
        code = f"move .cache() in front of .shuffle(...) ({cached.where})"
    elif example_shuffles(plan):
        code = argument(trace, "reorder")
    else:
        code = argument(trace, "shuffle", examples=trace.examples)
    return Fix(f"Give {name} a new order in each epoch", code, Safety.UNSAFE)


MEASURE = Measure(
    code="ORD204",
    name="same-order-each-epoch",
    severity=Severity.WARNING,
    tags=("shuffle-once-not-per-epoch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed repeats its order and the other changes it",
        open=order_unknown,
    ),
)
