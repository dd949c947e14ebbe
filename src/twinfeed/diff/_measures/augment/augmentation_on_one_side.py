"""One feed changes its examples at random, the other gives them as they are.

## What it does
Finds the same examples in two epochs of each feed, and in two builds of it, and compares
their content bit for bit. Of several inputs it says which one stays as it is. Where the feed that
augments also mixes its order and the other does neither, as for training and evaluation, what else
the inputs differ in is named before it.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed changes one
example in three at random. Below that the answer is undecided and says how many it takes.

## Why it matters
Augmentation is the difference that moves final accuracy most: without it a network memorises
a small data set, with it the training loss is higher and the validation loss lower. A twin
that forgot it trains on another problem. So does one that only seems to augment: a number of
Python or NumPy inside a map is drawn once, while the function is traced; examples may have been
augmented once and stored; a generator seeded per example repeats itself.

## Example
```python
def flip(x, y):
    return tf.image.random_flip_left_right(x), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
b = tf.data.Dataset.from_tensor_slices((images, labels)).map(flip).batch(40)
```

Use instead:
```python
def flip(x, y):
    return tf.image.random_flip_left_right(x), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).map(flip).batch(40)
b = tf.data.Dataset.from_tensor_slices((images, labels)).map(flip).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Step
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._randomness import CHANGES, Randomness, past_recognition, randomness
from twinfeed.diff._reach import Reach, drawing_unknown
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._twins import EACH_WAY, SideName, Twins, kept_index

_WORDS = {
    "fresh": "changes its examples anew each epoch",
    "frozen": "changes its examples once and replays them",
    "repeated": "draws the same random changes in every epoch",
}

_FOUND = 0.5  # share of the examples to be met again in whole epochs, for all to be said unchanged
_LEAST_KEPT, _UNCHANGED = 10, 0.98  # whole main inputs to compare, and how many must be alike
_HOW_IT_RUNS = {"num_parallel_calls", "deterministic", "drop_remainder", "python"}
"""Settings that say nothing of what a step draws."""


def look(twins: Twins) -> Iterator[Answer]:
    """Compare whether the two sides augment."""
    found: dict[SideName, Randomness] = {"A": randomness(twins, "A"), "B": randomness(twins, "B")}
    for one, other in EACH_WAY:
        here, there = found[one], found[other]
        if here.state not in _WORDS or there.state != "none":
            yield from _in_doubt(twins, one, here, there)
            continue
        changed = here.epoch_changed if here.state == "fresh" else here.build_changed
        share = f", in {changed:.0%} of {_seen(here):,} examples" if changed else ""
        plain = here.state == "fresh" and bool(len(twins.side(one).plain))
        beside = _beside(twins, one) if here.state == "fresh" else None
        yield MEASURE.finding(
            f"{one} {beside or _WORDS[here.state]}{share}, {other} gives"
            f" each one alike in every epoch ({there.epoch_examples:,} in two)",
            strength=Strength.PROVEN if plain else Strength.MEASURED,
            evidence={
                "augmented_side": one,
                "state": here.state,
                "examples_changed_share": changed,
                "examples_seen_twice": _seen(here),
                "other_examples_seen_twice": there.epoch_examples,
                "steps": ", ".join(step.name or step.where for step in here.steps) or None,
            },
            fix=Fix(
                f"Keep the inputs of {one} together, or draw them anew in both"
                if beside
                else f"Give {other} the augmentation of {one}, drawn anew for each example, or take"
                " it from both",
                "shuffle behind the zip of the inputs, or make all of them in one map"
                if beside
                else _code(here.steps),
                Safety.UNSAFE,
            ),
            # Few examples that change are an accident of something else, say of values cut off.
            size=0.95 if changed is None else min(0.95, 0.4 + changed),
        )


def _beside(twins: Twins, name: SideName) -> str | None:
    """What to say where only inputs beside the main one change from epoch to epoch."""
    trace, again = twins.side(name), twins.epochs_of(name)
    inputs = trace.spec.part("x")
    if again is None or trace.main is None or len(inputs) == 1:
        return None
    changed = ~again.same
    first, second = (
        kept_index(trace, rows[changed]) for rows in (again.pairs.left, again.pairs.right)
    )
    both = (first >= 0) & (second >= 0)
    rows: list[list[int]] = [first[both].tolist(), second[both].tolist()]
    alike: list[bool] = []
    for i, j in zip(*rows, strict=True):
        kept: list[Array] = [trace.kept.values[i], trace.kept.values[j]]
        alike.append(np.array_equal(kept[0], kept[1]))
    if len(alike) < _LEAST_KEPT or sum(alike) < _UNCHANGED * len(alike):
        return None
    others = " and ".join(leaf.path for leaf in inputs if leaf.path != trace.main.path)
    return f"leaves {trace.main.path} as it is and changes {others} beside it anew each epoch"


def _in_doubt(
    twins: Twins, name: SideName, here: Randomness, there: Randomness
) -> Iterator[Answer]:
    """What is open where too few of a side's examples were recognised in its next epoch."""
    again = twins.epochs_of(name)
    if there.state != "none" or again is None or again.pairs.method in {"id", "place"}:
        return
    rows, pairs = min(len(again.pairs.left_rows), len(again.pairs.right_rows)), len(again.pairs)
    # Of pictures that nobody knows again it is asked how both sides augment.
    hardly = here.epoch_changed is None and past_recognition(twins, name) is None
    lost = (here.state == "none" or hardly) and pairs < _FOUND * rows
    lost = lost and _both_whole(twins.side(name))
    if not (lost or here.in_doubt) or pairs >= rows:
        return
    changed = int((~again.same).sum())
    yield MEASURE.undecided(
        f"whether {name} {CHANGES}: of {rows:,} that came in two epochs"
        f" {pairs:,} were recognised, of which {changed:,} had changed",
        "more examples of each feed, or examples that carry an id such as a path or a tfds_id",
    )


def _both_whole(trace: Trace) -> bool:
    """Whether the first two epochs were read to their end, so that both hold all examples."""
    looked = [at for at, epoch in enumerate(trace.epochs) if epoch.looked and epoch.build == 0]
    return len(looked) > 1 and all(is_whole(trace, at) for at in looked[:2])


def _seen(found: Randomness) -> int:
    return found.epoch_examples if found.state == "fresh" else found.build_examples


def _code(steps: tuple[Step, ...]) -> str:
    active = [
        f"{key}={value}"
        for step in steps
        for key, value in step.settings.items()
        if isinstance(value, bool | int | float | str)
        and step.kind == "augment"
        and key not in _HOW_IT_RUNS
    ]
    return ", ".join(active) or "map the same random functions after cache and before batch"


MEASURE = Measure(
    code="AUG201",
    name="augmentation-on-one-side",
    severity=Severity.WARNING,
    tags=(
        "augment-semantics",
        "augmentation-on-eval",
        "random-frozen-at-trace",
        "cache-freezes-randomness",
        "seed-repeats-randomness",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed changes one example in three at random",
        open=drawing_unknown,
    ),
    prior_cost="Huang et al. 2017 (DenseNet-BC, k=24): 5.19 % error on CIFAR-10 without flips and shifts,"
    " 3.62 % with them",
)
