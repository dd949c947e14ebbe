"""One feed zooms its examples at random, the other does not, or by another range.

## What it does
Registers each kept view against its reference and compares the distributions of the scale of
columns and of rows. A scale above 1 shows more of the scene, smaller, as in Keras. Where both are
the same, it compares whether columns and rows get one factor or each its own.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed zooms by up
to a fifth and the other does not. Below that the answer is undecided and says how many it
takes.

## Why it matters
Zoom is most of what `ImageDataGenerator` does to a photo; an imitation that leaves it out
trains on objects of one size. Two libraries also mean different things by one number: a range
for both axes together or for each alone, a factor or its inverse.

## Example
```python
def scaled(x, y):
    return tf.cast(x, tf.float32) / 255 * tf.random.uniform([], 0.7, 1.3), y

a = keras.layers.Pipeline([keras.layers.RandomZoom((-0.3, 0.3), (-0.3, 0.3), fill_mode="nearest")])
zoom = a
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(scaled).batch(40)
b = data.map(lambda x, y: (zoom(scaled(x, y)[0], training=True), y)).batch(40)
```

Use instead:
```python
def scaled(x, y):
    return tf.cast(x, tf.float32) / 255 * tf.random.uniform([], 0.7, 1.3), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(scaled).batch(40)
b = data.map(scaled).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._across import off_centre
from twinfeed.diff._policy._aspect import aspects_apart
from twinfeed.diff._policy._compared import zoomed_apart
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the distributions of scale."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    random = _zooms(left), _zooms(right)
    if not (any(random) and zoomed_apart(left, right)):
        ratios = aspects_apart(twins, left, right)
        if ratios is not None:
            yield _finding(left, right, _by_ratio(*ratios), 0.4)
            return
        yield from _off_centre(twins, left, right)
        return
    if random[0] != random[1]:
        one, other = ("A", "B") if random[0] else ("B", "A")
        here = left if random[0] else right
        yield _finding(
            left, right, f"{one} zooms at random, by {_say(here)}, and {other} not at all", 0.7
        )
    elif all(random):
        when = "" if left.bounded else "from one epoch to the next "
        said = f"{when}A zooms by {_bounds(left)}, B by {_bounds(right)}"
        yield _finding(left, right, said, 0.5)


def _off_centre(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    found = {name: off_centre(twins, name, tolerance=0.04) for name in ("zoom_x", "zoom_y")}
    parts = [
        f"{middle.value:.2f} times {'across' if name == 'zoom_x' else 'down'}"
        for name, middle in found.items()
        if middle is not None
    ]
    if parts:
        said = (
            f"B shows more of a scene than A, or less, in the middle of both: {' and '.join(parts)}"
        )
        yield _finding(left, right, said, 0.4)


def _by_ratio(a: Spread, b: Spread) -> str:
    each = [
        f"by {one.low:.2f} to {one.high:.2f} times as much across as down"
        if one.random
        else "both alike"
        for one in (a, b)
    ]
    return f"A scales columns and rows {each[0]}, B {each[1]}"


def _zooms(found: Policy) -> bool:
    return found.zoom_x.random or found.zoom_y.random


def _say(found: Policy) -> str:
    return _bounds(found) if found.bounded else "an amount that changes from epoch to epoch"


def _bounds(found: Policy) -> str:
    x, y = found.zoom_x, found.zoom_y
    return f"{x.low:.2f} to {x.high:.2f} across and {y.low:.2f} to {y.high:.2f} down"


def _finding(left: Policy, right: Policy, said: str, size: float) -> Answer:
    evidence: dict[str, int | float | str | bool | None] = {}
    for name, found in (("a", left), ("b", right)):
        evidence |= {
            f"{name}_zoom_x_low": found.zoom_x.low,
            f"{name}_zoom_x_high": found.zoom_x.high,
            f"{name}_zoom_y_low": found.zoom_y.low,
            f"{name}_zoom_y_high": found.zoom_y.high,
            f"{name}_views": found.views,
            f"{name}_basis": found.basis,
        }
    here = left if _zooms(left) else right
    x = here.zoom_x
    code, layer = "zoom_range in ImageDataGenerator", "keras.layers.RandomZoom(fill_mode='nearest')"
    if here.bounded:  # else they are those of two draws against each other
        code = f"zoom_range=({x.low:.2f}, {x.high:.2f}) in ImageDataGenerator"
        layer = (
            f"keras.layers.RandomZoom(({x.low - 1:.2f}, {x.high - 1:.2f}), same for width,"
            " fill_mode='nearest')"
        )
    return MEASURE.finding(
        f"{said} ({left.views} and {right.views} views)",
        strength=Strength.PROVEN if here.basis == "plain" else Strength.MEASURED,
        evidence=evidence,
        fix=Fix("Zoom by the same range in both", f"{code}, {layer} in tf.data", Safety.UNSAFE),
        size=size,
    )


MEASURE = Measure(
    code="AUG205",
    name="different-zoom",
    severity=Severity.WARNING,
    tags=("augment-semantics", "geometry-policy-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed zooms by up to a fifth and the other does not",
        open=examples_change,
    ),
)
