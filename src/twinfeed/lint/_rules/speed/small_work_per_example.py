"""Cheap arithmetic on each of many small examples, before they are batched.

## What it does
Looks for a map in front of `batch` that does nothing but arithmetic, parsing or casting, on at least
10,000 examples of at most 4 KiB.

## Why it matters
Handing one element to a function costs some microseconds, whatever is in it. For small examples that is
nearly all the time; on whole batches the same function is called a hundredth as often.

## Example
```python
x, y = np.zeros((20_000, 8), np.float32), np.zeros(20_000, np.int64)
ds = tf.data.Dataset.from_tensor_slices((x, y)).map(lambda x, y: (x / 2, y)).batch(100)
```

Use instead:
```python
x, y = np.zeros((20_000, 8), np.float32), np.zeros(20_000, np.int64)
ds = tf.data.Dataset.from_tensor_slices((x, y)).batch(100).map(lambda x, y: (x / 2, y))
```

## Fix safety
Safe where the function works on whole batches alike: the same values in the same order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import is_batched
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    element_bytes,
    python_ops,
    readable_bytes,
    spots,
)

_LEAST_EXAMPLES = 10_000
_MOST_BYTES = 4 << 10
_CHEAP = frozenset(
    {
        "Mul",
        "RealDiv",
        "Sub",
        "Add",
        "AddV2",
        "Cast",
        "Minimum",
        "Maximum",
        "OneHot",
        "ParseExampleV2",
        "Transpose",
    }
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find calls that cost more than their work."""
    plan = subject.plan
    if plan is None or plan.library != "tf.data":
        return
    for step, lines in spots(plan, "map"):
        line = lines[0]
        following = line.after(step)[:1]
        if not following or following[0].kind != "batch" or is_batched(line, step) or step.random:
            continue
        size, count, each = (
            following[0].integer("batch_size"),
            step.examples_in,
            element_bytes(step),
        )
        if (
            not size
            or size < 8
            or (count or 0) < _LEAST_EXAMPLES
            or each is None
            or each > _MOST_BYTES
        ):
            continue
        if python_ops(step) or not step.acts or not {act.op for act in step.acts} <= _CHEAP:
            continue
        if step.name not in {"MapDataset", "ParallelMapDatasetV2"}:
            continue
        yield RULE.finding(
            subject,
            f"its function is called for each of {count or 0:,} examples of {readable_bytes(each)} and only"
            " does arithmetic",
            step=step,
            evidence={"examples": count, "example_bytes": each, "batch_examples": size},
            fix=Fix(
                "Batch first, then call it once per batch",
                f"ds.batch({size}).map(f)",
                Safety.SAFE,
                rewrite="batch-before-map",
            ),
            size=0.3,
        )


RULE = Rule(
    code="SPD107",
    name="small-work-per-example",
    severity=Severity.NOTE,
    tags=("per-element-overhead",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="batch-before-map",
)
