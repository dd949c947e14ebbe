"""Random changes that leave the range of the values.

## What it does
Follows the range of the pictures: 0..1 before a random offset or factor, and beyond it at the end.

## Why it matters
`random_brightness` on images in 0..1 does not clip: it hands the network values that no evaluation
image has, and where a later step casts to `uint8` they wrap.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.3), y)).batch(32)
model.fit(ds)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))

def bright(x, y):
    x = tf.image.random_brightness(tf.cast(x, tf.float32) / 255, 0.3)
    return tf.clip_by_value(x, 0, 1), y

ds = ds.map(bright).batch(32)
model.fit(ds)
```

## Fix safety
Unsafe: values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Leaf, Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    last_step,
    pictures,
    spots,
)

_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
_BEYOND = 0.02


def check(subject: Subject) -> Iterator[Answer]:
    """Find a range that chance leaves and nothing restores."""
    plan = subject.plan
    last = last_step(plan)
    if plan is None or last is None or not subject.trains:
        return
    for step, lines in spots(plan, "augment", "decode", "resize", "map"):
        for act in step.acts:
            before, after = _extent(act), _after(act)
            if before not in _RANGES or after is None or not into_part(act, "x"):
                continue
            low, high = before
            ends = [
                leaf for leaf in pictures(last) if leaf.low is not None and leaf.high is not None
            ]
            gone = [leaf for leaf in ends if _ends_at(leaf, before, after)]
            if not gone or _scaled_later(lines[0], step):
                continue
            yield RULE.finding(
                subject,
                f"a random change takes values of {low:g} to {high:g} to {after[0]:.3g} to"
                f" {after[1]:.3g}, and nothing clips them",
                step=step,
                evidence={"low": after[0], "high": after[1], "range_low": low, "range_high": high},
                fix=Fix(
                    "Clip after the change",
                    f"tf.clip_by_value(x, {low:g}, {high:g})",
                    Safety.UNSAFE,
                ),
                size=0.3,
            )
            return


def _ends_at(leaf: Leaf, before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether the values end, above or below, where the random change took them."""
    near = _BEYOND * (after[1] - after[0])
    low, high = leaf.low or 0.0, leaf.high or 0.0
    below = after[0] < before[0] and abs(low - after[0]) < near
    above = after[1] > before[1] and abs(high - after[1]) < near
    return below or above


def _extent(act: Act) -> tuple[float, float] | None:
    low, high = act.number("low"), act.number("high")
    return None if low is None or high is None else (round(low, 3), round(high, 3))


def _after(act: Act) -> tuple[float, float] | None:
    """The range behind a random offset that leaves the one before by more than a little."""
    numbers = [act.number(name) for name in ("low", "high", "drawn_low", "drawn_high")]
    if act.op not in {"AddV2", "Add"} or None in numbers:
        return None
    low, high, least, most = (number or 0.0 for number in numbers)
    beyond = max(-least, most) / (high - low) if high > low else 0.0
    return (low + least, high + most) if beyond > _BEYOND else None


def _scaled_later(line: Plan, step: Step) -> bool:
    """Whether a later step shifts or scales, so that the range at the end is another matter."""
    return any(
        act.op in {"Mul", "RealDiv", "Sub", "Cast"} and into_part(act, "x")
        for one in line.after(step)
        for act in one.acts
    )


RULE = Rule(
    code="AUG107",
    name="augmentation-out-of-range",
    severity=Severity.NOTE,
    tags=("augment-semantics",),
    since="0.2",
    check=check,
    page=__doc__,
)
