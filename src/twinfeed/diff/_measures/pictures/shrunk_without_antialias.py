"""One feed shrinks its pictures without a wider filter, the other smooths as it shrinks.

## What it does
Replays the source files through a bank of resize kernels, as `different-resize-kernel` does,
and speaks where the kernel of one side widens with the factor by which the picture shrinks and
that of the other side does not. Where pictures are turned or mirrored at random behind the resize,
it reads the kernels as `different-resize-kernel` does.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed smooths as it
shrinks its files to a third and the other does not. Below that the answer is undecided and says
how many it takes.

## Why it matters
`tf.image.resize` and `image_dataset_from_directory` do not widen by default, nor does OpenCV's
linear: from a picture that shrinks to a third, two thirds of the points are never looked at.
Fine detail turns into patterns that are not in the picture. Against Pillow's bilinear that is 3
levels of 255 in the mean on smooth pictures and 30 on rough ones; models trained on one and
used on the other have lost several points.

## Example
```python
def read(antialias):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(picture, (40, 40), antialias=antialias)
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read(True)
b = read(False)
```

Use instead:
```python
def read(antialias):
    def make(path):
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(picture, (40, 40), antialias=antialias)
    return tf.data.Dataset.list_files(f"{jpegs}/*/*.jpg", shuffle=False).map(make).batch(8)
a = read(True)
b = read(True)
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import (
    apart,
    in_levels,
    on_files,
    one_smooths,
    recipe_evidence,
    replayed,
    said_where,
    size_of,
    stated_evidence,
)
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._replay._kernels import BY_NAME
from twinfeed.diff._replay._stated import TwoKernels, two_kernels
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Name the side whose kernel does not widen."""
    found = replayed(twins, "resize kernel")
    if found is None:
        stated = two_kernels(twins)
        if stated is not None:
            yield from _stated(twins, stated)
        return
    kept, left, right = found
    if left.kernel is None or right.kernel is None:
        return
    if not one_smooths(left, right):
        return
    smooth = BY_NAME[left.kernel.best].smooths
    name, rough, soft = ("B", right, left) if smooth else ("A", left, right)
    levels = apart(kept)
    yield MEASURE.finding(
        f"{name} shrinks its pictures to 1/{rough.shrinks:.2g} by {rough.kernel}, which does not"
        f" smooth; the other side smooths, by {soft.kernel}{in_levels(levels)}",
        evidence={
            "side": name,
            "shrinks": rough.shrinks,
            "apart_levels": levels,
            "share_of_difference": kept.share,
            **recipe_evidence(left, right),
        },
        fix=Fix(
            f"Smooth as {name} shrinks",
            _call(twins.left if name == "A" else twins.right),
            Safety.UNSAFE,
        ),
        size=max(0.45, size_of(levels)),
    )


def _stated(twins: Twins, found: TwoKernels) -> Iterator[Answer]:
    """Name the side whose stated kernel does not widen."""
    if not found.one_smooths:
        return
    smooth = BY_NAME[found.left.best].smooths
    name, rough, soft = ("B", found.right, found.left) if smooth else ("A", found.left, found.right)
    yield MEASURE.finding(
        f"{name} shrinks its pictures to 1/{found.shrinks:.2g} by {rough}, which does not smooth;"
        f" the other side smooths, by {soft}, as {said_where(found)}{on_files(found)}",
        strength=Strength.READ,
        evidence={"side": name, **stated_evidence(found)},
        fix=Fix(
            f"Smooth as {name} shrinks",
            _call(twins.left if name == "A" else twins.right),
            Safety.UNSAFE,
        ),
        size=max(0.45, size_of(found.levels)),
    )


def _call(trace: Trace) -> str:
    if built_by(trace, "ImageDataGenerator"):
        return 'interpolation="bilinear" in flow_from_directory(...), whose default is "nearest"'
    if built_by(trace, "tf.data"):
        return (
            "tf.image.resize(x, size, antialias=True); image_dataset_from_directory has no such"
            ' argument: interpolation="area" in it smooths too'
        )
    return "a kernel that widens: Pillow's, cv2.INTER_AREA, or antialias=True"


MEASURE = Measure(
    code="PIX202",
    name="shrunk-without-antialias",
    severity=Severity.WARNING,
    tags=(
        "resize-no-antialias",
        "resize-backend-mismatch",
        "resize-kernel-mismatch",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed smooths as it shrinks its files to a third and the other does not",
        open=pictures_differ,
    ),
    prior_cost="Parmar et al. 2022 (clean-fid): resizing without antialias moves FID by up to 6",
)
