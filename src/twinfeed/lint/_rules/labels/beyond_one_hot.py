"""Labels that lie outside the one-hot code they are turned into.

## What it does
Compares the labels, as the source in memory holds them, with the depth of `tf.one_hot`.

## Why it matters
A label beyond the depth becomes a row of zeros, without an error: such examples have no class and teach
nothing. Labels that count from 1 are the usual reason.

## Example
```python
x, y = np.zeros((40, 4), np.float32), np.arange(40) % 4 + 1
ds = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda x, y: (x, tf.one_hot(y, 4))).batch(8)
```

Use instead:
```python
x, y = np.zeros((40, 4), np.float32), np.arange(40) % 4 + 1
ds = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda x, y: (x, tf.one_hot(y - 1, 4))).batch(8)
```

## Fix safety
Unsafe: the labels change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find labels that become rows of zeros."""
    if subject.plan is None:
        return
    for step, _ in spots(subject.plan, "map", "augment", "decode", "resize"):
        for act in step.acts:
            depth, low, high = act.number("depth"), act.number("low"), act.number("high")
            if act.op != "OneHot" or depth is None or low is None or high is None:
                continue
            if not into_part(act, "y") or (high < depth and low >= 0):
                continue
            yield RULE.finding(
                subject,
                f"labels run from {low:g} to {high:g}, and a one-hot code of {depth:g} has places"
                f" for 0 to {depth - 1:g}: the others become rows of zeros",
                step=step,
                evidence={"low": low, "high": high, "depth": depth},
                fix=Fix(
                    "Count labels from 0, or make the code longer",
                    "tf.one_hot(y - 1, n)",
                    Safety.UNSAFE,
                ),
                size=0.9,
            )
            break


RULE = Rule(
    code="LBL101",
    name="beyond-one-hot",
    severity=Severity.ERROR,
    tags=("label-spec-mismatch", "class-index-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
