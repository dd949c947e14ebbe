"""Inputs and labels that are shuffled apart and then zipped.

## What it does
Looks for `zip` of a branch that makes the inputs and a branch that makes the labels, where one of them
is shuffled, or both in different ways.

## Why it matters
Picture 1 gets the label of picture 57. The loss stays near chance, and no shape is wrong.

## Example
```python
images = tf.data.Dataset.from_tensor_slices(np.zeros((100, 8, 8, 3), np.uint8)).shuffle(100)
labels = tf.data.Dataset.from_tensor_slices(np.arange(100) % 10).shuffle(100)
model.fit(tf.data.Dataset.zip(images, labels).batch(10))
```

Use instead:
```python
images = tf.data.Dataset.from_tensor_slices(np.zeros((100, 8, 8, 3), np.uint8))
labels = tf.data.Dataset.from_tensor_slices(np.arange(100) % 10)
model.fit(tf.data.Dataset.zip(images, labels).shuffle(100).batch(10))
```

## Fix safety
Unsafe: labels move to their inputs, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    into_part,
    is_picture,
    is_seeded,
    spots,
)

_MIXING = ("buffer_size", "seed", "seed2", "reshuffle_each_iteration")


def check(subject: Subject) -> Iterator[Answer]:
    """Find a zip of two orders."""
    plan = subject.plan
    if plan is None or not (subject.trains or subject.evaluates):
        return
    for step, lines in spots(plan, "other"):
        if step.name != "ZipDataset":
            continue
        sides = [(_part(line, step), _order(line, step)) for line in lines]
        inputs = [order for part, order in sides if part == "x"]
        labels = [order for part, order in sides if part == "y"]
        if not inputs or not labels or inputs[0] == labels[0] or _unpaired(step):
            continue
        shuffled = inputs[0] or labels[0]
        yield RULE.finding(
            subject,
            f"inputs and labels are put in order apart ({_told(inputs[0])} against"
            f" {_told(labels[0])}) and then zipped, so labels belong to other inputs",
            step=step,
            evidence={"inputs": _told(inputs[0]), "labels": _told(labels[0])},
            fix=Fix(
                "Zip first, then shuffle the pairs",
                f"tf.data.Dataset.zip(inputs, labels).shuffle({_buffer(shuffled)})",
                Safety.UNSAFE,
            ),
            size=1.0,
        )


Order = tuple[tuple[object, ...], ...]


def _part(line: Plan, step: Step) -> str:
    before = line.before(step)
    leaves = [leaf for leaf in before[-1].leaves if leaf.reaches] if before else []
    if leaves and all(into_part(leaf, "x") for leaf in leaves):
        return "x"
    return "y" if leaves and all(into_part(leaf, "y") for leaf in leaves) else ""


def _order(line: Plan, step: Step) -> Order:
    """What puts a branch in order; two branches with equal seeds give one order."""
    found: list[tuple[object, ...]] = []
    for one in line.before(step):
        if one.kind == "shuffle":
            said = tuple(one.settings.get(name) for name in _MIXING)
            # Without a seed two shuffles differ even if they are written alike.
            found.append(said if is_seeded(one) else (*said, one.where, one.node))
    return tuple(found)


def _unpaired(step: Step) -> bool:
    """Whether both sides are pictures of one kind, as for translation between two collections."""
    shapes = {leaf.shape for leaf in step.leaves if is_picture(leaf)}
    return len(step.leaves) > 1 and len(shapes) == 1 and all(map(is_picture, step.leaves))


def _told(order: Order) -> str:
    return f"shuffle({order[0][0]})" if order else "as stored"


def _buffer(order: Order) -> object:
    return order[0][0] if order else "n"


RULE = Rule(
    code="ORD109",
    name="zipped-after-shuffles",
    severity=Severity.ERROR,
    tags=("label-file-misalignment", "pair-desync"),
    since="0.2",
    check=check,
    page=__doc__,
)
