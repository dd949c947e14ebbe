"""Examples made by several calls at once on one side, one after the other on the other.

## What it does
Reads both plans: `num_parallel_calls` of maps and of `interleave`, workers, threads. The finding
weighs more where the sequential side was also measured to be slower; without that it is a note,
because TensorFlow makes stateless maps parallel by itself. An `interleave` it leaves as it is.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
One call at a time uses one core, whatever the machine has. Decoding and augmentation are
independent per image and spread over cores nearly without loss.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(lambda x, y: (x / 255, y), num_parallel_calls=AUTOTUNE).batch(32)
b = data.map(lambda x, y: (x / 255, y)).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(lambda x, y: (x / 255, y), num_parallel_calls=AUTOTUNE).batch(32)
b = data.map(lambda x, y: (x / 255, y), num_parallel_calls=AUTOTUNE).batch(32)
```

## Fix safety
Safe with TensorFlow's default of `deterministic=True`: the same examples in the same order. A map
that draws random numbers may draw them in another order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.plan import AUTOTUNE, Plan, Step
from twinfeed._core.plan_facts import (
    called,
    hides_its_steps,
    in_memory,
    is_parallel,
    may_rewrite,
    work_steps,
)
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._rates import slower
from twinfeed.diff._twins import EACH_WAY, SideName, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose work is parallel while the other's is not."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name).plan, twins.side(other).plan
        if mine is None or theirs is None or hides_its_steps(theirs) or in_memory(theirs):
            continue
        if is_parallel(mine) and work_steps(theirs) and not is_parallel(theirs):
            parallel = next(step for step in work_steps(mine) if step.parallel_calls != 1)
            yield _finding(twins, name, other, parallel, work_steps(theirs))
        elif parallel := next((step for step in _readers(mine) if step.parallel_calls != 1), None):
            serial = _readers(theirs)
            if serial and all(step.parallel_calls == 1 for step in serial):
                yield _finding(twins, name, other, parallel, serial)


def _finding(
    twins: Twins, name: SideName, other: SideName, parallel: Step, serial: list[Step]
) -> Answer:
    gap = slower(twins)
    slow = gap is not None and gap.name == other
    plan = twins.side(other).plan
    reads = "Interleave" in parallel.name
    return MEASURE.finding(
        f"{name} runs {called(parallel)}, in {_calls(parallel)}, {other} runs"
        f" {called(serial[0])}, one call at a time" + ("" if reads or plan is None else _but(plan)),
        strength=Strength.READ,
        evidence={
            "parallel_side": name,
            "parallel_calls": parallel.parallel_calls,
            "sequential_steps": len(serial),
            "time_ratio": round(gap.ratio.value, 3) if slow and gap else None,
        },
        fix=Fix(
            f"Read the files of {other} in parallel"
            if reads
            else f"Make the examples of {other} in parallel",
            ".interleave(..., num_parallel_calls=tf.data.AUTOTUNE)"
            if reads
            else argument(twins.side(other), "parallel"),
        ),
        size=min(0.35, 0.12 + (0.05 * gap.ratio.low if slow and gap else 0)),
        severity=Severity.WARNING if slow and gap and gap.matters else None,
    )


def _readers(plan: Plan) -> list[Step]:
    """The steps that read several files in turn."""
    return [step for step in plan.of_kind("source") if "Interleave" in step.name]


def _calls(step: Step) -> str:
    if step.parallel_calls == AUTOTUNE:
        return "as many calls at once as TensorFlow chooses"
    return f"{step.parallel_calls} calls at once"


def _but(plan: Plan) -> str:
    if plan.library == "tf.data" and may_rewrite(plan):
        return " (TensorFlow makes it parallel by itself if it is stateless)"
    return ""


MEASURE = Measure(
    code="PIP203",
    name="parallel-map-on-one-side",
    severity=Severity.NOTE,
    tags=("no-parallel-or-prefetch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
