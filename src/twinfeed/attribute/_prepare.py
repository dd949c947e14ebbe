"""From the comparison of two feeds to the forms and the causes that trainings need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._forms import Forms, channels_of
from twinfeed.diff._labels._story import label_story
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._value_map import value_map
from twinfeed.train.recording import Recording

_MOST_CLASSES = 10_000


def forms_of(
    traces: tuple[Trace, Trace], recordings: tuple[Recording, Recording], causes: Sequence[Cause]
) -> Forms:
    """How both feeds write the same content, as far as a cause says that it differs."""
    twins = Twins(*traces)
    keys = {cause.key for cause in causes}
    line = value_map(twins) if "values" in keys else None
    colours = channel_order(twins) if "channels" in keys else None
    story = label_story(twins) if "labels" in keys else None
    mains = [trace.main for trace in traces]
    assert mains[0] is not None, "a recording has a main input"
    assert mains[1] is not None, "a recording has a main input"
    usable = line is not None and not line.uneven
    targets = [_target(recording) for recording in recordings]
    classes = max(map(_classes, targets)) if all(map(_is_classes, targets)) else 0
    return Forms(
        gain=line.gain if line and usable else (1.0,),
        bias=line.bias if line and usable else (0.0,),
        order=colours.order if colours and colours.moved else (),
        channels=(channels_of(mains[0]), channels_of(mains[1])),
        first=(mains[0].channels_first, mains[1].channels_first),
        dtypes=(mains[0].dtype, mains[1].dtype),
        labels=(_form(targets[0], classes), _form(targets[1], classes)),
        label_dtypes=(_dtype(targets[0]), _dtype(targets[1])),
        classes=classes,
        class_map=story.mapping if story and story.kind in {"permuted", "shifted"} else None,
    )


def _target(recording: Recording) -> Array | None:
    path = recording.trees[1]
    return recording.columns[path] if isinstance(path, str) else None


def _is_classes(y: Array | None) -> bool:
    if y is None or y.dtype.kind not in "biuf":
        return False
    if y.ndim == 2 and y.shape[1] > 1:
        return bool(np.allclose(y.sum(axis=1), 1) and (y.max(axis=1) > 0.5).all())
    if y.ndim > 2 or y.min() < 0 or y.max() >= _MOST_CLASSES:
        return False
    return bool((y == np.rint(y)).all())


def _classes(y: Array | None) -> int:
    if y is None:
        return 0
    return y.shape[1] if y.ndim == 2 and y.shape[1] > 1 else int(y.max()) + 1


def _form(y: Array | None, classes: int) -> str:
    if y is None or not classes:
        return "values"
    if y.ndim == 2:
        return "vectors" if y.shape[1] > 1 else "column"
    return "numbers"


def _dtype(y: Array | None) -> str:
    return "int64" if y is None else y.dtype.name
