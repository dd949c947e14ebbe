"""Channels first on one side, last on the other.

## What it does
Reads from the shape of each image input where its channels stand.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
torch and its transforms put channels first, TensorFlow and Keras last. A network built for the
one either refuses the other or, where sizes allow it, convolves across rows and colours. A
`reshape` does not repair it: that takes a transpose.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((rgb, labels)).batch(32)
b = a.map(lambda x, y: (tf.transpose(x, (0, 3, 1, 2)), y))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((rgb, labels)).batch(32)
b = a.map(lambda x, y: (tf.identity(x), y))
```

## Fix safety
Unsafe: the shape that reaches the model changes; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._image_shape import image_shapes
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Compare where the channels stand."""
    for left, right in image_shapes(twins):
        if left.channels_first == right.channels_first:
            continue
        first, trace = ("A", twins.left) if left.channels_first else ("B", twins.right)
        last = "B" if first == "A" else "A"
        call = (
            "tf.transpose(x, (0, 2, 3, 1))"
            if built_by(trace, "tf.data")
            else ("np.moveaxis(x, -3, -1)")
        )
        name = "" if left.path == right.path == "x" else f" in {left.path}"
        yield MEASURE.finding(
            f"{first}'s images{name} hold their channels first, {last}'s last",
            evidence={
                "channels_first": first,
                "height_px": left.height,
                "width_px": left.width,
                "channels": left.channels,
                "examples": len(twins.left.rows) + len(twins.right.rows),
            },
            fix=Fix(
                f"Transpose {first}, or build its model for data_format='channels_first'",
                on_inputs(trace, call),
                Safety.UNSAFE,
            ),
            size=0.7,
        )


MEASURE = Measure(
    code="GEO204",
    name="different-layout",
    severity=Severity.WARNING,
    tags=("geometry-policy-mismatch", "channel-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
