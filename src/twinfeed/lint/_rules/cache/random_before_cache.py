"""A cache behind random changes, which replays the first epoch's for ever.

## What it does
Looks for random steps in front of a cache or a snapshot, also inside other pipelines.

## Why it matters
`cache()` gives its first pass again. Whatever was random before it is random once and fixed for ever
after: the network sees one augmented copy of each image instead of a new one per epoch.

## Example
```python
images, labels = np.zeros((100, 8, 8, 3), np.uint8), np.arange(100) % 10
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).cache().batch(32)
model.fit(ds, epochs=5)
```

Use instead:
```python
images, labels = np.zeros((100, 8, 8, 3), np.uint8), np.arange(100) % 10
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.cache().map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
model.fit(ds, epochs=5)
```

## Fix safety
Unsafe: what was frozen is drawn anew in each epoch, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Step
from twinfeed._core.plan_facts import random_before
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a cache of random values."""
    plan = subject.plan
    if plan is None or subject.evaluates:
        return
    for step, lines in spots(plan, "cache"):
        culprits = [one for line in lines if (one := random_before(line, step))]
        if not culprits:
            continue
        random = culprits[0]
        place = "in memory" if not _file(step) else f"in {_file(step)}"
        yield RULE.finding(
            subject,
            f"the cache {place} stands behind {random.where}, so every epoch replays the random"
            " changes of the first",
            step=step,
            evidence={"random": random.where, "draws": ", ".join(_draws(random))},
            fix=Fix(
                "Cache first, then change at random",
                "ds.cache().map(augment)",
                Safety.UNSAFE,
                rewrite="cache-before-random-map",
            ),
            size=0.9,
        )


def _file(step: Step) -> str:
    return str(step.settings.get("filename") or step.settings.get("path") or "")


def _draws(step: Step) -> list[str]:
    return [op for op in step.ops if "Random" in op or "Uniform" in op or "Normal" in op][:3]


RULE = Rule(
    code="CCH101",
    name="random-before-cache",
    severity=Severity.ERROR,
    tags=("cache-freezes-randomness",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="cache-before-random-map",
)
