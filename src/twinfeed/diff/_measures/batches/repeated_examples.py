"""The same example more than once per epoch, on one side.

## What it does
Counts the rows of the first epoch whose example came before in that epoch, by name or by
content, on both sides. Where both epochs were read whole and one is longer by just what it
repeats, or each of them repeats some in place of others that the next epoch gives, one example is
enough (a note below one in a hundred); else it takes one in a hundred, and of parts of epochs as
many as chance does not give. Where augmentation hides contents, the longer epoch tells, if what is left
over looks like examples that came. Duplicates that the data themselves hold are on both sides
and do not count; nor do examples that fill up the last batch, nor feeds without an end, unless
an evaluation took a given number of steps of one.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
Repeated examples weigh more in training, and an epoch holds fewer different ones. Workers that
each read the whole set, shards that overlap, `repeat()` in front of `shuffle()`, and generators
copied into several processes do this without a word; so does a loader that hands out one buffer
which it fills anew. In an evaluation, what comes twice counts twice in the metric.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.concatenate(data.take(80)).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.batch(32)
b = data.batch(32)
```

## Fix safety
Unsafe: the weight of the examples changes.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._split import parts
from twinfeed.diff._streams._epochs import endless
from twinfeed.diff._streams._identity import (
    KeyKind,
    common_contents,
    copies_by_likeness,
    keys_of,
    left_out_by_chance,
    own_key_kind,
    repeats,
)
from twinfeed.diff._streams._order import first_rows, is_whole
from twinfeed.diff._streams._tails import drops_tail, reaching, tail
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_EPOCHS = 2  # that show what an epoch left out, and that it is not always the same
_MORE = 0.01  # share of the epoch by which one side must repeat more than the other
_ALL_COMMON = 0.95  # share of contents that both hold from which neither draws what it shows
_ALL_AGAIN = 0.96  # size where each example comes again, before the order in which it does
_RELABELLED = 0.2  # share of the repeats with another label from which contents tell no example


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that repeats examples within an epoch while the other does not."""
    if any(endless(twins.side(name)) and not _by_steps(twins.side(name)) for name in SIDES):
        return
    yield from list(_counted(twins)) or _alike(twins)


def _counted(twins: Twins) -> Iterator[Answer]:
    """Count keys that come again."""
    left_over = tail(twins)
    for name, other in EACH_WAY:
        kind = _kind(twins, other)
        if kind is None:
            continue
        share = {side: _share(twins.side(side), kind) for side in SIDES}
        if left_over and left_over.name == name and left_over.does == "pads":
            continue
        longer = _longer(twins, name, other, kind)
        instead = _instead(twins, name, other, kind)
        more = share[name] - share[other]
        if more <= 0 or (more < _MORE and not longer and not instead):
            continue
        if not (longer or instead) and (
            _merged(twins.side(name), kind) or _by_chance(twins, name, other, kind)
        ):
            continue
        rows, ended = _first_epoch(twins.side(name))
        counts = np.unique(keys_of(twins.side(name), kind)[rows], return_counts=True)[1]
        again = repeats(twins.side(name), kind)
        part = "" if ended else " of the part that was read"
        yield MEASURE.finding(
            f"{name} repeats examples within an epoch: {again:,} of the {len(rows):,} examples"
            f"{part} came before ({share[name]:.1%}; one comes up to {counts.max():,} times), in"
            f" {other} {f'{share[other]:.1%} do' if share[other] else 'none did'}",
            evidence={
                "side": name,
                "repeated_examples": again,
                "examples": len(rows),
                "different_examples": len(counts),
                "most_times": int(counts.max()),
                "other_repeated_share": round(share[other], 4),
                "told_by": kind,
            },
            fix=_fix(name),
            # What gives all of the data once more decides the order as well: it is told first.
            size=_ALL_AGAIN
            if longer and share[name] >= 0.5
            else min(0.85, 0.5 + 0.5 * share[name]),
            severity=Severity.NOTE if instead and more < _MORE else None,
        )


def _alike(twins: Twins) -> Iterator[Answer]:
    """Find a longer epoch of which the surplus looks like what came before."""
    if tail(twins) is not None or parts(twins) is not None:
        return
    for name in SIDES:
        again = copies_by_likeness(twins, name)
        if not again:
            continue
        count = len(first_rows(twins.side(name))[0])
        share = again / count
        yield MEASURE.finding(
            f"{name} repeats about {again:,} of its {count:,} examples within an epoch"
            f" ({share:.1%}, told by likeness): its epochs are longer, and what is left over looks"
            " like examples that came before",
            evidence={
                "side": name,
                "repeated_examples": again,
                "examples": count,
                "told_by": "likeness",
            },
            fix=_fix(name),
            size=min(0.85, 0.5 + 0.5 * share),
        )


def _fix(name: SideName) -> Fix:
    return Fix(
        f"Give each example of {name} once per epoch",
        "remove .repeat(n) in front of .shuffle(...), give each worker its own shard"
        " (.shard(workers, index)), or use one process",
        Safety.SHOW,
    )


def _by_chance(twins: Twins, name: SideName, other: SideName, kind: KeyKind) -> bool:
    """Whether copies in the data may show as unequally by chance.

    Parts of epochs meet some of them, and so do those that leave out what does not fill a batch;
    of whole ones, draws that were frozen leave some alike.
    """
    whole = all(_gives_all(twins.side(side), kind) for side in SIDES)
    alike = kind == "id" or common_contents(twins) >= _ALL_COMMON
    if whole and (alike or not (_augments(twins) or repeats(twins.side(other), kind))):
        return False
    mine, theirs = (
        wilson(repeats(twins.side(side), kind), len(first_rows(twins.side(side))[0]))
        for side in (name, other)
    )
    return mine[0] <= theirs[1]


def _augments(twins: Twins) -> bool:
    """Whether a plan draws changes, by which copies in the data may part or not."""
    plans = (twins.left.plan, twins.right.plan)
    return any(step.kind == "augment" for plan in plans if plan for step in plan.steps)


def _gives_all(trace: Trace, kind: KeyKind) -> bool:
    """Whether each epoch was read whole and holds the same examples."""
    known = len(np.unique(keys_of(trace, kind)))
    same = left_out_by_chance(trace, kind, known) == (0.0, 0)
    return same and first_rows(trace)[1] and not drops_tail(trace)


def _kind(twins: Twins, other: SideName) -> KeyKind | None:
    """What tells that a side repeats and the other does not.

    Equal contents are a copy whatever is drawn; only of a feed that leaves contents alone do
    unequal ones say that there is none.
    """
    own = [own_key_kind(twins, name) for name in SIDES]
    if own == ["id", "id"]:
        return "id"
    still = twins.is_still(other)
    if still is None and any(_by_steps(twins.side(name)) for name in SIDES):
        # One evaluation is one epoch: what both gave, bit for bit, neither draws.
        still = common_contents(twins) >= _ALL_COMMON
    return "content" if still else None


def _longer(twins: Twins, name: SideName, other: SideName, kind: KeyKind) -> bool:
    """Whether an epoch is longer by the very examples that repeat: then one of them is enough."""
    (mine, ended), (theirs, other_ended) = (_first_epoch(twins.side(n)) for n in (name, other))
    more = repeats(twins.side(name), kind) - repeats(twins.side(other), kind)
    if ended and other_ended and drops_tail(twins.side(name)):
        # Some of those that come again may be among what does not fill a batch.
        stated = reaching(twins.side(name)), reaching(twins.side(other))
        return None not in stated and 0 < more <= (stated[0] or 0) - (stated[1] or 0)
    if not (ended and other_ended) or drops_tail(twins.side(other)):
        return False
    return 0 < more == len(mine) - len(theirs)


def _first_epoch(trace: Trace) -> tuple[Array, bool]:
    """Rows of the first epoch, and whether they are all of it, as its steps count it."""
    rows, ended = first_rows(trace)
    return rows, ended or (
        _by_steps(trace) and len(rows) == int(trace.ticks.size[_first(trace)].sum())
    )


def _first(trace: Trace) -> Array:
    return trace.ticks.epoch == 0


def _by_steps(trace: Trace) -> bool:
    """Whether an evaluation took the steps it was asked for: they are all of it."""
    steps = trace.fit.arguments.get("steps") if trace.fit and trace.role != "fit" else None
    return isinstance(steps, int) and int(_first(trace).sum()) == steps


def _instead(twins: Twins, name: SideName, other: SideName, kind: KeyKind) -> bool:
    """Whether each epoch repeats some in place of others of the same data: one of them is enough."""
    mine, theirs = (_whole_epochs(twins.side(side), kind) for side in (name, other))
    if min(len(mine), len(theirs)) < _EPOCHS:
        return False
    known = np.unique(np.concatenate(mine))
    return all(len(keys) == len(known) > len(np.unique(keys)) for keys in mine) and all(
        np.array_equal(np.sort(keys), known) for keys in theirs
    )


def _whole_epochs(trace: Trace, kind: KeyKind) -> list[Array]:
    """The keys of each epoch of one build that was read whole."""
    keys = keys_of(trace, kind)
    return [
        keys[trace.rows_of(index)]
        for index, epoch in enumerate(trace.epochs)
        if epoch.looked and epoch.build == 0 and is_whole(trace, index)
    ]


def _merged(trace: Trace, kind: KeyKind) -> bool:
    """Whether examples only look alike, as when all values were cut to one: labels tell."""
    rows, _ = first_rows(trace)
    keys, labels = keys_of(trace, kind)[rows], trace.rows.label_key[rows]
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    repeated = first[group] != np.arange(len(rows))
    other = labels[repeated] != labels[first[group][repeated]]
    return kind == "content" and bool(len(other)) and float(other.mean()) > _RELABELLED


def _share(trace: Trace, kind: KeyKind) -> float:
    rows, _ = first_rows(trace)
    return repeats(trace, kind) / len(rows) if len(rows) else 0.0


MEASURE = Measure(
    code="BAT206",
    name="repeated-examples",
    severity=Severity.WARNING,
    tags=(
        "worker-duplication",
        "shard-bias",
        "partial-last-batch",
        "metric-aggregation",
        "iterator-state-carried-over",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
)
