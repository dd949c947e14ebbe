"""Pictures that are resized by nearest neighbour.

## What it does
Looks for `nearest` where pictures become inputs. It is the default of `flow_from_directory`,
`flow_from_dataframe` and `load_img`, and of no other loader.

## Why it matters
Nearest keeps one pixel of many: edges are jagged, thin lines come and go. A model trained so is off by
more on pictures that anything else resized than by any other choice of kernel.

## Example
```python
images, labels = np.zeros((16, 64, 64, 3), np.uint8), np.arange(16)
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16), "nearest"), y)).batch(8)
```

Use instead:
```python
images, labels = np.zeros((16, 64, 64, 3), np.uint8), np.arange(16)
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.image.resize(x, (16, 16), "area"), y)).batch(8)
```

## Fix safety
Unsafe: the pictures change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Act, Leaf
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    is_picture,
    pictures,
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures of single pixels."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "resize", "augment", "map", "decode"):
        by_default = step.settings.get("interpolation") == "nearest"
        act = next(
            (one for one in step.acts if one.op == "ResizeNearestNeighbor" and into_part(one, "x")),
            None,
        )
        before = lines[0].before(step)[-1:]
        if act is not None and before and any(_is_same(leaf, act) for leaf in before[0].leaves):
            continue
        if not by_default and (act is None or not pictures(step)):
            continue
        yield RULE.finding(
            subject,
            "pictures are resized by nearest neighbour"
            + (", which is the default of this loader and of no other" if by_default else ""),
            step=step,
            evidence={"by_default": by_default},
            fix=Fix("Choose a kernel that averages", 'interpolation="bilinear"', Safety.UNSAFE),
            size=0.4,
        )


def _is_same(leaf: Leaf, act: Act) -> bool:
    """Whether the size stays, or grows by a whole factor: then nearest is exact."""
    height, width = act.number("height"), act.number("width")
    if not is_picture(leaf) or leaf.shape is None or not height or not width:
        return False
    sides = leaf.shape[-3:-1]
    return all(side and goal % side == 0 for side, goal in zip(sides, (height, width), strict=True))


RULE = Rule(
    code="PIX103",
    name="nearest-pictures",
    severity=Severity.NOTE,
    tags=("resize-kernel-mismatch",),
    since="0.2",
    check=check,
    page=__doc__,
)
