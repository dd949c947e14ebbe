"""Images with another number of channels.

## What it does
Compares the channels of each image input, wherever they stand, and looks whether the side with
more of them only repeats one, or carries an alpha channel that is the same everywhere. Where both
have three, it looks whether those of one side alone are copies of each other.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
Colour is lost on one side, or a grey picture is fed three times over. Readers decide it by
default: `flow_from_directory` and `image_dataset_from_directory` give RGB for grey files,
`decode_png(channels=0)` and TFDS give what the file holds.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (tf.image.grayscale_to_rgb(x), y))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = b = a.map(lambda x, y: (tf.image.grayscale_to_rgb(x), y))
```

## Fix safety
Unsafe: images change; that is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._image_shape import ImageShape, image_shapes
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._copied_channels import no_colours

_LOOKED_AT = 32
_COPIED = "the {} are copies of one"
_MODES = {1: "grayscale", 3: "rgb", 4: "rgba"}


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the channel counts."""
    for left, right in image_shapes(twins):
        if left.channels == right.channels:
            yield from _repeated(twins, left.path, right.path)
            continue
        more = twins.left if (left.channels or 0) > (right.channels or 0) else twins.right
        path = left.path if more is twins.left else right.path
        extra = _what_more_holds(more, path)
        name = "" if left.path == right.path == "x" else f" in {left.path}"
        yield MEASURE.finding(
            f"A's images{name} have {_count(left)}, B's {_count(right)}"
            + (f": {extra}" if extra else ""),
            evidence={
                "a_channels": left.channels,
                "b_channels": right.channels,
                "more_channels_hold": extra,
                "examples": len(twins.left.rows) + len(twins.right.rows),
            },
            fix=_fix(twins, left, right),
            size=0.45 if extra else 0.6,
        )


def _repeated(twins: Twins, left: str, right: str) -> Iterator[Answer]:
    """As many channels on both sides, which on one of them are copies of each other."""
    extras = _what_more_holds(twins.left, left), _what_more_holds(twins.right, right)
    if _COPIED.format(3) not in extras or extras[0] == extras[1]:
        return
    grey, colour = ("A", "B") if extras[0] == _COPIED.format(3) else ("B", "A")
    shown = _shown(twins.side(colour))
    if no_colours(shown):
        return  # copies as well, normalised channel by channel or tinged at a seam
    if not any(np.ptp(image) for image in _shown(twins.side(grey))):
        return  # nothing is left in any of them, which is no grey
    empty = sum(all(np.ptp(image[..., at]) == 0 for image in shown) for at in range(3))
    what = "are colours" if not empty else f"hold nothing in {empty} of theirs"
    yield MEASURE.finding(
        f"{grey}'s three channels are copies of one, {colour}'s {what}",
        evidence={
            "side_with_copies": grey,
            "empty_channels": empty,
            "examples": len(twins.left.rows) + len(twins.right.rows),
        },
        fix=Fix(
            "Read both in colour, or both in grey",
            "one color_mode or channels=... on both sides, and no grayscale step on one alone",
            Safety.UNSAFE,
        ),
        size=0.6,
    )


def _count(shape: ImageShape) -> str:
    if shape.channels is None:
        return "a varying number of channels"
    return f"{shape.channels} channel{'s' if shape.channels != 1 else ''}"


def _what_more_holds(trace: Trace, path: str) -> str | None:
    """Whether the additional channels add nothing, in the kept examples."""
    main = trace.main
    if main is None or main.path != path or not trace.kept.values:
        return None
    images = _shown(trace)
    copied = all(
        np.array_equal(image, np.broadcast_to(image[..., :1], image.shape)) for image in images
    )
    if copied and images[0].shape[-1] > 1:
        return _COPIED.format(images[0].shape[-1])
    if images[0].shape[-1] in {2, 4} and all(np.ptp(image[..., -1]) == 0 for image in images):
        return "the last, alpha, is the same everywhere"
    return None


def _shown(trace: Trace) -> list[Array]:
    axis = 0 if trace.main is not None and trace.main.channels_first else -1
    return [np.moveaxis(image, axis, -1) for image in trace.kept.values[:_LOOKED_AT]]


def _fix(twins: Twins, left: ImageShape, right: ImageShape) -> Fix:
    trace, goal = (twins.right, left) if left.channels else (twins.left, right)
    mode = _MODES.get(goal.channels or 0)
    count = goal.channels or 0
    if mode and built_by(trace, "ImageDataGenerator"):
        code = f'color_mode="{mode}" in flow_from_directory(...) or flow_from_dataframe(...)'
    elif mode and built_by(trace, "tf.data"):
        code = (
            f"channels={count} in tf.io.decode_image(...), color_mode={mode!r} in"
            f" image_dataset_from_directory(...), or {_convert(count)}"
        )
    else:
        code = on_inputs(trace, f"with_channels(x, {count})")
    return Fix(f"Read both with {_count(goal)}", code, Safety.UNSAFE)


def _convert(count: int) -> str:
    return "tf.image.rgb_to_grayscale(x)" if count == 1 else "tf.image.grayscale_to_rgb(x)"


MEASURE = Measure(
    code="GEO203",
    name="different-channel-count",
    severity=Severity.WARNING,
    tags=("channel-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
