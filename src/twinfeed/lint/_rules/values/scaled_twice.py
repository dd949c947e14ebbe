"""Pictures that are scaled twice, so that hardly anything is left of them.

## What it does
Follows the range of the pictures from step to step. It fires where whole levels or 0..1 went in and the
values that come out differ by less than a fiftieth, or lie far from zero around one value.

## Why it matters
A second division by 255 leaves values of 0 to 0.004: every picture looks the same to the network. It
still trains, much more slowly and to less.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).map(lambda x, y: (x / 255, y)).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y)).batch(32)
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Leaf, Plan
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    is_picture,
    last_step,
    pictures,
    spots,
    ways,
)

_LEAST_WIDTH = 0.02
_FAR = 20.0
_FULL = 0.5
_SCALING = frozenset({"Mul", "RealDiv", "Div", "DivNoNan", "Sub", "Add", "AddV2"})


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures that end in a sliver of a range."""
    plan = subject.plan
    if plan is None:
        return
    yield from _arguments(subject)
    told = [*_far_means(subject, plan)] or [*_shrunk_again(subject, plan)]
    yield from told
    if told:
        return
    last = last_step(plan)
    for leaf in pictures(last) if last else ():
        low, high = leaf.low, leaf.high
        if low is None or high is None or not leaf.dtype.startswith(("float", "bfloat")):
            continue
        width = high - low
        squeezed = 0 < width < _LEAST_WIDTH
        far = 0 < width <= 2 and min(abs(low), abs(high)) > _FAR
        scaled = [
            (step, act)
            for line in ways(plan)
            for step in line.steps
            for act in step.acts
            if act.op in _SCALING
            and act.settings.get("constant") is not None
            and set(act.reaches) & set(leaf.reaches)
        ]
        if not (squeezed or far) or not scaled or not _was_wide(plan, leaf):
            continue
        step, act = scaled[-1]
        before = f"{act.number('low') or 0:g} to {act.number('high') or 0:g}"
        yield RULE.finding(
            subject,
            f"the pictures end between {low:.4g} and {high:.4g}: values of {before} are scaled"
            f" again ({act.op} by {act.settings['constant']})",
            step=step,
            evidence={"low": low, "high": high, "scalings": len(scaled)},
            fix=Fix("Scale once", "x / 255", Safety.UNSAFE),
            size=1.0,
        )
        return


def _far_means(subject: Subject, plan: Plan) -> Iterator[Answer]:
    """Means of whole levels, taken from values that were scaled already."""
    for step, _ in spots(plan, "map", "augment", "decode", "resize"):
        if not pictures(step):
            continue
        for act in step.acts:
            low, high = act.number("low"), act.number("high")
            numbers = _numbers(act.settings.get("constant"))
            if act.op not in {"Sub", "Add", "AddV2", "BiasAdd"} or low is None or high is None:
                continue
            if not numbers or min(map(abs, numbers)) < _FAR or not 0 < high - low <= 2:
                continue
            yield RULE.finding(
                subject,
                f"means of whole levels ({', '.join(f'{abs(one):g}' for one in numbers)}) are taken"
                f" from values of {low:g} to {high:g}",
                step=step,
                evidence={"low": low, "high": high},
                fix=Fix(
                    "Leave the scaling before it out", "preprocess_input(levels)", Safety.UNSAFE
                ),
                size=1.0,
            )
            return


def _shrunk_again(subject: Subject, plan: Plan) -> Iterator[Answer]:
    """A division that leaves a sliver of a range of about one, whatever comes behind it."""
    for step, _ in spots(plan, "map", "augment", "decode", "resize"):
        if not pictures(step):
            continue
        for act in step.acts:
            low, high, by = act.number("low"), act.number("high"), act.number("constant")
            if low is None or high is None or not by or not into_part(act, "x"):
                continue
            factor = {"Mul": by, "RealDiv": 1 / by, "Div": 1 / by}.get(act.op, 1.0)
            width = high - low
            if act.settings.get("first") is not True or not _FULL <= width <= 2 * (
                1 + _LEAST_WIDTH
            ):
                continue
            if abs(factor) * width >= _LEAST_WIDTH:
                continue
            yield RULE.finding(
                subject,
                f"values of {low:g} to {high:g} are scaled as if they were levels"
                f" ({act.op} by {by:g}), which leaves a range of {abs(factor) * width:.2g}",
                step=step,
                evidence={"low": low, "high": high, "factor": factor},
                fix=Fix("Scale once", "x / 255", Safety.UNSAFE),
                size=1.0,
            )
            return


def _numbers(constant: object) -> list[float]:
    if isinstance(constant, str):
        return [float(one) for one in constant.split(",")]
    return [float(constant)] if isinstance(constant, int | float) else []


def _was_wide(plan: Plan, leaf: Leaf) -> bool:
    """Whether the values had the width of 0..1 or more on their way."""
    return any(
        before.low is not None and before.high is not None and before.high - before.low >= _FULL
        for step in plan.everything()
        for before in step.leaves
        if set(before.reaches) & set(leaf.reaches) and is_picture(before)
    )


def _arguments(subject: Subject) -> Iterator[Answer]:
    """An ``ImageDataGenerator`` that scales before or after a function that scales."""
    plan = subject.plan
    if plan is None or "ImageDataGenerator" not in plan.library:
        return
    steps = {name: step for step in plan.of_kind("map") for name in step.settings}
    function, rescale = steps.get("preprocessing_function"), steps.get("rescale")
    if function is None or rescale is None:
        return
    named = str(function.settings["preprocessing_function"])
    if named != "preprocess_input" and not named.endswith(".preprocess_input"):
        return
    yield RULE.finding(
        subject,
        f"{named} scales the pictures, and rescale={rescale.settings['rescale']:.6g} scales its"
        " result again",
        step=rescale,
        evidence={"rescale": rescale.settings["rescale"]},
        fix=Fix(
            "Leave rescale out", "ImageDataGenerator(preprocessing_function=...)", Safety.UNSAFE
        ),
        size=0.9,
    )


RULE = Rule(
    code="VAL101",
    name="scaled-twice",
    severity=Severity.ERROR,
    tags=("double-rescale", "op-order-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
