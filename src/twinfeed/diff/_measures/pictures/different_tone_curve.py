"""B's values follow a curve over A's, not a line: gamma, or contrast that was stretched.

## What it does
Fits one rising or falling curve for all values of the paired pictures, on half of the pairs, and
keeps it if it leaves clearly less than a straight line on the other half. A power is named by its
exponent.
Where none does, it looks for a curve of its own in each picture, as evening out histograms gives.
Where flips or crops are drawn at random, it compares the values of paired pictures by their order,
and speaks of a power only.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether the values of one feed
are those of the other to the power of 1.2. Below that the answer is undecided and says how many
it takes.

## Why it matters
Linear light against display values (gamma 2.2), a `RandomGamma` that was never random, histogram
equalisation on one side: mid-tones move by up to 60 levels while black and white stay, so that
ranges and extremes look alike. `scale-and-offset-differ` is silent then: no line explains it.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((photographs / np.float32(255)))
a = data.batch(8)
b = data.map(lambda x: x**2.2).batch(8)
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((photographs / np.float32(255)))
a = data.batch(8)
b = data.batch(8)
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import on_inputs
from twinfeed.diff._ledger._account import account
from twinfeed.diff._ledger._step import Kept
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import kept_step
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._bent_orders import bent_orders
from twinfeed.diff._values._cut_off import cut_off
from twinfeed.diff._values._wrapped_pairs import wrapped_pairs


def look(twins: Twins) -> Iterator[Answer]:
    """Say the curve, by its exponent where it is a power."""
    kept = kept_step(twins, "tone curve")
    if cut_off(twins) is not None or wrapped_pairs(twins) is not None:
        return
    if kept is None:
        yield from _behind_draws(twins)
        return
    power, bend = kept.facts["power"], kept.facts["bend_share"]
    assert isinstance(bend, float)
    known = isinstance(power, float)
    if kept.facts.get("of_each"):
        yield _of_each(kept, bend)
        return
    change = f"x ** {1 / power:.3g}" if known else "x as on the other side"
    low, high = kept.facts["power_low"], kept.facts["power_high"]
    between = f" (95 % interval {low:.4g} to {high:.4g})" if known else ""
    yield MEASURE.finding(
        f"{kept.says}{between}: at its farthest {bend:.0%} of the range from a straight line",
        evidence={
            "power": power,
            "power_low": low,
            "power_high": high,
            "farthest_from_a_line_share": bend,
            "curve_takes_share": kept.taken,
            "share_of_difference": kept.share,
        },
        fix=Fix(
            "Apply one curve, or none, on both sides",
            on_inputs(twins.right, change) + (", on values of 0 to 1" if known else ""),
            Safety.UNSAFE,
        ),
        size=min(0.8, 0.3 + bend),
    )


def _behind_draws(twins: Twins) -> Iterator[Answer]:
    """A power, where chance stands between the pictures: by the order of their values."""
    found = bent_orders(twins) if account(twins) is None else None
    if found is None:
        return
    yield MEASURE.finding(
        f"B's values are A's to the power of about {found.power:.2g}, by the order of the values in"
        f" {found.pairs} paired pictures: at its farthest {found.bend_share:.0%} of the range from a"
        " straight line",
        evidence={
            "power": found.power,
            "farthest_from_a_line_share": found.bend_share,
            "left_share_of_a_line": found.left_share,
            "pairs": found.pairs,
        },
        fix=Fix(
            "Apply one curve, or none, on both sides",
            on_inputs(twins.right, f"x ** {1 / found.power:.3g}") + ", on values of 0 to 1",
            Safety.UNSAFE,
        ),
        size=min(0.8, 0.3 + found.bend_share),
    )


def _of_each(kept: Kept, bend: float) -> Answer:
    return MEASURE.finding(
        f"{kept.says}, as an even histogram makes it: at its farthest {bend:.0%} of the range from a"
        " straight line",
        evidence={
            "power": None,
            "farthest_from_a_line_share": bend,
            "curve_takes_share": kept.taken,
            "share_of_difference": kept.share,
        },
        fix=Fix(
            "Even out the histograms on both sides, or on neither",
            "cv2.equalizeHist, PIL.ImageOps.equalize or autocontrast, keras.layers.Equalization",
            Safety.SHOW,
        ),
        size=min(0.8, 0.3 + bend),
    )


MEASURE = Measure(
    code="PIX208",
    name="different-tone-curve",
    severity=Severity.WARNING,
    tags=("train-eval-serve-skew",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="the values of one feed are those of the other to the power of 1.2",
        open=pictures_differ,
    ),
)
