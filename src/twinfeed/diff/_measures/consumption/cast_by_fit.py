"""Values that change their dtype between the object handed in and the train step, on one side.

## What it does
Compares the dtype of each leaf of the object given to `fit` with the dtype of the batch that
reaches the train step. Keras casts arrays of floats to its own float type, and JAX narrows
64-bit values; a `tf.data.Dataset` passes as it is.

## From what size
Exact: one call on each side is enough.

## Why it matters
From float64 to float32 a value keeps seven digits, which is enough for pictures and not for
time stamps or identifiers. From float32 to float16, or to integers, steps become visible.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images.astype("float32"), labels)).batch(32)
a = fit_trace(images.astype("float64"), labels, shuffle=False)
b = fit_trace(data)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images.astype("float32"), labels)).batch(32)
a = fit_trace(images.astype("float32"), labels, shuffle=False)
b = fit_trace(data)
```

## Fix safety
Safe: the cast is made where it can be seen.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, Twins

_USUAL = ("float64", "float32")


def look(twins: Twins) -> Iterator[Answer]:
    """Find leaves that are cast on one side and not, or otherwise, on the other."""
    casts = {"A": _casts(twins.left), "B": _casts(twins.right)}
    for name, other in EACH_WAY:
        mine, theirs = casts[name], casts[other]
        if mine is None or theirs is None:
            continue
        for path, (handed, reached) in mine.items():
            if theirs.get(path) == (handed, reached):
                continue
            yield MEASURE.finding(
                f"{name}'s {path} is {handed} when it is given to"
                f" {twins.side(name).role} and {reached} when it reaches the step;"
                f" {other}'s is not cast"
                if path not in theirs
                else f"{name}'s {path} is cast from {handed} to {reached}, {other}'s from"
                f" {theirs[path][0]} to {theirs[path][1]}",
                evidence={
                    "side": name,
                    "leaf": path,
                    "dtype_handed_in": handed,
                    "dtype_in_the_step": reached,
                    "batches": len(twins.side(name).ticks.size),
                },
                fix=Fix(f"Cast {name}'s {path} yourself", f'.astype("{reached}")', Safety.SAFE),
                size=0.1 if (handed, reached) == _USUAL else 0.4,
                severity=None if (handed, reached) == _USUAL else Severity.WARNING,
            )


def _casts(trace: Trace) -> dict[str, tuple[str, str]] | None:
    """Per leaf that was cast, its dtype before and after; ``None`` where nothing is known."""
    if trace.fit is None or trace.fit.spec is None:
        return None
    reached = {leaf.path: leaf for leaf in trace.spec.leaves if leaf.kind == "dense"}
    return {
        leaf.path: (leaf.dtype, reached[leaf.path].dtype)
        for leaf in trace.fit.spec.leaves
        if leaf.kind == "dense"
        and leaf.path in reached
        and _is_number(leaf.dtype)
        and leaf.dtype != reached[leaf.path].dtype
    }


def _is_number(dtype: str) -> bool:
    """Whether numpy knows the type; columns of several types and bfloat16 are left alone."""
    try:
        return np.dtype(dtype).kind in "biuf"
    except TypeError:
        return False


MEASURE = Measure(
    code="FIT202",
    name="cast-by-fit",
    severity=Severity.NOTE,
    tags=("input-dependent-scaling", "bit-depth-loss"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
