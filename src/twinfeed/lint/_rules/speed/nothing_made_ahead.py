"""Options that forbid TensorFlow to make batches ahead, and no `prefetch`.

## What it does
Looks for pipelines without `prefetch` whose options switch off what would add one: autotuning or the
default optimisations. Without such options TensorFlow adds a prefetch, and nothing is said.

## Why it matters
Feed and step take turns: the time of a step is their sum and not the larger of the two.

## Example
```python
options = tf.data.Options()
options.autotune.enabled = False
options.experimental_optimization.apply_default_optimizations = False
ds = tf.data.Dataset.range(1_000).map(lambda i: i + 1).batch(32).with_options(options)
model.fit(ds)
```

Use instead:
```python
options = tf.data.Options()
options.autotune.enabled = False
options.experimental_optimization.apply_default_optimizations = False
ds = tf.data.Dataset.range(1_000).map(lambda i: i + 1).batch(32).prefetch(2).with_options(options)
model.fit(ds)
```

## Fix safety
Safe: the same batches in the same order; a few batches more in memory.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    is_fused,
    options,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find a feed that waits to be asked."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data" or not plan.steps:
        return
    set_to = options(plan)
    plain = set_to.get("experimental_optimization.apply_default_optimizations") is False
    untuned = set_to.get("autotune.enabled") is False
    injected = set_to.get("experimental_optimization.inject_prefetch") is not False
    steps = [step for step in plan.steps if step.name != "Options"]
    if not (plain or untuned or not injected) or any(
        step.kind == "prefetch" for step in steps[-3:]
    ):
        return
    last, work = (
        steps[-1],
        [step for step in steps if step.kind in {"map", "decode", "resize", "augment"}],
    )
    if not work or last.parallel_calls != 1 or (_fused(steps) and not plain):
        return  # what runs in parallel runs ahead
    said = (
        "apply_default_optimizations"
        if plain
        else "autotune.enabled"
        if untuned
        else "inject_prefetch"
    )
    yield RULE.finding(
        subject,
        f"nothing is made ahead: there is no prefetch, and the option {said}=False keeps TensorFlow from"
        " adding one",
        step=last,
        evidence={"option": said},
        fix=Fix(
            "Make batches ahead",
            "ds.prefetch(tf.data.AUTOTUNE)",
            Safety.SAFE,
            rewrite="add-prefetch",
        ),
        size=0.4,
    )


def _fused(steps: list[Step]) -> bool:
    """Whether the last map and the batch behind it become one step, which runs ahead."""
    tail = [step for step in steps if step.kind not in {"prefetch", "repeat"}][-2:]
    work = tail[0].kind in {"map", "decode", "resize", "augment"}
    return len(tail) == 2 and work and is_fused(Plan(tuple(tail)), tail[0])


RULE = Rule(
    code="SPD102",
    name="nothing-made-ahead",
    severity=Severity.WARNING,
    tags=("no-parallel-or-prefetch",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="add-prefetch",
)
