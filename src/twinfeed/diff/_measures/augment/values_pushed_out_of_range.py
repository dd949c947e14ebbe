"""Augmentation that pushes values out of the range that the model expects.

## What it does
Looks for a side with random changes whose values leave the range that the other side, or the
same side without them, keeps to: 0..1, -1..1 or 0..255, or the black and the white that many of
its pictures stop at, as after a normalisation. Counts how many values do so.
Of pictures in whole levels it also finds those whose values wrapped around, because they were cast
to `uint8` beyond 255: bright and dark side by side where the other side is smooth.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed changes
brightness by up to a fifth and does not clip it. Below that the answer is undecided and says
how many it takes.

## Why it matters
`random_brightness` on images in 0..1 does not clip: it hands the network values that no
evaluation image has. Where a later step clips or casts to `uint8`, they wrap or saturate.

## Example
```python
def unit(x, y):
    return tf.image.random_flip_left_right(tf.cast(x, tf.float32) / 255), y

def bright(x, y):
    return tf.image.random_brightness(unit(x, y)[0], 0.3), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(unit).batch(40), data.map(bright).batch(40)
```

Use instead:
```python
def unit(x, y):
    return tf.image.random_flip_left_right(tf.cast(x, tf.float32) / 255), y

def bright(x, y):
    return tf.clip_by_value(tf.image.random_brightness(unit(x, y)[0], 0.3), 0.0, 1.0), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(unit).batch(40), data.map(bright).batch(40)
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator
from math import comb

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._ends import own_ends_of, past_ends
from twinfeed.diff._policy._looks_apart import looks_apart
from twinfeed.diff._policy._randomness import randomness
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._values._line_words import of_channels
from twinfeed.diff._values._scaling import scaling
from twinfeed.diff._values._wrapped import Wrapped, wrapped

_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_FULL = 0.6  # share of a range that values must span to be taken as filling it
_BEYOND = 0.02  # share of a range by which values must leave it
_CHANCE = 1e-3  # that one of two sides which draw alike keeps to the range by luck
_MOST_OUTSIDE = 0.4  # of the values, beyond which they were put there, and not pushed by draws
_FARTHEST = 1.0  # share of a range beyond which another scale is the likelier cause


def look(twins: Twins) -> Iterator[Answer]:
    """Look for values beyond the range that the other side keeps to, or that wrapped around."""
    around = wrapped(twins)
    if around is not None and not _still(twins, around.side):
        yield _around(around)
        return
    if scaling(twins).kind == "named":
        return  # a normalisation with a name has its values where it puts them
    outside = {name: _outside(twins, name) for name in SIDES}
    if not any(outside.values()):
        looks = looks_apart(twins)
        if looks is None or not looks.names("levels"):  # fewer levels end where the last of them is
            yield from _past_own_ends(twins)
        return
    for name, other in EACH_WAY:
        found = outside[name]
        if found is None or outside[other] is not None:
            continue
        low, high, least, most, share, values = found
        yield MEASURE.finding(
            f"{name}'s augmentation leaves the range {low:g} to {high:g}: its values run from"
            f" {least:.3g} to {most:.3g}, {share:.1%} of them outside; {other} keeps to it",
            evidence={
                "side": name,
                "range_low": low,
                "range_high": high,
                "low": least,
                "high": most,
                "outside_share": share,
                "values": values,
            },
            fix=Fix(
                "Clip after the augmentation",
                f"tf.clip_by_value(x, {low:.1f}, {high:.1f})",
                Safety.UNSAFE,
            ),
            size=min(1.0, 0.4 + share),
        )


def _around(found: Wrapped) -> Answer:
    other = "B" if found.side == "A" else "A"
    share, there = found.pictures / found.of, found.other_pictures / found.other_of
    return MEASURE.finding(
        f"{found.side}'s augmentation wraps values around: in {share:.0%} of its pictures smooth"
        f" places go on at the other end of the range, as a cast to uint8 leaves what passes 255,"
        f" in {there:.0%} of {other}'s ({found.of} and {found.other_of} pictures)",
        evidence={
            "side": found.side,
            "wrapped_share": share,
            "wrapped_share_of_the_other": there,
            "pictures": found.of,
        },
        fix=Fix(
            "Clip before the cast",
            "np.clip(x, 0, 255).astype(np.uint8), or tf.saturate_cast(x, tf.uint8)",
            Safety.UNSAFE,
        ),
        size=0.9,
    )


def _outside(twins: Twins, name: SideName) -> tuple[float, float, float, float, float, int] | None:
    trace, other = twins.side(name), twins.other(name)
    here, there = _extent(trace), _extent(other)
    if here is None or there is None or _still(twins, name):
        return None
    for low, high in _RANGES:
        span = high - low
        kept = low <= there[0] and there[1] <= high and there[1] - there[0] >= _FULL * span
        gone = max(low - here[0], here[1] - high) / span
        if (
            kept
            and _BEYOND < gone < _FARTHEST
            and here[1] - here[0] >= _FULL * span
            and (
                randomness(twins, "B" if name == "A" else "A").state == "none"
                or _surely(trace, other, low, high)
            )
        ):
            beyond = [np.mean((image < low) | (image > high)) for image in trace.kept.values]
            share = float(np.mean(beyond)) if beyond else float("nan")
            if share > _MOST_OUTSIDE:
                return None
            count = sum(image.size for image in trace.kept.values)
            return low, high, here[0], here[1], share, count
    return None


def _past_own_ends(twins: Twins) -> Iterator[Answer]:
    """The same of ends that only show in the values, as black and white after a normalisation."""
    for name, other in EACH_WAY:
        if _still(twins, name):
            continue
        ends, own = own_ends_of(twins.side(other)), own_ends_of(twins.side(name))
        past = None if ends is None or own is not None else past_ends(twins.side(name), ends)
        if ends is None or past is None or not _surely_past(twins, name, past.leaves):
            continue
        low, high = ends.low.min(), ends.high.max()
        yield MEASURE.finding(
            f"{name}'s augmentation leaves the range {of_channels(ends.low.tolist())} to {of_channels(ends.high.tolist())}, at"
            f" whose ends {other}'s pictures stop: its values run from {past.low:.3g} to"
            f" {past.high:.3g}, {past.share:.1%} of them outside",
            evidence={
                "side": name,
                "range_low": float(low),
                "range_high": float(high),
                "low": past.low,
                "high": past.high,
                "outside_share": past.share,
                "values": past.values,
            },
            fix=Fix(
                "Clip after the augmentation, before values are normalised",
                "tf.clip_by_value(x, 0.0, 1.0) of what runs from 0 to 1",
                Safety.UNSAFE,
            ),
            size=min(1.0, 0.4 + past.share),
        )


def _surely_past(twins: Twins, name: SideName, leaves: Array) -> bool:
    """The chance that one of two sides which draw alike keeps to a range that many leave."""
    still = randomness(twins, "B" if name == "A" else "A").state == "none"
    return still or _more_than_luck(twins.side(name), twins.other(name), leaves)


def _still(twins: Twins, name: SideName) -> bool:
    found = randomness(twins, name)
    return found.state == "none" or found.in_doubt


def _surely(trace: Trace, other: Trace, low: float, high: float) -> bool:
    """Whether more batches leave a range than chance puts on one of two sides that draw alike.

    Batches are counted, since all examples of one may share a draw.
    """
    leaves = np.array([image.min() < low or image.max() > high for image in trace.kept.values])
    return _more_than_luck(trace, other, leaves)


def _more_than_luck(trace: Trace, other: Trace, leaves: Array) -> bool:
    leaving, staying = set[tuple[int, int]](), set[tuple[int, int]]()
    for row, outside in zip(trace.kept.row.tolist(), leaves.tolist(), strict=True):
        batch = int(trace.rows.epoch[row]), int(trace.rows.batch[row])
        (leaving if outside else staying).add(batch)
    own = len(leaving | staying)
    rows = other.kept.row
    whole = own + len(
        set(zip(other.rows.epoch[rows].tolist(), other.rows.batch[rows].tolist(), strict=True))
    )
    return comb(own, len(leaving)) < _CHANCE * comb(whole, len(leaving))


def _extent(trace: Trace) -> tuple[float, float] | None:
    stats = trace.stats_of(trace.main.path) if trace.main else None
    if stats is None or stats.low is None or stats.high is None:
        return None
    return stats.low, stats.high


MEASURE = Measure(
    code="AUG207",
    name="values-pushed-out-of-range",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed changes brightness by up to a fifth and does not clip it",
        open=examples_change,
    ),
)
