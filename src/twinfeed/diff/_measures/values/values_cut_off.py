"""Values of one feed were cut off at the ends of its range, or wrapped around to the other end.

## What it does
Counts the values of some whole pictures that are the lowest or the highest of their feed. It speaks where
they are at least half of one feed's values and less than half as large a share of the other's, and
where paired pictures do not show that the other side is one value there too, or any of its values.
From 5 % on it speaks where paired pictures, recordings or scans show the cut: between the ends one
line leads to the other feed, and what stands at an end goes on there. Where paired pictures show that one side is a multiple
of the other plus a constant but for multiples of 256, or the whole part of what was normalised but
for these, its values wrapped around in 8 bits.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed is cut off
above and below the middle third of the range. Below that the answer is undecided and says how
many it takes.

## Why it matters
Pixels that are clipped hold nothing to learn from. Usual places: a cast to `uint8` of what was
scaled to 0..1, pictures of 16 bits that Pillow turns into 8, and augmentation that takes floats
for 0..1 (Albumentations) or for 0..255 (`brightness_range`, `RandomBrightness`) where they are
not. Nothing raises an error, and the range itself looks right.

## Example
```python
data = tf.data.Dataset.from_tensor_slices(images)
a = data.map(lambda x: tf.cast(x, tf.float32) / 255).batch(32)
b = a.map(lambda x: tf.cast(tf.cast(x, tf.uint8), tf.float32))
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices(images)
a = data.map(lambda x: tf.cast(x, tf.float32) / 255).batch(32)
b = a.map(lambda x: tf.cast(tf.cast(x, tf.float16), tf.float32))
```

## Fix safety
Show: the step that cuts off is in the user's own code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, values_differ
from twinfeed.diff._streams._emptied import Emptied, emptied
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._values._cut_off import cut_off, goes_on
from twinfeed.diff._values._line_words import number
from twinfeed.diff._values._wrapped_pairs import WrappedPairs, wrapped_pairs

_MOST = 0.5  # share of the values at the ends that is not in the nature of pictures
_NEARLY_ALL = 0.95  # share of them at the ends from which the other pictures hold nothing either
_TIMES = 2  # the other side's share has to be this much smaller
_MOST_EXAMPLES = 64
_LEVELS = 512  # parts of the range; a value in the first or the last stands at an end
_ONE_VALUE = 1e-5  # of the range of a picture's middle half, by which rounding sets one value apart
_OF_MOST = 64  # the same, of the range in which the middle half of each example's values lies


@dataclass(frozen=True, slots=True)
class _Ends:
    """How much of a feed stands at the ends of its range.

    Attributes:
        share: Share of the values.
        of_channels: Share of the values that stand at an end of their own channel, which is not
            one of the feed where each channel was normalised by numbers of its own.
        low: The lowest value.
        high: The highest.
        values: Values that were counted.
        alike: Whether most of those at an end are one value.
    """

    share: float
    of_channels: float
    low: float
    high: float
    values: int
    alike: bool


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the shares of values at the ends of both main inputs."""
    around = wrapped_pairs(twins)
    if around is not None:
        yield _around(around)
        return
    empty = emptied(twins)
    # Where some show a little, and little is left of that too, that says more.
    if empty is not None and (
        empty.pictures == empty.of or _at_most(twins.side(empty.side)) < _NEARLY_ALL
    ):
        yield _empty(empty)
        return
    yield from list(_most_at_ends(twins)) or _ends_where_the_other_goes_on(twins)


def _around(found: WrappedPairs) -> Answer:
    other = "B" if found.side == "A" else "A"
    line = f" times {found.factor}" if found.factor > 1 else ""
    if found.offset:
        line += f" {'plus' if found.offset > 0 else 'less'} {abs(found.offset)}"
    line += " without their fractions" if found.cut else ""
    return MEASURE.finding(
        f"{found.side}'s values wrapped around in 8 bits: they are {other}'s{line}, of which"
        f" {found.share:.0%} lost 256 or a multiple of it ({found.pairs} paired pictures)",
        evidence={
            "side": found.side,
            "wrapped_share": found.share,
            "factor": float(found.factor),
            "offset": float(found.offset),
            "pairs": found.pairs,
        },
        fix=Fix(
            f"Cut off, or keep a wider type, where {found.side}'s values are cast to 8 bits",
            "work on x.astype(np.int16), then np.clip(x, 0, 255).astype(np.uint8), or"
            " tf.saturate_cast(x, tf.uint8)",
            Safety.SHOW,
        ),
        size=0.9,
    )


def _empty(found: Emptied) -> Answer:
    other = "B" if found.side == "A" else "A"
    return MEASURE.finding(
        f"{found.pictures:,} of {found.of:,} pictures of {found.side} hold one value only, mostly"
        f" {number(found.value)}; of {other}'s {found.other:,} of {found.other_of:,} do",
        evidence={
            "side": found.side,
            "pictures_of_one_value": found.pictures,
            "pictures": found.of,
            "value": found.value,
            "pictures_of_one_value_of_the_other": found.other,
            "pictures_of_the_other": found.other_of,
        },
        fix=Fix(
            f"Find what leaves nothing of these pictures in {found.side}",
            "let a file that cannot be read raise an error, instead of zeros in its place; do"
            " arithmetic of levels in a wider type than uint8",
            Safety.SHOW,
        ),
        size=0.95,
    )


def _most_at_ends(twins: Twins) -> Iterator[Answer]:
    if max(_at_most(twins.side(name)) for name in SIDES) < _MOST:
        return  # nearly always: what follows takes ten times as long
    ends = {name: _ends(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        here, there = ends[name], ends[other]
        if here is None or there is None or here.share < _MOST or not here.alike:
            continue
        if max(there.share, there.of_channels) * _TIMES > here.share:
            continue
        if goes_on(twins, name) is False:
            continue
        said = f"at {here.low:.4g}" + ("" if here.low == here.high else f" or {here.high:.4g}")
        yield MEASURE.finding(
            f"{here.share:.0%} of {name}'s values stand at the ends of its range, {said}; of"
            f" {other}'s {there.share:.0%} do",
            evidence={
                "side": name,
                "at_ends_share": here.share,
                "at_ends_share_of_the_other": there.share,
                "low": here.low,
                "high": here.high,
                "values": here.values,
            },
            fix=_fix(name),
            # Where hardly anything else is left, draws that no longer show are no cause.
            size=0.9 if here.share < _NEARLY_ALL else 0.96,
        )


def _ends_where_the_other_goes_on(twins: Twins) -> Iterator[Answer]:
    found = cut_off(twins)
    if found is None:
        return
    other = "B" if found.side == "A" else "A"
    line = f"times {number(found.gain)}"
    if number(found.bias) != "0":
        line += f" {'plus' if found.bias > 0 else 'less'} {number(abs(found.bias))}"
    yield MEASURE.finding(
        f"{found.side}'s values are cut off at {' and '.join(f'{end:.4g}' for end in found.ends)},"
        f" where {other}'s go on: {found.share:.0%} of them stand at the ends of its range, between"
        f" which {other}'s are {found.side}'s {line} ({found.pairs} paired examples)",
        evidence={
            "side": found.side,
            "at_ends_share": found.share,
            "at_ends_share_of_the_other": found.other_share,
            "low": min(found.ends),
            "high": max(found.ends),
            "factor": found.gain,
            "offset": found.bias,
            "pairs": found.pairs,
        },
        fix=_fix(found.side),
        size=min(0.9, 0.3 + found.share),
    )


def _fix(name: SideName) -> Fix:
    return Fix(
        f"Find what cuts {name}'s values off, and give it values of the range it expects",
        "scale after the cast to uint8 and after augmentation that works on 0..255; say"
        " value_range=(0, 1) to Keras layers; decode with dtype=tf.uint16 what has 16 bits",
        Safety.SHOW,
    )


def _at_most(trace: Trace) -> float:
    """The share of the values at the ends at most: ``_ends`` takes a part of the range that is no wider."""
    span, examples = _range(trace), trace.kept.values[:_MOST_EXAMPLES]
    if span is None or not len(examples):
        return 0.0
    count = sum(one.size for one in examples)
    return _near_ends(examples, span, (span[1] - span[0]) / _LEVELS) / max(count, 1)


def _range(trace: Trace) -> tuple[float, float] | None:
    """The lowest and the highest value of a feed of pictures."""
    stats = trace.stats_of(trace.main.path) if trace.main and trace.main.is_image else None
    if stats is None or stats.low is None or stats.high is None:
        return None
    return stats.low, stats.high


def _near_ends(examples: Sequence[Array], span: tuple[float, float], slack: float) -> int:
    """How many values are no further than that from an end of a range."""
    low, high = span[0] + slack, span[1] - slack
    return sum(int(np.count_nonzero((one <= low) | (one >= high))) for one in examples)


def _ends(trace: Trace) -> _Ends | None:
    """Counted on whole examples: bins of a histogram may be wider than a narrow range."""
    span, examples = _range(trace), trace.kept.values[:_MOST_EXAMPLES]
    if span is None or not len(examples):
        return None
    # Where few values reach far beyond the others, as a part of the whole range all would be near its ends.
    middle = np.concatenate([np.quantile(one, (0.25, 0.75)) for one in examples])
    slack = min((span[1] - span[0]) / _LEVELS, float(np.ptp(middle)) / _OF_MOST)
    cut = _near_ends(examples, span, slack)
    # What was cut off is one value; what falls off evenly, as power does, only comes near the end.
    near = _ONE_VALUE * float(np.median(np.ptp(middle.reshape(-1, 2), axis=1)))
    alike = _near_ends(examples, span, near)
    count = sum(one.size for one in examples)
    of_channels = _at_ends_of_channels(examples, trace)
    return _Ends(cut / max(count, 1), of_channels, *span, count, alike > _MOST * cut)


def _at_ends_of_channels(examples: Sequence[Array], trace: Trace) -> float:
    """The share of the values at the lowest or highest of their channel, of channels that vary."""
    axis = 0 if trace.main is not None and trace.main.channels_first else -1
    shown = [
        np.moveaxis(one, axis, -1).reshape(-1, one.shape[axis]).astype(float)
        for one in examples
        if np.isfinite(one).all()
    ]
    if not shown:
        return 0.0
    lows = np.min([one.min(axis=0) for one in shown], axis=0)
    highs = np.max([one.max(axis=0) for one in shown], axis=0)
    slack = (highs - lows) / _LEVELS
    at = [((one <= lows + slack) | (one >= highs - slack))[:, highs > lows] for one in shown]
    count = sum(one.size for one in at)
    return sum(int(np.count_nonzero(one)) for one in at) / max(count, 1)


MEASURE = Measure(
    code="VAL207",
    name="values-cut-off",
    severity=Severity.WARNING,
    tags=("bit-depth-loss", "augment-semantics", "double-rescale", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed is cut off above and below the middle third of the range",
        open=values_differ,
    ),
)
