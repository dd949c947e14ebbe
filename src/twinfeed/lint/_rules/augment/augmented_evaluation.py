"""Random changes on what a model is evaluated on.

## What it does
Looks for random steps in a feed that `evaluate`, `predict` or the validation of `fit` reads.

## Why it matters
The score changes from call to call and is that of harder examples than the real ones. The best epoch
by such a validation is partly the luckiest.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
model.evaluate(ds.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32))
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
model.evaluate(ds.batch(32))
```

## Fix safety
Unsafe: the examples change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find random steps where nothing is learned."""
    plan = subject.plan
    if plan is None or not subject.evaluates:
        return
    for step, lines in spots(plan, "augment", "decode", "resize", "map", "source", "other"):
        if not step.random or step.kind in {"source", "other"}:
            continue
        frozen = any(one.kind == "cache" for one in lines[0].after(step))
        role = "predicted from" if subject.use.role == "predict" else "evaluated on"
        yield RULE.finding(
            subject,
            f"examples that are {role} are changed at random"
            + (" (once, then cached)" if frozen else ""),
            step=step,
            evidence={"call": subject.use.call, "cached": frozen},
            fix=Fix("Leave the random step out here", _code(plan), Safety.UNSAFE),
            size=0.7,
        )


def _code(plan: Plan) -> str:
    if "ImageDataGenerator" in plan.library:
        return "ImageDataGenerator(rescale=...) without ranges and flips for this feed"
    return "train = ds.map(augment); test = ds"


RULE = Rule(
    code="AUG101",
    name="augmented-evaluation",
    severity=Severity.WARNING,
    tags=("augmentation-on-eval",),
    since="0.2",
    check=check,
    page=__doc__,
)
