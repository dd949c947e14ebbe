"""A picture that is flipped or warped at random while its mask is not, or by another draw.

## What it does
Looks for random flips and warps in one step that reach the inputs and not the mask beside them, or
both with a random number each.

## Why it matters
Half of the pictures are then trained on mirrored masks. The loss falls all the same, to a blur.

## Example
```python
images, masks = np.zeros((64, 8, 8, 3), np.uint8), np.zeros((64, 8, 8, 1), np.uint8)
ds = tf.data.Dataset.from_tensor_slices((images, masks))
ds = ds.map(lambda x, y: (tf.image.random_flip_left_right(x), tf.image.random_flip_left_right(y)))
model.fit(ds.batch(8))
```

Use instead:
```python
images, masks = np.zeros((64, 8, 8, 3), np.uint8), np.zeros((64, 8, 8, 1), np.uint8)
ds = tf.data.Dataset.from_tensor_slices((images, masks))

def flip(x, y):
    both = tf.image.random_flip_left_right(tf.concat([x, y], -1))
    return both[..., :3], both[..., 3:]

model.fit(ds.map(flip).batch(8))
```

## Fix safety
Unsafe: masks change, which is the point.
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

_WARPS = frozenset({"ImageProjectiveTransformV2", "ImageProjectiveTransformV3", "ReverseV2"})
_CHANNELS = (-1, 3)


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures and masks that move apart."""
    plan = subject.plan
    last = last_step(plan)
    if plan is None or last is None or not (subject.trains or subject.evaluates):
        return
    if not pictures(last, "x") or not _has_mask(last):
        return
    for step, _ in spots(plan, "augment", "decode", "resize", "map"):
        if not step.random:
            continue
        moves = [act for act in step.acts if _moves(act)]
        inputs = [act for act in moves if into_part(act, "x")]
        masks = [act for act in moves if into_part(act, "y")]
        draws = [act for act in step.acts if act.op not in _WARPS and _is_draw(act)]
        shared = any(not into_part(act, "x") and not into_part(act, "y") for act in draws)
        if not inputs or shared or _in_step(draws):
            continue
        what = "by another draw than its mask" if masks else "while its mask is not"
        yield RULE.finding(
            subject,
            f"the picture is flipped or warped at random {what}",
            step=step,
            evidence={"moves_of_picture": len(inputs), "moves_of_mask": len(masks)},
            fix=Fix(
                "Draw once and move both",
                "both = tf.concat([x, tf.cast(mask, x.dtype)], -1)",
                Safety.UNSAFE,
            ),
            size=0.9,
        )


def _has_mask(last: Step) -> bool:
    inputs, labels = pictures(last, "x"), pictures(last, "y")
    return any(leaf.shape is not None and leaf.shape[-1] == 1 for leaf in labels) and any(
        leaf.shape is not None and leaf.shape[-1] != 1 for leaf in inputs
    )


def _moves(act: Act) -> bool:
    # A reversed last axis swaps channels and moves no pixel.
    return act.op in _WARPS and act.settings.get("axis") not in _CHANNELS and bool(act.reaches)


def _is_draw(act: Act) -> bool:
    return "Random" in act.op and act.op != "StatelessRandomGetKeyCounter" and bool(act.reaches)


def _in_step(draws: list[Act]) -> bool:
    """Whether inputs and masks draw by the same seeds."""
    seeds = [
        {
            (act.settings.get("seed"), act.settings.get("seed2"))
            for act in draws
            if into_part(act, part)
        }
        for part in ("x", "y")
    ]
    given = [{seed for seed in part if seed != (None, None)} for part in seeds]
    stateless = all(act.op.startswith("Stateless") for act in draws)
    return (bool(given[0]) and given[0] == given[1]) or (
        stateless and bool(seeds[0]) and bool(seeds[1])
    )


RULE = Rule(
    code="AUG108",
    name="mask-out-of-step",
    severity=Severity.ERROR,
    tags=("pair-desync",),
    since="0.2",
    check=check,
    page=__doc__,
)
