"""Labels that arrive in long runs on one side, and mixed on the other.

## What it does
Counts how often two neighbours share a label in the first epoch, and compares it with what all
orders of the same labels would give. Runs that a short shuffle leaves of sorted files, one file
after the other, are named where no shuffle is shorter than the other side's. For labels that are
plain numbers it takes the correlation of neighbours' ranks instead. Runs inside of batches that hold
all classes as the data do, as a sampler of balanced batches lays them, are no such order. Arrays that
were read outside of `fit` are not judged: `fit` mixes them by default.

## From what size
From 40 examples of each feed on, it is found in nine runs of ten whether the labels of one feed
arrive sorted. Below that the answer is undecided and says how many it takes.

## Why it matters
A data set often lies sorted by class on the disk. Unmixed, each gradient step sees one or two
classes; the network learns the last one and forgets the others, and batch statistics describe
one class at a time. Training then stalls or swings, and so does its accuracy.

Not every shuffle mixes: of 400 seeds of Grain 0.2.18's, one left 53 % to 61 % of the neighbours in
one class of four that lay sorted, of 60 to 500 examples, where mixing leaves 25 %.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(400).batch(32)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(400).batch(32)
b = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(400).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes. For evaluation the order does not matter, and this
measure is silent there.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.plan_facts import example_shuffles
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._plans import short_shuffle
from twinfeed.diff._reach import Reach, labels_may_be_sorted
from twinfeed.diff._streams._order import first_rows, label_mixing, left_to_fit, moves, trains
from twinfeed.diff._twins import EACH_WAY, SideName, Twins
from twinfeed.stats.sequence import Mixing

_SORTED = 0.5  # agreement beyond mixing; a shuffle over two classes at a time leaves about this
_RUNS = 0.3  # the same, beyond the other side's, where no shuffle that is too weak is to be named
_MIXED = 0.2
_EVEN = 0.05  # agreement within batches beyond that of the whole; runs of a class leave more
_LEAST_BATCHES = 3
_SURE = 6.0  # standard deviations; beyond chance in any number of comparisons


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose labels come in runs while the other side's are mixed."""
    if not (trains(twins.left) and trains(twins.right)):
        return
    for name, opposite in EACH_WAY:
        side, other = twins.side(name), twins.side(opposite)
        if left_to_fit(side) == "examples":
            continue
        theirs = label_mixing(other)
        if theirs is None or theirs.excess > _MIXED:
            continue
        mine = label_mixing(side) or _one_label(side, theirs)
        if mine is None or mine.z < _SURE or _has_own_name(twins, name) or _even_batches(side):
            continue
        if mine.excess < _SORTED and not _runs(twins, name, mine, theirs):
            continue
        examples = len(first_rows(side)[0])
        yield MEASURE.finding(
            f"{name}'s labels arrive {'sorted' if mine.excess >= _SORTED else 'in runs'}:"
            f" {mine.agreement:.1%} of neighbours share a label,"
            f" where mixing would give {mine.expected:.1%} ({mine.z:.0f} standard deviations over"
            f" {mine.count:,} examples); in {opposite} {theirs.agreement:.1%} do"
            if mine.expected > 0
            else f"{name}'s labels arrive sorted: neighbours' ranks correlate by"
            f" {mine.agreement:.2f} ({mine.z:.0f} standard deviations over {mine.count:,}"
            f" examples); in {opposite} by {theirs.agreement:.2f}",
            evidence={
                "side": name,
                "neighbour_agreement": round(mine.agreement, 4),
                "expected_if_mixed": round(mine.expected, 4),
                "standard_deviations": round(mine.z, 1),
                "longest_run_examples": _longest_run(side),
                "examples": mine.count,
                "other_neighbour_agreement": round(theirs.agreement, 4),
                "other_examples": theirs.count,
            },
            fix=Fix(
                f"Mix the examples of {name} before they are batched",
                argument(side, "shuffle", examples=side.examples or examples),
                Safety.UNSAFE,
            ),
            # Where a shuffle is there and too short, that is what to say first. Outside of a training
            # an order may be meant, as that of files to be predicted is, and other values are not.
            size=0.3 if _mixes_locally(twins, name) else 0.45 + 0.25 * mine.excess,
            severity=Severity.ERROR if side.role == "fit" else None,
        )


def _runs(twins: Twins, name: SideName, mine: Mixing, theirs: Mixing) -> bool:
    """Whether labels come in runs that no weaker shuffle than the other side's explains."""
    if example_shuffles(twins.side(name).plan) and short_shuffle(twins.side(name)) is None:
        return False  # one seed of a whole shuffle drew them: Grain's leaves some for few examples
    weaker = _mixes_locally(twins, name) and not _mixes_locally(twins, "B" if name == "A" else "A")
    return mine.excess >= max(0.0, theirs.excess) + _RUNS and not weaker


def _even_batches(side: Trace) -> bool:
    """Whether each batch holds the classes as the epoch does: then its inner order says nothing."""
    rows, _ = first_rows(side)
    batches = side.rows.batch[rows]
    if not label_form(side).is_class or len(np.unique(batches)) < _LEAST_BATCHES:
        return False
    labels = np.unique(side.rows.label_key[rows], return_inverse=True)[1]
    places = np.unique(batches, return_inverse=True)[1]
    table = np.zeros((places.max() + 1, labels.max() + 1))
    np.add.at(table, (places, labels), 1)
    pairs, alike = _pairs(table.sum(axis=1)).sum(), _pairs(table).sum()
    whole = table.sum(axis=0)
    expected = _pairs(whole).sum() / _pairs(whole.sum())
    return bool(pairs) and alike / pairs - expected < _EVEN * (1 - expected)


def _pairs(counts: Array) -> Array:
    return counts * (counts - 1)


def _mixes_locally(twins: Twins, name: SideName) -> bool:
    moved = moves(twins, name)
    return moved is not None and moved.change == "local"


def _has_own_name(twins: Twins, name: SideName) -> bool:
    """Whether the runs are left by a shuffle that is there and too weak."""
    short, moved = short_shuffle(twins.side(name)), moves(twins, name)
    if short is not None:
        # Where the other side mixes no further and its labels are mixed, they were stored mixed.
        theirs = short_shuffle(twins.other(name))
        return theirs is None or theirs.held > short.held
    return moved is not None and (moved.shuffled_batches or moved.shuffled_groups)


def _one_label(side: Trace, theirs: Mixing) -> Mixing | None:
    """A part of an epoch that holds one label only, held against the other side's labels."""
    rows, ended = first_rows(side)
    if ended or len(rows) < 20 or len(np.unique(side.rows.label_key[rows])) != 1:
        return None
    if not 0 < theirs.expected < 1:
        return None
    spread = np.sqrt(theirs.expected * (1 - theirs.expected) / (len(rows) - 1))
    return Mixing(len(rows), 1.0, theirs.expected, float((1 - theirs.expected) / spread))


def _longest_run(trace: Trace) -> int:
    keys = trace.rows.label_key[first_rows(trace)[0]]
    ends = np.flatnonzero(np.r_[keys[1:] != keys[:-1], True])
    return int(np.diff(np.r_[-1, ends]).max())


MEASURE = Measure(
    code="ORD201",
    name="sorted-by-label",
    severity=Severity.WARNING,
    tags=("sorted-data-unshuffled",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=40,
        size="the labels of one feed arrive sorted",
        open=labels_may_be_sorted,
    ),
)
