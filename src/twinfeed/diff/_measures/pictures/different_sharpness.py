"""One feed's pictures are softer or sharper than the other's, and their files are out of reach.

## What it does
Fits one small filter (7 x 7 points) that leads from A's paired pictures to B's or back, on half of
the pairs, and keeps it if it brings the other half closer. Says how much more or less energy B has
above half the band. It speaks of a grid that lies up to half a point elsewhere as well, as resizing
with corners aligned leaves it. From the batches alone several kernels look alike, so none is named:
`different-resize-kernel` names them where the source files are on this machine. Where draws stand
between the pictures, the energy of their finest detail is compared, pair by pair.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed is blurred by
half a pixel. Below that the answer is undecided and says how many it takes.

## Why it matters
It is what another resize kernel, a missing antialias, a blur or an enlargement does. A network
that learned from soft pictures sees edges that it does not know in sharp ones.

## Example
```python
from PIL import Image
def shrunk(method):
    pictures = [Image.fromarray(one).resize((40, 40), method) for one in photographs]
    return tf.data.Dataset.from_tensor_slices(np.stack(pictures)).batch(8)
a = shrunk(Image.Resampling.BILINEAR)
b = shrunk(Image.Resampling.LANCZOS)
```

Use instead:
```python
from PIL import Image
def shrunk(method):
    pictures = [Image.fromarray(one).resize((40, 40), method) for one in photographs]
    return tf.data.Dataset.from_tensor_slices(np.stack(pictures)).batch(8)
a = shrunk(Image.Resampling.BILINEAR)
b = shrunk(Image.Resampling.BILINEAR)
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import kept_step
from twinfeed.diff._policy._looks_apart import looks_apart
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._own_places import own_places

_SLIGHT = 0.04  # share of the spread, about what another decoder or antialiasing filter makes
_ANOTHER = 0.6  # share of the spread by which two pictures differ that no softness explains
_FIX = Fix(
    "Resize both sides with one kernel",
    "one interpolation and one antialias on both sides; flow_from_directory takes"
    ' interpolation="nearest" by default, tf.image.resize antialias=False',
    Safety.UNSAFE,
)


def look(twins: Twins) -> Iterator[Answer]:
    """Say which side is softer, and by how much."""
    drawn = looks_apart(twins)
    if drawn is not None and drawn.names("detail"):
        yield MEASURE.finding(drawn.said, evidence=drawn.evidence, fix=_FIX, size=0.4)
        return
    kept = kept_step(twins, "sharpness")
    # Laying a crop over its whole picture softens it a little by itself.
    if kept is None or kept_step(twins, "crop and scale") is not None or own_places(twins):
        return  # nor is a picture that was taken away from all of them a filter
    before = kept.facts["difference_share"]
    assert isinstance(before, float)
    if before > _ANOTHER:
        return  # too far apart for one picture that is softer than the other
    yield MEASURE.finding(
        f"{kept.says}; the pictures differ by {before:.1%} of their spread, and one filter for all"
        f" of them takes {kept.taken:.0%} of that in the square",
        evidence={
            "energy_above_half_the_band": kept.facts["energy_change"],
            "difference_share": before,
            "filter_takes_share": kept.taken,
            "share_of_difference": kept.share,
        },
        fix=_FIX,
        size=min(0.8, 0.15 + before),
        severity=Severity.NOTE if before < _SLIGHT else None,
    )


MEASURE = Measure(
    code="PIX207",
    name="different-sharpness",
    severity=Severity.WARNING,
    tags=(
        "resize-kernel-mismatch",
        "resize-no-antialias",
        "resize-backend-mismatch",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed is blurred by half a pixel",
        open=pictures_differ,
    ),
)
