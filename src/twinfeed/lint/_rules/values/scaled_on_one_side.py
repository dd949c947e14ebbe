"""Pictures that are scaled for training and not for evaluation, or the reverse.

## What it does
Compares the range of the pictures of two feeds of one run, as their steps tell it. It fires where one is
more than fifty times as wide as the other, and where each is one of the usual ranges and they are
not the same: 0..1, -1..1, 0..255.

## Why it matters
A model that learned from 0..1 and is asked about 0..255 saturates and answers one class for all. One
that learned from -1..1 sees pictures of 0..1 as pale ones without a dark spot.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))

train = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).batch(32)
model.fit(train, validation_data=ds.batch(32))
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))

ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).batch(32)
model.fit(ds, validation_data=ds)
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Leaf
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    last_step,
    pictures,
)

_RATIO = 50.0
_USUAL = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_NEAR = 0.01  # share of the width of a usual range


def check(subject: Subject) -> Iterator[Answer]:
    """Find two scales in one run; told once, for the feed that is not trained on."""
    mine = _picture(subject)
    if mine is None or not subject.evaluates:
        return
    for other in subject.others:
        theirs = _picture(other)
        if theirs is None or not other.trains or mine.shape != theirs.shape:
            continue
        widths = [max(1e-9, (leaf.high or 0.0) - (leaf.low or 0.0)) for leaf in (mine, theirs)]
        ratio = max(widths) / min(widths)
        usual = _usual(mine), _usual(theirs)
        if ratio < _RATIO and (None in usual or usual[0] == usual[1]):
            continue
        yield RULE.finding(
            subject,
            f"its pictures have values from {mine.low:g} to {mine.high:g}, those that the model is"
            f" trained on from {theirs.low:.4g} to {theirs.high:.4g}",
            step=last_step(subject.plan),
            evidence={"ratio": ratio, "low": mine.low, "high": mine.high},
            fix=Fix("Scale both alike", "test.map(same_function_as_for_training)", Safety.UNSAFE),
            size=1.0,
        )
        return


def _usual(leaf: Leaf) -> tuple[float, float] | None:
    """The usual range that the values have, if they have one."""
    for low, high in _USUAL:
        near = _NEAR * (high - low)
        if abs((leaf.low or 0.0) - low) < near and abs((leaf.high or 0.0) - high) < near:
            return low, high
    return None


def _picture(subject: Subject) -> Leaf | None:
    last = last_step(subject.plan)
    found = pictures(last) if last else []
    return found[0] if found and found[0].high is not None and found[0].low is not None else None


RULE = Rule(
    code="VAL103",
    name="scaled-on-one-side",
    severity=Severity.ERROR,
    tags=("missing-rescale", "train-eval-serve-skew"),
    since="0.2",
    check=check,
    page=__doc__,
)
