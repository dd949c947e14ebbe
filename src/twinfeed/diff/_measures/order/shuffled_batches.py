"""Batches that keep their examples and only change places.

## What it does
Follows each example from the first to the second epoch, and counts how often two examples that
shared a batch share one again. If they nearly always do while the order changes, then whole
batches were shuffled, or only the order inside each batch. Groups that are not the batches show
in who follows whom: files read one after the other, or batches that were shuffled and taken apart.
Of a `PyDataset` or an `ImageDataGenerator` that gives one order in each epoch, `fit` shuffles the
batches and nothing else, so their batches are judged as well.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed shuffles
batches and the other examples. Below that the answer is undecided and says how many it takes.

## Why it matters
Every epoch then takes the same gradient steps in another order. Data that lie sorted by class
stay sorted inside each batch, so a batch holds one or two classes for ever, and batch
normalisation sees one class at a time.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32).shuffle(13)
b = data.shuffle(400).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).batch(32)
b = data.shuffle(400).batch(32)
```

## Fix safety
Unsafe: the composition of the batches changes, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import is_batched
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, order_unknown
from twinfeed.diff._streams._order import Moves, label_mixing, left_to_fit, moves, trains
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_RUNS = 4.0  # standard deviations
_TIMES = 2.0  # the other side keeps followers, or company, less often by this much


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that shuffles batches while the other mixes examples."""
    if not (trains(twins.left) and trains(twins.right)):
        return
    for name, other in EACH_WAY:
        mine, theirs = moves(twins, name), moves(twins, other)
        if mine and theirs and mine.shuffled_groups and theirs.follow * _TIMES < mine.follow:
            yield _groups(twins, name, mine, theirs)
            continue
        if mine is None or theirs is None or mine.company is None or not mine.fixed_batches:
            continue
        # Where batches stay as they are, `fit` mixes those of some feeds, and nothing else.
        still = mine.change == "still"
        if still and left_to_fit(twins.side(name)) != "batches":
            continue
        # Of a few batches that examples seldom leave, one side may keep all by chance.
        if theirs.company and theirs.company.excess * _TIMES >= mine.company.excess:
            continue
        # What came in one batch both times kept company, too, if neighbours stayed together.
        if theirs.company is None and theirs.follow * _TIMES >= mine.follow:
            continue
        trace, mixing = twins.side(name), label_mixing(twins.side(name))
        runs = mixing is not None and mixing.z > _RUNS
        does = "shuffles its batches, not its examples"
        if still:
            does = "keeps its batches, and fit shuffles only their order"
        yield MEASURE.finding(
            f"{name} {does}: {mine.company.again:.1%} of the pairs of examples that shared a"
            " batch share one again in the next epoch, where mixing would give"
            f" {mine.company.expected:.1%}",
            evidence={
                "side": name,
                "pairs_together_again": round(mine.company.again, 4),
                "expected_if_mixed": round(mine.company.expected, 4),
                "pairs_of_examples": mine.company.pairs,
                "examples": mine.examples,
                "batches": int(trace.rows.batch.max()) + 1,
                "other_pairs_together_again": round(theirs.company.again, 4)
                if theirs.company
                else None,
                "neighbour_label_agreement": round(mixing.agreement, 4) if mixing else None,
            },
            fix=_fix(trace, name),
            size=(0.2 if still else 0.9) if runs else 0.5,
            severity=Severity.ERROR if runs and not still and trace.role == "fit" else None,
        )


def _groups(twins: Twins, name: SideName, mine: Moves, theirs: Moves) -> Answer:
    trace, mixing = twins.side(name), label_mixing(twins.side(name))
    runs = mixing is not None and mixing.z > _RUNS
    return MEASURE.finding(
        f"{name} shuffles groups of about {mine.group_examples:.2g} examples, not examples:"
        f" {mine.follow:.1%} have the same follower in the next epoch,"
        f" {theirs.follow:.1%} in the other feed",
        evidence={
            "side": name,
            "same_follower": round(mine.follow, 4),
            "other_same_follower": round(theirs.follow, 4),
            "examples": mine.examples,
            "neighbour_label_agreement": round(mixing.agreement, 4) if mixing else None,
        },
        fix=_fix(trace, name),
        size=0.9 if runs else 0.5,
    )


def _fix(trace: Trace, name: str) -> Fix:
    plan = trace.plan
    misplaced = plan and next((s for s in plan.of_kind("shuffle") if is_batched(plan, s)), None)
    if misplaced:
        return Fix(
            f"Shuffle the examples of {name} before they are batched",
            f"move .shuffle(...) ({misplaced.where}) in front of .batch(...)",
            Safety.UNSAFE,
        )
    return Fix(
        f"Mix the examples of {name}, not its batches",
        argument(trace, "shuffle", examples=trace.examples),
        Safety.UNSAFE,
    )


MEASURE = Measure(
    code="ORD203",
    name="shuffled-batches",
    severity=Severity.WARNING,
    tags=("shuffle-misplaced",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed shuffles batches and the other examples",
        open=order_unknown,
    ),
)
