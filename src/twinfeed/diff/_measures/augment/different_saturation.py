"""One feed changes the strength or the hue of colours at random, the other does not, or otherwise.

## What it does
Fits, for each registered view of three channels, how much further from grey its colours lie than
those of its reference, beyond a factor on all values, and by which angle they are turned about the
grey axis. Compares the distributions of both.

## From what size
From 100 examples of each feed on, it is found in nine runs of ten whether one feed changes the
saturation by up to a half and the other does not. Below that the answer is undecided and says how
many it takes.

## Why it matters
One name has several meanings: `tf.image.random_saturation` and Keras's `RandomSaturation` keep the
largest channel (HSV), `torchvision.transforms.ColorJitter` and Pillow blend with a grey picture; a
hue of 0.1 is a tenth of the circle in one library and of half of it in another. Where colour tells
classes apart, a change of it on one side only moves accuracy.

## Example
```python
def scale(x):
    return tf.cast(x, tf.float32) / 255

def jitter(x):
    return tf.image.random_saturation(scale(x), 0.5, 1.5)

data = tf.data.Dataset.from_tensor_slices(photographs)
a, b = data.map(scale).batch(8), data.map(jitter).batch(8)
```

Use instead:
```python
def scale(x):
    return tf.cast(x, tf.float32) / 255

data = tf.data.Dataset.from_tensor_slices(photographs)
a, b = data.map(scale).batch(8), data.map(scale).batch(8)
```

## Fix safety
Unsafe: the examples change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._across import off_centre
from twinfeed.diff._policy._compared import added_alike, apart, hue_apart
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import Twins

_TOLERANCES = {"saturation": 0.1, "hue_degrees": 6.0}
_TONES = {"brightness": 0.04, "contrast": 0.08}
_CHANNELS = 0.04  # of the range
_FAR = 2.0  # times as strong, from which nothing else makes colours of it
_LEAK = {"saturation": (0.25, 0.5), "hue_degrees": (0.0, 15.0)}
"""Of the widths of what is added and of the factor, what values that are cut off, and curves that
look like factors, change in colours."""


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the distributions of what is done to the strength of colours, and to their hue."""
    left, right = policy(twins, "A"), policy(twins, "B")
    if not (left.known and right.known):
        return
    fields = [field for field in _TOLERANCES if _otherwise(left, right, field)]
    if hue_apart(left, right):
        fields = ["hue_degrees"]
    elif added_alike(left, right) and apart(left, right, "channel_shift", tolerance=_CHANNELS):
        fields = []  # what is done to single channels changes colours
    shifted = left.channel_shift.random and right.channel_shift.random
    if shifted and not (left.saturation.views and right.saturation.views):
        fields = []  # of one side they were read as amounts that channels have for themselves
    if not fields:
        yield from _off_centre(twins, left, right)
        return
    random = [any(getattr(one, field).random for field in fields) for one in (left, right)]
    if all(random):
        when = "" if left.bounded else "from one epoch to the next "
        said = f"{when}A changes colours ({_bounds(left, fields)}), B otherwise ({_bounds(right, fields)})"
        yield _finding(left, right, said, 0.44)
        return
    one, other = ("A", "B") if random[0] else ("B", "A")
    here = left if random[0] else right
    how = _bounds(here, fields) if here.bounded else f"another {_names(fields)} in each epoch"
    yield _finding(left, right, f"{one} changes colours at random ({how}), {other} does not", 0.6)


def _otherwise(left: Policy, right: Policy, field: str) -> bool:
    drawing = [one for one in (left, right) if one.randomness.state != "none"]
    if not all(getattr(one, field).views for one in drawing):
        return False  # too few of its views have colours to tell
    added, factor = _LEAK[field]
    leak = max(
        (added * one.brightness.firm if one.brightness.random else 0.0)
        + (factor * one.contrast.firm if one.contrast.random else 0.0)
        for one in (left, right)
    )
    narrow = min(getattr(one, field).firm for one in (left, right))
    if _toned_alike(left, right):
        # As much of it shows on both sides, so the narrower one says how much that is.
        leak = min(leak, max(leak / 2, 2 * narrow))
    random = getattr(left, field).random or getattr(right, field).random
    return random and apart(left, right, field, tolerance=_TOLERANCES[field] + leak)


def _toned_alike(left: Policy, right: Policy) -> bool:
    """Whether both sides draw one brightness and one contrast."""
    return added_alike(left, right) and not any(
        apart(left, right, field, tolerance=tolerance) for field, tolerance in _TONES.items()
    )


def _off_centre(twins: Twins, left: Policy, right: Policy) -> Iterator[Answer]:
    strong, turned = (
        off_centre(twins, field, tolerance=tolerance) for field, tolerance in _TOLERANCES.items()
    )
    parts = [f"{strong.value:.2f} times as strong"] if strong else []
    parts += [f"turned by {turned.value:+.0f} degrees"] if turned else []
    if parts:
        said = f"in the middle of both, B's colours are {' and '.join(parts)} beside A's"
        far = strong is not None and not 1 / _FAR < strong.value < _FAR
        yield _finding(left, right, said, 0.66 if far else 0.4)


def _names(fields: list[str]) -> str:
    return " and ".join(field.removesuffix("_degrees") for field in fields)


def _bounds(found: Policy, fields: list[str]) -> str:
    parts: list[str] = []
    if "saturation" in fields and found.saturation.random:
        parts.append(f"saturation {found.saturation.low:.2f} to {found.saturation.high:.2f}")
    if "hue_degrees" in fields and found.hue_degrees.random:
        low, high = found.hue_degrees.low, found.hue_degrees.high
        parts.append(f"hue {low:+.0f} to {high:+.0f} degrees")
    return ", ".join(parts) or "nothing"


def _finding(left: Policy, right: Policy, said: str, size: float) -> Answer:
    evidence: dict[str, int | float | str | bool | None] = {}
    for name, found in (("a", left), ("b", right)):
        evidence |= {
            f"{name}_saturation_low": found.saturation.low,
            f"{name}_saturation_high": found.saturation.high,
            f"{name}_hue_low_degrees": found.hue_degrees.low,
            f"{name}_hue_high_degrees": found.hue_degrees.high,
            f"{name}_views": found.views,
            f"{name}_basis": found.basis,
        }
    return MEASURE.finding(
        f"{said} ({left.views} and {right.views} views)",
        evidence=evidence,
        fix=Fix(
            "Change colours in the same way in both, or in neither",
            "tf.image.random_saturation and random_hue work in HSV; ColorJitter(saturation=...)"
            " blends with grey",
            Safety.UNSAFE,
        ),
        size=size,
    )


MEASURE = Measure(
    code="AUG216",
    name="different-saturation",
    severity=Severity.WARNING,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=100,
        size="one feed changes the saturation by up to a half and the other does not",
        open=examples_change,
    ),
)
