"""Epochs that end before their steps do.

## What it does
Holds the steps that `fit` was asked for against the batches that each epoch really held, on a
side whose feed has fewer than was asked. The other side must have got its steps. Of two feeds, it
finds the one that gives nothing from its second epoch on, as a sampler or a generator does that is
used up by the first. A generator behind `validation_data` is held against `validation_steps`.

## From what size
Exact: one call on each side is enough.

## Why it matters
With `steps_per_epoch`, Keras keeps one iterator for all epochs. Arrays, a `PyDataset` and a
finite `tf.data` pipeline do not begin again in the middle of an epoch: it ends early with a
warning, and learning-rate schedules, callbacks and validation count epochs of another length.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
a = fit_trace(data, steps_per_epoch=20, epochs=2)
b = fit_trace(data.repeat(), steps_per_epoch=20, epochs=2)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40).repeat()
a = fit_trace(data, steps_per_epoch=20, epochs=2)
b = fit_trace(data, steps_per_epoch=20, epochs=2)
```

## Fix safety
Show: the argument belongs to the call of `fit`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._consumption import handed_kind
from twinfeed.diff._streams._epochs import until_it_ended
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins

_ARGUMENT = {
    "fit": ("steps_per_epoch", "steps_per_epoch"),
    "validation": ("steps", "validation_steps"),
}


@dataclass(frozen=True, slots=True)
class _Short:
    steps: int
    batches: int
    per_epoch: tuple[int, ...]
    argument: str
    dry: bool


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side that got fewer steps than it asked for."""
    yield from _spent_feed(twins)
    short = {name: _short(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        found = short[name]
        if found is None or short[other] is not None:
            continue
        counts = ", ".join(f"{count:,}" for count in found.per_epoch[:6])
        missed = found.steps * len(found.per_epoch) - sum(found.per_epoch)
        yield MEASURE.finding(
            f"{name} was asked for {found.steps:,} steps per epoch and its "
            + ("generator runs dry" if found.dry else f"feed has {found.batches:,} batches")
            + f": its epochs held {counts}",
            evidence={
                "side": name,
                "steps_per_epoch": found.steps,
                "batches_per_epoch": found.batches,
                "batches_of_each_epoch": counts,
            },
            fix=Fix(
                f"Ask {name} for what it has",
                f"leave {found.argument} out, or add .repeat() to a tf.data feed (a loop without end to a"
                f" generator) so that {found.steps} steps are one epoch",
            ),
            size=min(0.9, 0.4 + 0.5 * missed / (found.steps * len(found.per_epoch))),
        )


def _spent_feed(twins: Twins) -> Iterator[Answer]:
    """Find a feed that one epoch uses up while the other begins again."""
    given = {name: _batches_of_two(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        mine, theirs = given[name], given[other]
        if mine is None or theirs is None or not mine[0] or mine[1] or not theirs[1]:
            continue
        yield MEASURE.finding(
            f"{name} is used up by its first epoch: that one held {mine[0]:,} batches, the second holds"
            f" none, and {other} gave {theirs[1]:,}",
            evidence={
                "side": name,
                "batches_of_first_epoch": mine[0],
                "other_batches_of_second_epoch": theirs[1],
            },
            fix=Fix(
                f"Let {name} begin again in each epoch",
                "__iter__ that makes a new generator or list each time, in the data set, the sampler"
                " or the batch sampler, whichever keeps one",
            ),
            size=0.9,
        )


def _batches_of_two(trace: Trace) -> tuple[int, int] | None:
    """Batches of the first two epochs of a feed that is meant to have two; ``None`` if not read."""
    read = [
        index for index, epoch in enumerate(trace.epochs) if epoch.build == 0 and epoch.number < 2
    ]
    once = trace.plan is not None and any(step.settings.get("once") for step in trace.plan.steps)
    if trace.role != "feed" or not trace.complete or len(read) < 2 or once:
        return None
    first, second = (int((trace.ticks.epoch == index).sum()) for index in read)
    return first, second


def _short(trace: Trace) -> _Short | None:
    fit = trace.fit
    if fit is None or trace.role not in _ARGUMENT or not trace.complete:
        return None
    argument, said = _ARGUMENT[trace.role]
    steps = fit.arguments.get(argument)
    if not isinstance(steps, int) or isinstance(steps, bool):
        return None
    per_epoch = tuple(int((trace.ticks.epoch == index).sum()) for index in range(len(trace.epochs)))
    stated = fit.batches if fit.batches is not None else trace.batches
    if stated is None and handed_kind(trace) == "generator":
        # One pass for all epochs: those after its end hold no more than Keras had peeked at.
        ends = [count for count, epoch in zip(per_epoch, trace.epochs, strict=True) if epoch.ended]
        dry = min(ends, default=steps) < steps
        return _Short(steps, sum(per_epoch), per_epoch, said, dry=True) if dry else None
    batches = until_it_ended(trace) if stated is None else stated
    if trace.role != "fit" or batches is None or batches > steps or batches == stated == steps:
        return None
    short = min(per_epoch, default=steps) < steps
    return _Short(steps, batches, per_epoch, said, dry=False) if short else None


MEASURE = Measure(
    code="BAT211",
    name="ran-out-of-data",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
