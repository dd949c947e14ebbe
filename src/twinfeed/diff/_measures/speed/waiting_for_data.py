"""Train steps that wait for their batches on one side.

## What it does
Takes, from what was recorded inside `fit`, the seconds that each step waited for its batch and
the seconds that it then worked. The first steps, which build and compile, are left out.

## From what size
No number of examples decides: it rests on times, and counts what exceeds their scatter.

## Why it matters
A step that waits half of its time takes twice as long as the hardware allows. A faster feed
helps there, and helps nowhere else: where the share is near zero, the same feed in another
library changes nothing.

## Example
```python
def slow(x):
    u = np.linalg.svd(x[..., 0].numpy().astype("float32"))[0]
    return x + np.uint8(abs(u[0, 0]))


def prepare(x, y):
    out = tf.py_function(slow, [x], tf.uint8)
    out.set_shape(x.shape)
    return out, y


data = tf.data.Dataset.from_tensor_slices((images, labels))
a = fit_trace(data.map(prepare).batch(16), epochs=2)
b = fit_trace(data.batch(16).cache(), epochs=2)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
a = fit_trace(data.batch(16).cache(), epochs=2)
b = fit_trace(data.batch(16).cache(), epochs=2)
```

## Fix safety
Show: which step of the feed to make faster is a choice.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed._core.plan_facts import is_parallel, python_work
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._arguments import argument
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._streams._waiting import waiting
from twinfeed.diff._twins import EACH_WAY, Twins

_MUCH = 0.25  # share of a step that is worth a finding
_MORE = 0.15  # by which it must exceed the other side's
_GRAVE = 0.5


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the shares of the step that are spent waiting."""
    for name, other in EACH_WAY:
        mine, theirs = waiting(twins.side(name)), waiting(twins.side(other))
        if mine is None or theirs is None:
            continue
        more = mine.share.value - theirs.share.value
        if mine.share.low < max(_MUCH, theirs.share.high) or more < _MORE:
            continue
        trace = twins.side(name)
        yield MEASURE.finding(
            f"{name}'s steps wait {mine.share.value:.0%} of their time for data (95 % interval"
            f" {mine.share.low:.0%} to {mine.share.high:.0%}; {mine.wait_s * 1e3:.3g} ms beside"
            f" {mine.step_s * 1e3:.3g} ms of work), {other}'s {theirs.share.value:.0%}",
            evidence={
                "side": name,
                "waiting_share": round(mine.share.value, 4),
                "waiting_share_low": round(mine.share.low, 4),
                "waiting_share_high": round(mine.share.high, 4),
                "wait_ms_per_step": round(mine.wait_s * 1e3, 3),
                "work_ms_per_step": round(mine.step_s * 1e3, 3),
                "steps": mine.steps,
                "other_waiting_share": round(theirs.share.value, 4),
                "other_wait_ms_per_step": round(theirs.wait_s * 1e3, 3),
                "other_work_ms_per_step": round(theirs.step_s * 1e3, 3),
                "other_steps": theirs.steps,
            },
            fix=Fix(f"Prepare {name}'s batches while the step works", _code(trace)),
            size=min(0.9, mine.share.value),
            severity=None if mine.share.value >= _GRAVE else Severity.NOTE,
        )


def _code(trace: Trace) -> str:
    if python_work(trace.plan):
        return argument(trace, "no python")
    if trace.plan is not None and not is_parallel(trace.plan):
        return argument(trace, "parallel")
    return argument(trace, "prefetch")


MEASURE = Measure(
    code="SPD203",
    name="waiting-for-data",
    severity=Severity.WARNING,
    tags=("no-parallel-or-prefetch", "python-bottleneck"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.TIMES,
)
