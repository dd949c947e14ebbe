"""A shuffle at a place where it mixes the wrong things, on one side.

## What it does
Reads where the shuffles stand. Behind `batch` a shuffle moves whole batches (named here where two
epochs could not show it; else `shuffled-batches` does). Behind `repeat` it mixes epochs with each
other. Behind decoding its buffer holds decoded images, and the finding says how many bytes; behind
other work it is named where the other side shuffles before its work.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Behind `repeat` some examples come twice before others come once, and validation between "epochs"
compares unequal passes. Ten thousand decoded images of 224 x 224 are 6 GB as float32, filled
before the first batch comes out; their names are a megabyte.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.repeat(4).shuffle(400).batch(32)
b = data.shuffle(400).repeat(4).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.shuffle(400).repeat(4).batch(32)
b = data.shuffle(400).repeat(4).batch(32)
```

## Fix safety
Unsafe: the order of the examples changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Plan, Step
from twinfeed._core.plan_facts import is_batched, mixes_places, repeats, work_steps
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._epochs import length
from twinfeed.diff._streams._order import moves, trains
from twinfeed.diff._twins import EACH_WAY, SideName, Twins

_HEAVY_BYTES = 256 << 20
_KEEP_ALL = {
    "map",
    "batch",
    "prefetch",
    "decode",
    "resize",
    "augment",
}  # steps that lose no example


@dataclass(frozen=True, slots=True)
class _Fault:
    shuffle: Step
    sentence: str
    code: str
    held_bytes: int | None = None


def look(twins: Twins) -> Iterator[Answer]:
    """Find a shuffle that stands where the other side's does not."""
    if not (trains(twins.left) and trains(twins.right)):
        return
    faults = {name: dict(_faults(twins, name)) for name in ("A", "B")}
    for name, other in EACH_WAY:
        for kind, fault in faults[name].items():
            if kind in faults[other] or (kind == "batches" and _moves_batches(twins, other)):
                continue
            yield MEASURE.finding(
                f"{name}'s shuffle ({fault.shuffle.where}) {fault.sentence}",
                strength=Strength.READ,
                evidence={
                    "side": name,
                    "shuffle": fault.shuffle.where,
                    "buffer_elements": fault.shuffle.integer("buffer_size"),
                    "buffer_bytes": fault.held_bytes,
                },
                fix=Fix(f"Shuffle {name} earlier", fault.code, Safety.UNSAFE),
                size=0.15 if kind in {"heavy", "finished"} else 0.45,
                severity=Severity.NOTE if kind in {"heavy", "finished"} else None,
            )


def _faults(twins: Twins, name: SideName) -> Iterator[tuple[str, _Fault]]:
    trace, moved = twins.side(name), moves(twins, name)
    plan = trace.plan
    for shuffle in plan.of_kind("shuffle") if plan else ():
        assert plan is not None
        before = plan.before(shuffle)
        repeat = next((step for step in before if repeats(step)), None)
        if is_batched(plan, shuffle) and not _mixed(plan, shuffle) and moved is None:
            yield (
                "batches",
                _Fault(
                    shuffle,
                    "stands behind batch and moves whole batches: the same examples share a"
                    " batch in every epoch",
                    "move .shuffle(...) in front of .batch(...)",
                ),
            )
        if repeat:
            yield (
                "repeat",
                _Fault(
                    shuffle,
                    f"stands behind {repeat.where} and mixes passes over the data: some examples"
                    " come twice before others come once",
                    "move .shuffle(...) in front of .repeat(...)",
                ),
            )
        if mixes_places(shuffle):
            continue
        held_bytes = _held_bytes(trace, shuffle)
        decode = next((step for step in before if step.kind == "decode"), None)
        work = next((step for step in before if step in work_steps(plan)), None)
        if work and not decode and not is_batched(plan, shuffle) and _before_work(twins, name):
            yield (
                "finished",
                _Fault(
                    shuffle,
                    "fills up with finished examples before the first batch comes out"
                    + (f" ({held_bytes / 2**20:,.1f} MiB when full)" if held_bytes else ""),
                    f"move .shuffle(...) in front of {work.where}",
                    held_bytes,
                ),
            )
        if decode and (held_bytes >= _HEAVY_BYTES or _before_work(twins, name)):
            yield (
                "heavy",
                _Fault(
                    shuffle,
                    f"holds decoded examples ({held_bytes / 2**20:,.1f} MiB when full), which"
                    " must be made before the first batch comes out",
                    f"move .shuffle(...) in front of {decode.where}",
                    held_bytes,
                ),
            )


def _before_work(twins: Twins, name: SideName) -> bool:
    """Whether the other side shuffles, and shuffles nothing that work was spent on."""
    plan = twins.other(name).plan
    shuffles = [*plan.of_kind("shuffle")] if plan else []
    return (
        plan is not None
        and bool(shuffles)
        and not any(
            step in work_steps(plan)
            for shuffle in shuffles
            if not mixes_places(shuffle)
            for step in plan.before(shuffle)
        )
        and bool(work_steps(plan))
    )


def _moves_batches(twins: Twins, name: SideName) -> bool:
    """Whether a plan shuffles whole batches, however few of them tell what that does."""
    plan = twins.side(name).plan
    return plan is not None and any(
        is_batched(plan, shuffle) and not _mixed(plan, shuffle)
        for shuffle in plan.of_kind("shuffle")
    )


def _mixed(plan: Plan, shuffle: Step) -> bool:
    """Whether examples are mixed elsewhere, so that batches are new in each epoch anyway."""
    return any(
        step is not shuffle and not is_batched(plan, step) for step in plan.of_kind("shuffle")
    )


def _held_bytes(trace: Trace, shuffle: Step) -> int:
    """Bytes of a full buffer, from the size of the examples that come out; 0 if unknown."""
    held, reaching, main = shuffle.integer("buffer_size"), shuffle.examples_in, trace.main
    if held is None or main is None or main.dtype in {"bytes", "str"}:
        return 0
    sides = [side for side in main.shape if side is not None]
    if len(sides) != len(main.shape):
        return 0
    counted = length(trace)
    known = reaching or (counted.examples[1] if counted and not _cut(trace, shuffle) else held)
    return min(held, known) * int(np.prod(sides)) * np.dtype(main.dtype).itemsize


def _cut(trace: Trace, shuffle: Step) -> bool:
    """Whether fewer examples may come out of an epoch than go through a shuffle."""
    after = trace.plan.after(shuffle) if trace.plan else ()
    return any(step.kind not in _KEEP_ALL for step in after)


MEASURE = Measure(
    code="PIP205",
    name="misplaced-shuffle",
    severity=Severity.WARNING,
    tags=("shuffle-misplaced", "heavy-buffer"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
