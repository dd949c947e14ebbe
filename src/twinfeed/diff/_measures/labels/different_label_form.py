"""Labels that mean the same class and have another form.

## What it does
Reads the shape, dtype and values of the labels of both feeds, and names their form: class
index, one-hot, smoothed one-hot, mixed one-hot (as mixup and CutMix leave them: the largest entry
is another one in each), multi-hot, plain numbers, text, or none.
Of labels that are smoothed or mixed on both sides it compares how much is left to the largest
entry. Of what a prediction was given it says nothing: a prediction leaves labels aside.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
Each form needs its own loss and metric. A loss that accepts the wrong form trains on another
target without an error: `(size,)` against `(size, 1)` is broadcast to a square, and one-hot
labels under a sparse loss take the wrong axis.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (x, tf.one_hot(y, 10)))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a
```

## Fix safety
Show: the loss of the model has to follow the labels.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.diff._labels._form import Form, LabelForm, label_form
from twinfeed.diff._labels._softness import softness_apart
from twinfeed.diff._labels._story import label_story
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins

_LOSS: dict[Form, str] = {
    "class index": "SparseCategoricalCrossentropy",
    "one-hot": "CategoricalCrossentropy",
    "smoothed one-hot": "CategoricalCrossentropy",
    "mixed one-hot": "CategoricalCrossentropy",
    "multi-hot": "BinaryCrossentropy",
    "numbers": "MeanSquaredError",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the forms of the labels."""
    if "predict" in {twins.left.role, twins.right.role}:
        return  # a prediction leaves labels aside, whether its feed has them or not
    left, right = label_form(twins.left), label_form(twins.right)
    if (left.form, left.shape) == (right.form, right.shape):
        yield from _softer(twins)
        return
    if {left.form, right.form} == {"class index", "numbers"} and label_story(twins):
        return  # whole values on a scale, such as ages, and the same ones in another unit
    # Who mixes examples changes what they look like too: that follows from it.
    mixed = left.is_class and right.is_class and "mixed one-hot" in {left.form, right.form}
    how = ", as mixup, CutMix or a teacher's answers leave them" if mixed else ""
    yield MEASURE.finding(
        f"A's labels are {_say(left)}, B's are {_say(right)}{how}",
        evidence={
            "a_form": left.form,
            "b_form": right.form,
            "a_shape": str(left.shape),
            "b_shape": str(right.shape),
            "examples": len(twins.left.rows) + len(twins.right.rows),
        },
        fix=_fix(left, right),
        size=0.97 if mixed else 0.6,
    )


def _softer(twins: Twins) -> Iterator[Answer]:
    """Labels that are smoothed or mixed on both sides, and more so on one."""
    found = softness_apart(twins.left, twins.right)
    if found is None:
        return
    mine, theirs = found
    smoothed = label_form(twins.left).form == "smoothed one-hot"
    how = (
        ""
        if smoothed
        else f"; mixed are {mine.mixed_share:.0%} of A's, {theirs.mixed_share:.0%} of B's"
    )
    yield MEASURE.finding(
        f"labels are {'smoothed' if smoothed else 'mixed'} on both sides, and not as much: the"
        f" largest entry is {mine.mean:.3g} in A, {theirs.mean:.3g} in B in the mean{how}",
        evidence={
            "a_largest_entry_mean": mine.mean,
            "b_largest_entry_mean": theirs.mean,
            "a_mixed_share": mine.mixed_share,
            "b_mixed_share": theirs.mixed_share,
        },
        fix=Fix(
            "Smooth or mix the labels of both alike",
            "one label_smoothing, or one alpha and one probability of mixup and CutMix",
        ),
        size=0.6 if smoothed else 0.97,
    )


def _say(form: LabelForm) -> str:
    if form.form == "none":
        return "missing"
    shape = "" if form.form in {"text", "structure"} else f" of shape {form.shape}"
    # One column is no picture: the steps of a window, or of a sentence.
    name = "series" if form.form == "picture" and form.shape[1:] == (1,) else form.form
    return f"{name} ({form.dtype}){shape}"


def _fix(left: LabelForm, right: LabelForm) -> Fix | None:
    if not (left.is_class and right.is_class):
        return None
    if "mixed one-hot" in {left.form, right.form}:
        name = "A" if left.form == "mixed one-hot" else "B"
        return Fix(
            "Mix the examples of both feeds, or of neither",
            f"without mixup or CutMix in {name}, or with the same of it in the other",
        )
    loss_left, loss_right = _LOSS[left.form], _LOSS[right.form]
    return Fix(
        "Give both feeds one form, or each its own loss",
        'class_mode="sparse" in ImageDataGenerator.flow_from_directory, label_mode="int" in'
        " image_dataset_from_directory, or tf.one_hot(y, classes) in tf.data;"
        f" A's labels need {loss_left}, B's {loss_right}",
    )


MEASURE = Measure(
    code="LBL201",
    name="different-label-form",
    severity=Severity.WARNING,
    tags=("label-spec-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
