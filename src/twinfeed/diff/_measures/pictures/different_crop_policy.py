"""The two feeds fit the same pictures into their shape by different rules, or show other parts of them.

## What it does
Where the source files can be replayed, names the rule of each side: stretched, cropped to the new
shape, padded on both sides or at the end, shorter side resized and the middle cut out. Else it registers the pictures of the
two sides, and speaks where one zoom and shift leads from all of A's to all of B's, or where each is
moved along one axis by an amount of its own, as bars at one end or at both leave it. What moves no
point by more than half a point is no crop but another grid, of which `different-sharpness` speaks.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether one feed shows the
middle nine tenths of each picture. Below that the answer is undecided and says how many it
takes.

## Why it matters
A circle that is stretched is an ellipse, a crop loses what stands at the edge, padding adds
black. `image_dataset_from_directory` and `flow_from_directory` stretch by default, most papers
take the shorter side to 256 and cut 224 out of the middle. A crop that is 4 pixels off already
moves values by 16 levels in the mean.

Crops and shifts that are drawn anew are augmentation, of which `different-zoom` and
`different-geometry` speak.

## Example
```python
read = keras.utils.image_dataset_from_directory
a = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
b = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False, crop_to_aspect_ratio=True)
```

Use instead:
```python
read = keras.utils.image_dataset_from_directory
a = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
b = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import apart, crop_step, in_levels, recipe_evidence, replayed
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins

_WITH_PILLOW = {
    "stretched": "image.resize((width, height))",
    "cropped to the new shape, then resized": "PIL.ImageOps.fit(image, (width, height))",
    "resized to fit and padded": "PIL.ImageOps.pad(image, (width, height))",
    "resized to fit and padded at the right or below": "image.thumbnail((width, height)), then"
    " Image.new(image.mode, (width, height)).paste(image)",
    "shorter side resized, then the middle cut out": "Resize(size), then CenterCrop(size), of one"
    " library on both sides",
    "middle cut out at its own scale": "tf.image.resize_with_crop_or_pad(x, height, width) or"
    " CenterCrop(size)",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Name both rules, or the zoom and shift between them."""
    found = replayed(twins, "crop and scale")
    if found is not None:
        kept, left, right = found
        levels = apart(kept)
        yield MEASURE.finding(
            f"A's pictures are {left.policy.best}, B's are {right.policy.best}{in_levels(levels)}",
            evidence={
                "apart_levels": levels,
                "share_of_difference": kept.share,
                **recipe_evidence(left, right),
            },
            fix=_fix(twins.right, left.policy.best),
            size=0.65,
        )
        return
    kept = crop_step(twins)
    if kept is None:
        return
    yield MEASURE.finding(
        f"{kept.says}, in {kept.facts['pictures']} registered pairs",
        evidence={**kept.facts, "share_of_difference": kept.share},
        fix=_fix(twins.right, ""),
        size=0.6,
    )


def _fix(trace: Trace, goal: str) -> Fix:
    code = _WITH_PILLOW.get(goal, "one rule for the shape on both sides: stretch, crop or pad")
    if built_by(trace, "ImageDataGenerator"):
        code = f"keep_aspect_ratio={goal.startswith('cropped')} in flow_from_directory(...)"
    elif built_by(trace, "tf.data"):
        code = {
            "stretched": "crop_to_aspect_ratio=False, pad_to_aspect_ratio=False in"
            " image_dataset_from_directory(...), or tf.image.resize(x, size)",
            "cropped to the new shape, then resized": "crop_to_aspect_ratio=True in"
            " image_dataset_from_directory(...)",
            "resized to fit and padded": "pad_to_aspect_ratio=True in"
            " image_dataset_from_directory(...), or tf.image.resize_with_pad(x, *size)",
        }.get(goal, code)
    return Fix("Bring both sides to their shape by one rule", code, Safety.UNSAFE)


MEASURE = Measure(
    code="PIX206",
    name="different-crop-policy",
    severity=Severity.WARNING,
    tags=(
        "geometry-policy-mismatch",
        "op-order-mismatch",
        "resize-backend-mismatch",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="one feed shows the middle nine tenths of each picture",
        open=pictures_differ,
    ),
    prior_cost="Touvron et al. 2019 (FixRes): another apparent size in the test moves a ResNet-50 by about"
    " 1.4 points on ImageNet",
)
