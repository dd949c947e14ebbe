"""A cache of whole numbers stored as floats.

## What it does
Looks for a large cache of pictures that were `uint8` and were only cast and scaled before it.

## Why it matters
A float32 holds the same 256 levels in four times the memory. Cast behind the cache: that is cheap, and
four times as many pictures fit.

## Example
```python
ds = tf.data.Dataset.range(5_000).map(lambda i: tf.zeros([224, 224, 3], tf.uint8) + tf.cast(i % 9, tf.uint8))
ds = ds.map(lambda x: tf.cast(x, tf.float32) / 255).cache().batch(32)
```

Use instead:
```python
ds = tf.data.Dataset.range(5_000).map(lambda i: tf.zeros([224, 224, 3], tf.uint8) + tf.cast(i % 9, tf.uint8))
ds = ds.cache().map(lambda x: tf.cast(x, tf.float32) / 255).batch(32)
```

## Fix safety
Safe: the same values, cast after the cache instead of before it.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject
from twinfeed.lint._ways import (
    element_bytes,
    pictures,
    readable_bytes,
    spots,
)

_LEAST_BYTES = 256 << 20
_SCALING = frozenset({"Cast", "Mul", "RealDiv", "Div", "Sub", "Add", "AddV2"})


def check(subject: Subject) -> Iterator[Answer]:
    """Find a large cache of cast pictures."""
    if subject.plan is None:
        return
    for step, lines in spots(subject.plan, "cache"):
        each = element_bytes(step)
        if each is None or step.examples_in is None or each * step.examples_in < _LEAST_BYTES:
            continue
        cast = _cast(lines[0], step)
        if cast is None or not any(leaf.dtype == "float32" for leaf in pictures(step)):
            continue
        whole = each * step.examples_in
        yield RULE.finding(
            subject,
            f"the cache holds uint8 pictures as float32 ({cast.where}): {readable_bytes(whole)}"
            " for values that need a quarter",
            step=step,
            evidence={"cache_bytes": whole, "cast": cast.where},
            fix=Fix(
                "Cache the pictures as they were decoded",
                "ds.cache().map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))",
                Safety.SAFE,
                rewrite="cache-as-uint8",
            ),
            size=0.3,
        )


def _cast(line: Plan, cache: Step) -> Step | None:
    """The step in front of the cache that casts whole pictures and does no more than scale them."""
    found: Step | None = None
    for step in line.before(cache):
        acts = [act for act in step.acts if any(path.startswith("x") for path in act.reaches)]
        if any(act.op == "Cast" and act.settings.get("SrcT") == "uint8" for act in acts):
            found = step
        if found and not {act.op for act in acts} <= _SCALING:
            other = {act.op for act in acts} - _SCALING
            if not all(
                op.startswith("Decode") or op in {"ReadFile", "ParseExampleV2"} for op in other
            ):
                return None
    return found


RULE = Rule(
    code="CCH105",
    name="inflated-cache",
    severity=Severity.NOTE,
    tags=("heavy-buffer",),
    since="0.2",
    check=check,
    page=__doc__,
    rewrite="cache-as-uint8",
)
