"""A shuffle that mixes an example only with its neighbours, on one side.

## What it does
Reads the buffer of the shuffle and the number of examples that reach it from the plan. Where two
epochs were read it also measures how many places an example moves from one to the next, how
often neighbours share a label, and how often those that stand together stay together. A loader
whose plan is hidden is judged by the places alone.

## From what size
From 300 examples of each feed on, it is found in nine runs of ten whether one feed mixes over a
tenth of its examples and the other over all. Below that the answer is undecided and says how
many it takes.

## Why it matters
A buffer of 100 mixes over about 100 examples: what lies far back in the data cannot come early.
Data that lie sorted by class then arrive in stretches of few classes, and each epoch meets the
classes in the same order. Where files are shuffled as well, examples move far, and those of one
file still come together. A loader that permutes all indices has no such limit, which is why two
feeds that both "shuffle" can train differently.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(40).batch(32)
b = data.shuffle(400).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).batch(32)
b = data.shuffle(400).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes, and a longer buffer takes more memory. Shuffling file
names or indices before anything is decoded costs next to nothing.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Evidence, Fix, Safety, Severity, Strength
from twinfeed._core.plan_facts import example_shuffles
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._plans import ShortShuffle, short_shuffle
from twinfeed.diff._reach import Reach, order_unknown
from twinfeed.diff._streams._order import Moves, label_mixing, moves, trains
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

_TWICE = 2.0  # times that the other buffer must be longer
_MIXED = 0.93  # share of full mixing's displacement that half the data as a buffer does not give
_RUNS = 4.0  # standard deviations beyond which labels are taken to come in runs
_SURE = 6.0  # the same, where files are shuffled as well, so that examples move far
_CLUSTERED = 0.1  # share of the examples over which those mix that stay in a tenth of the epoch
_TINY = 0.1  # share of the examples below which a buffer is short whatever the labels


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that mixes over far fewer examples than the other."""
    if not (trains(twins.left) and trains(twins.right)):
        return
    reach = {name: _reach(twins, name) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = reach[name], reach[other]
        short, moved = short_shuffle(twins.side(name)), moves(twins, name)
        fully = moves(twins, other)
        if mine is None or theirs is None:
            continue
        if mine * _TWICE > theirs and (
            not (moved and fully and _parts_stay(moved, fully))
            or (short is not None and _holds_as_much(short, twins.side(other)))
        ):
            continue
        if moved is not None and moved.in_clusters and (fully is None or fully.may_cluster):
            continue  # nearly as many of the other's stay together
        local = moved is not None and (moved.change == "local" or moved.in_clusters)
        if not local and (short is None or _holds_as_much(short, twins.side(other))):
            continue
        yield _finding(twins, name, other, short, moved)


def _parts_stay(moved: Moves, other: Moves) -> bool:
    """Whether the parts of an epoch keep the places that those of the other side change.

    Both may have one buffer: what one shuffles besides are the files that it is filled from.
    """
    return moved.change == "local" and other.in_clusters and moved.moved * _TWICE < other.moved


def _holds_as_much(short: ShortShuffle, other: Trace) -> bool:
    """Whether the other side's buffer is as short: what moves further there is chance then."""
    theirs = short_shuffle(other)
    return (
        theirs is not None and short.held / short.reaching * _TWICE >= theirs.held / theirs.reaching
    )


def _reach(twins: Twins, name: SideName) -> float | None:
    """Share of the examples over which a side mixes, 0 to 1; ``None`` if it does not shuffle."""
    moved = moves(twins, name)
    if moved is not None and (moved.shuffled_batches or moved.shuffled_groups):
        return None
    if moved is not None and moved.in_clusters:
        return _CLUSTERED
    return _of_buffer(twins, name, moved)


def _of_buffer(twins: Twins, name: SideName, moved: Moves | None) -> float | None:
    """The same by the plan and by the places that examples move."""
    trace = twins.side(name)
    short, mixing = short_shuffle(trace), label_mixing(trace)
    runs = short is not None and mixing is not None and mixing.z > _SURE
    if moved is not None and moved.share > _MIXED and not runs:
        return 1.0  # whatever else is written: file names may have been shuffled as well
    if short is not None:
        return short.held / short.reaching
    written = example_shuffles(trace.plan)
    if trace.plan is not None and trace.plan.library == "tf.data" and not written:
        return None  # without a shuffle, parallel reading still moves examples by a few places
    # A buffer holds all that reaches it where parts are mixed each for itself and joined again.
    # Of a few hundred that are mixed over all, chance may leave less of it than a buffer would.
    if moved is not None and (moved.change == "local" or (moved.change == "mixed" and not written)):
        return moved.share / 3
    return 1.0 if written else None


def _finding(
    twins: Twins, name: SideName, other: SideName, short: ShortShuffle | None, moved: Moves | None
) -> Answer:
    trace = twins.side(name)
    mixing = label_mixing(trace)
    runs = mixing is not None and mixing.z > _RUNS
    excess = mixing.excess if mixing is not None and runs else 0.0
    held = short.held / short.reaching if short else 0.0
    if short is None and moved is not None and example_shuffles(trace.plan):
        held = moved.share  # each part that was mixed for itself is about so long
    harmless = mixing is not None and not runs and held >= _TINY
    local = moved is not None and (moved.change == "local" or moved.in_clusters)
    return MEASURE.finding(
        f"{_said(name, short, moved if local else None)}; {_other_said(twins, other)}"
        + (f"; {name}'s neighbours share a label {excess:.0%} more than mixed" if runs else ""),
        strength=Strength.MEASURED if local else Strength.READ,
        evidence=_evidence(name, short, moved, trace),
        fix=Fix(
            f"Let {name} mix over the whole epoch",
            argument(trace, "shuffle", examples=short.reaching if short else trace.examples),
            Safety.UNSAFE,
        ),
        size=min(0.9, 0.3 + 0.6 * excess),
        severity=Severity.NOTE if harmless else None,
    )


def _said(name: SideName, short: ShortShuffle | None, moved: Moves | None) -> str:
    if moved is not None and moved.in_clusters and moved.nearby is not None:
        near = moved.nearby
        read = f"{name}'s shuffle buffer holds {short.held:,}" if short else f"{name} shuffles"
        return (
            f"{read}, and {near.share:.0%} of the examples that stand together are less than a"
            f" tenth of an epoch apart in the next one, where full mixing gives {near.expected:.0%}:"
            " what is stored together, or put together for its length, stays together"
        )
    places = (
        f"examples move {moved.moved:,.0f} places from epoch to epoch, where full mixing moves"
        f" them {moved.mixed_moves:,.0f}"
        if moved
        else ""
    )
    if short is None:
        return f"{name} mixes only locally: {places}"
    read = (
        f"{name}'s shuffle buffer holds {short.held:,} of the {short.reaching:,} examples that"
        " reach it"
    )
    return f"{read} ({places})" if places else read


def _other_said(twins: Twins, other: SideName) -> str:
    short, moved = short_shuffle(twins.side(other)), moves(twins, other)
    if short:
        return f"{other}'s holds {short.held:,}"
    if moved is not None and moved.in_clusters:
        return f"{other} moves them {moved.moved:,.0f}, in groups"
    if moved is not None and moved.share <= _MIXED and not example_shuffles(twins.side(other).plan):
        return f"{other} moves them {moved.moved:,.0f}"
    return f"{other} mixes over all of its examples"


def _evidence(
    name: SideName, short: ShortShuffle | None, moved: Moves | None, trace: Trace
) -> Evidence:
    mixing = label_mixing(trace)
    return {
        "side": name,
        "buffer_examples": short.held if short else None,
        "examples_per_epoch": short.reaching if short else trace.examples,
        "places_moved": round(moved.moved, 1) if moved else None,
        "places_if_mixed": round(moved.mixed_moves, 1) if moved else None,
        "examples_seen_twice": moved.examples if moved else 0,
        "neighbour_agreement": round(mixing.agreement, 4) if mixing else None,
        "expected_if_mixed": round(mixing.expected, 4) if mixing else None,
    }


MEASURE = Measure(
    code="ORD202",
    name="short-shuffle-buffer",
    severity=Severity.WARNING,
    tags=("shuffle-buffer-too-small",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=300,
        size="one feed mixes over a tenth of its examples and the other over all",
        open=order_unknown,
    ),
)
