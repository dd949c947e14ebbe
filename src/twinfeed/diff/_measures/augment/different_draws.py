"""One feed draws its augmentation once per batch, the other for each example.

## What it does
Of each parameter that the registered views vary in (mirroring, zoom, rotation, shift, brightness,
shift of single channels, place of an erased patch, ...), takes the share of the variance that
stands between batches rather than inside them.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed draws
brightness once per batch and the other for each example. Below that the answer is undecided and
says how many it takes.

## Why it matters
A random function mapped after `batch` draws one number for the whole batch unless it asks for
more. The network then sees as many different zooms or brightnesses per epoch as there are
batches, not as there are examples, and each step moves it in the direction of one of them.

## Example
```python
def dim(x, y):
    return tf.cast(x, tf.float32) * tf.random.uniform([], 0.5, 1.0), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.batch(20).map(dim), data.map(dim).batch(20)
```

Use instead:
```python
def dim(x, y):
    return tf.cast(x, tf.float32) * tf.random.uniform([], 0.5, 1.0), y

data = tf.data.Dataset.from_tensor_slices((images, labels))
a, b = data.map(dim).batch(20), data.map(dim).batch(20)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._reach import Reach, both_change
from twinfeed.diff._twins import Twins

_BATCH, _EXAMPLE = 0.8, 0.3  # shares of the variance between batches: one draw each, or none


def look(twins: Twins) -> Iterator[Answer]:
    """Compare how the two sides share their draws."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    for name, other, here, there in (("A", "B", left, right), ("B", "A", right, left)):
        fields = [
            field
            for field, shared in here.shared_of.items()
            if shared > _BATCH and there.shared_of.get(field, there.shared) < _EXAMPLE
        ]
        if not fields:
            continue
        one = max(fields, key=lambda field: here.shared_of[field])
        other_shared = there.shared_of.get(one, there.shared)
        yield MEASURE.finding(
            f"{name} draws {_said(fields)} once per batch, {other} for each example: "
            f"{here.shared_of[one]:.0%} and {other_shared:.0%} of what varies stands between"
            f" batches ({here.views} and {there.views} views)",
            evidence={
                "per_batch_side": name,
                "parameters": ", ".join(fields),
                "a_between_batches_share": here.shared_of[one] if name == "A" else other_shared,
                "b_between_batches_share": other_shared if name == "A" else here.shared_of[one],
                "a_views": left.views,
                "b_views": right.views,
            },
            fix=Fix(
                f"Draw for each example in {name}",
                "map the random function before batch, or draw a vector of the batch's length",
                Safety.UNSAFE,
            ),
            size=0.5,
        )


def _said(fields: list[str]) -> str:
    """A few parameters in words."""
    names = list(dict.fromkeys(_WORDS.get(field, field) for field in fields))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


_WORDS = {
    "flip_x": "mirroring left to right",
    "flip_y": "mirroring top to bottom",
    "zoom_x": "the zoom",
    "zoom_y": "the zoom",
    "rotation_degrees": "the rotation",
    "shear_degrees": "the shear",
    "shift_x": "the shift",
    "shift_y": "the shift",
    "contrast": "the factor on values",
    "brightness": "the brightness",
    "channel_shift": "the channel shift",
    "saturation": "the saturation",
    "hue_degrees": "the hue",
    "erased": "the erased patch",
}


MEASURE = Measure(
    code="AUG210",
    name="different-draws",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed draws brightness once per batch and the other for each example",
        open=both_change,
    ),
)
