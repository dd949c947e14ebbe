"""Colour files become grey by different weights.

## What it does
Replays the colour files of two grey feeds with the weights of Pillow's `L` (ITU-R 601, which
libjpeg and OpenCV share), the same with blue taken for red, those of TensorFlow's
`rgb_to_grayscale`, and the plain mean, and names the one that gives each side's pictures.

Without files it looks at the greys alone. Unrounded sums of whole levels lie on a grid that their
weights give them: the mean on thirds, others on thousandths. Rounded ones differ in patches as
smooth as colours are, which no scale, curve, filter or contrast of a part of the picture explains;
then the weights are not named.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed makes grey by
the mean of the channels and the other by 0.299, 0.587, 0.114. Below that the answer is
undecided and says how many it takes.

## Why it matters
Green weighs 0.587 in one and a third in the other: a red sign is dark in one feed and as bright
as its ground in the other. Differences of 10 to 30 levels on coloured areas are usual; weights
that differ by their rounding only are a note.

## Example
```python
def read(grey):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return grey(tf.image.resize(picture, (40, 40), antialias=True))
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read(tf.image.rgb_to_grayscale)
b = read(lambda x: tf.reduce_mean(x, axis=-1, keepdims=True))
```

Use instead:
```python
def read(grey):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return grey(tf.image.resize(picture, (40, 40), antialias=True))
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read(tf.image.rgb_to_grayscale)
b = read(tf.image.rgb_to_grayscale)
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
    is_told,
    recipe_evidence,
    replayed,
    severity_of,
)
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._two_greys import two_greys

_FIX = Fix(
    "Make grey by one rule on both sides",
    'color_mode="grayscale", image.convert("L") or tf.image.rgb_to_grayscale(x): the three'
    " agree within a level; cv2.COLOR_RGB2GRAY for what is red first",
    Safety.UNSAFE,
)
_WORDS = {
    "L": "Pillow's L (0.299, 0.587, 0.114)",
    "luma": "TensorFlow's rgb_to_grayscale (0.2989, 0.587, 0.114)",
    "mean": "the mean of the channels",
    "swapped": "0.114, 0.587, 0.299, which takes blue for red",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Name the weights of both sides."""
    found = replayed(twins, "channels")
    if found is None:
        yield from _from_greys(twins)
        return
    kept, left, right = found
    if not left.mode.excludes(right.mode) or not {left.mode.best, right.mode.best} <= set(_WORDS):
        return
    levels = apart(kept)
    yield MEASURE.finding(
        f"A's grey is {_WORDS[left.mode.best]}, B's is"
        f" {_WORDS[right.mode.best]}{in_levels(levels)}",
        evidence={
            "apart_levels": levels,
            "share_of_difference": kept.share,
            "a_grey": left.mode.best,
            "b_grey": right.mode.best,
            **recipe_evidence(left, right),
        },
        fix=_FIX,
        size=0.5,
        severity=severity_of(levels),
    )


def _from_greys(twins: Twins) -> Iterator[Answer]:
    """Where no file can be replayed: by the grids that weighted sums of levels lie on."""
    found = two_greys(twins)
    if found is None or (not (found.left and found.right) and is_told(twins)):
        return
    other = "made by other weights"
    how = f"A's grey is {found.left or other}, B's is {found.right or other}"
    if found.swapped:
        how = f"both are {found.left}, but one took blue for red"
    elif not (found.left or found.right):
        how = (
            "A's grey and B's differ in patches that no scale, curve or filter explains, as other"
            " weights of red, green and blue make them"
        )
    yield MEASURE.finding(
        f"{how}{in_levels(found.levels)}, in {found.pairs} paired examples",
        evidence={
            "apart_levels": found.levels,
            "a_grey": found.left,
            "b_grey": found.right,
            "blue_taken_for_red": found.swapped,
            "pairs": found.pairs,
        },
        fix=_FIX,
        size=0.5,
        severity=severity_of(found.levels),
    )


MEASURE = Measure(
    code="PIX210",
    name="different-grey-weights",
    severity=Severity.WARNING,
    tags=("channel-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed makes grey by the mean of the channels and the other by 0.299, 0.587, 0.114",
        open=pictures_differ,
    ),
)
