"""One feed erases rectangles of its examples at random, the other does not, or others.

## What it does
Holds each registered view against its reference and looks for a rectangle in which it shows
something else: one value (cutout), noise (random erasing), or a part of another picture. Compares
the share of examples that have one, its size and what it is filled with. Where both feeds draw,
each draw of an example is held against the next: of a rectangle in which they differ, what it is
filled with tells whose it is, so that only one value and noise are told there, and the shares are
lower bounds. Where patches hide so much that no draw can be laid over another, rectangles of one
colour are told by the pictures alone, by their size and their colour.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed erases
rectangles of a twentieth to a fifth of half of its examples. Below that the answer is undecided
and says how many it takes.

## Why it matters
Erasing is strong regularisation: it hides up to a third of a picture. Libraries count its size
differently (Keras's `scale` bounds the squares of both sides, torchvision's the area), erase by
another probability under the same default, and fill with noise or with a constant.

## Example
```python
options = dict(factor=(1.0, 1.0), scale=(0.05, 0.2), value_range=(0, 1))
erase = keras.layers.RandomErasing(fill_value=0.0, **options)

def scaled(x):
    return tf.cast(x, tf.float32) / 255

data = tf.data.Dataset.from_tensor_slices(photographs)
a, b = data.map(scaled).batch(8), data.map(lambda x: erase(scaled(x), training=True)).batch(8)
```

Use instead:
```python
options = dict(factor=(1.0, 1.0), scale=(0.05, 0.2), value_range=(0, 1))
erase = keras.layers.RandomErasing(fill_value=0.0, **options)

def erased(x):
    return erase(tf.cast(x, tf.float32) / 255, training=True)

data = tf.data.Dataset.from_tensor_slices(photographs)
a, b = data.map(erased).batch(8), data.map(erased).batch(8)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

import math
from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._boxes import (
    Boxes,
    boxes_apart,
    boxes_of_two_colours,
    boxes_on_one_side,
)
from twinfeed.diff._policy._patches import LEAST_SHARE
from twinfeed.diff._policy._recovered import MOST_LOST, Policy, policy
from twinfeed.diff._policy._spread import differ, share_between
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._line_words import of_channels
from twinfeed.diff._values._scaling import scaling

_SIDE = 0.06  # of a picture's side, up to which bounds are the same
_VALUE = 0.06  # of the range, up to which constants are the same
_MAY_DRAW = {"fresh", "unknown"}  # where few examples are known again, whether is open
_WORDS = {
    "constant": "one value",
    "colours": "a colour each",
    "noise": "noise",
    "picture": "parts of other pictures",
    "mixed": "one value or noise",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the rectangles of the two sides, by themselves where nothing else tells them."""
    left, right = policy(twins, "A"), policy(twins, "B")
    yield from list(_registered(twins, left, right)) or _on_one_side(twins, left, right)


def _registered(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    if not (left.known and right.known):
        yield from _by_boxes(twins, left, right)
        return
    random = left.erased.random, right.erased.random
    if random[0] != random[1]:
        one, other = ("A", "B") if random[0] else ("B", "A")
        here, there = (left, right) if random[0] else (right, left)
        still = there.randomness.state == "none"
        # Of what moves as well, a few views show some by being registered badly, on either side.
        if still or (there.bounded and _surely(here)) or _surely_more(here, there):
            yield _finding(left, right, f"{one} erases {_say(here)}, {other} nothing", 0.6)
    elif all(random) and _otherwise(left, right):
        yield _finding(left, right, f"A erases {_say(left)}, B {_say(right)}", 0.45)


def _by_boxes(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    """What rectangles of one colour tell by themselves, where both draw and hide their pictures."""
    if not {left.randomness.state, right.randomness.state} <= _MAY_DRAW:
        return
    found, colours = boxes_apart(twins), _of_two_colours(twins)
    if found is None and colours is None:
        return
    found = found or colours
    assert found is not None
    said: list[str] = []
    evidence: dict[str, int | float | str | bool | None] = {}
    for name, one in zip("AB", found, strict=True):
        (low, high), (least, most) = _sizes(one)
        filled = f", filled with {of_channels(one.colour)}" if colours else ""
        said.append(f"{name} {_say_boxes(one)}{filled}")
        evidence |= {
            f"{name.lower()}_height_low_share": low,
            f"{name.lower()}_height_high_share": high,
            f"{name.lower()}_width_low_share": least,
            f"{name.lower()}_width_high_share": most,
            f"{name.lower()}_rectangles": len(one),
            f"{name.lower()}_views": one.views,
            f"{name.lower()}_colour": of_channels(one.colour) if colours else None,
        }
    yield MEASURE.finding(
        ", ".join(said),
        evidence=evidence,
        fix=Fix(
            "Erase alike in both",
            f"one size {'and value' if colours else 'of patches'} for both feeds",
            Safety.UNSAFE,
        ),
        size=0.45,
    )


def _of_two_colours(twins: Twins) -> tuple[Boxes, Boxes] | None:
    """The rectangles of both sides, where these are filled with other values on one scale."""
    found = boxes_of_two_colours(twins)
    known = scaling(twins)
    if found is None or known.kind != "same" or known.ranges is None:
        return None  # on another scale one colour has other values
    width = max(one.high - one.low for one in known.ranges)
    if len(found[0].colour) != len(found[1].colour):
        return None
    away = np.abs(np.subtract(found[0].colour, found[1].colour)).max()
    return found if away > _VALUE * width else None


def _sizes(found: Boxes) -> tuple[tuple[float, float], tuple[float, float]]:
    """The 5 % and the 95 % quantile of heights and of widths, as shares."""
    (low, high), (least, most) = (
        np.quantile(each, (0.05, 0.95)).tolist() for each in (found.height, found.width)
    )
    return (low, high), (least, most)


def _say_boxes(found: Boxes) -> str:
    (low, high), (least, most) = _sizes(found)
    return (
        f"erases a rectangle of {low:.0%} to {high:.0%} of the height and {least:.0%} to {most:.0%}"
        f" of the width ({len(found):,} of {found.views:,} views show one whole)"
    )


def _on_one_side(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    """Rectangles of one colour on one side only, where both draw anew."""
    if not {left.randomness.state, right.randomness.state} <= _MAY_DRAW:
        return
    found = boxes_on_one_side(twins)
    if found is None:
        return
    name, mine, theirs = found
    (low, high), (least, most) = _sizes(mine)
    other = "B" if name == "A" else "A"
    yield MEASURE.finding(
        f"{name} {_say_boxes(mine)}, {other} hardly any ({len(theirs):,} of {theirs.views:,})",
        evidence={
            "side": name,
            "rectangles": len(mine),
            "views": mine.views,
            "rectangles_of_the_other": len(theirs),
            "views_of_the_other": theirs.views,
            "height_low_share": low,
            "height_high_share": high,
            "width_low_share": least,
            "width_high_share": most,
        },
        fix=Fix(
            "Erase alike in both, or in neither",
            "one RandomErasing, or cutout, with one size for both feeds",
            Safety.UNSAFE,
        ),
        size=0.6,
    )


def _surely(found: Policy) -> bool:
    """Whether more views have a rectangle than either side may show by chance."""
    least = found.erased.low_between[0]
    return (least if math.isfinite(least) else share_between(found.erased)[0]) > LEAST_SHARE


def _surely_more(here: Policy, there: Policy) -> bool:
    """The same where draws are held against each other, which shows some on either side by chance."""
    if there.basis != "epochs" or not _surely(here):
        return False
    if there.views < (1 - MOST_LOST) * there.tried:
        return False  # those that were not recognised may be the ones with a rectangle
    return share_between(here.erased)[0] > share_between(there.erased)[1]


def _otherwise(left: Policy, right: Policy) -> bool:
    fills = {left.erased_fill, right.erased_fill}
    if len(fills) > 1 and "mixed" not in fills:
        return True
    if fills == {"constant"} and abs(left.erased_value - right.erased_value) > _VALUE:
        return True
    (low_a, high_a), (low_b, high_b) = share_between(left.erased), share_between(right.erased)
    if max(low_a, low_b) - min(high_a, high_b) > 0.1:
        return True
    return any(
        differ(getattr(left, field), getattr(right, field), tolerance=_SIDE)
        for field in ("erased_height", "erased_width")
    )


def _say(found: Policy) -> str:
    height, width = found.erased_height, found.erased_width
    # Of two draws that hide much, many cannot be laid over each other.
    often = "at least " if found.basis == "epochs" else ""
    value = f" ({found.erased_value:.0%} of the range)" if found.erased_fill == "constant" else ""
    return (
        f"a rectangle in {often}{found.erased.low:.0%} of its examples, {height.low:.0%} to"
        f" {height.high:.0%} of the height and {width.low:.0%} to {width.high:.0%} of the width,"
        f" filled with {_WORDS[found.erased_fill]}{value}"
    )


def _finding(left: Policy, right: Policy, said: str, size: float) -> Answer:
    evidence: dict[str, int | float | str | bool | None] = {}
    for name, found in (("a", left), ("b", right)):
        evidence |= {
            f"{name}_erased_share": found.erased.low if found.erased.random else 0.0,
            f"{name}_height_low_share": found.erased_height.low,
            f"{name}_height_high_share": found.erased_height.high,
            f"{name}_width_low_share": found.erased_width.low,
            f"{name}_width_high_share": found.erased_width.high,
            f"{name}_area_low_share": found.erased_area.low,
            f"{name}_area_high_share": found.erased_area.high,
            f"{name}_filled_with": found.erased_fill or None,
            f"{name}_value_share": found.erased_value,
            f"{name}_views": found.views,
            f"{name}_basis": found.basis,
        }
    here = left if left.erased.random else right
    sides = _squares(here)
    value = (
        "None"
        if here.erased_fill == "noise"
        else f"{here.erased_value * 255:.0f}"
        if here.erased_fill == "constant"
        else "..."
    )
    return MEASURE.finding(
        f"{said} ({left.views} and {right.views} views)",
        evidence=evidence,
        fix=Fix(
            "Erase alike in both, or in neither",
            f"keras.layers.RandomErasing(factor=({here.erased.low:.2f}, {here.erased.low:.2f}),"
            f" scale=({sides[0]:.2f}, {sides[1]:.2f}), fill_value={value})",
            Safety.UNSAFE,
        ),
        size=size,
    )


def _squares(found: Policy) -> tuple[float, float]:
    """The squares of the smallest and the largest side, which is what Keras calls scale."""
    low = min(found.erased_height.low, found.erased_width.low)
    high = max(found.erased_height.high, found.erased_width.high)
    return max(low, 0.0) ** 2, min(high, 1.0) ** 2


MEASURE = Measure(
    code="AUG212",
    name="different-erasing",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed erases rectangles of a twentieth to a fifth of half of its examples",
        open=examples_change,
    ),
    prior_cost="Zhong et al. 2017 (random erasing): CIFAR-10 error of WRN-28-10 from 3.8 % to 3.1 %",
)
