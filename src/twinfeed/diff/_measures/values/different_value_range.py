"""The values of the two feeds lie in different ranges.

## What it does
Sorts the values of each input into a range: 0..1, -1..1, 0..255, 0..65535, standardised
(around 0, spread about 1), centred, or nearly 0 (at most 0.02 from it); and compares the two,
from four examples of each feed on.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
Raw levels reach a model that expects scaled ones, or the other way round: outputs saturate
and training stalls, without an error. The usual place is a feed for validation or prediction
that was written by hand.

This is the weakest of three measures and needs no common examples. Where examples are paired,
`different-normalisation` and `scale-and-offset-differ` say more, and this one says nothing.

## Example
```python
train = tf.data.Dataset.from_tensor_slices((images[:200], labels[:200])).batch(32)
check = tf.data.Dataset.from_tensor_slices((images[200:], labels[200:])).batch(32)
a = train.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
b = check.map(lambda x, y: (tf.cast(x, tf.float32), y))
```

Use instead:
```python
train = tf.data.Dataset.from_tensor_slices((images[:200], labels[:200])).batch(32)
check = tf.data.Dataset.from_tensor_slices((images[200:], labels[200:])).batch(32)
a = train.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
b = check.map(lambda x, y: (tf.cast(x, tf.float32) / 255, y))
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._named_columns import named_columns
from twinfeed.diff._values._other_inputs import same_examples
from twinfeed.diff._values._scaling import scaling
from twinfeed.diff._values._value_range import ValueRange, apart, value_range


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the ranges of the main input, unless more is known of it, and of the others."""
    found = scaling(twins)
    left, right = twins.left.main, twins.right.main
    if named_columns(twins) is not None:
        return  # one of several columns has no range in common with all of them
    if found.kind == "range" and found.ranges is not None and left and right:
        name = "" if left.path == right.path == "x" else f" {left.path}"
        yield from _compare(twins, name, *found.ranges)
    others = {leaf.path for leaf in twins.left.spec.part("x")} - {left.path if left else ""}
    for path in sorted(others - {right.path if right else ""}):
        ranges = tuple(value_range(trace.stats_of(path)) for trace in (twins.left, twins.right))
        usual = "other" not in {each.kind for each in ranges if each}
        # The same examples have the same range, whether or not it is one with a name.
        if ranges[0] and ranges[1] and (usual or same_examples(twins)):
            yield from _compare(twins, f" {path}", ranges[0], ranges[1])


def _compare(twins: Twins, name: str, left: ValueRange, right: ValueRange) -> Iterator[Answer]:
    if not apart(left, right):
        return
    yield MEASURE.finding(
        f"A's{name} values run from {left} ({left.kind}), B's from {right} ({right.kind}),"
        f" in {left.examples:,} and {right.examples:,} examples",
        evidence={
            "a_range": left.kind,
            "b_range": right.kind,
            "a_low": left.low,
            "a_high": left.high,
            "b_low": right.low,
            "b_high": right.high,
            "a_examples": left.examples,
            "b_examples": right.examples,
        },
        fix=_fix(twins, left, right),
        size=0.75,
    )


def _fix(twins: Twins, left: ValueRange, right: ValueRange) -> Fix:
    raw = {"A": left, "B": right}
    name = next((side for side, seen in raw.items() if seen.kind in {"0..255", "0..65535"}), "B")
    trace = twins.left if name == "A" else twins.right
    goal = right if name == "A" else left
    change = {"0..1": "x / 255.0", "-1..1": "x / 127.5 - 1.0"}.get(goal.kind)
    if raw[name].kind != "0..255" or change is None:
        change = "scaled(x), scaled as on the other side"
    if built_by(trace, "ImageDataGenerator") and change == "x / 255.0":
        return Fix(f"Rescale {name}", "ImageDataGenerator(rescale=1/255)", Safety.UNSAFE)
    return Fix(
        f"Bring {name} to the range of the other side", on_inputs(trace, change), Safety.UNSAFE
    )


MEASURE = Measure(
    code="VAL201",
    name="different-value-range",
    severity=Severity.WARNING,
    tags=(
        "missing-rescale",
        "double-rescale",
        "input-dependent-scaling",
        "bit-depth-loss",
        "model-embeds-preprocessing",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
