"""Images of another height or width.

## What it does
Compares height and width of each image input, wherever its channels stand.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
A network with global pooling trains on any size and sees objects at another scale; one with a
dense layer does not start. `target_size` and `image_size` are (height, width), while Pillow and
OpenCV take (width, height): two swapped numbers squash every image.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (tf.image.resize(x, (24, 24)), y))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (tf.image.resize(x, (32, 32)), y))
```

## Fix safety
Unsafe: images change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._image_shape import ImageShape, image_shapes
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Compare height and width."""
    for left, right in image_shapes(twins):
        if (left.height, left.width) == (right.height, right.width):
            continue
        turned = left.height != left.width and (left.height, left.width) == (
            right.width,
            right.height,
        )
        swapped = ", height and width swapped" if turned else ""
        name = "" if left.path == right.path == "x" else f" in {left.path}"
        yield MEASURE.finding(
            f"A's images{name} are {left.size}, B's {right.size}{swapped}",
            evidence={
                "a_height_px": left.height,
                "a_width_px": left.width,
                "b_height_px": right.height,
                "b_width_px": right.width,
                "swapped": turned,
                "examples": len(twins.left.rows) + len(twins.right.rows),
            },
            fix=_fix(twins, left, right),
            size=0.85 if turned else _size(left, right),
        )


def _size(left: ImageShape, right: ImageShape) -> float:
    lengths = (left.height, left.width, right.height, right.width)
    if any(length is None or length == 0 for length in lengths):
        return 0.6
    areas = (left.height or 1) * (left.width or 1), (right.height or 1) * (right.width or 1)
    return min(0.8, 0.4 + 0.4 * (1 - min(areas) / max(areas)))


def _fix(twins: Twins, left: ImageShape, right: ImageShape) -> Fix:
    goal, name = (left, "B") if None not in {left.height, left.width} else (right, "A")
    trace = twins.right if name == "B" else twins.left
    size = f"({goal.height}, {goal.width})"
    if built_by(trace, "ImageDataGenerator"):
        code = f"target_size={size} in flow_from_directory(...) or flow_from_dataframe(...)"
    elif built_by(trace, "tf.data"):
        code = (
            f"{on_inputs(trace, f'tf.image.resize(x, {size}, antialias=True)')}, or"
            f" image_size={size} in image_dataset_from_directory(...)"
        )
    else:
        code = on_inputs(trace, f"resized(x, {size})")
    return Fix(f"Read the images of {name} at {goal.height} x {goal.width}", code, Safety.UNSAFE)


MEASURE = Measure(
    code="GEO201",
    name="different-image-size",
    severity=Severity.WARNING,
    tags=("geometry-policy-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
