"""Labels of the same form in another dtype.

## What it does
Compares the dtype of the labels where form and shape agree. Where they do not,
`different-label-form` says it.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
Keras casts labels to the dtype of the loss, so built-in losses give the same numbers: by
itself this is a note. A loss or metric of your own gets them as they are: `uint8` wraps around
in `y - 1`, and an integer against a float raises.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (x, tf.cast(y, tf.float32)))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (x, tf.cast(y, tf.int64)))
```

## Fix safety
Unsafe in general: a cast to a narrower dtype can change values.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import built_by, on_labels
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._labels._story import label_story
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the dtypes of labels of one form."""
    left, right = label_form(twins.left), label_form(twins.right)
    if left.shape != right.shape or left.dtype == right.dtype:
        return
    if left.form in {"none", "structure"}:
        return
    story = label_story(twins)
    if left.form != right.form and (story is None or story.kind != "same"):
        return
    equal = story is not None and story.agree == story.pairs
    said = f", with equal values in {story.pairs:,} paired examples" if story and equal else ""
    yield MEASURE.finding(
        f"A's labels are {left.dtype}, B's {right.dtype}{said}",
        evidence={
            "a_dtype": left.dtype,
            "b_dtype": right.dtype,
            "values_equal": equal if story else None,
            "pairs": story.pairs if story else 0,
            "examples": len(twins.left.rows) + len(twins.right.rows),
        },
        fix=_fix(twins, left.dtype, right.dtype),
        size=0.15,
    )


def _fix(twins: Twins, left: str, right: str) -> Fix:
    # Class numbers are integers by nature: the float is the one to change.
    goal, trace = (right, twins.left) if "float" in left else (left, twins.right)
    tensor = built_by(trace, "tf.data")
    return Fix(
        "Give both one dtype, if a loss or metric of your own reads it",
        on_labels(trace, f"tf.cast(y, tf.{goal})" if tensor else f"y.astype({goal!r})"),
        Safety.UNSAFE,
    )


MEASURE = Measure(
    code="LBL203",
    name="different-label-dtype",
    severity=Severity.NOTE,
    tags=("label-spec-mismatch",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
