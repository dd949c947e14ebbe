"""One feed rotates, shifts or shears its examples at random, the other does not.

## What it does
Registers each kept view against its reference and compares the spreads of rotation, shear and
shift. Flips and zoom have measures of their own.

## Why it matters
Each of them teaches the network one invariance, and each library counts it in units of its
own: degrees, radians or parts of a turn, pixels or parts of the width.

## Example
```python
def bright(x, y):
    return tf.cast(x, tf.float32) / 255 + tf.random.uniform([], -0.2, 0.2), y

turn = keras.layers.RandomRotation(0.1, fill_mode="nearest")
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(bright).batch(40)
b = data.map(lambda x, y: (turn(bright(x, y)[0], training=True), y)).batch(40)
```

Use instead:
```python
def bright(x, y):
    return tf.cast(x, tf.float32) / 255 + tf.random.uniform([], -0.2, 0.2), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(bright).batch(40), data.map(bright).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy import apart, comparable, policy
from twinfeed.diff._twins import Twins

_KINDS = (
    (
        "rotation_degrees",
        "rotates",
        "degrees",
        1.0,
        "rotation_range (degrees), RandomRotation (parts of a turn)",
    ),
    ("shear_degrees", "shears", "degrees", 1.0, "shear_range (degrees), RandomShear (factor)"),
    ("shift_x", "shifts across", "of the width", 100.0, "width_shift_range, RandomTranslation"),
    ("shift_y", "shifts down", "of the height", 100.0, "height_shift_range, RandomTranslation"),
)


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the spreads of each kind of movement."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    bounded = left.bounded and right.bounded
    drawn = not bounded and comparable(left, right)
    for field, verb, unit, scale, arguments in _KINDS:
        a, b = getattr(left, field), getattr(right, field)
        if not apart(left, right, field, tolerance=2.0 if unit == "degrees" else 0.02):
            continue
        sign = "" if unit == "degrees" else "%"

        def say(low: float, high: float, scale: float = scale, sign: str = sign) -> str:
            return f"{low * scale:+.1f}{sign} to {high * scale:+.1f}{sign}"

        said = [
            f"{name} {verb} by {say(one.low, one.high)} {unit}" if one.random else f"{name} not"
            for name, one in (("A", a), ("B", b))
        ]
        when = "from one epoch to the next " if drawn else ""
        yield MEASURE.finding(
            f"{when}{', '.join(said)} ({left.views} and {right.views} views)",
            evidence={
                "a_low": a.low,
                "a_high": a.high,
                "b_low": b.low,
                "b_high": b.high,
                "kind": field,
                "a_views": a.views,
                "b_views": b.views,
                "a_basis": left.basis,
                "b_basis": right.basis,
            },
            fix=Fix("Move the examples alike in both", arguments, Safety.UNSAFE),
            size=0.6,
        )


MEASURE = Measure(
    code="AUG209",
    name="different-geometry",
    severity=Severity.WARNING,
    tags=("augment-semantics", "geometry-policy-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
)
