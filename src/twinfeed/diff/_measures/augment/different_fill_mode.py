"""Two feeds move their examples alike and fill what lies outside differently.

## What it does
Where registered views show more than their pictures have, predicts it in each of the usual ways
(nearest, constant, reflect, wrap) and names the one that fits. Where views could not be held
against a picture without augmentation, reads the fill mode in the plans, or tells by the corners of
moved pictures that one side fills with one colour and the other does not.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Rotating by 20 degrees or shifting by a tenth leaves a tenth of the picture to be filled.
`ImageDataGenerator` smears the border over it (`fill_mode="nearest"`), Keras's layers mirror the
picture (`"reflect"`), torchvision leaves it black: three kinds of examples under one policy.

## Example
```python
loader = tf.keras.preprocessing.image.ImageDataGenerator
a = loader(rotation_range=20, width_shift_range=0.2).flow(photographs, batch_size=8)
b = loader(rotation_range=20, width_shift_range=0.2, fill_mode="reflect").flow(photographs, batch_size=8)
```

Use instead:
```python
loader = tf.keras.preprocessing.image.ImageDataGenerator
a = loader(rotation_range=20, width_shift_range=0.2).flow(photographs, batch_size=8)
b = loader(rotation_range=20, width_shift_range=0.2).flow(photographs, batch_size=8)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator
from typing import NamedTuple

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._corners import Corners, OneColour, one_colour, two_colours
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._policy._stated import stated_fill
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._values._scaling import scaling

_VALUE = 0.06  # of the range, up to which constants are the same


class _Filled(NamedTuple):
    mode: str
    value: float | None  # of a constant, as a share of the range
    seen: bool
    views: int


def look(twins: Twins) -> Iterator[Answer]:
    """Compare what the two sides put outside."""
    left, right = (_filled(twins, name) for name in SIDES)
    if left is None or right is None:
        yield from _open(twins, {"A": left, "B": right})
        return
    if left.mode == right.mode and not _other_value(left, right):
        return
    seen = left.seen and right.seen
    stated = [stated_fill(twins.side(name).plan) for name in SIDES]
    if not seen and stated[0] is not None and stated[0] == stated[1]:
        return  # both say the same: before a dark rim one way to fill looks like another
    said = ", ".join(f"{name} {_say(one)}" for name, one in (("A", left), ("B", right)))
    rests = f"{left.views} and {right.views} views" if seen else "as their plans say"
    yield MEASURE.finding(
        f"what lies outside of a moved picture is filled differently: {said} ({rests})",
        strength=Strength.MEASURED if seen else Strength.READ,
        evidence={
            "a_fill_mode": left.mode,
            "b_fill_mode": right.mode,
            "a_value_share": left.value,
            "b_value_share": right.value,
            "a_seen": left.seen,
            "b_seen": right.seen,
            "a_views": left.views,
            "b_views": right.views,
        },
        fix=Fix(
            f"Fill B as A does, by {left.mode}, or the reverse",
            _code(twins.right, left),
            Safety.UNSAFE,
        ),
        size=0.4,
    )


def _open(twins: Twins, said: dict[SideName, _Filled | None]) -> Iterator[Answer]:
    """What corners tell where neither a picture without augmentation nor both plans do."""
    colours = _two_colours(twins)
    if colours is not None:
        yield _by_colours(*colours)
        return
    if not all(policy(twins, name).known for name in SIDES):
        return
    found = one_colour(twins)
    mine = said[found.side] if found is not None else None
    if found is not None and (mine is None or mine.mode == "constant"):
        yield _by_corners(twins, found)
    elif all(policy(twins, name).moves for name in SIDES):
        yield MEASURE.undecided(
            "whether what lies outside of moved pictures is filled alike, which shows in no plan"
            " and only against pictures that are not moved",
            "one of the feeds without its augmentation",
        )


def _two_colours(twins: Twins) -> tuple[Corners, Corners] | None:
    """The colours that two sides fill with, on one scale, where those are two."""
    # What never moves is padded: that is another cause.
    if any(twins.is_still(name) for name in SIDES) or scaling(twins).kind != "same":
        return None
    return two_colours(twins)


def _by_colours(left: Corners, right: Corners) -> Answer:
    colours = [", ".join(f"{value:.3g}" for value in side.colour) for side in (left, right)]
    return MEASURE.finding(
        f"what lies outside of a moved picture is filled differently: A with one colour"
        f" ({colours[0]}), B with another ({colours[1]}), which stand in a corner of"
        f" {left.filled:,} of {left.views:,} and {right.filled:,} of {right.views:,} views",
        evidence={
            "a_filled_share_low": left.between[0],
            "b_filled_share_low": right.between[0],
            "a_views": left.views,
            "b_views": right.views,
        },
        fix=Fix(
            "Fill both with one colour: where a constant is meant as black or as the mean, it"
            " depends on whether values are normalised before or after it",
            "",
            Safety.UNSAFE,
        ),
        size=0.4,
    )


def _by_corners(twins: Twins, found: OneColour) -> Answer:
    name, other = found.side, "B" if found.side == "A" else "A"
    colour = ", ".join(f"{value:.3g}" for value in found.mine.colour)
    return MEASURE.finding(
        f"what lies outside of a moved picture is filled differently: {name} with one colour"
        f" ({colour}), which stands in a corner of {found.mine.filled:,} of {found.mine.views:,}"
        f" views, {other} not ({found.theirs.filled:,} of {found.theirs.views:,} share one)",
        evidence={
            "side": name,
            "filled_share_low": found.mine.between[0],
            "filled_share_high": found.mine.between[1],
            "views": found.mine.views,
            "other_share_high": found.theirs.between[1],
            "other_views": found.theirs.views,
        },
        fix=Fix(
            f"Fill {other} as {name} does, by a constant, or the reverse",
            _code(twins.side(other), _Filled("constant", None, seen=True, views=0)),
            Safety.UNSAFE,
        ),
        size=0.4,
    )


def _filled(twins: Twins, name: SideName) -> _Filled | None:
    """What a side fills with: as seen, else as its plan says."""
    found = policy(twins, name)
    if found.known and found.bounded and found.fill_mode:
        value = found.fill_value if found.fill_mode == "constant" else None
        return _Filled(found.fill_mode, value, seen=True, views=found.fill_views)
    stated = stated_fill(twins.side(name).plan)
    if stated is None or found.randomness.state == "none":
        return None
    return _Filled(stated.mode, stated.value_share, seen=False, views=0)


def _other_value(left: _Filled, right: _Filled) -> bool:
    if left.mode != "constant" or left.value is None or right.value is None:
        return False
    return abs(left.value - right.value) > _VALUE


def _say(filled: _Filled) -> str:
    if filled.mode != "constant" or filled.value is None:
        return f"by {filled.mode}"
    return f"by a constant ({filled.value:.0%} of the range)"


def _code(trace: Trace, wanted: _Filled) -> str:
    library = trace.plan.library if trace.plan else ""
    constant = wanted.mode == "constant" and wanted.value is not None
    if "ImageDataGenerator" in library:
        cval = f", cval={wanted.value * 255:.0f}" if constant and wanted.value is not None else ""
        return f"ImageDataGenerator(..., fill_mode={wanted.mode!r}{cval})"
    value = f", fill_value={wanted.value:.2f}" if constant and wanted.value is not None else ""
    return (
        f"fill_mode={wanted.mode!r}{value} in keras.layers.RandomRotation, RandomTranslation and"
        " RandomZoom (their default is 'reflect', that of ImageDataGenerator 'nearest')"
    )


MEASURE = Measure(
    code="AUG213",
    name="different-fill-mode",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
