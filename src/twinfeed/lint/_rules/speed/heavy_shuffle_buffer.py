"""A shuffle buffer of hundreds of megabytes.

## What it does
Multiplies the places of the buffer by the bytes of an element that reaches it, as dtype and shape tell
them: above 256 MiB, and an error above half the memory that this process may use.

## Why it matters
The buffer is filled before the first batch comes out, at the start of every epoch. Ten thousand decoded
pictures of 224 x 224 are 6 GB as float32; their names are a megabyte.

## Example
```python
ds = tf.data.Dataset.range(20_000).map(lambda i: tf.zeros([224, 224, 3]) + tf.cast(i, tf.float32))
ds = ds.shuffle(2_000).batch(32)
```

Use instead:
```python
ds = tf.data.Dataset.range(20_000).shuffle(2_000)
ds = ds.map(lambda i: tf.zeros([224, 224, 3]) + tf.cast(i, tf.float32)).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    element_bytes,
    readable_bytes,
    spots,
)

_LEAST_BYTES = 256 << 20
_TOO_MUCH = 0.5  # share of the memory


def check(subject: Subject) -> Iterator[Answer]:
    """Find a buffer of large elements."""
    plan = subject.plan
    if plan is None:
        return
    for step, lines in spots(plan, "shuffle"):
        held, before = step.integer("buffer_size"), lines[0].before(step)
        each = element_bytes(before[-1]) if before else None
        if held is None or each is None or _lies_in_memory(before):
            continue
        places = min(held * (before[-1].per_element or 1), step.examples_in or 1 << 60)
        whole = places * each
        if whole < _LEAST_BYTES:
            continue
        grave = whole > _TOO_MUCH * subject.memory_bytes
        yield RULE.finding(
            subject,
            f"the buffer holds {readable_bytes(whole)} when full ({places:,} examples of"
            f" {readable_bytes(each)}), and the first batch waits until it is",
            step=step,
            evidence={"buffer_bytes": whole, "memory_bytes": subject.memory_bytes},
            fix=Fix(
                "Shuffle names or numbers, then make the examples",
                "names.shuffle(n).map(load)",
                Safety.UNSAFE,
                rewrite="shuffle-before-map",
            ),
            size=1.0 if grave else 0.5,
            severity=Severity.ERROR if grave else None,
        )


def _lies_in_memory(before: tuple[Step, ...]) -> bool:
    """Whether the buffer holds slices of arrays that are there anyway, in the dtype of the arrays."""
    return all(step.kind in {"source", "repeat", "cache", "take"} for step in before) and bool(
        before[0].settings.get("held_bytes")
    )


RULE = Rule(
    code="SPD104",
    name="heavy-shuffle-buffer",
    severity=Severity.WARNING,
    tags=("heavy-buffer",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="shuffle-before-map",
)
