"""A cache in memory that is larger than the memory.

## What it does
Multiplies the bytes of an element, as dtype and shape tell them, by the elements of an epoch, and
compares that with the memory that this process may use.

## Why it matters
The process is killed in the first epoch, mostly without a message.

## Example
```python
ds = tf.data.Dataset.range(1_000_000)
ds = ds.map(lambda i: tf.zeros([2048, 2048, 3]) + tf.cast(i, tf.float32)).cache().batch(32)
```

Use instead:
```python
ds = tf.data.Dataset.range(100)
ds = ds.map(lambda i: tf.zeros([64, 64, 3]) + tf.cast(i, tf.float32)).cache().batch(32)
```

## Fix safety
Safe where the cache moves to a file or to before decoding: the same examples in the same order.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan_facts import repeats
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    element_bytes,
    readable_bytes,
    spots,
)

_MOST = 0.8  # share of the memory that a cache may take


def check(subject: Subject) -> Iterator[Answer]:
    """Find a cache that cannot fit."""
    if subject.plan is None:
        return
    for step, lines in spots(subject.plan, "cache"):
        each = element_bytes(step)
        if step.settings.get("filename") or step.settings.get("path") or each is None:
            continue
        if any(repeats(one) for one in lines[0].before(step)) or step.examples_in is None:
            continue
        whole = each * step.examples_in
        if whole <= _MOST * subject.memory_bytes:
            continue
        yield RULE.finding(
            subject,
            f"the cache will hold {readable_bytes(whole)} ({step.examples_in:,} examples of"
            f" {readable_bytes(each)}) and this process may use"
            f" {readable_bytes(subject.memory_bytes)} of memory",
            step=step,
            evidence={"cache_bytes": whole, "memory_bytes": subject.memory_bytes},
            fix=Fix(
                "Cache on disk, or before the examples are decoded",
                'ds.cache("/path/to/cache")',
            ),
            size=1.0,
        )


RULE = Rule(
    code="CCH104",
    name="cache-beyond-memory",
    severity=Severity.ERROR,
    tags=("heavy-buffer",),
    since="0.2",
    check=check,
    page=__doc__,
)
