"""Costly work on one core.

## What it does
Looks for a `map` that decodes, resizes, warps or calls Python, runs one call at a time, and that
TensorFlow does not make parallel by itself: it draws random numbers or calls Python and no `batch`
follows at once, or the options forbid it.

## Why it matters
Examples are made on one core while the others wait. TensorFlow 2.19 and later turn a stateless map into
a parallel one, and a map with the batch behind it into one step that runs ahead; such maps are not named.

## Example
```python
ds = tf.data.Dataset.range(1_000)
def work(i):
    return tf.image.resize(tf.random.uniform([64, 64, 3]), (32, 32)) + tf.cast(i, tf.float32)

ds = ds.map(work).shuffle(100).batch(32)
```

Use instead:
```python
ds = tf.data.Dataset.range(1_000)
def work(i):
    return tf.image.resize(tf.random.uniform([64, 64, 3]), (32, 32)) + tf.cast(i, tf.float32)

ds = ds.map(work, num_parallel_calls=tf.data.AUTOTUNE).shuffle(100).batch(32)
```

## Fix safety
Safe with the default of `deterministic=True`: the same examples in the same order. A map that draws
random numbers may give them to other examples.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    is_costly,
    is_fused,
    options,
    python_ops,
    spots,
)

_STATEFUL = ("RandomUniform", "RandomStandardNormal", "TruncatedNormal", "RandomShuffle", "PyFunc",
             "EagerPyFunc")  # fmt: skip


def check(subject: Subject) -> Iterator[Answer]:
    """Find costly calls in turn."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data":
        return
    for step, lines in spots(plan, "map", "decode", "resize", "augment"):
        if step.parallel_calls != 1 or not is_costly(step) or step.name != "MapDataset":
            continue
        why = _serial(plan, lines[0], step)
        if not why or any(one.inner and step in _inside(one) for one in plan.steps):
            continue
        yield RULE.finding(
            subject,
            f"its {_work(step)} runs one call at a time ({why})",
            step=step,
            evidence={"reason": why, "operations": ", ".join(step.ops[:4])},
            fix=Fix(
                "Let several calls run at once",
                "ds.map(f, num_parallel_calls=tf.data.AUTOTUNE)",
                Safety.SAFE,
                rewrite="parallel-map",
            ),
            size=0.5,
        )


def _serial(plan: Plan, line: Plan, step: Step) -> str:
    """Why a sequential map stays sequential; empty where TensorFlow makes it parallel."""
    set_to = options(plan)
    if set_to.get("experimental_optimization.apply_default_optimizations") is False:
        return "the options forbid TensorFlow to change that"
    if (
        is_fused(line, step)
        and set_to.get("experimental_optimization.map_and_batch_fusion") is not False
    ):
        return ""
    if set_to.get("experimental_optimization.map_parallelization") is False or (
        set_to.get("autotune.enabled") is False
    ):
        return "the options forbid TensorFlow to change that"
    named = {op.partition("(")[0] for op in step.ops}
    stateful = sorted(op for op in named if op.startswith(_STATEFUL))
    return f"{stateful[0]} keeps a state, so TensorFlow leaves it as it is" if stateful else ""


def _inside(step: Step) -> list[Step]:
    """Steps inside a function run as often at once as the function does."""
    return [one for part in step.inner for one in part] if step.parallel_calls != 1 else []


def _work(step: Step) -> str:
    if python_ops(step):
        return "Python function"
    return {"decode": "decoding", "resize": "resizing"}.get(step.kind, "work")


RULE = Rule(
    code="SPD101",
    name="serial-work",
    severity=Severity.WARNING,
    tags=("no-parallel-or-prefetch",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="parallel-map",
)
