"""One feed rotates, shifts or shears its examples at random, the other does not.

## What it does
Registers each kept view against its reference and compares the spreads of rotation, shear and
shift. Flips and zoom have measures of their own.
Where one side moves its examples so far that few are recognised in its next epoch, as small random
crops do, and the other does not, it says how many are on either side. Where two draws of one side
differ by more than all that is told of views, as noise and blur leave them, and two of the other
side do not, it asks.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed shifts its
examples by up to a tenth and the other does not. Below that the answer is undecided and says
how many it takes.

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
from twinfeed.diff._policy._across import off_centre
from twinfeed.diff._policy._beyond import beyond
from twinfeed.diff._policy._compared import apart, comparable, zoomed_apart
from twinfeed.diff._policy._further import Further, further, laid_over_less
from twinfeed.diff._policy._randomness import ENOUGH, past_recognition
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._policy._spread import LEAST_VIEWS, NEAR, OPEN_POLICY, left_alone, nearer
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import SIDES, Twins

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


_FAR_TURN = 45.0  # degrees: a turn by more than 53 is taken for another picture made to fit
_MOST_FOUND = 0.85  # share of the views from which those that are lost say nothing of the rest
_TOLERANCE = {"rotation_degrees": 2.0, "shear_degrees": 3.0, "shift_x": 0.02, "shift_y": 0.02}


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the spreads of each kind of movement."""
    left, right = policy(twins, "A"), policy(twins, "B")
    known = left.known and right.known
    found = None if known else further(twins)
    if found is not None:
        yield _further(found)
        return
    yield from _past_recognition(twins)
    if not known:
        yield from unknown(left, right)
        return
    found = [*_moved_otherwise(twins, left, right)]
    yield from found
    less = None if found or zoomed_apart(left, right) else laid_over_less(twins)
    if less is not None:
        yield _further(less, size=0.3)  # what is named by itself stands before it
    elif not found:
        yield from turned_far(left, right)
        yield from _beyond(twins)


def _moved_otherwise(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    bounded = left.bounded and right.bounded
    drawn = not bounded and comparable(left, right)
    for field, verb, unit, scale, arguments in _KINDS:
        a, b = getattr(left, field), getattr(right, field)
        if not apart(left, right, field, tolerance=_TOLERANCE[field]):
            middle = off_centre(twins, field, tolerance=_TOLERANCE[field])
            if middle is not None:
                far = f"{middle.value * scale:+.1f}{'' if unit == 'degrees' else '%'} {unit}"
                yield MEASURE.finding(
                    f"B {verb} about another middle than A: {far} further"
                    f" ({middle.views} paired views)",
                    evidence={
                        "kind": field,
                        "b_beyond_a": middle.value,
                        "b_beyond_a_low": middle.low,
                        "b_beyond_a_high": middle.high,
                        "views": middle.views,
                    },
                    fix=Fix("Move the examples alike in both", arguments, Safety.UNSAFE),
                    size=0.4,
                )
            continue
        sign = "" if unit == "degrees" else "%"

        def say(low: float, high: float, scale: float = scale, sign: str = sign) -> str:
            return f"{low * scale:+.1f}{sign} to {high * scale:+.1f}{sign}"

        often = ("", "")
        if nearer(a, b, _TOLERANCE[field]):
            far = f"{NEAR * _TOLERANCE[field] * scale:g}{sign or ' degrees'}"
            often = tuple(
                f", by more than {far} in {1 - left_alone(one, _TOLERANCE[field]):.0%} of its views"
                for one in (a, b)
            )
        said = [
            f"{name} {verb} by {say(one.low, one.high)} {unit}{how}"
            if one.random
            else f"{name} not"
            for name, one, how in zip(("A", "B"), (a, b), often, strict=True)
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


def _further(found: Further, size: float = 0.6) -> Answer:
    """One side moves its examples so far that few are recognised, and the other does not."""
    return MEASURE.finding(
        f"{found.name} changes its examples further than {found.other}: of {found.of:,} examples"
        f" {found.met[0]:,} of {found.name} were recognised in the next epoch, {found.met[1]:,} of"
        f" {found.other}",
        evidence={
            "kind": "past recognition",
            "side_that_changes_further": found.name,
            "recognised": found.met[0],
            "recognised_of_the_other": found.met[1],
            "examples": found.of,
        },
        fix=Fix(
            "Change the examples as far in both",
            "scale of RandomResizedCrop, zoom_range, RandomZoom, rotation and shift of both alike",
            Safety.UNSAFE,
        ),
        size=size,
    )


def _beyond(twins: Twins) -> Iterator[Answer]:
    """One side whose draws differ by what no measure names."""
    more = beyond(twins)
    if more is None:
        return
    yield MEASURE.undecided(
        f"{OPEN_POLICY}: beyond mirroring, moves and brightness two draws of an example differ by up"
        f" to {more.share:.1%} of their spread in {more.name}, and by {more.other_share:.1%} in"
        f" {more.other}, as noise, blur, compression or warps leave it",
        f"the steps of {more.name} that change its examples at random, held against those of"
        f" {more.other}",
    )


def turned_far(left: Policy, right: Policy) -> Iterator[Answer]:
    """Sides whose turns end where draws can no longer be laid over each other, with many lost."""
    for name, one in (("A", left), ("B", right)):
        turns = one.rotation_degrees
        far = turns.random and max(-turns.low, turns.high) > _FAR_TURN
        if one.basis == "epochs" and far and one.views < _MOST_FOUND * one.tried:
            yield MEASURE.undecided(
                f"{OPEN_POLICY}: two draws of an example are turned against each other by as much as"
                f" can be told, and of {one.tried:,} views of {name} {one.tried - one.views:,} could"
                " not be laid over another draw",
                "one of the feeds without augmentation, which the other is then held against",
            )
            return


def _past_recognition(twins: Twins) -> Iterator[Answer]:
    """A side of which no example of an epoch is recognised in the next, though the other has them."""
    if len(twins.pairs) < ENOUGH:
        return
    for name in SIDES:
        lost = past_recognition(twins, name)
        if lost is not None:
            rows, known = lost
            yield MEASURE.undecided(
                f"{OPEN_POLICY}: of {rows:,} examples of {name} {known:,} were recognised in the next"
                " epoch",
                "examples that carry an id such as a path or a tfds_id, or one of the feeds"
                " without augmentation",
            )


def unknown(left: Policy, right: Policy) -> Iterator[Answer]:
    """Two sides that both augment, of which one is frozen or too few views could be laid over."""
    both = {"A": left, "B": right}
    states = {name: one.randomness.state for name, one in both.items()}
    if sorted(states.values()) == ["fresh", "frozen"]:
        name = next(name for name, state in states.items() if state == "frozen")
        yield MEASURE.undecided(
            f"{OPEN_POLICY}: {name} replays one draw of each example",
            f"{name} drawing anew in each epoch: see AUG202, then compare again",
        )
        return
    if any(state not in {"fresh", "repeated"} for state in states.values()):
        return
    for name, one in both.items():
        if one.known:
            continue
        if one.keeps_draws:
            yield MEASURE.undecided(
                f"{OPEN_POLICY}: {name} draws the same in every epoch, which shows nothing of what"
                " it draws",
                f"{name} drawing anew in each epoch: see AUG203, then compare again",
            )
            continue
        if not one.tried:
            yield MEASURE.undecided(
                f"{OPEN_POLICY}: {name} changes its examples, of which no two draws could be held"
                " against each other",
                "examples that are pictures, or one of the feeds without augmentation",
            )
            continue
        seen = max(one.randomness.epoch_examples, 1)
        # Where few of many can be laid over their like, more of them do not help.
        few = one.views and one.tried < 5 * LEAST_VIEWS
        needs = (
            f"about {-(-LEAST_VIEWS * seen // one.views):,} examples of each feed, or "
            if few
            else ""
        )
        yield MEASURE.undecided(
            f"{OPEN_POLICY}: of {one.tried:,} views of {name} only {one.views:,}"
            " could be laid over what they were made from",
            f"{needs}examples that carry an id such as a path or a tfds_id, or one of the feeds"
            f" without augmentation, or {name} without what hides its pictures, such as values"
            " cut off or large patches",
        )


MEASURE = Measure(
    code="AUG209",
    name="different-geometry",
    severity=Severity.WARNING,
    tags=("augment-semantics", "geometry-policy-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed shifts its examples by up to a tenth and the other does not",
        open=examples_change,
    ),
)
