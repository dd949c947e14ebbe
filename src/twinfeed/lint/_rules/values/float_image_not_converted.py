"""`convert_image_dtype` on floats, which scales nothing.

## What it does
Looks for `tf.image.convert_image_dtype` in a function that floats of 0 to 255 enter and leave.

## Why it matters
`convert_image_dtype` divides whole numbers by their maximum and leaves floats alone. Behind `resize`,
which makes floats, it does nothing, and levels of 0 to 255 reach a model that expects 0 to 1.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))

def prepare(x, y):
    return tf.image.convert_image_dtype(tf.image.resize(x, (16, 16)), tf.float32), y

ds = ds.map(prepare).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))

def prepare(x, y):
    return tf.image.resize(tf.image.convert_image_dtype(x, tf.float32), (16, 16)), y

ds = ds.map(prepare).batch(32)
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Leaf, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    is_picture,
    last_step,
    spots,
)

_CALL = "tensorflow.image.convert_image_dtype"
_LEVELS = 2.0


def check(subject: Subject) -> Iterator[Answer]:
    """Find a conversion that converts nothing."""
    plan = subject.plan
    last = last_step(plan)
    if plan is None or last is None:
        return
    for step, _ in spots(plan, "map", "decode", "resize", "augment"):
        if _CALL not in step.mentions or _converts(step):
            continue
        raw = [leaf for leaf in step.leaves if is_picture(leaf) and _is_raw(leaf)]
        ends = [leaf for leaf in last.leaves if is_picture(leaf) and _is_raw(leaf)]
        if not raw or not ends:
            continue
        yield RULE.finding(
            subject,
            "convert_image_dtype meets floats and scales nothing: the pictures keep values from"
            f" {raw[0].low:g} to {raw[0].high:g}",
            step=step,
            evidence={"low": raw[0].low, "high": raw[0].high},
            fix=Fix(
                "Convert before anything makes floats of the pictures, or divide",
                "tf.image.resize(tf.image.convert_image_dtype(x, tf.float32), size)",
                Safety.UNSAFE,
            ),
            size=0.8,
        )


def _is_raw(leaf: Leaf) -> bool:
    return leaf.dtype.startswith("float") and leaf.high is not None and leaf.high > _LEVELS


def _converts(step: Step) -> bool:
    """Whether a whole dtype is divided by its maximum, which is what it does to whole numbers."""
    return any(
        act.op == "Mul"
        and (constant := act.number("constant")) is not None
        and min(abs(constant * whole - 1) for whole in (255, 65535, 127, 32767)) < 0.01
        for act in step.acts
    )


RULE = Rule(
    code="VAL102",
    name="float-image-not-converted",
    severity=Severity.WARNING,
    tags=("input-dependent-scaling", "missing-rescale"),
    since="0.2",
    check=check,
    page=__doc__,
)
