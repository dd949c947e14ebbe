"""One feed shifts the colours of its examples at random, the other does not, or by another range.

## What it does
Fits, for each registered view, one factor for all channels and an amount that is added to each.
Where the channels' amounts differ from each other and change from view to view, compares their
distributions.

## From what size
From 100 examples of each feed on, it is found in nine runs of ten whether one feed shifts
single channels by up to a fifth and the other does not. Below that the answer is undecided and
says how many it takes.

## Why it matters
A shift of single channels changes hue and white balance: it teaches the network to look away from
colour. `channel_shift_range` in `ImageDataGenerator` does not do that, whatever its name says: it
adds one amount to all channels, which is brightness.

## Example
```python
def bright(x, y):
    x = tf.cast(x, tf.float32) / 255
    return x * 0.5 + 0.25 + tf.random.uniform([], -0.1, 0.1), y

def tinted(x, y):
    x = tf.cast(x, tf.float32) / 255
    return x * 0.5 + 0.25 + tf.random.uniform([3], -0.2, 0.2), y

data = tf.data.Dataset.from_tensor_slices((rgb, labels))
a, b = data.map(bright).batch(40), data.map(tinted).batch(40)
```

Use instead:
```python
def bright(x, y):
    x = tf.cast(x, tf.float32) / 255
    return x * 0.5 + 0.25 + tf.random.uniform([], -0.1, 0.1), y

data = tf.data.Dataset.from_tensor_slices((rgb, labels))
a, b = data.map(bright).batch(40), data.map(bright).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._compared import added_alike, apart, other_colours
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import Twins

_TOLERANCE = 0.04  # of the range


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the distributions of what is added to single channels."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    a, b = left.channel_shift, right.channel_shift
    if not (added_alike(left, right) and apart(left, right, "channel_shift", tolerance=_TOLERANCE)):
        return
    if moved_by_colours(left, right) or other_colours(left, right):
        return
    if a.random != b.random:
        one, other = ("A", "B") if a.random else ("B", "A")
        here = left if a.random else right
        how = _bounds(here) if here.bounded else "another amount in each epoch"
        yield _finding(
            left, right, f"{one} adds to each channel by itself at random ({how}), {other} does not"
        )
    else:
        when = "" if left.bounded else "from one epoch to the next "
        yield _finding(
            left,
            right,
            f"{when}A adds to each channel by itself {_bounds(left)}, B {_bounds(right)}",
        )


def moved_by_colours(left: Policy, right: Policy) -> bool:
    """Whether a shift that one side has may be the saturation or the hue that both draw.

    These move channels against each other, and beside brightness and contrast a fit may give what
    they move to either.
    """
    if left.channel_shift.random == right.channel_shift.random:
        return False
    return any(
        getattr(left, field).random and getattr(right, field).random
        for field in ("saturation", "hue_degrees")
    )


def _bounds(found: Policy) -> str:
    shift = found.channel_shift
    return f"{shift.low:+.0%} to {shift.high:+.0%} of the value range"


def _finding(left: Policy, right: Policy, said: str) -> Answer:
    return MEASURE.finding(
        f"{said} ({left.views} and {right.views} views)",
        evidence={
            f"{name}_{key}": value
            for name, found in (("a", left), ("b", right))
            for key, value in (
                ("low_share", found.channel_shift.low),
                ("high_share", found.channel_shift.high),
                ("random", found.channel_shift.random),
                ("views", found.views),
                ("basis", found.basis),
            )
        },
        fix=Fix(
            "Shift the channels alike in both, or in neither",
            "x + tf.random.uniform([3], -r, r) in .map(...); channel_shift_range of"
            " ImageDataGenerator adds one amount to all channels",
            Safety.UNSAFE,
        ),
        size=0.5,
    )


MEASURE = Measure(
    code="AUG211",
    name="different-channel-shift",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=100,
        size="one feed shifts single channels by up to a fifth and the other does not",
        open=examples_change,
    ),
)
