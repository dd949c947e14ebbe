"""Workers that each read everything.

## What it does
Looks for tf.data service without sharding (`processing_mode` OFF), and for a torch `IterableDataset`
under several workers that never asks which worker it is.

## Why it matters
Every worker gives every example: an "epoch" holds each one as many times as there are workers, in
blocks that look like any other epoch. A deterministic shard (`FILE`, `DATA`) visits once; `DYNAMIC` at
most once.

## Example
```python
service = tf.data.experimental.service
ds = tf.data.Dataset.range(100).apply(
    service.distribute(processing_mode=service.ShardingPolicy.OFF, service=server.target))
```

Use instead:
```python
service = tf.data.experimental.service
ds = tf.data.Dataset.range(100).apply(
    service.distribute(processing_mode=service.ShardingPolicy.DYNAMIC, service=server.target))
```

## Fix safety
Unsafe: each example comes once, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    spots,
)


def check(subject: Subject) -> Iterator[Answer]:
    """Find workers that are not told their part."""
    plan = subject.plan
    if plan is None:
        return
    for step, _ in spots(plan, "source"):
        workers = step.integer("num_workers") or 0
        if (
            step.name.startswith("DataServiceDataset")
            and step.settings.get("processing_mode") == ""
        ):
            yield RULE.finding(
                subject,
                "tf.data service shards nothing (processing_mode OFF): each worker gives every example",
                step=step,
                evidence={"processing_mode": "OFF"},
                fix=Fix(
                    "Let the service share the data out",
                    "processing_mode=tf.data.experimental.service.ShardingPolicy.DYNAMIC",
                    Safety.UNSAFE,
                ),
                size=0.6,
            )
        elif step.settings.get("asks_for_worker") is False and workers > 1:
            yield RULE.finding(
                subject,
                f"each of {workers} workers iterates the whole data set, which never asks which worker it"
                f" runs in: every example comes {workers} times",
                step=step,
                evidence={"workers": workers, "data_set": step.name},
                fix=Fix(
                    "Give each worker its part",
                    "info = torch.utils.data.get_worker_info()",
                ),
                size=0.8,
                severity=Severity.ERROR,
            )


RULE = Rule(
    code="BAT109",
    name="each-worker-reads-all",
    severity=Severity.WARNING,
    tags=("shard-bias", "worker-duplication"),
    since="0.2",
    check=check,
    page=__doc__,
)
