"""A seed makes every epoch draw the same random changes.

## What it does
Finds a feed whose plan draws random numbers, and whose examples are nevertheless the same bit
for bit in two epochs and in two builds. Where no plan shows it, pictures are held against two
draws of the other feed: a plain picture has no part in what these have in common, one that was
moved, or made brighter or darker, by the same rule has as large a part as each of them. Pictures
that are only mirrored do not tell.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed draws the
same flips in every epoch and the other draws anew. Below that the answer is undecided and says
how many it takes.

## Why it matters
`tf.random.set_seed`, and a `seed` that is reset with each iterator, start the random stream
again at each epoch. The augmentation then adds one fixed copy of the data instead of new ones,
and its regularising effect is gone; nothing in the pipeline looks wrong.

## Example
```python
def seeded(x, y):
    return tf.image.stateless_random_flip_left_right(x, seed=(1, 2)), y

def fresh(x, y):
    return tf.image.random_flip_left_right(x), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(fresh).batch(32), data.map(seeded).batch(32)
```

Use instead:
```python
def fresh(x, y):
    return tf.image.random_flip_left_right(x), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(fresh).batch(32), data.map(fresh).batch(32)
```

## Fix safety
Unsafe: the random stream changes; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._randomness import randomness
from twinfeed.diff._reach import Reach, drawing_unknown
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Look for a side whose draws repeat although nothing caches them."""
    found = {"A": randomness(twins, "A"), "B": randomness(twins, "B")}
    for name, other in EACH_WAY:
        here = found[name]
        if here.state != "repeated" or found[other].state not in {"fresh", "frozen"}:
            continue
        step = here.steps[0] if here.steps else None
        witness = (
            f"its {step.where} draws random numbers"
            if step
            else f"they are drawn at random, as those of {other} are"
        )
        yield MEASURE.finding(
            f"{name} draws the same random changes in every epoch: all {here.epoch_examples:,}"
            f" examples seen twice are equal, although {witness}",
            evidence={
                "side": name,
                "epoch_examples": here.epoch_examples,
                "build_examples": here.build_examples,
                "random_step": step.where if step else None,
                "ops": (", ".join(step.ops) or None) if step else None,
            },
            fix=Fix(
                "Draw a new seed for each example",
                "tf.data.Dataset.zip((ds, tf.data.Dataset.random(rerandomize_each_iteration=True)))"
                if step
                else "one generator that goes on between the epochs, not a seed set at the start of each",
                Safety.UNSAFE,
            ),
            size=0.9,
        )


MEASURE = Measure(
    code="AUG203",
    name="repeated-augmentation",
    severity=Severity.ERROR,
    tags=("seed-repeats-randomness",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed draws the same flips in every epoch and the other draws anew",
        open=drawing_unknown,
    ),
)
