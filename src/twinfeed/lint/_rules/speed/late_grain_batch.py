"""A Grain pipeline that is batched behind `to_iter_dataset`.

## What it does
Looks for `batch` of an `IterDataset` where the `MapDataset` before it could have been batched.

## Why it matters
Each single example then passes through the reading threads: 7 to 45 times slower than the same batches
made before.

## Example
```python
import grain
ds = grain.MapDataset.range(1_000).map(lambda i: np.float32(i)).to_iter_dataset().batch(32)
```

Use instead:
```python
import grain
ds = grain.MapDataset.range(1_000).map(lambda i: np.float32(i)).batch(32).to_iter_dataset()
```

## Fix safety
Safe: the same batches in the same order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find a batch behind the reading threads."""
    plan = subject.plan
    if plan is None or plan.library != "grain":
        return
    for step in plan.of_kind("batch"):
        before = plan.before(step)
        crossing = next((one for one in before if one.name == "PrefetchIterDataset"), None)
        if step.name != "BatchIterDataset" or crossing is None:
            continue
        if before[-1] is not crossing:
            continue  # something between needs single examples
        yield RULE.finding(
            subject,
            "single examples pass through the reading threads and are batched behind them",
            step=step,
            evidence={"batch_examples": step.integer("batch_size")},
            fix=Fix("Batch before to_iter_dataset", "ds.batch(n).to_iter_dataset()", Safety.SAFE),
            size=0.6,
        )


RULE = Rule(
    code="SPD108",
    name="late-grain-batch",
    severity=Severity.WARNING,
    tags=("per-element-overhead",),
    since="0.2",
    check=check,
    page=__doc__,
)
