"""Examples made in Python, one at a time.

## What it does
Looks for `numpy_function`, `py_function`, `from_generator` and `ImageDataGenerator`. What stands before
a cache runs once and is not named.

## Why it matters
Python runs one thread at a time in a process, so this work does not spread over cores, whatever
`num_parallel_calls` says. How much that costs is measured by `twinfeed tune`.

## Example
```python
ds = tf.data.Dataset.range(100)
ds = ds.map(lambda i: tf.numpy_function(lambda v: v + 1, [i], tf.int64), num_parallel_calls=4).batch(8)
```

Use instead:
```python
ds = tf.data.Dataset.range(100)
ds = ds.map(lambda i: i + 1, num_parallel_calls=4).batch(8)
```

## Fix safety
Needs your code: the same work in TensorFlow's operations, or a cache behind it.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan import AUTOTUNE, Plan, Step
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find Python in the work of each epoch."""
    plan = subject.plan
    if plan is None:
        return
    if "ImageDataGenerator" in plan.library:
        if not plan.steps[0].settings.get("python"):
            return
        yield RULE.finding(
            subject,
            "pictures are decoded and changed in Python by Keras's ImageDataGenerator, one thread at a time",
            step=plan.steps[0],
            fix=Fix(
                "The same batches from compiled code",
                "from twinfeed.images import ImageDataGenerator",
            ),
            size=0.3,
        )
        return
    for step, lines in spots(plan, "source", "map", "decode", "resize", "augment", "other"):
        what = _python(step)
        if not what or any(one.kind == "cache" for line in lines for one in line.after(step)):
            continue
        calls = step.parallel_calls
        yield RULE.finding(
            subject,
            f"{what} runs in Python for each {_unit(lines[0], step)}, one call at a time"
            + (f", whatever num_parallel_calls={calls} says" if calls not in {1, AUTOTUNE} else ""),
            step=step,
            evidence={"what": what, "parallel_calls": calls},
            fix=Fix(
                "Write it in TensorFlow's operations, or cache its results", "ds.map(f).cache()"
            ),
            size=0.3,
        )


def _python(step: Step) -> str:
    if step.name == "GeneratorDataset":
        return "the generator of from_generator"
    named = {op.partition("(")[0] for op in step.ops}
    if "PyFunc" in named or "PyFuncStateless" in named:
        return "" if step.kind in {"source", "other"} else "numpy_function"
    return "py_function" if "EagerPyFunc" in named else ""


def _unit(line: Plan, step: Step) -> str:
    return "batch" if is_batched(line, step) else "example"


RULE = Rule(
    code="SPD103",
    name="python-in-the-feed",
    severity=Severity.NOTE,
    tags=("python-bottleneck",),
    since="0.2",
    check=check,
    page=__doc__,
)
