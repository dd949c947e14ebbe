"""Random changes that are drawn once and then replayed in every epoch.

## What it does
Compares the same examples in two epochs of one build (they are equal bit for bit) and in two
builds (they are not): so randomness was drawn, and then kept. Where the plan shows it, names
the cache that keeps it.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed replays
changes that it drew once. Below that the answer is undecided and says how many it takes.

## Why it matters
A `cache` behind a random map stores the first draw of each example. From the second epoch on
the network sees one fixed, slightly damaged copy of the data: no regularisation is left, and
the unchanged original is never seen at all.

## Example
```python
def turn(x, y):
    return tf.image.random_flip_left_right(x), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).map(turn).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).map(turn).cache().batch(32)
```

Use instead:
```python
def turn(x, y):
    return tf.image.random_flip_left_right(x), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).map(turn).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).cache().map(turn).batch(32)
```

## Fix safety
Unsafe: the augmentation becomes fresh in each epoch; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._randomness import Randomness, randomness
from twinfeed.diff._reach import Reach, drawing_unknown
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Look for a side that replays its draws."""
    found = {"A": randomness(twins, "A"), "B": randomness(twins, "B")}
    if found["A"].state == found["B"].state:
        return
    for name, here in found.items():
        if here.state != "frozen":
            continue
        where = f" by the {here.cache.where}" if here.cache else ""
        rebuilt = here.build_changed is not None
        witness = (
            f"while a fresh build of the same pipeline changes {here.build_changed:.0%} of"
            f" {here.build_examples:,}"
            if rebuilt
            else f"although its {here.steps[0].where} draws random numbers"
        )
        yield MEASURE.finding(
            f"{name}'s augmentation is frozen{where}: {_same(here)} of"
            f" {here.epoch_examples:,} examples come unchanged in the next epoch, {witness}",
            # A fresh build is the intervention: nothing but the cache's content is new in it.
            strength=Strength.PROVEN if here.cache and rebuilt else Strength.MEASURED,
            evidence={
                "side": name,
                "epoch_changed_share": here.epoch_changed,
                "epoch_examples": here.epoch_examples,
                "build_changed_share": here.build_changed,
                "build_examples": here.build_examples,
                "random_steps": ", ".join(step.where for step in here.steps) or None,
                "cache": here.cache.where if here.cache else None,
            },
            fix=Fix(
                "Put the cache before the random map",
                "ds.cache().map(augment, num_parallel_calls=tf.data.AUTOTUNE)",
                Safety.UNSAFE,
            ),
            size=1.0,
        )


def _same(here: Randomness) -> str:
    return f"{round((1 - (here.epoch_changed or 0)) * here.epoch_examples):,}"


MEASURE = Measure(
    code="AUG202",
    name="frozen-augmentation",
    severity=Severity.ERROR,
    tags=("cache-freezes-randomness", "random-frozen-at-trace"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed replays changes that it drew once",
        open=drawing_unknown,
    ),
)
