"""A cast to a smaller dtype that its values do not fit into.

## What it does
Compares the range of the values, as the steps before tell it, with the range of the dtype that they are
cast to.

## Why it matters
A cast does not clip: 256 becomes 0 and -1 becomes 255. 16-bit pictures turn into noise, and standardised
ones into blotches.

## Example
```python
images = np.random.default_rng(0).integers(0, 65536, (32, 8, 8, 1), np.uint16)
ds = tf.data.Dataset.from_tensor_slices(images).map(lambda x: tf.cast(x, tf.uint8)).batch(8)
```

Use instead:
```python
images = np.random.default_rng(0).integers(0, 65536, (32, 8, 8, 1), np.uint16)
ds = tf.data.Dataset.from_tensor_slices(images).map(lambda x: tf.cast(x // 256, tf.uint8)).batch(8)
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)

_WHOLE = {
    "uint8": (0.0, 255.0),
    "int8": (-128.0, 127.0),
    "uint16": (0.0, 65535.0),
    "int16": (-32768.0, 32767.0),
}
_BEYOND = 0.02  # share of the dtype's range


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures that wrap around."""
    if subject.plan is None:
        return
    for step, _ in spots(subject.plan, "map", "decode", "resize", "augment"):
        for act in step.acts:
            whole = _WHOLE.get(str(act.settings.get("DstT", "")))
            low, high = act.number("low"), act.number("high")
            if act.op != "Cast" or whole is None or low is None or high is None or not act.reaches:
                continue
            over = max(whole[0] - low, high - whole[1]) / (whole[1] - whole[0])
            negative = low <= -0.5 and whole[0] == 0
            if over <= _BEYOND and not negative:
                continue
            yield RULE.finding(
                subject,
                f"values from {low:g} to {high:g} are cast to {act.settings['DstT']}, which holds"
                f" {whole[0]:g} to {whole[1]:g}: the others wrap around",
                step=step,
                evidence={"low": low, "high": high, "dtype": str(act.settings["DstT"])},
                fix=Fix(
                    "Clip or scale before the cast", "tf.saturate_cast(x, tf.uint8)", Safety.UNSAFE
                ),
                size=0.9,
            )
            break


RULE = Rule(
    code="VAL105",
    name="wrapping-cast",
    severity=Severity.ERROR,
    tags=("bit-depth-loss",),
    since="0.2",
    check=check,
    page=__doc__,
)
