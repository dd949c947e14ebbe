"""Most values of one feed stand at the ends of its range, as if the rest had been cut off.

## What it does
Counts the values that lie at the lowest and at the highest value of each feed. It speaks where
they are at least half of one feed's values and less than half as large a share of the other's.

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

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import LeafStats, Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._twins import EACH_WAY, Twins

_MOST = 0.5  # share of the values at the ends that is not in the nature of pictures
_TIMES = 2  # the other side's share has to be this much smaller
_LEAST_EXAMPLES = 8


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the shares of values at the ends of both main inputs."""
    for name, other in EACH_WAY:
        here, there = _stats(twins.side(name)), _stats(twins.side(other))
        if here is None or there is None:
            continue
        cut, usual = _at_ends(here), _at_ends(there)
        if cut < _MOST or usual * _TIMES > cut:
            continue
        ends = f"at {here.low:.4g}" + ("" if here.low == here.high else f" or {here.high:.4g}")
        yield MEASURE.finding(
            f"{cut:.0%} of {name}'s values stand at the ends of its range, {ends}; of {other}'s"
            f" {usual:.0%} do",
            evidence={
                "side": name,
                "at_ends_share": cut,
                "at_ends_share_of_the_other": usual,
                "low": here.low,
                "high": here.high,
                "values": here.count,
                "examples": here.examples,
            },
            fix=Fix(
                f"Find what cuts {name}'s values off, and give it values of the range it expects",
                "scale after the cast to uint8 and after augmentation that works on 0..255; say"
                " value_range=(0, 1) to Keras layers; decode with dtype=tf.uint16 what has 16 bits",
                Safety.SHOW,
            ),
            size=0.9,
        )


def _stats(trace: Trace) -> LeafStats | None:
    found = trace.stats_of(trace.main.path) if trace.main and trace.main.is_image else None
    if found is None or not found.histogram or found.examples < _LEAST_EXAMPLES:
        return None
    return found


def _at_ends(stats: LeafStats) -> float:
    """Share of the values in the bins of the lowest and of the highest value."""
    counts = [count for _, count in stats.histogram]
    ends = counts[0] + (counts[-1] if len(counts) > 1 else 0)
    return ends / sum(counts)


MEASURE = Measure(
    code="VAL207",
    name="values-cut-off",
    severity=Severity.WARNING,
    tags=("bit-depth-loss", "augment-semantics", "double-rescale", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
)
