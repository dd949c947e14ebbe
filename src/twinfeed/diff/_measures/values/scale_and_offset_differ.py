"""B's values are A's, times a factor and plus an offset, of no known name.

## What it does
Fits one line per channel from the values of A to those of B on paired examples: point by
point, or on the order statistics of each example where flips and zooms stand between them.
It speaks where the line is the same for all examples and farther from the identity than the
examples' own scatter, or where it is another line for some examples than for others. Where a
decoder, noise or a filter stands beside the scale, the scale has to differ by more than that
leaves; where fewer than 20 pairs hold draws of an augmentation too, it asks.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether the values of one feed
are a hundredth larger. Below that the answer is undecided and says how many it takes.

## Why it matters
Scaling twice (values of at most 1/255), 255 against 256, 16-bit data divided by 255, mean
and std of another data set: each shifts the operating point of the first layer and of every
BatchNormalization. `convert_image_dtype` scales integers and leaves floats alone, so its place
in the pipeline decides.

Where both sides have a normalisation with a name, `different-normalisation` speaks instead.
An augmentation that draws brightness or contrast is not one line: see `different-brightness`.
Where a curve or fewer levels explain it better, `different-tone-curve` or `fewer-levels` speaks.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = data.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
b = a.map(lambda x, y: (x / 255, y))
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = data.map(lambda x, y: (tf.image.convert_image_dtype(x, tf.float32), y))
b = data.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import bent_not_scaled
from twinfeed.diff._reach import Reach, values_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._line import MANY
from twinfeed.diff._values._line_words import in_words, line_evidence, number
from twinfeed.diff._values._overwritten_alike import overwritten_alike
from twinfeed.diff._values._renumbered import Renumbered, renumbered
from twinfeed.diff._values._scaling import scaling
from twinfeed.diff._values._value_map import ValueMap
from twinfeed.diff._values._value_range import ValueRange

_SLIGHT = (0.02, 0.05)  # factor and offset (in spreads) below which training hardly notices
_LEVELS = 1.5  # the same of the offset, in levels of 255
_LEVEL = {"0..255": 1.0, "0..1": 1 / 255, "-1..1": 2 / 255}


def look(twins: Twins) -> Iterator[Answer]:
    """Say the line from A to B where it has no name."""
    found = scaling(twins)
    if found.line is None or found.ranges is None:
        return
    if (found.kind in {"line", "uneven"} or found.line.in_doubt) and bent_not_scaled(twins):
        return
    numbers = renumbered(twins)
    if numbers is not None:
        if numbers.kind == "shifted":
            yield _shifted(twins, numbers)
        return
    if found.kind == "uneven" and not overwritten_alike(twins):
        yield _uneven(found.line)
    elif found.kind == "line":
        yield _even(twins, found.line, found.ranges)
    elif found.line.in_doubt:
        yield MEASURE.undecided(
            f"whether {in_words(found.line)} or examples were drawn so:"
            f" {found.line.pairs:,} pairs are too few to tell",
            f"{MANY:,} paired examples",
        )


def _shifted(twins: Twins, numbers: Renumbered) -> Answer:
    """Whole numbers of which those that change have one number added."""
    assert numbers.shift is not None
    return MEASURE.finding(
        f"{numbers.said} ({numbers.pairs:,} paired examples, {numbers.changed:,} of"
        f" {numbers.numbers:,} numbers)",
        evidence={
            "offset": numbers.shift,
            "numbers": numbers.numbers,
            "numbers_that_change": numbers.changed,
            "pairs": numbers.pairs,
        },
        fix=Fix(
            "Number things alike on both sides",
            on_inputs(twins.right, f"tf.where(x > 0, x - {numbers.shift}, x)"),
            Safety.UNSAFE,
        ),
        size=0.6,
    )


def _even(twins: Twins, line: ValueMap, ranges: tuple[ValueRange, ValueRange]) -> Answer:
    said = in_words(line)
    scaled_again = _scaled_again(line, ranges)
    if scaled_again:
        said += f": {scaled_again[0]} was scaled by 1/255 {scaled_again[1]}"
    offset = np.abs(np.array(line.bias))
    bias = (offset / np.array(line.spread)).max()
    away = np.abs(np.log(np.abs(np.array(line.gain)))).max()
    # Dark or even pictures spread little, and another decoder moves them by a level all the same.
    least = bias < _SLIGHT[1] or offset.max() < _LEVELS * _LEVEL.get(ranges[1].kind, 0.0)
    slight = away < _SLIGHT[0] and least and not line.whole and min(line.gain) > 0
    return MEASURE.finding(
        f"{said} ({line.pairs:,} paired examples, A from {ranges[0]}, B from {ranges[1]})",
        evidence={
            "a_low": ranges[0].low,
            "a_high": ranges[0].high,
            "b_low": ranges[1].low,
            "b_high": ranges[1].high,
            "scaled_again": scaled_again[0] if scaled_again else None,
            **line_evidence(line),
        },
        fix=_fix(twins, line, scaled_again[0] if scaled_again else None),
        # So little is what another decoder or kernel leaves, whose own note says more.
        size=0.05 if slight else min(0.85, 0.15 + 0.25 * float(away + bias)),
        severity=Severity.NOTE if slight else None,
    )


def _scaled_again(line: ValueMap, ranges: tuple[ValueRange, ValueRange]) -> tuple[str, str] | None:
    """The side that was divided by 255 too often, and how often, where its values show it."""
    factor = abs(float(np.median(line.gain)))
    for name, seen, ratio in (("A", ranges[0], factor), ("B", ranges[1], 1 / factor)):
        if seen.kind != "nearly 0":
            continue
        if 0.9 < ratio / 255 < 1.1:
            return name, "once more"
        if 0.9 < ratio / 255**2 < 1.1:
            return name, "twice"
    return None


def _fix(twins: Twins, line: ValueMap, scaled_again: str | None) -> Fix | None:
    if scaled_again:
        return Fix(
            f"Divide by 255 once in {scaled_again}",
            "only one of convert_image_dtype(uint8), x / 255, rescale=1/255 and Rescaling(1/255)",
            Safety.UNSAFE,
        )
    if len(set(map(number, line.gain))) > 1 or len(set(map(number, line.bias))) > 1:
        change = "(x - offset) / factor, channel by channel"
    else:
        change = _inverse(line.gain[0], line.bias[0])
    return Fix("Scale both sides alike", on_inputs(twins.right, change), Safety.UNSAFE)


def _inverse(gain: float, bias: float) -> str:
    shifted = f"(x - {number(bias)})" if bias > 0 else f"(x + {number(-bias)})"
    inner = "x" if number(bias) == "0" else shifted
    return inner if number(gain) == "1" else f"{inner} / {number(gain)}"


def _uneven(line: ValueMap) -> Answer:
    if line.own_offsets:
        return _uneven_offset(line)
    low, high = line.example_gains
    return MEASURE.finding(
        f"the factor from A's values to B's depends on the example: from {number(low)} to"
        f" {number(high)} over the middle 90 % of {line.pairs:,} paired examples",
        evidence={"factor_low": low, "factor_high": high, **line_evidence(line)},
        fix=Fix(
            "Scale by a constant, not by what an example holds",
            "tf.cast(x, tf.float32) / 255 instead of convert_image_dtype, x / max(x) or"
            " a test such as max(x) > 1",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


def _uneven_offset(line: ValueMap) -> Answer:
    low, high = line.example_offsets
    one = replace(line, bias=tuple(0.0 for _ in line.bias))
    return MEASURE.finding(
        f"{in_words(one)} plus an offset that depends on the example: from {number(low)} to"
        f" {number(high)} over the middle 90 % of {line.pairs:,} paired examples",
        evidence={"offset_low": low, "offset_high": high, **line_evidence(line)},
        fix=Fix(
            "Measure from one reference, not from what an example holds",
            "ref=1.0 in place of ref=np.max in power_to_db, and no x - x.mean() or x - x.max()"
            " on one side only",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


MEASURE = Measure(
    code="VAL202",
    name="scale-and-offset-differ",
    severity=Severity.WARNING,
    tags=(
        "double-rescale",
        "normalization-constant-mismatch",
        "input-dependent-scaling",
        "op-order-mismatch",
        "missing-rescale",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="the values of one feed are a hundredth larger",
        open=values_differ,
    ),
)
