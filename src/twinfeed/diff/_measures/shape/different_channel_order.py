"""The same channels or columns in another order: BGR against RGB.

## What it does
Fits B's channels with A's in every order, on paired examples: block by block, or on the order
statistics of each channel where flips and zooms stand between them. One gain serves all
channels of an example, and each channel has an offset for all examples. Another order is named where it leaves less than 40 %
of the misfit and nearly every example, asked alone, prefers it. Columns of a table are told by what
they hold over all paired examples.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether the channels of one
feed are in reverse order. Below that the answer is undecided and says how many it takes.

## Why it matters
OpenCV reads BGR, everything else RGB. A network that was trained on one and is tested on the
other loses most on what is told by colour, and nothing fails.

It also names channels of another colour space, such as YCbCr, HSV or Lab: what makes them of the
other side's three is fitted on half of the pairs and holds on the other half, or is how HSV and
Lab are defined.

It says nothing where channels hold the same (grey pictures), nor where
`different-normalisation` names a side whose normalisation is blue first (`caffe`).

## Example
```python
a = tf.data.Dataset.from_tensor_slices((rgb, labels)).batch(32)
b = a.map(lambda x, y: (tf.image.flip_left_right(x[..., ::-1]), y))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((rgb, labels)).batch(32)
b = a.map(lambda x, y: (tf.image.flip_left_right(x), y))
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, values_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import ChannelOrder, channel_order
from twinfeed.diff._values._colour_space import ColourSpace, colour_space
from twinfeed.diff._values._presets import blue_first
from twinfeed.diff._values._scaling import scaling
from twinfeed.stats.intervals import wilson

_COLOURS = 4  # channels at most, alpha among them
_SHOWN = 12  # columns of an order that a sentence lists


def look(twins: Twins) -> Iterator[Answer]:
    """Name the order that makes B's channels of A's, or the colour space."""
    space = colour_space(twins)
    if space is not None:
        yield _converted(space)
        return
    found = channel_order(twins)
    if found is None or not found.moved or _named(twins):
        return
    low, high = wilson(found.votes, found.pairs)
    table = twins.left.main is not None and not twins.left.main.is_image
    yield MEASURE.finding(
        f"B's {'columns' if table else 'channels'} are A's {_in_words(found)}: {found.votes:,} of {found.pairs:,} paired"
        f" examples fit better so, and the misfit falls from {found.kept_share:.1%} to"
        f" {found.best_share:.1%} of the variance",
        evidence={
            "order": str(found.order),
            "misfit_as_it_is_share": found.kept_share,
            "misfit_reordered_share": found.best_share,
            "pairs_that_agree": found.votes,
            "pairs": found.pairs,
            "agreement_low": low,
            "agreement_high": high,
        },
        fix=Fix(
            "Name the columns of both tables in one order"
            if table
            else "Read both in one order: OpenCV gives BGR, Pillow and TensorFlow RGB",
            on_inputs(twins.right, _picked(twins, found)),
            Safety.UNSAFE,
        ),
        size=0.75,
    )


def _converted(space: ColourSpace) -> Answer:
    """Channels of another colour space."""
    other = "B" if space.side == "A" else "A"
    said = (
        f"{space.side}'s channels are {space.name} of the colours that {other} holds"
        if space.name
        else f"each of {space.side}'s channels is a mix of all of {other}'s"
    )
    return MEASURE.finding(
        f"{said}: channel by channel a line leaves {space.line_share:.1%} of the spread, the"
        f" conversion {space.left_over_share:.1%} ({space.pairs:,} paired examples)",
        evidence={
            "colour_space": space.name,
            "converted_side": space.side,
            "line_left_over_share": space.line_share,
            "left_over_share": space.left_over_share,
            "pairs": space.pairs,
        },
        fix=Fix(
            "Read both in one colour space",
            "one cv2.cvtColor, tf.image.rgb_to_hsv or convert of Pillow on both sides, or on neither",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


def _in_words(found: ChannelOrder) -> str:
    if found.reversed and len(found.order) <= _COLOURS:
        return "in reverse (BGR against RGB)"
    shown = ", ".join(map(str, found.order[:_SHOWN]))
    return f"in the order {shown}{', ...' if len(found.order) > _SHOWN else ''}"


def _picked(twins: Twins, found: ChannelOrder) -> str:
    axis = "x[:, {}]" if twins.right.main and twins.right.main.channels_first else "x[..., {}]"
    if found.order == (2, 1, 0):
        return axis.format("::-1")
    inverse = [found.order.index(channel) for channel in range(len(found.order))]
    return axis.format(str(inverse))


def _named(twins: Twins) -> bool:
    """Whether the order belongs to a normalisation that is said by its name."""
    found = scaling(twins)
    return found.kind == "named" and blue_first(found.left) != blue_first(found.right)


MEASURE = Measure(
    code="GEO202",
    name="different-channel-order",
    severity=Severity.WARNING,
    tags=("channel-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="the channels of one feed are in reverse order",
        open=values_differ,
    ),
)
