"""A cache at a place where it keeps what was to change, or saves nothing, on one side.

## What it does
Reads where the cache stands. Behind random steps it freezes the augmentation, behind a shuffle
the order, behind a shuffled batch the company of each example; behind `repeat` or a source
without an end it never becomes whole, nor in front of a `take`. In front of decoding it saves the reading and repeats the work. A side is named
only for what the other side does not do as well.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
`cache()` replays its first pass. Whatever was random before it is random once and fixed for ever
after, so the network sees one augmented copy of each image instead of a new one per epoch.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.map(lambda x, y: (tf.image.random_flip_left_right(x), y)).cache().batch(32)
b = data.cache().map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = data.cache().map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
b = data.cache().map(lambda x, y: (tf.image.random_flip_left_right(x), y)).batch(32)
```

## Fix safety
Unsafe: what was frozen is drawn anew in each epoch, which is the point.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Step
from twinfeed._core.plan_facts import is_batched, random_before, repeats
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._order import LEAST_EXAMPLES, first_rows, moves, trains
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

# Frozen randomness has a cause of its own, which comes first; this one says where to move it.
_SIZE = {
    "randomness": 0.4,
    "repeat": 0.6,
    "part": 0.6,
    "endless": 0.9,
    "company": 0.5,
    "order": 0.45,
    "decoding": 0.2,
}


_ROUNDS = 3  # times that everything came before a source is taken to go round


@dataclass(frozen=True, slots=True)
class _Fault:
    cache: Step
    culprit: Step
    effect: str
    place: str


def look(twins: Twins) -> Iterator[Answer]:
    """Find what one side's cache keeps or misses that the other's does not."""
    faults = {name: dict(_faults(twins.side(name))) for name in SIDES}
    for name, other in EACH_WAY:
        training = trains(twins.side(name))
        for kind, fault in faults[name].items():
            if kind in faults[other] or (kind in {"company", "order"} and not training):
                continue
            seen = _is_seen(twins, name, kind)
            yield MEASURE.finding(
                f"{name}'s cache ({fault.cache.where}) stands {fault.place}"
                f" {fault.culprit.where}, so {fault.effect}",
                strength=Strength.MEASURED if seen else Strength.READ,
                evidence={
                    "side": name,
                    "cache": fault.cache.where,
                    "misplaced_against": fault.culprit.where,
                    "effect_seen_in_the_data": seen,
                },
                fix=_fix(name, kind, fault),
                size=_SIZE[kind],
                severity=Severity.NOTE if kind == "decoding" else None,
            )


def _faults(trace: Trace) -> Iterator[tuple[str, _Fault]]:
    """What is wrong with the first cache that anything is wrong with, by kind."""
    plan = trace.plan
    for cache in plan.of_kind("cache") if plan else ():
        assert plan is not None
        before, after = plan.before(cache), plan.after(cache)
        shuffled = next((step for step in before if step.kind == "shuffle"), None)
        mixed_later = any(step.kind == "shuffle" for step in after)
        repeat = next((step for step in before if repeats(step)), None)
        decode = next((step for step in after if step.kind == "decode"), None)
        random = random_before(plan, cache)
        part = next((step for step in after if step.kind == "take"), None)
        if part and _stops_early(part):
            effect = "each epoch stops before it is whole and makes everything again"
            yield "part", _Fault(cache, part, effect, "in front of")
        if before and not repeat and _goes_round(trace):
            effect = "it is never whole: the source goes round and does not end"
            yield "endless", _Fault(cache, before[0], effect, "behind")
        if random:
            effect = "every epoch replays the first one's random changes"
            yield "randomness", _Fault(cache, random, effect, "behind")
        if repeat:
            effect = "it keeps each example once per repetition and is whole only at the end"
            yield "repeat", _Fault(cache, repeat, effect, "behind")
        elif shuffled and not mixed_later and shuffled.settings.get("unit") != "files":
            if is_batched(plan, cache):
                effect = "every epoch gives the same batches in the same order"
                yield "company", _Fault(cache, shuffled, effect, "behind the batches of")
            else:
                effect = "every epoch gives the order of the first one"
                yield "order", _Fault(cache, shuffled, effect, "behind")
        if decode and not decode.random:
            effect = "each epoch decodes everything again"
            yield "decoding", _Fault(cache, decode, effect, "in front of")


def _stops_early(part: Step) -> bool:
    """Whether a ``take`` leaves some of what reaches it."""
    count, reaching = part.integer("count"), part.examples_in
    return count is not None and count >= 0 and (reaching is None or count < reaching)


def _goes_round(trace: Trace) -> bool:
    """Whether what was read of an epoch held everything several times and did not end."""
    rows, ended = first_rows(trace)
    if ended or len(rows) < LEAST_EXAMPLES:
        return False
    return len(np.unique(trace.rows.content[rows])) * _ROUNDS <= len(rows)


def _is_seen(twins: Twins, name: SideName, kind: str) -> bool:
    """Whether the data show what the plan says."""
    if kind == "randomness":
        return bool(twins.is_still(name))
    if kind == "endless":
        return True
    if kind in {"order", "company"}:
        moved = moves(twins, name)
        return moved is not None and moved.change == "still"
    return False


def _fix(name: SideName, kind: str, fault: _Fault) -> Fix:
    if kind == "decoding":
        return Fix(
            f"Cache {name}'s decoded examples, if they fit into memory",
            f"move .cache() behind {fault.culprit.where}",
            Safety.SAFE,
        )
    if kind in {"part", "endless"}:
        return Fix(f"Let {name}'s cache become whole", "take(n).cache() instead of cache().take(n)")
    return Fix(
        f"Cache in {name} what does not change",
        f"move .cache() in front of {fault.culprit.where}",
        Safety.UNSAFE,
    )


MEASURE = Measure(
    code="PIP204",
    name="misplaced-cache",
    severity=Severity.WARNING,
    tags=("cache-freezes-randomness", "cache-incomplete"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
