"""An augmentation too small to be seen.

## What it does
Works out how far each argument of an `ImageDataGenerator` lets a pixel move, and how much each random
offset or factor of a `tf.data` step changes values of the range that reaches it.

## Why it matters
`shear_range=0.2` is 0.2 *degrees* and moves no pixel; `random_brightness(x, 0.2)` on levels of 0 to 255
adds a fifth of one level. Someone who believes that the run was augmented looks for the cause of a gap
in the wrong place.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32), 0.2), y)).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.2), y)).batch(32)
```

## Fix safety
Unsafe: the examples change, which is the point.
"""

import math
from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)

_LEAST_PIXELS = 0.25
_LEAST_SHARE = 0.002  # of the range of the values; half a level of 255
_GEOMETRY = (
    "rotation_range",
    "shear_range",
    "width_shift_range",
    "height_shift_range",
    "zoom_range",
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find random changes of next to nothing."""
    plan = subject.plan
    if plan is None:
        return
    for step, _ in spots(plan, "augment", "decode", "resize", "map"):
        for name in _GEOMETRY:
            yield from _of_generator(subject, step, name)
        for act in step.acts:
            share = _share(act)
            if share is None or share >= _LEAST_SHARE or not act.reaches:
                continue
            low, high = act.number("low"), act.number("high")
            yield RULE.finding(
                subject,
                f"the random change of {_by(act)} acts on values from {low:g} to {high:g}:"
                f" {share:.2%} of their range",
                step=step,
                evidence={"share": share, "low": low, "high": high},
                fix=Fix("Scale the values to 0..1 before it", "x / 255", Safety.UNSAFE),
                size=0.4,
            )
            break


def _share(act: Act) -> float | None:
    """The largest random change as a share of the range of the values."""
    numbers = [act.number(name) for name in ("low", "high", "drawn_low", "drawn_high")]
    if act.op not in {"AddV2", "Add", "Sub", "Mul"} or None in numbers:
        return None
    low, high, least, most = (number or 0.0 for number in numbers)
    if high - low <= 0 or least == most:
        return None
    if act.op == "Mul":
        return max(abs(least - 1), abs(most - 1))
    return max(abs(least), abs(most)) / (high - low)


def _by(act: Act) -> str:
    least, most = act.number("drawn_low") or 0.0, act.number("drawn_high") or 0.0
    return f"{least:.3g} to {most:.3g}"


def _of_generator(subject: Subject, step: Step, name: str) -> Iterator[Answer]:
    value = step.settings.get(name)
    size = _size(subject)
    if size is None or isinstance(value, bool) or not isinstance(value, int | float) or not value:
        return
    moved = _farthest_pixels(name, value, *size)
    if moved >= _LEAST_PIXELS:
        return
    unit = " degrees" if name in {"shear_range", "rotation_range"} else ""
    yield RULE.finding(
        subject,
        f"{name}={value} is {value}{unit}: no pixel of {size[0]}x{size[1]} moves by more than"
        f" {moved:.2f} of its width",
        step=step,
        evidence={"argument": name, "value": float(value), "farthest_pixels": moved},
        fix=Fix(
            "Give it in the unit that the argument has, or leave it out",
            f"{name}=...",
            Safety.UNSAFE,
        ),
        size=0.4,
    )


def _size(subject: Subject) -> tuple[int, int] | None:
    main = subject.spec.main
    shape = main.shape if main is not None and main.is_image else None
    if shape is None and subject.plan is not None:
        for step in subject.plan.of_kind("resize", "source"):
            height, width = step.integer("height"), step.integer("width")
            if height and width:
                return height, width
    if shape is None or None in shape[:2]:
        return None
    return int(shape[0] or 0), int(shape[1] or 0)


def _farthest_pixels(name: str, value: float, height: int, width: int) -> float:
    """How far the extreme moves the pixel that it moves most."""
    half = max(height, width) / 2
    if name == "shear_range":
        return math.tan(math.radians(min(abs(value), 80))) * half
    if name == "rotation_range":
        return math.radians(abs(value)) * math.hypot(height, width) / 2
    if name in {"width_shift_range", "height_shift_range"}:
        if isinstance(value, int):
            return abs(value) - 1  # a whole number is drawn from those below it
        side = width if name.startswith("width") else height
        return abs(value) * side if abs(value) < 1 else abs(value)
    return abs(value) * half


RULE = Rule(
    code="AUG105",
    name="augmentation-without-effect",
    severity=Severity.NOTE,
    tags=("augment-semantics",),
    since="0.2",
    check=check,
    page=__doc__,
)
