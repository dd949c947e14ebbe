"""`fit` stops before the end of the feed on one side.

## What it does
Compares `steps_per_epoch` (`validation_steps`, `steps`) with the batches that the feed has, and
counts the batches of each epoch that reached the train step. An evaluation of a feed without an end,
or of one that does not say where it ends, is held against what the other side evaluates.

## From what size
Exact: one call on each side is enough.

## Why it matters
Keras keeps its place in a feed that it left early: the next epoch goes on there, so epochs hold
other examples each time, and where the rest is shorter than the steps they alternate in length.
A `PyDataset` asked for fewer steps than it has may never give its last batches at all. On
evaluation the score covers a part of the data.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = fit_trace(data, epochs=3, steps_per_epoch=8)
b = fit_trace(data, epochs=3)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = fit_trace(data, epochs=3)
b = fit_trace(data, epochs=3)
```

## Fix safety
Show: the argument belongs to the call of `fit`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough, took_the_same
from twinfeed.diff._streams._consumption import handed_kind
from twinfeed.diff._streams._epochs import batch_sizes, length, until_it_ended
from twinfeed.diff._streams._tails import same_data
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

_SAID = {"fit": "steps_per_epoch", "validation": "validation_steps"}


@dataclass(frozen=True, slots=True)
class _Cut:
    argument: str
    steps: int
    batches: int
    per_epoch: tuple[int, ...]
    of_other: bool = False


def look(twins: Twins) -> Iterator[Answer]:
    """Find a side whose epochs are cut while the other's are not, or are cut elsewhere."""
    if took_the_same(twins):
        return  # a feed cut to so many batches by its own steps
    cuts = {name: _cut(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        if cuts[name] is None and cuts[other] is None:
            cuts[name] = _cut_of_endless(twins, name, other)
    for name, other in EACH_WAY:
        cut, theirs = cuts[name], cuts[other]
        if (
            cut is None
            or _same_steps(twins, other, cut)
            or (theirs is not None and theirs.steps <= cut.steps)
        ):
            continue
        counts = ", ".join(f"{count:,}" for count in cut.per_epoch[:6])
        said = _SAID.get(twins.side(name).role, cut.argument)
        uneven = len(set(cut.per_epoch)) > 1
        whose = f"{other} goes through" if cut.of_other else "its feed has"
        yield MEASURE.finding(
            f"{name}'s {twins.side(name).role} stops after {cut.steps:,} of the {cut.batches:,}"
            f" batches that {whose} ({said}={cut.steps})"
            + (f", and its epochs hold {counts} batches" if uneven else ""),
            evidence={
                "side": name,
                "steps_per_epoch": cut.steps,
                "batches_per_epoch": cut.batches,
                "batches_of_each_epoch": counts,
                "epochs": len(cut.per_epoch),
                "other_steps_per_epoch": theirs.steps if theirs else None,
            },
            fix=Fix(
                f"Let {name} use the whole feed",
                f"{said}={cut.batches}"
                if cut.of_other
                else f"remove {said}={cut.steps}, or add .repeat() to a tf.data feed so that"
                " each epoch has that many",
            ),
            size=min(0.9, 0.4 + 0.5 * (1 - cut.steps / cut.batches)),
        )


def _cut_of_endless(twins: Twins, name: SideName, other: SideName) -> _Cut | None:
    """An evaluation of a feed without a known end that sees a part of what the other side sees."""
    trace = twins.side(name)
    endless = trace.infinite or handed_kind(trace) == "generator"
    if trace.role == "fit" or trace.fit is None or not endless:
        return None  # what an epoch of a training is, its steps decide
    steps, size, whole = (
        trace.fit.arguments.get("steps"),
        batch_sizes(trace),
        _seen_by(twins.side(other)),
    )
    if not isinstance(steps, int) or isinstance(steps, bool) or size is None or whole is None:
        return None
    batches = -(-whole // size.usual)
    if not 0 < steps < batches or not same_data(twins, share=0.9):
        return None
    return _Cut("steps", steps, batches, _per_epoch(trace), of_other=True)


def _seen_by(trace: Trace) -> int | None:
    """Examples of an evaluation: all that its feed has, or what it took of one that says nothing."""
    whole = length(trace)
    if whole is not None:
        return whole.examples[0]
    if trace.fit is None or handed_kind(trace) != "generator" or not len(trace.epochs):
        return None
    return int(trace.ticks.size[trace.ticks.epoch == 0].sum())


def _per_epoch(trace: Trace) -> tuple[int, ...]:
    return tuple(int((trace.ticks.epoch == index).sum()) for index in range(len(trace.epochs)))


def _same_steps(twins: Twins, other: SideName, cut: _Cut) -> bool:
    """Whether the other call asked for as many, of a feed that does not say how many it has."""
    fit = twins.side(other).fit
    return fit is not None and fit.arguments.get(cut.argument) == cut.steps


def _cut(trace: Trace) -> _Cut | None:
    fit = trace.fit
    if fit is None:
        return None
    argument = "steps_per_epoch" if trace.role == "fit" else "steps"
    steps = fit.arguments.get(argument)
    batches = fit.batches if fit.batches is not None else trace.batches
    if batches is None and trace.role == "fit" and handed_kind(trace) != "generator":
        batches = until_it_ended(trace)
    if not isinstance(steps, int) or isinstance(steps, bool) or batches is None:
        return None
    if not 0 < steps < batches:
        return None
    return _Cut(argument, steps, batches, _per_epoch(trace))


MEASURE = Measure(
    code="BAT207",
    name="steps-cut",
    severity=Severity.WARNING,
    tags=("epoch-length-mismatch", "eval-covers-partial-set", "iterator-state-carried-over"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
