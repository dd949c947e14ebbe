"""A stateless random operation with a constant seed, which draws the same for every example.

## What it does
Looks for `stateless_random_...` whose seed is a constant of the function.

## Why it matters
The same seed gives the same number: either every image of every epoch is flipped or none is, and all
get the same brightness. It is a fixed change and no augmentation.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.stateless_random_flip_left_right(x, seed=(1, 2)), y)).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
rng = tf.random.Generator.from_seed(1)
ds = ds.map(lambda x, y: (tf.image.stateless_random_flip_left_right(x, seed=rng.make_seeds(2)[0]), y)).batch(32)
```

## Fix safety
Unsafe: each example gets a change of its own, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find random numbers that are always the same."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "augment", "decode", "resize", "map"):
        fixed = [act for act in step.acts if act.settings.get("fixed_seed") and act.reaches]
        if not fixed or any(act.settings.get("fixed_seed") is False for act in step.acts):
            continue
        per = "every batch" if is_batched(lines[0], step) else "every example"
        yield RULE.finding(
            subject,
            f"a constant seed ({fixed[0].op}) gives {per} of every epoch the same random change",
            step=step,
            evidence={"draws": len(fixed)},
            fix=Fix(
                "Give each call a seed of its own",
                "rng = tf.random.Generator.from_seed(1); seed=rng.make_seeds(2)[0]",
                Safety.UNSAFE,
            ),
            size=0.8,
        )


RULE = Rule(
    code="AUG103",
    name="one-draw-for-all",
    severity=Severity.ERROR,
    tags=("seed-repeats-randomness", "augment-semantics"),
    since="0.2",
    check=check,
    page=__doc__,
)
