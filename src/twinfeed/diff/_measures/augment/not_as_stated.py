"""A feed augments otherwise than its arguments say.

## What it does
Reads the ranges that the arguments of an `ImageDataGenerator` state, recovers from the examples
what really happens to them, and compares the two, parameter by parameter.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one feed dims its
examples by up to a half and no argument of it says so. Below that the answer is undecided and
says how many it takes.

## Why it matters
What is written is what people compare. A `preprocessing_function` that draws random numbers, a
subclass, or a range in the wrong unit makes two scripts with the same arguments different feeds.

## Example
```python
def dimmed(x):
    return x * np.random.uniform(0.5, 1.0)

loader = tf.keras.preprocessing.image.ImageDataGenerator
a = loader(rotation_range=20).flow(photographs, batch_size=8)
b = loader(rotation_range=20, preprocessing_function=dimmed).flow(photographs, batch_size=8)
```

Use instead:
```python
loader = tf.keras.preprocessing.image.ImageDataGenerator
a = loader(rotation_range=20).flow(photographs, batch_size=8)
b = loader(rotation_range=20).flow(photographs, batch_size=8)
```

## Fix safety
Shown only: whether the argument or the code is right is the user's to say.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._image_shape import image_shape
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._policy._compared import apart
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._policy._spread import LEAST_VIEWS, Spread, differ
from twinfeed.diff._policy._stated import stated_ranges, states_everything
from twinfeed.diff._policy._stated_units import in_units_of
from twinfeed.diff._reach import Reach, examples_change
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins

_TOLERANCES = {
    "rotation_degrees": 3.0,
    "shear_degrees": 4.0,
    "zoom_x": 0.06,
    "zoom_y": 0.06,
    "shift_x": 0.03,
    "shift_y": 0.03,
    "brightness": 0.06,
    "contrast": 0.12,
    "channel_shift": 0.06,
    "saturation": 0.15,
    "hue_degrees": 8.0,
}
"""Parameters that are compared, each with the difference of bounds that says nothing."""
_WORDS = {
    "rotation_degrees": "rotation in degrees",
    "shear_degrees": "shear in degrees",
    "zoom_x": "zoom across",
    "zoom_y": "zoom down",
    "shift_x": "shift across",
    "shift_y": "shift down",
    "brightness": "brightness",
    "contrast": "factor on values",
    "channel_shift": "shift of single channels",
    "saturation": "saturation",
    "hue_degrees": "hue in degrees",
}
_SWAPPED = {"shift_x": "shift_y", "shift_y": "shift_x"}
_BESIDE = {
    "zoom_y": "shear_degrees",
    "zoom_x": "shear_degrees",
    "brightness": "contrast",
    "contrast": "brightness",
}
"""Parameters that follow in part from another one: not held against a plan that states that one."""
_SHEARED = {"shear_degrees", "zoom_x", "zoom_y"}
"""What a turn of a picture that is not square shows where it is registered as a square."""
_LEAST_VIEWS = 2 * LEAST_VIEWS
_STATED_PIVOT = "black"
"""The value that a stated factor leaves alone: ``brightness_range`` multiplies."""


def look(twins: Twins) -> Iterator[Answer]:
    """Hold what is seen against what is stated, on each side."""
    found = {name: contradictions(twins, name) for name in SIDES}
    for name, other in EACH_WAY:
        for field, (stated, seen) in found[name].items():
            if field not in found[other] and not _alike(twins, field):
                yield _finding(name, field, stated, seen, policy(twins, name))


def _alike(twins: Twins, field: str) -> bool:
    """Whether both sides state one thing and show one thing: what contradicts it is in both."""
    left, right = (stated_ranges(twins.side(name)) for name in SIDES)
    if left is None or right is None or left.get(field) != right.get(field):
        return False
    policies = policy(twins, "A"), policy(twins, "B")
    return not apart(*policies, field, tolerance=_TOLERANCES[field])


def contradictions(
    twins: Twins, name: SideName
) -> dict[str, tuple[tuple[float, float] | None, Spread]]:
    """What contradicts what is stated, by parameter: what is stated, and what is seen."""
    stated, found = stated_ranges(twins.side(name)), policy(twins, name)
    if stated is None or not (found.known and found.bounded) or found.views < _LEAST_VIEWS:
        return {}
    stated = in_units_of(stated, found)
    wrong: dict[str, tuple[tuple[float, float] | None, Spread]] = {}
    for field, tolerance in _TOLERANCES.items():
        seen: Spread = getattr(found, field)
        if field in {"brightness", "contrast"} and not found.absolute:
            continue
        if field == "brightness" and "contrast" in stated and found.pivot != _STATED_PIVOT:
            continue  # told about another value, what is added is another amount
        said = stated.get(field)
        if said is None and not states_everything(twins.side(name).plan):
            continue
        if said is None:
            turned = field in _SHEARED and "rotation_degrees" in stated
            follows = _BESIDE.get(field) in stated or (turned and not _square(twins.side(name)))
            # What is moved otherwise is registered with a little of this as well.
            least = (4 if stated else 2) * tolerance
            if seen.random and not follows and seen.firm - seen.halves.core > least:
                wrong[field] = (None, seen)
        elif not any(_fits(one, seen, tolerance) for one in _ways(stated, field)):
            wrong[field] = (said, seen)
    return wrong


def _more_than_stated(twins: Twins) -> bool:
    """Whether a side states its ranges and changes its examples, so that more may be done to them."""
    return any(stated_ranges(twins.side(name)) is not None for name in SIDES) and examples_change(
        twins
    )


def _square(trace: Trace) -> bool:
    shape = image_shape(trace.main) if trace.main is not None else None
    return shape is not None and shape.height == shape.width


def _ways(stated: dict[str, tuple[float, float]], field: str) -> list[tuple[float, float]]:
    """What is stated of a parameter; Keras's versions differ in which axis a shift moves."""
    other = stated.get(_SWAPPED.get(field, ""))
    return [stated[field], *([other] if other else [])]


def _fits(stated: tuple[float, float], seen: Spread, tolerance: float) -> bool:
    low, high = stated
    if high - low <= 2 * tolerance:  # too little to be seen with certainty
        return not seen.random or seen.firm - seen.halves.core < 4 * tolerance
    return not differ(Spread.even(low, high), seen, tolerance=tolerance)


def _finding(
    name: SideName,
    field: str,
    stated: tuple[float, float] | None,
    seen: Spread,
    found: Policy,
) -> Answer:
    word = _WORDS[field]
    what = f"{seen.low:.2f} to {seen.high:.2f}" if seen.random else "none"
    if stated is None:
        said = f"{name}'s examples show a random {word} of {what} that no argument states"
    else:
        said = f"{name}'s arguments state a {word} of {stated[0]:.2f} to {stated[1]:.2f}, its examples show {what}"
    return MEASURE.finding(
        f"{said} ({found.views} views)",
        evidence={
            "side": name,
            "parameter": field,
            "stated_low": stated[0] if stated else None,
            "stated_high": stated[1] if stated else None,
            "seen_low": seen.low,
            "seen_high": seen.high,
            "seen_random": seen.random,
            "views": found.views,
            "basis": found.basis,
        },
        fix=Fix(
            "Look at what changes the examples beside the arguments",
            "preprocessing_function and overridden methods of the ImageDataGenerator",
            Safety.SHOW,
        ),
        size=0.4,
    )


MEASURE = Measure(
    code="AUG215",
    name="not-as-stated",
    severity=Severity.NOTE,
    tags=("augment-semantics",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one feed dims its examples by up to a half and no argument of it says so",
        open=_more_than_stated,
    ),
)
