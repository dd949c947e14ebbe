"""One feed's pictures were written as JPEG once more, at their present size.

## What it does
Writes some pictures of one side as JPEG at several qualities, reads them back, and looks whether
they are then the other side's pictures. It needs no source files. A JPEG that was resized after it
was written again does not show here.

Where draws stand between the pictures, how far the edges of blocks of 8 x 8 points stand out is
compared, pair by pair.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed was written
as JPEG of quality 90 again. Below that the answer is undecided and says how many it takes.

## Why it matters
Data sets are often stored resized and compressed again (TFRecords, a cache of thumbnails, a
client that sends JPEG). At quality 90 that moves every value by 3 to 6 levels in the mean, and
it adds the edges of 8 x 8 blocks.

## Example
```python
@tf.function
def again(picture):
    return tf.io.decode_jpeg(tf.io.encode_jpeg(picture, quality=75), channels=3)
data = tf.data.Dataset.from_tensor_slices(photographs)
a = data.batch(8)
b = data.map(again).batch(8)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices(photographs)
a = data.batch(8)
b = data.batch(8)
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import apart, in_levels, kept_step, severity_of, size_of
from twinfeed.diff._policy._looks_apart import looks_apart
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Name the side that was written again."""
    drawn = looks_apart(twins)
    if drawn is not None and drawn.names("blocks"):
        yield MEASURE.finding(drawn.said, evidence=drawn.evidence, fix=_fix(drawn.more), size=0.4)
        return
    kept = kept_step(twins, "encoding")
    if kept is None:
        return
    levels = apart(kept)
    name, quality = kept.facts["side"], kept.facts["quality"]
    yield MEASURE.finding(
        f"{name}'s pictures are the other side's, written as JPEG of quality about {quality} and"
        f" read again{in_levels(levels)}",
        evidence={
            "side": name,
            "quality": quality,
            "apart_levels": levels,
            "share_of_difference": kept.share,
        },
        fix=_fix(name),
        size=size_of(levels),
        severity=severity_of(levels),
    )


def _fix(name: object) -> Fix:
    return Fix(
        f"Feed {name} from files that were not compressed again",
        "the original files, or PNG where pictures are stored resized",
        Safety.UNSAFE,
    )


MEASURE = Measure(
    code="PIX204",
    name="encoded-again",
    severity=Severity.WARNING,
    tags=("jpeg-decode-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed was written as JPEG of quality 90 again",
        open=pictures_differ,
    ),
    prior_cost="Dodge and Karam 2016: ImageNet networks lose little accuracy down to a JPEG quality of 20",
)
