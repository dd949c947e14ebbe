"""Masks that are resized with interpolation, which makes classes that do not exist.

## What it does
Looks for a resize of whole numbers by any kernel but nearest whose result becomes a label: a mask beside
a picture.

## Why it matters
Between class 2 and class 7 interpolation makes 3, 4, 5 and 6 along every border. As fractions they
are cut to wrong classes by the next cast.

## Example
```python
images, masks = np.zeros((16, 32, 32, 3), np.uint8), np.zeros((16, 32, 32, 1), np.uint8)
ds = tf.data.Dataset.from_tensor_slices((images, masks))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16)), tf.image.resize(y, (16, 16)))).batch(8)
```

Use instead:
```python
images, masks = np.zeros((16, 32, 32, 3), np.uint8), np.zeros((16, 32, 32, 1), np.uint8)
ds = tf.data.Dataset.from_tensor_slices((images, masks))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16)), tf.image.resize(y, (16, 16), "nearest"))).batch(8)
```

## Fix safety
Unsafe: the masks change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    last_step,
    pictures,
    spots,
)

_SMOOTH = frozenset({"ResizeBilinear", "ResizeBicubic", "ResizeArea", "ScaleAndTranslate"})


def check(subject: Subject) -> Iterator[Answer]:
    """Find masks between classes."""
    plan = subject.plan
    last = last_step(plan)
    if plan is None or last is None or not _is_mask(last):
        return
    for step, _ in spots(plan, "resize", "decode", "map", "augment"):
        for act in step.acts:
            # What was scaled to 0..1 before is a picture to be learned, not a mask of classes.
            if act.op not in _SMOOTH or not into_part(act, "y"):
                continue
            if not str(act.settings.get("T")).startswith(("uint", "int")):
                continue
            yield RULE.finding(
                subject,
                f"the masks are resized with {_kernel(act)}, which makes values between the classes",
                step=step,
                evidence={"kernel": _kernel(act), "mask": ", ".join(act.reaches)},
                fix=Fix(
                    "Resize masks with nearest",
                    'tf.image.resize(mask, size, method="nearest")',
                    Safety.UNSAFE,
                ),
                size=0.9,
            )
            break


def _is_mask(last: Step) -> bool:
    labels, inputs = pictures(last, "y"), pictures(last, "x")
    whole = any(leaf.dtype.startswith(("int", "uint")) for leaf in labels)
    flat = any(leaf.shape is not None and leaf.shape[-1] == 1 for leaf in labels)
    coloured = any(leaf.shape is not None and leaf.shape[-1] != 1 for leaf in inputs)
    return bool(inputs) and (whole or (flat and coloured))


def _kernel(act: Act) -> str:
    if act.op == "ScaleAndTranslate":
        return f"the kernel {act.settings.get('kernel_type')}"
    return act.op.removeprefix("Resize").lower()


RULE = Rule(
    code="PIX101",
    name="interpolated-masks",
    severity=Severity.ERROR,
    tags=("mask-value-corruption",),
    since="0.2",
    check=check,
    page=__doc__,
)
