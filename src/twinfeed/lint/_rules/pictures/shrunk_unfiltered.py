"""Pictures that are shrunk without a filter.

## What it does
Compares the size that reaches a resize with the size that leaves it, where the steps tell both: shrinking
to half or less by bilinear or bicubic without `antialias`.

## Why it matters
`tf.image.resize` looks at four pixels whatever the factor. Fine patterns turn into false ones, and
pictures that another library prepared look different.

## Example
```python
images, labels = np.zeros((16, 64, 64, 3), np.uint8), np.arange(16)
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16)), y)).batch(8)
```

Use instead:
```python
images, labels = np.zeros((16, 64, 64, 3), np.uint8), np.arange(16)
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16), antialias=True), y)).batch(8)
```

## Fix safety
Unsafe: the pictures change a little, which is the point; and the filter costs time.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    is_picture,
    spots,
)

_FACTOR = 2.0


def check(subject: Subject) -> Iterator[Answer]:
    """Find a strong shrink by four pixels."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "resize", "augment", "map"):
        before = lines[0].before(step)
        sizes = [leaf.shape for one in before[-1:] for leaf in one.leaves if is_picture(leaf)]
        for act in step.acts:
            bare = act.op in {"ResizeBilinear", "ResizeBicubic"} or (
                act.op == "ScaleAndTranslate" and act.settings.get("antialias") is False
            )
            height, width = act.number("height"), act.number("width")
            if not bare or not into_part(act, "x") or not sizes or not height or not width:
                continue
            shape = sizes[0]
            if shape is None or shape[-3] is None or shape[-2] is None:
                continue
            factor = max(shape[-3] / height, shape[-2] / width)
            if factor < _FACTOR:
                continue
            yield RULE.finding(
                subject,
                f"pictures of {shape[-3]}x{shape[-2]} are shrunk to {height:g}x{width:g} without a"
                " filter, so fine detail aliases",
                step=step,
                evidence={"factor": factor, "operation": act.op},
                fix=Fix(
                    "Filter while shrinking",
                    "tf.image.resize(x, size, antialias=True)",
                    Safety.UNSAFE,
                ),
                size=0.4,
            )
            break


RULE = Rule(
    code="PIX102",
    name="shrunk-unfiltered",
    severity=Severity.NOTE,
    tags=("resize-no-antialias", "resize-backend-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
