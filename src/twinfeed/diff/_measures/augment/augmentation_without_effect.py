"""An augmentation whose numbers are too small to move a pixel.

## What it does
Reads the arguments of an `ImageDataGenerator` and works out the farthest that each lets a pixel
of the image move. Below a quarter of a pixel it does nothing that a network could see. The
arguments decide, whatever the number of examples; where views were registered, the measured spread
is given beside it.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
`shear_range=0.2` is 0.2 *degrees*, not a factor and not radians: it has been copied from one
tutorial to the next and moves no pixel. Someone who believes that the run was sheared looks for
the cause of a gap in the wrong place.

## Example
```python
weak = keras.preprocessing.image.ImageDataGenerator if hasattr(
    keras.preprocessing.image, "ImageDataGenerator"
) else tf.keras.preprocessing.image.ImageDataGenerator
options = dict(target_size=(32, 32), class_mode="sparse", batch_size=40, seed=1)
a = weak(zoom_range=0.2, shear_range=0.2).flow_from_directory(folder, **options)
b = weak(zoom_range=0.2).flow_from_directory(folder, **options)
```

Use instead:
```python
strong = tf.keras.preprocessing.image.ImageDataGenerator
options = dict(target_size=(32, 32), class_mode="sparse", batch_size=40, seed=1)
a = strong(zoom_range=0.2, shear_range=20).flow_from_directory(folder, **options)
b = strong(zoom_range=0.2).flow_from_directory(folder, **options)
```

## Fix safety
Unsafe: a larger number changes the examples; that is the point.
"""

import math
from collections.abc import Iterator, Mapping

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.plan import Setting
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import EACH_WAY, SIDES, Twins

_LEAST_PIXELS = 0.25


def look(twins: Twins) -> Iterator[Answer]:
    """Look for arguments of one side that move nothing."""
    settings = {name: _settings(twins.side(name)) for name in SIDES}
    for name, opposite in EACH_WAY:
        other = settings[opposite]
        size = _image_size(twins.side(name))
        for key, value in settings[name].items():
            if size is None or other.get(key) == value or not isinstance(value, int | float):
                continue
            moved = _farthest_pixels(key, value, *size)
            if moved is None or moved >= _LEAST_PIXELS or not value:
                continue
            found = policy(twins, name)
            unit = " degrees" if key in {"shear_range", "rotation_range"} else ""
            seen = found.shear_degrees if key == "shear_range" else None
            yield MEASURE.finding(
                f"{name}'s {key}={value} is {value}{unit}: it moves no pixel of"
                f" {size[0]}x{size[1]} by more than {moved:.2f} of its width, so it has no effect",
                strength=Strength.READ,
                evidence={
                    "side": name,
                    "argument": key,
                    "value": float(value),
                    "farthest_pixels": moved,
                    "measured_spread": seen.width if seen and seen.views else None,
                    "views": found.views,
                },
                fix=Fix(
                    "Give it in the unit that the argument has, or leave it out",
                    f"{key}={_stronger(key)}",
                    Safety.UNSAFE,
                ),
                size=0.3,
            )


def _settings(trace: Trace) -> Mapping[str, Setting]:
    if trace.plan is None:
        return {}
    return {
        key: value
        for step in trace.plan.of_kind("augment")
        for key, value in step.settings.items()
        if key.endswith("_range")
    }


def _image_size(trace: Trace) -> tuple[int, int] | None:
    main = trace.main
    if main is None or not main.is_image:
        return None
    height, width = main.shape[1:] if main.channels_first else main.shape[:2]
    return (height, width) if height and width else None


def _farthest_pixels(key: str, value: float, height: int, width: int) -> float | None:
    """How far the argument's extreme moves the pixel that it moves most, in pixels."""
    half = max(height, width) / 2
    if key == "shear_range":
        return math.tan(math.radians(abs(value))) * half
    if key == "rotation_range":
        return math.radians(abs(value)) * math.hypot(height, width) / 2
    if key in {"width_shift_range", "height_shift_range"}:
        if isinstance(value, int):
            return abs(value) - 1  # a whole number is drawn from those below it
        side = width if key == "width_shift_range" else height
        return abs(value) * side if abs(value) < 1 else abs(value)
    if key == "zoom_range":
        return abs(value) * half
    return None


def _stronger(key: str) -> str:
    return {"shear_range": "11.5", "rotation_range": "15"}.get(key, "0.1")


MEASURE = Measure(
    code="AUG208",
    name="augmentation-without-effect",
    severity=Severity.NOTE,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
