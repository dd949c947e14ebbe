"""One feed changes brightness or contrast at random, the other does not, or by another range.

## What it does
Fits, for each kept view, the straight line from the values of its reference to its own: the
spread of what is added is brightness, the spread of the factor is contrast or a
multiplicative brightness.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed changes
brightness by up to a fifth and the other does not. Below that the answer is undecided and says
how many it takes.

## Why it matters
Libraries mean different things by one name: `random_brightness` adds, `brightness_range`
multiplies, `RandomBrightness` adds a share of `value_range`. The imitation then changes another
property of the image, often by much more.

## Example
```python
def flip(x, y):
    return tf.image.random_flip_left_right(tf.cast(x, tf.float32) / 255), y

def bright(x, y):
    return tf.image.random_brightness(flip(x, y)[0], 0.3), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(flip).batch(40), data.map(bright).batch(40)
```

Use instead:
```python
def flip(x, y):
    return tf.image.random_flip_left_right(tf.cast(x, tf.float32) / 255), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(flip).batch(40), data.map(flip).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._across import off_centre
from twinfeed.diff._policy._compared import added_alike, apart, other_colours
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import Twins

_LEAK = 0.25  # of the spread of the factors, that the spread of what is added cannot be told from
_AT_THE_MEAN = 0.06  # of the range, by which what is cut off at its ends moves means


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the distributions of what is added and of the factor."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    if other_colours(left, right) and not (left.bounded and right.bounded):
        return
    random = _varies(left), _varies(right)
    if not (any(random) and _otherwise(left, right)):
        yield from _off_centre(twins, left, right)
        return
    if random[0] != random[1]:
        one, other = ("A", "B") if random[0] else ("B", "A")
        here = left if random[0] else right
        yield _finding(
            left,
            right,
            f"{one} changes brightness at random ({_say(here)}), {other} does not",
            # Crops and shifts drawn against each other change the mean of what is seen.
            0.35 if not here.bounded and here.moves else 0.65,
        )
    elif all(random):
        when = "" if left.bounded else "from one epoch to the next "
        said = f"{when}A changes brightness ({_bounds(left)}), B otherwise ({_bounds(right)})"
        yield _finding(left, right, said, 0.45)


def _off_centre(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    factor = off_centre(twins, "contrast", tolerance=0.08)
    added = off_centre(twins, "brightness", tolerance=0.04)
    parts = [f"{factor.value:.2f} times"] if factor else []
    parts += [f"{added.value:+.0%} of the value range"] if added else []
    if parts:
        said = f"B is brighter than A, or darker, in the middle of both: by {' and '.join(parts)}"
        yield _finding(left, right, said, 0.4)


def _otherwise(left: Policy, right: Policy) -> bool:
    # What a factor does not explain of a view looks like something added.
    leak = _LEAK * max(left.contrast.width, right.contrast.width)
    added = added_alike(left, right) and apart(left, right, "brightness", tolerance=max(0.04, leak))
    if not added and left.contrast.random and right.contrast.random:
        # What is added hangs on the value that a factor leaves alone; at a picture's own mean, no
        # error of the factor adds to it, and another value shows whatever it is taken for.
        seen = "stated" not in {left.basis, right.basis}
        added = seen and apart(left, right, "level", tolerance=_AT_THE_MEAN)
    return added or apart(left, right, "contrast", tolerance=0.08)


def _varies(found: Policy) -> bool:
    return found.brightness.random or found.contrast.random


def _say(found: Policy) -> str:
    return _bounds(found) if found.bounded else "another amount in each epoch"


def _bounds(found: Policy) -> str:
    added, factor = found.brightness, found.contrast
    parts = (
        [f"adds {added.low:+.0%} to {added.high:+.0%} of the value range"] if added.random else []
    )
    parts += [f"multiplies by {factor.low:.2f} to {factor.high:.2f}"] if factor.random else []
    return ", ".join(parts) or "nothing"


def _finding(left: Policy, right: Policy, said: str, size: float) -> Answer:
    evidence: dict[str, int | float | str | bool | None] = {}
    for name, found in (("a", left), ("b", right)):
        evidence |= {
            f"{name}_added_low_share": found.brightness.low,
            f"{name}_added_high_share": found.brightness.high,
            f"{name}_factor_low": found.contrast.low,
            f"{name}_factor_high": found.contrast.high,
            f"{name}_views": found.views,
            f"{name}_basis": found.basis,
        }
    return MEASURE.finding(
        f"{said} ({left.views} and {right.views} views)",
        evidence=evidence,
        fix=Fix(
            "Change brightness in the same way in both, or in neither",
            "tf.image.random_brightness adds, ImageDataGenerator(brightness_range=...) multiplies",
            Safety.UNSAFE,
        ),
        size=size,
    )


MEASURE = Measure(
    code="AUG206",
    name="different-brightness",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed changes brightness by up to a fifth and the other does not",
        open=examples_change,
    ),
)
