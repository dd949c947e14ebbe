"""An argument of `fit` that has no effect on the feed of one side.

## What it does
Looks at `shuffle` and `batch_size` in calls of `fit`, `evaluate` and `predict`. Arrays obey
both, a `PyDataset` obeys `shuffle` for the order of its batches; a `tf.data.Dataset`, a torch
`DataLoader`, a Grain pipeline and a generator obey neither, and Keras says so at most in a log line.
Where the other side makes up new batches in each epoch by itself, as a `PyDataset` does in
`on_epoch_end`, the argument is not what parts the two, and `ORD204` says what does.

## From what size
Exact: one call on each side is enough.

## Why it matters
`fit(shuffle=True)` is the default and mixes arrays. The same call on a `tf.data.Dataset` mixes
nothing, so a pipeline without `.shuffle(...)` trains in the order of the disk. `batch_size=16`
beside a data set of batches of 32 leaves 32.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = fit_trace(images, labels, epochs=2)
b = fit_trace(data.batch(32), epochs=2)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = fit_trace(images, labels, epochs=2)
b = fit_trace(data.shuffle(400).batch(32), epochs=2)
```

## Fix safety
Unsafe: the order or the batch size changes, which is what the argument asked for.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Evidence, Fix, Safety, Severity, Strength
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._consumption import given, handed_kind, obeys
from twinfeed.diff._streams._epochs import batch_sizes
from twinfeed.diff._streams._order import label_mixing, moves
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_SORTED = 0.5  # label agreement beyond mixing above which an unmixed order breaks the training


def look(twins: Twins) -> Iterator[Answer]:
    """Find arguments that one side's feed does not obey, unless the other's does not either."""
    if twins.left.fit is None or twins.right.fit is None:
        return
    for name, other in EACH_WAY:
        yield from _shuffle(twins, name, other)
        yield from _batch_size(twins, name, other)


def _shuffle(twins: Twins, name: SideName, other: SideName) -> Iterator[Answer]:
    trace, theirs = twins.side(name), twins.side(other)
    asked = given(trace, "shuffle")
    if trace.role != "fit" or obeys(trace, "shuffle") is not False or asked is None:
        return
    if obeys(theirs, "shuffle") is False and given(theirs, "shuffle") == asked:
        return
    moved, mixes = moves(twins, name), _mixes(twins, name)
    if bool(asked) == mixes or mixes == _mixes(twins, other) or _mixed_by_itself(twins, other):
        return
    mixing = label_mixing(trace)
    grave = not mixes and mixing is not None and mixing.excess > _SORTED
    effect = "and it mixes all the same" if mixes else "and nothing else mixes it"
    yield _finding(
        name,
        f"shuffle={asked!r} has no effect on {name}'s {handed_kind(trace)}, {effect}"
        + (f"; it acts on {other}'s {handed_kind(theirs)}" if obeys(theirs, "shuffle") else ""),
        {"argument": "shuffle", "given": asked, "order_changes": mixes},
        Fix(
            f"Shuffle {name} in its own pipeline",
            "remove the shuffle of the pipeline"
            if mixes
            else argument(trace, "shuffle", examples=trace.examples),
            Safety.UNSAFE,
        ),
        size=0.97 if grave else 0.7,
        strength=Strength.MEASURED if moved else Strength.READ,
        severity=Severity.ERROR if grave else None,
    )


def _mixes(twins: Twins, name: SideName) -> bool:
    """Whether a side's order changes, as seen or else as its plan says."""
    moved, plan = moves(twins, name), twins.side(name).plan
    return moved.change != "still" if moved else plan is not None and any(plan.of_kind("shuffle"))


def _mixed_by_itself(twins: Twins, name: SideName) -> bool:
    """Whether a side's examples change their batches, which `fit` does to no feed but arrays."""
    if handed_kind(twins.side(name)) == "arrays":
        return False
    moved = moves(twins, name)
    return moved is not None and moved.company is not None and not moved.fixed_batches


def _batch_size(twins: Twins, name: SideName, other: SideName) -> Iterator[Answer]:
    trace, theirs = twins.side(name), twins.side(other)
    asked, sizes = given(trace, "batch_size"), batch_sizes(trace)
    if asked is None or sizes is None or obeys(trace, "batch_size") is not False:
        return
    other_sizes = batch_sizes(theirs)
    if sizes.whole_epoch or sizes.usual == asked:
        return
    if other_sizes is None or other_sizes.usual == sizes.usual:
        return
    if obeys(theirs, "batch_size") is False and given(theirs, "batch_size") == asked:
        return
    yield _finding(
        name,
        f"batch_size={asked} has no effect on {name}'s {handed_kind(trace)}, whose batches hold"
        f" {sizes.usual:,} examples",
        {
            "argument": "batch_size",
            "given": asked,
            "examples_per_batch": sizes.usual,
            "batches": sizes.batches,
        },
        Fix(
            f"Set the batch size of {name} in its own pipeline",
            argument(trace, "batch", batch=_whole(asked)),
            Safety.UNSAFE,
        ),
        size=0.82,  # it is why the batches differ, which ranks up to 0.8
        strength=Strength.MEASURED,
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _finding(
    name: SideName,
    sentence: str,
    evidence: Evidence,
    fix: Fix,
    *,
    size: float,
    strength: Strength,
    severity: Severity | None = None,
) -> Answer:
    return MEASURE.finding(
        sentence,
        evidence={"side": name, **evidence},
        fix=fix,
        size=size,
        strength=strength,
        severity=severity,
    )


MEASURE = Measure(
    code="FIT201",
    name="ignored-argument",
    severity=Severity.WARNING,
    tags=("fit-argument-ignored",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
