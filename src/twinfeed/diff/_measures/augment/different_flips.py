"""One feed mirrors or turns its examples at random, the other does not, or about another axis.

## What it does
Registers each kept view against its reference (the same example without augmentation, the
other feed's, or its own view in the next epoch) and counts the mirrored ones, and those that are
turned by quarters. Where both feeds draw, shares are told by how many examples change sides from
one epoch to the next.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed mirrors half
of its examples and the other none. Below that the answer is undecided and says how many it
takes.

## Why it matters
A horizontal flip doubles the data where left and right mean nothing, and destroys the label
where they do: text, digits, traffic signs, hands. Whichever of the two is wrong, the networks
learn different invariances.

## Example
```python
def bright(x, y):
    return tf.cast(x, tf.float32) / 255 + tf.random.uniform([], -0.2, 0.2), y

def flip(x, y):
    return tf.image.random_flip_left_right(bright(x, y)[0]), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).map(bright).batch(40)
b = tf.data.Dataset.from_tensor_slices((images, labels)).map(flip).batch(40)
```

Use instead:
```python
def bright(x, y):
    return tf.cast(x, tf.float32) / 255 + tf.random.uniform([], -0.2, 0.2), y

a = tf.data.Dataset.from_tensor_slices((images, labels)).map(bright).batch(40)
b = tf.data.Dataset.from_tensor_slices((images, labels)).map(bright).batch(40)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator
from typing import NamedTuple

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._compared import comparable, either_way
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._policy._spread import OPEN_POLICY, Spread, share_between
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import SideName, Twins
from twinfeed.stats.power import to_tell_apart

_WIDE = 60.0  # degrees over which views are turned, above which rare mirroring is no evidence
_RARE = 0.2
_MARGIN = 0.06  # between shares of mirrored views of two sides that both augment
_Z = 3.3  # deviations of shares where both sides move: strays are taken for mirrored
_APART = 0.08  # between the intervals of two shares


class _Axis(NamedTuple):
    """A way round, its parameter, what is said of it, and the arguments that do it."""

    field: str
    verb: str
    words: str
    arguments: str


_TURN = _Axis("turned", "turns", "by quarter turns", "tf.image.rot90 in tf.data, numpy.rot90")
_AXES = (
    _Axis(
        "flip_x",
        "mirrors",
        "left to right",
        "horizontal_flip=True in ImageDataGenerator, tf.image.random_flip_left_right in tf.data",
    ),
    _Axis(
        "flip_y",
        "mirrors",
        "top to bottom",
        "vertical_flip=True in ImageDataGenerator, tf.image.random_flip_up_down in tf.data",
    ),
    _TURN,
)


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the shares of mirrored views."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    if either_way(left, right):
        yield MEASURE.undecided(
            f"{OPEN_POLICY}: draws of one side lie by wide turns to each other, those of the other by"
            " mirrors or quarter turns, which may be the same",
            "one of the feeds without augmentation, which the other is then held against",
        )
        return
    # Of pictures that are turned by quarters, both mirrors are one and half a turn.
    for axis in (_TURN,) if left.turned.random != right.turned.random else _AXES:
        a, b = getattr(left, axis.field), getattr(right, axis.field)
        if a.random == b.random:
            if a.random and left.bounded and right.bounded and _otherwise(a, b):
                yield _other_share(a, b, axis)
            elif a.random and not left.bounded and comparable(left, right):
                more, less = (a, b) if a.low > b.low else (b, a)
                if more.low - less.low > _APART and _surely_more(more, less):
                    yield _other_share_of_draws(a, b, axis)
            continue
        yield from _on_one_side(left, right, axis)


def _on_one_side(left: Policy, right: Policy, axis: _Axis) -> Iterator[Answer]:
    """What one side mirrors or turns, and the other does not."""
    a, b = getattr(left, axis.field), getattr(right, axis.field)
    one, other = ("A", "B") if a.random else ("B", "A")
    here, there = (a, b) if a.random else (b, a)
    without = right if one == "A" else left
    still = without.randomness.state == "none"
    if not still and abs(here.low - there.low) < _MARGIN:
        return  # views that were moved as well are now and then taken for mirrored
    if not still and not _surely_more(here, there):
        yield _too_few(one, here, there, axis)
        return
    turned = max(left.rotation_degrees.width, right.rotation_degrees.width)
    if turned > _WIDE and (here.low < _RARE or _told_otherwise(left, right, here, axis)):
        return  # turned this far, a picture may fit its mirror image better
    yield MEASURE.finding(
        f"{one} {axis.verb} {here.low:.0%} of its examples {axis.words}, {other} none"
        f" ({here.views} and {there.views} views)",
        evidence={
            "side": one,
            "axis": axis.words,
            "mirrored_share": here.low,
            "views": here.views,
            "other_views": there.views,
            "basis": left.basis if one == "A" else right.basis,
        },
        fix=Fix(
            f"{axis.verb[:-1].capitalize()} in both or in neither: {one} does it",
            axis.arguments,
            Safety.UNSAFE,
        ),
        size=0.7,
    )


def _told_otherwise(left: Policy, right: Policy, here: Spread, axis: _Axis) -> bool:
    """Whether what one side shows as quarter turns is what the other shows as mirrored down.

    Turned by an eighth, a mirrored picture is as near to one that is turned by a quarter.
    """
    there = (left if here is right.turned else right).flip_y
    return axis is _TURN and there.random and not _surely_more(here, there)


def _surely_more(here: Spread, there: Spread) -> bool:
    """Whether the 99.9 % intervals of two shares do not meet."""
    return share_between(here, z=_Z)[0] > share_between(there, z=_Z)[1]


def _too_few(one: SideName, here: Spread, there: Spread, axis: _Axis) -> Answer:
    needed = to_tell_apart(here.low, there.low)
    return MEASURE.undecided(
        f"whether {one} {axis.verb} its examples {axis.words}: {here.low:.0%} of its"
        f" {here.views} views are {axis.verb[:-1]}ed, {there.low:.0%} of the other side's {there.views}",
        f"{needed:,} examples of each feed" if needed else "more examples of each feed",
    )


def _otherwise(a: Spread, b: Spread) -> bool:
    (low_a, high_a), (low_b, high_b) = share_between(a), share_between(b)
    return max(low_a, low_b) - min(high_a, high_b) > _APART


def _other_share(a: Spread, b: Spread, axis: _Axis) -> Answer:
    return MEASURE.finding(
        f"A {axis.verb} {a.low:.0%} of its examples {axis.words}, B {b.low:.0%}"
        f" ({a.views} and {b.views} views)",
        evidence={
            "axis": axis.words,
            "a_mirrored_share": a.low,
            "b_mirrored_share": b.low,
            "a_views": a.views,
            "b_views": b.views,
        },
        fix=_ONE_SHARE,
        size=0.4,
    )


def _other_share_of_draws(a: Spread, b: Spread, axis: _Axis) -> Answer:
    """What is said where each side is only seen against its own next epoch."""
    return MEASURE.finding(
        f"from one epoch to the next A {axis.verb} {a.low:.0%} of its examples {axis.words}, B"
        f" {b.low:.0%} ({a.views} and {b.views} views)",
        evidence={
            "axis": axis.words,
            "a_changing_share": a.low,
            "b_changing_share": b.low,
            "a_views": a.views,
            "b_views": b.views,
        },
        fix=_ONE_SHARE,
        size=0.4,
    )


_ONE_SHARE = Fix(
    "Mirror or turn with the same probability in both",
    "horizontal_flip and keras.layers.RandomFlip mirror half of the examples",
    Safety.UNSAFE,
)


MEASURE = Measure(
    code="AUG204",
    name="different-flips",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed mirrors half of its examples and the other none",
        open=examples_change,
    ),
)
