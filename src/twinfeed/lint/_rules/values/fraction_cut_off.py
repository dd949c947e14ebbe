"""Fractions cut off: pictures of two or three levels are left.

## What it does
Looks for pictures whose values are divided as whole numbers, or cast from 0..1 to a whole dtype.

## Why it matters
`x // 255` on `uint8` is 0 but for the brightest level, which is 1. Nothing fails; the pictures are black.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (x // 255, y)).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (x / 255, y)).batch(32)
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Leaf
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    is_picture,
    spots,
)

_FEW = 3.0  # width of a range of whole numbers that is left


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures that lose all but a few levels."""
    if subject.plan is None:
        return
    for step, _ in spots(subject.plan, "map", "decode", "resize", "augment"):
        if not any(into_part(leaf, "x") and _may_be_picture(leaf) for leaf in step.leaves):
            continue
        for act in step.acts:
            if not into_part(act, "x"):
                continue
            left = _left(act)
            if left is None:
                continue
            low, high = act.number("low") or 0.0, act.number("high") or 0.0
            yield RULE.finding(
                subject,
                f"{_named(act)} cuts fractions off: of values from {low:g} to {high:g} only"
                f" {left:g} whole numbers are left",
                step=step,
                evidence={"low": low, "high": high, "levels_left": left},
                fix=Fix("Divide as floats", "tf.cast(x, tf.float32) / 255", Safety.UNSAFE),
                size=1.0,
            )
            break


def _may_be_picture(leaf: Leaf) -> bool:
    return is_picture(leaf) or leaf.shape is None


def _left(act: Act) -> float | None:
    """How many whole numbers are left of a range; ``None`` where nothing is cut."""
    low, high = act.number("low"), act.number("high")
    if low is None or high is None or high - low <= 0:
        return None
    if act.op in {"FloorDiv", "TruncateDiv"} and str(act.settings.get("T")).startswith(
        ("int", "uint")
    ):
        by = act.number("constant")
        if act.settings.get("first") is not True or by is None or by <= 0 or high - low < 16:
            return None
        levels = high // by - low // by + 1
        return levels if levels <= _FEW else None
    to = str(act.settings.get("DstT", ""))
    if act.op != "Cast" or not to.startswith(("int", "uint")):
        return None
    if not str(act.settings.get("SrcT")).startswith("float") or high - low > _FEW - 1:
        return None
    return float(int(high) - int(low) + 1)


def _named(act: Act) -> str:
    if act.op == "Cast":
        return f"the cast to {act.settings.get('DstT')}"
    return f"whole division by {act.number('constant'):g}"


RULE = Rule(
    code="VAL104",
    name="fraction-cut-off",
    severity=Severity.ERROR,
    tags=("bit-depth-loss",),
    since="0.2",
    check=check,
    page=__doc__,
)
