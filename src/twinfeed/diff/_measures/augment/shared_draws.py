"""Workers or epochs that draw the same random numbers, each for other examples.

## What it does
Registers coarse views of examples at the same place of neighbouring batches, and at the same place
of two epochs, and counts how often both were changed by the same amounts. Two draws of a
continuous range are next to never alike; of mirrored pictures half are by chance. Where both
feeds draw, it asks how the examples of one moved from one epoch to the next, and whether one draw
for each place in the stream explains it.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether each batch of one feed
is moved as the one before it and the other feed changes nothing. Below that the answer is
undecided and says how many it takes.

## Why it matters
Worker processes that copy one state of NumPy's generator draw the same numbers; so does an epoch
that starts from the same seed as the one before. Every example still changes, so nothing looks
wrong, but the network sees a fraction of the variety that was paid for.

## Example
```python
class Moved(keras.utils.PyDataset):
    def __init__(self, copies):
        super().__init__()
        self.copies, self.drawn = copies, 0

    def __len__(self):
        return 6

    def __getitem__(self, index):
        some = photographs[4 * index : 4 * index + 4]
        if not self.copies:
            return some
        random = np.random.default_rng(self.drawn // self.copies)
        self.drawn += 1
        return np.stack([np.roll(x, random.integers(-8, 9, 2), axis=(0, 1)) for x in some])

a, b = Moved(copies=0), Moved(copies=3)
```

Use instead:
```python
class Moved(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.random = np.random.default_rng()

    def __len__(self):
        return 6

    def __getitem__(self, index):
        some = photographs[4 * index : 4 * index + 4]
        by = self.random.integers(-8, 9, (len(some), 2))
        return np.stack([np.roll(x, each, axis=(0, 1)) for x, each in zip(some, by)])

a, b = Moved(), Moved()
```

## Fix safety
Unsafe: the random stream changes; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._draws import Shared, drawn_again
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._views._threads import of_each


def look(twins: Twins) -> Iterator[Answer]:
    """Look for a side that uses its random numbers twice while the other does not."""
    policies = {name: policy(twins, name) for name in SIDES}
    found = of_each(lambda name: drawn_again(twins, name, policies[name]), SIDES)
    for name, other in EACH_WAY:
        theirs = {one.kind for one in found[other]}
        for one in found[name]:
            if one.kind not in theirs:
                yield _finding(name, one)


def _finding(name: SideName, one: Shared) -> Answer:
    where = "neighbouring batches" if one.kind == "workers" else "two epochs"
    counted = (
        f"at the same place of {where} {one.alike:.0%} of {one.pairs} pairs of draws are alike,"
        f" {one.chance:.0%} would be by chance"
    )
    if one.between:
        counted = (
            f"one draw for each place explains {one.alike:.0%} of how {one.pairs} examples moved"
            f" between two epochs, {one.chance:.0%} with places exchanged"
        )
    if one.kind == "workers":
        who = f"{one.workers} workers" if one.workers else "workers"
        said = f"{name}'s {who} draw the same random numbers: {counted}"
        code = "np.random.seed(torch.initial_seed() % 2**32) in worker_init_fn, or torch's own generator"
    else:
        said = f"{name} draws the same random numbers in every epoch, for other examples: {counted}"
        code = "one generator that goes on between the epochs, not a seed set at the start of each"
    return MEASURE.finding(
        said,
        evidence={
            "side": name,
            "shared_by": one.kind,
            "alike_share": one.alike,
            "chance_share": one.chance,
            "pairs": one.pairs,
            "workers": one.workers,
        },
        fix=Fix(f"Draw new numbers in {name}", code, Safety.UNSAFE),
        size=0.7,
    )


MEASURE = Measure(
    code="AUG214",
    name="shared-draws",
    severity=Severity.WARNING,
    tags=("worker-duplication", "seed-repeats-randomness"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="each batch of one feed is moved as the one before it and the other feed changes nothing",
        open=examples_change,
    ),
)
