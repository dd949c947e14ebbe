"""Values that one feed has scaled and its model scales again.

## What it does
Reads the layers at the front of the model that `fit` was called on, `Rescaling` and `Normalization`, and
applies them to the range of the values that reached the train step. It fires where a range of 0..1,
-1..1 or the like ends in less than a twentieth on one side, and on the other does not.

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
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._twins import EACH_WAY, Twins

_LEAST_BEFORE = 0.5
_MOST_AFTER = 0.05


def look(twins: Twins) -> Iterator[Answer]:
    """Find the side whose model leaves a sliver of the range."""
    for name, other in EACH_WAY:
        mine, theirs = _ranges(twins.side(name)), _ranges(twins.side(other))
        if mine is None or _is_whole(*mine) or (theirs is not None and not _is_whole(*theirs)):
            continue
        before, after = mine
        fit = twins.side(name).fit
        layers = " and ".join(layer.layer for layer in fit.model_scaling) if fit else ""
        yield MEASURE.finding(
            f"{name} gives values of {before[0]:.4g} to {before[1]:.4g}, and its model's {layers}"
            f" leave {after[0]:.4g} to {after[1]:.4g} of them",
            evidence={
                "side": name,
                "low": before[0],
                "high": before[1],
                "low_behind_scaling": after[0],
                "high_behind_scaling": after[1],
            },
            fix=Fix(
                f"Scale in {name}'s feed or in its model, not in both",
                "feed a model that begins with Rescaling(1/255) levels 0..255",
            ),
            size=1.0,
        )


def _ranges(trace: Trace) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Range before and behind the model's scaling; ``None`` where it has none, or is unknown."""
    if trace.fit is None or not trace.fit.model_scaling or trace.main is None:
        return None
    stats = trace.stats_of(trace.main.path)
    if not trace.main.is_image or stats is None or stats.low is None or stats.high is None:
        return None
    return (stats.low, stats.high), trace.fit.behind_scaling(stats.low, stats.high)


def _is_whole(before: tuple[float, float], after: tuple[float, float]) -> bool:
    return before[1] - before[0] < _LEAST_BEFORE or abs(after[1] - after[0]) >= _MOST_AFTER


MEASURE = Measure(
    code="FIT205",
    name="scaled-by-model-too",
    severity=Severity.ERROR,
    tags=("model-embeds-preprocessing", "double-rescale"),
    since="0.1",
    look=look,
    page=__doc__,
)
