"""The same JPEG files are decoded in two ways.

## What it does
Decodes the source files with the accurate DCT (Pillow, OpenCV), the fast one (TensorFlow's
default), scaled to a half in the DCT, and with the colours of a coarser grid repeated instead of
blended (libjpeg's fancy upsampling off), resizes them with the
kernel that was found, and names the decoder that gives each side's pictures.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed decodes its
files by the fast transform and the other by the accurate one. Below that the answer is
undecided and says how many it takes.

## Why it matters
TensorFlow decodes with the fast DCT by default: two thirds of all values differ from Pillow's,
by about one level in the mean and up to nine. Between two trainings that is nothing; between
training and deployment of a delicate model it has shown. It is a note unless the two are farther
apart.

## Example
```python
def read(method):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method=method)
        return tf.image.resize(picture, (40, 40), antialias=True)
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read("INTEGER_ACCURATE")
b = read("")
```

Use instead:
```python
def read(method):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method=method)
        return tf.image.resize(picture, (40, 40), antialias=True)
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read("INTEGER_ACCURATE")
b = read("INTEGER_ACCURATE")
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import (
    apart,
    in_levels,
    recipe_evidence,
    replayed,
    severity_of,
    size_of,
)
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Name both decoders."""
    found = replayed(twins, "decoder")
    if found is None:
        return
    kept, left, right = found
    if left.decoder is None or right.decoder is None:
        return
    levels = apart(kept)
    yield MEASURE.finding(
        f"A's JPEG files are decoded by {left.decoder}, B's by {right.decoder}{in_levels(levels)}",
        evidence={
            "apart_levels": levels,
            "share_of_difference": kept.share,
            **recipe_evidence(left, right),
        },
        fix=Fix(
            "Decode both sides alike, if bits matter",
            'tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE") equals Pillow and'
            " OpenCV",
            Safety.UNSAFE,
        ),
        size=size_of(levels),
        severity=severity_of(levels),
    )


MEASURE = Measure(
    code="PIX203",
    name="different-jpeg-decoder",
    severity=Severity.NOTE,
    tags=("jpeg-decode-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed decodes its files by the fast transform and the other by the accurate one",
        open=pictures_differ,
    ),
    prior_cost="SysNoise (Wang et al. 2023): another decoder moves ImageNet accuracy by about 1 to 2 points",
)
