"""Values that one feed has scaled and its model scales again.

## What it does
Reads the layers at the front of the model that `fit` was called on, `Rescaling` and `Normalization`, and
applies them to the range of the values that reached the train step. It fires where a range of 0..1,
-1..1 or the like ends in less than a twentieth on one side, and on the other does not.

## From what size
Exact: one call on each side is enough.

## Why it matters
Networks that divide by 255 themselves (EfficientNet, MobileNetV3, any model that begins with
`Rescaling(1/255)`) see nearly the same picture each time if the feed has divided already. The other
feed, whose levels are 0..255, is the right one for that model, although it looks unscaled.

## Example
```python
a = fit_trace(images / 255.0, labels, shuffle=False)
b = fit_trace(images, labels, shuffle=False)
```

Use instead:
```python
a = fit_trace(images, labels, shuffle=False)
b = fit_trace(images, labels, shuffle=False)
```

## Fix safety
Show: whether the feed or the model shall scale is yours to say.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Find the side whose model leaves a sliver of the range."""
    for name, other in EACH_WAY:
        trace, found = twins.side(name), twins.side(name).behind_model_scaling
        if trace.fit is None or found is None or not trace.is_squeezed_by_model:
            continue
        if twins.side(other).is_squeezed_by_model:
            continue
        stats, (low, high) = found
        layers = " and ".join(layer.layer for layer in trace.fit.model_scaling)
        yield MEASURE.finding(
            f"{name} gives values of {stats.low:.4g} to {stats.high:.4g}, and its model's {layers}"
            f" leave {low:.4g} to {high:.4g} of them",
            evidence={
                "side": name,
                "low": stats.low,
                "high": stats.high,
                "low_behind_scaling": low,
                "high_behind_scaling": high,
            },
            fix=Fix(
                f"Scale in {name}'s feed or in its model, not in both",
                "feed a model that begins with Rescaling(1/255) levels 0..255",
            ),
            size=1.0,
        )


MEASURE = Measure(
    code="FIT205",
    name="scaled-by-model-too",
    severity=Severity.ERROR,
    tags=("model-embeds-preprocessing", "double-rescale"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.CALL,
)
