"""Examples that pass through Python on one side only.

## What it does
Reads both plans: `py_function`, `numpy_function`, `from_generator`, a `PyDataset`,
`ImageDataGenerator`, a loader without worker processes. The finding weighs more where that side
was also measured to be slower; without that it is a note. Where the other side runs its Python in
several worker processes, that is `parallel-map-on-one-side`.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Python runs one thread at a time in a process. Work done there does not spread over cores however
many parallel calls are asked for, and it takes its turns with the training loop itself.

## Example
```python
def prepare(x, y):
    out = tf.py_function(lambda x: x, [x], tf.uint8)
    out.set_shape(x.shape)
    return out, y


data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(prepare).batch(32)
b = data.map(lambda x, y: (x, y)).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(lambda x, y: (x, y)).batch(32)
b = data.map(lambda x, y: (x, y)).batch(32)
```

## Fix safety
Show: the same work in TensorFlow's operations can differ in the last digits, or by a kernel.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed._core.plan import Plan
from twinfeed._core.plan_facts import is_parallel, python_work
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._rates import slower
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose examples are made in Python while the other's are not."""
    for name, other in EACH_WAY:
        mine, theirs = twins.side(name).plan, twins.side(other).plan
        what = python_work(mine)
        if what is None or theirs is None or python_work(theirs):
            continue
        if mine and _in_processes(theirs) and is_parallel(theirs) and not is_parallel(mine):
            continue  # the same work in several processes: that has a name of its own
        gap = slower(twins)
        slow = gap is not None and gap.name == name
        yield MEASURE.finding(
            f"{name} makes each example in {what}, one at a time under Python's lock;"
            f" {other} makes them {_where(theirs)}",
            strength=Strength.READ,
            evidence={
                "side": name,
                "python": what,
                "other_library": theirs.library,
                "time_ratio": round(gap.ratio.value, 3) if slow and gap else None,
            },
            fix=Fix(f"Take {name}'s work out of Python", argument(twins.side(name), "no python")),
            size=min(0.35, 0.15 + (0.05 * gap.ratio.low if slow and gap else 0)),
            severity=Severity.WARNING if slow and gap and gap.matters else None,
        )


def _where(plan: Plan) -> str:
    """Where the side makes its examples that does not make them in this process's Python."""
    return "in processes of their own" if _in_processes(plan) else "outside Python"


def _in_processes(plan: Plan) -> bool:
    """Whether workers of the library run its Python."""
    return any(step.settings.get("python") is False for step in plan.steps)


MEASURE = Measure(
    code="PIP206",
    name="python-in-the-loop",
    severity=Severity.NOTE,
    tags=("python-bottleneck", "per-element-overhead"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
