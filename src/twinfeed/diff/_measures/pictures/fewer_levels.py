"""One feed's values are of fewer levels than the other's.

## What it does
Looks whether the values of a side stand on an even grid, and whether the other side's, rounded or
cut off to that grid, are then the same.

Where draws stand between the pictures, the number of different values is compared, pair by pair.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed has 64 levels
and the other 256. Below that the answer is undecided and says how many it takes.

## Why it matters
16-bit scans, satellite bands and depth maps lose all but 256 levels in `load_img`, in
`decode_png` without `dtype=tf.uint16` and in every `uint8` on the way; a dark picture then has
ten of them. Whole levels against values between them, as Pillow's resize gives against
TensorFlow's, are a note.

## Example
```python
data = tf.data.Dataset.from_tensor_slices(photographs)
a = data.batch(8)
b = data.map(lambda x: x // 16 * 16).batch(8)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices(photographs)
a = data.batch(8)
b = data.batch(8)
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import kept_step
from twinfeed.diff._policy._looks_apart import looks_apart
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins

_USUAL = 128  # levels from which on it is hardly more than rounding


def look(twins: Twins) -> Iterator[Answer]:
    """Count the levels of both sides."""
    drawn = looks_apart(twins)
    if drawn is not None and drawn.names("levels"):
        yield MEASURE.finding(drawn.said, evidence=drawn.evidence, fix=_fix(drawn.less), size=0.4)
        return
    kept = kept_step(twins, "levels")
    if kept is None:
        return
    count = kept.facts["levels"]
    assert isinstance(count, int)
    cut = "cut off" if kept.facts["cut_off"] else "rounded"
    yield MEASURE.finding(
        f"{kept.says}: the other side's values, {cut}",
        evidence={
            "side": kept.facts["side"],
            "levels": count,
            "levels_of_the_other": kept.facts["levels_of_the_other"],
            "cut_off": kept.facts["cut_off"],
            "share_of_difference": kept.share,
        },
        fix=_fix(kept.facts["side"]),
        size=min(0.7, 0.2 + 8 / count),
        severity=Severity.NOTE if count >= _USUAL else None,
    )


def _fix(name: object) -> Fix:
    return Fix(
        f"Keep the depth of the data in {name}",
        "tf.io.decode_png(data, dtype=tf.uint16); no uint8 between decoding and scaling;"
        " tf.round ahead of a cast to integers",
        Safety.UNSAFE,
    )


MEASURE = Measure(
    code="PIX209",
    name="fewer-levels",
    severity=Severity.WARNING,
    tags=("bit-depth-loss", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed has 64 levels and the other 256",
        open=pictures_differ,
    ),
)
