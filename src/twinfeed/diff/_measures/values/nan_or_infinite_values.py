"""One feed holds values that are NaN or infinite, the other does not.

## What it does
Counts values that are not finite in every dense input, label and weight of both feeds: in
all that was counted of it, and in every whole example that was kept. One of them shows it.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
One NaN in a batch makes the loss NaN, and with the next step every weight. The usual sources
are a division by the spread of a constant image or feature, the logarithm of 0, and half
precision.

It speaks where one side has them and the other has none among at least half as many examples,
or a hundredth of the share.

## Example
```python
values = images / 255.0
flat = np.where(labels == 3, 0.0, 1.0)[:, None, None, None] * values
spread = flat.std(axis=(1, 2, 3), keepdims=True)
with np.errstate(invalid="ignore"):
    a = tf.data.Dataset.from_tensor_slices((flat / spread, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((flat / (spread + 1e-6), labels)).batch(32)
```

Use instead:
```python
values = images / 255.0
flat = np.where(labels == 3, 0.0, 1.0)[:, None, None, None] * values
spread = flat.std(axis=(1, 2, 3), keepdims=True)
a = tf.data.Dataset.from_tensor_slices((flat / (spread + 1e-6), labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((flat / (spread + 1e-6), labels)).batch(32)
```

## Fix safety
Show: where the values come from decides what should stand in their place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

_SHARE = 0.01  # share of the other side's share up to which a side counts as clean
_EXAMPLES = 0.5  # examples a clean side must have, as a share of the other's


@dataclass(frozen=True, slots=True)
class _Counted:
    nan: int
    inf: int
    values: int
    examples: int

    @property
    def share(self) -> float:
        return (self.nan + self.inf) / max(1, self.values)


def look(twins: Twins) -> Iterator[Answer]:
    """Look for values that are not finite on one side only."""
    paths = [stats.path for stats in twins.left.stats]
    paths += [stats.path for stats in twins.right.stats if stats.path not in paths]
    for path in paths:
        counted = {name: _count(twins.side(name), path) for name in SIDES}
        for name, other in EACH_WAY:
            here, there = counted[name], counted[other]
            if here is None or not here.share:
                continue
            clean = there is None or there.share < _SHARE * here.share
            enough = there is None or there.examples >= _EXAMPLES * here.examples
            if clean and enough:
                yield _finding(twins, name, path, here, there)


def _count(trace: Trace, path: str) -> _Counted | None:
    stats = trace.stats_of(path)
    if stats is None:
        return None
    counted = _Counted(stats.nan, stats.inf, stats.count, stats.examples)
    if counted.share or not stats.sampled or trace.main is None or trace.main.path != path:
        return counted
    return _kept(trace) or counted


def _kept(trace: Trace) -> _Counted | None:
    """The same in every value of the kept examples, where only a sample of each was counted."""
    nan = inf = values = 0
    for example in trace.kept.values:
        if example.dtype.kind != "f":
            return None
        values += example.size
        bad = int(example.size - np.isfinite(example).sum())
        if bad:
            empty = int(np.isnan(example).sum())
            nan, inf = nan + empty, inf + bad - empty
    return _Counted(nan, inf, values, len(trace.kept.values)) if nan + inf else None


def _finding(
    twins: Twins, name: SideName, path: str, here: _Counted, there: _Counted | None
) -> Answer:
    kinds = [f"{here.nan:,} NaN"] * bool(here.nan) + [f"{here.inf:,} infinite"] * bool(here.inf)
    clean = "none" if there is None or not there.share else f"{there.share:.1e} of them"
    other = "B" if name == "A" else "A"
    beside = "" if there is None else f"; {other}'s has {clean} among {there.examples:,} examples"
    return MEASURE.finding(
        f"{name}'s {path} holds {' and '.join(kinds)} of {here.values:,} values"
        f" ({here.examples:,} examples){beside}",
        evidence={
            "side": name,
            "leaf": path,
            "nan_values": here.nan,
            "infinite_values": here.inf,
            "values": here.values,
            "examples": here.examples,
            "other_examples": there.examples if there else None,
        },
        fix=_fix(twins.side(name), path),
        size=0.9,
    )


def _fix(trace: Trace, path: str) -> Fix:
    title = "Find the division or logarithm that they come from, and keep it from 0"
    if not path.startswith("x"):
        return Fix(title, f"np.isfinite({path}).all() where the data is read")
    if built_by(trace, "ImageDataGenerator"):
        return Fix(title, "np.isfinite(x).all() in preprocessing_function=..., and fit(x) again")
    check = (
        'tf.debugging.check_numerics(x, "input")' if built_by(trace, "tf.data") else "checked(x)"
    )
    return Fix(title, on_inputs(trace, check) + " names the first batch")


MEASURE = Measure(
    code="VAL205",
    name="nan-or-infinite-values",
    severity=Severity.ERROR,
    tags=("normalization-constant-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
)
