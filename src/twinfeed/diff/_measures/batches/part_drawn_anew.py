"""A part of the data that is another part in each epoch.

## What it does
Reads whether a `take`, `skip` or `shard` stands behind a shuffle that draws anew in each epoch, on
one side only, and counts the different examples that the epochs held. Where one side takes so many
examples behind such a shuffle and the other skips as many, it counts those that were in both.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
`shuffle(n).take(k)` looks like a fixed subset and is a new one in each pass: a training on "10 %"
sees all of the data after some epochs, a validation set is never the same twice, and what `skip`
leaves for training holds what `take` gave to validation an epoch ago.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).take(80).batch(20)
b = data.shuffle(400, reshuffle_each_iteration=False).take(80).batch(20)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400, reshuffle_each_iteration=False).take(80).batch(20)
b = data.shuffle(400, reshuffle_each_iteration=False).take(80).batch(20)
```

## Fix safety
Unsafe: the data change.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Step
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._split import examples_of, in_one_round, parts, redrawn_part, shared
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose part is drawn anew while the other's stays, or two halves of such a draw."""
    if parts(twins) is None:  # what trains and what validates is asked elsewhere
        yield from _two_halves(twins)
    for name, other in EACH_WAY:
        trace, theirs = twins.side(name), twins.other(name)
        found = redrawn_part(trace.plan)
        if found is None or trace.plan is None or redrawn_part(theirs.plan):
            continue
        shuffle, part = found
        if _takes_everything(part):
            continue
        epochs, different, largest = _counts(trace)
        once = in_one_round(trace.plan, part)
        rounds = once is not None and different > once
        seen = rounds or (epochs > 1 and different > largest)
        if epochs > 1 and not seen:
            continue
        passes = f"rounds of {once:,}" if rounds else f"{epochs} epochs of {largest:,}"
        yield MEASURE.finding(
            f"{name} takes a part ({part.where}) behind {shuffle.where}, which draws a new order in"
            " each epoch"
            + (f": {passes} examples held {different:,} different ones" if seen else "")
            + f"; {other}'s part stays",
            strength=Strength.MEASURED if seen else Strength.READ,
            evidence={
                "side": name,
                "epochs": epochs,
                "examples_per_epoch": largest,
                "different_examples": different,
            },
            fix=Fix(
                f"Draw {name}'s part once",
                f"reshuffle_each_iteration=False and a seed in {shuffle.where}, or take the part"
                " before the shuffle",
                Safety.UNSAFE,
            ),
            size=0.9,
        )


def _two_halves(twins: Twins) -> Iterator[Answer]:
    """One side takes so many examples of an order drawn anew, the other skips as many."""
    halves = {name: redrawn_part(twins.side(name).plan) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = halves[name], halves[other]
        if mine is None or theirs is None:
            return
        (_, taken), (shuffle, left) = mine, theirs
        count = taken.integer("count")
        if taken.kind != "take" or left.name != "SkipDataset" or left.integer("count") != count:
            continue
        common = len(shared(twins.left, twins.right))
        if not common or taken.examples_in != left.examples_in:
            continue
        different = len(np.unique(examples_of(twins.side(name))[0]))
        yield MEASURE.finding(
            f"{name} takes {count:,} examples and {other} skips as many behind {shuffle.where},"
            f" which draws a new order in each epoch: {common:,} of the {different:,} different"
            f" examples that {name} held were in {other} too",
            evidence={
                "side": name,
                "shared_examples": common,
                "different_examples": different,
            },
            fix=Fix(
                "Split before anything is shuffled",
                "data.take(n) and data.skip(n).shuffle(...), or reshuffle_each_iteration=False and"
                f" a seed in {shuffle.where}",
                Safety.UNSAFE,
            ),
            size=0.9,
        )


def _takes_everything(part: Step) -> bool:
    count, reaching = part.integer("count"), part.examples_in
    if part.kind == "shard" or count is None:
        return False
    return count < 0 or count == 0 or (reaching is not None and count >= reaching)


def _counts(trace: Trace) -> tuple[int, int, int]:
    """Epochs of one content each, the different examples in them, and those of the largest."""
    if trace.plan is not None and any(step.random for step in trace.plan.steps):
        return 0, 0, 0
    keys, rows = examples_of(trace)
    sets = [np.unique(keys[each]) for each in rows]
    every = np.unique(np.concatenate(sets)) if sets else keys[:0]
    return len(sets), len(every), max((len(each) for each in sets), default=0)


MEASURE = Measure(
    code="BAT209",
    name="part-drawn-anew",
    severity=Severity.WARNING,
    tags=("split-leak", "eval-covers-partial-set", "shuffle-misplaced"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
