"""Inputs of another dtype.

## What it does
Compares the dtype of each input; one batch shows it.

## From what size
Exact: one full batch of each feed is enough.

## Why it matters
What `fit` does with it depends on where it comes from. Of arrays, Keras casts floats to
`floatx` and leaves integers alone; a dataset arrives as it is. A Functional model then casts
to the dtype of its `Input`, and a layer casts floats to its own compute dtype, but not
integers. So `uint8` can reach a layer as `uint8`, where arithmetic wraps around at 255, and
`convert_image_dtype` scales `uint8` by 1/255 and leaves a float as it is. `float16` keeps 3
digits, `float64` doubles the memory and is cut to `float32` on the way in.

By itself it is a note, unless a side is a 16-bit float: what it does to the values is said by
`different-normalisation` and its neighbours.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (tf.cast(x, tf.float32), y))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = b = a.map(lambda x, y: (tf.cast(x, tf.float32), y))
```

## Fix safety
Unsafe: a cast after the batch keeps all values; one ahead of `convert_image_dtype` does not.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._leaves import matched
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins

_SHORT = {"float16", "bfloat16"}


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the dtypes of inputs that stand in the same place."""
    for left, right in matched(twins, "x"):
        if left.dtype == right.dtype or {left.kind, right.kind} != {"dense"}:
            continue
        name = "inputs are" if left.path == right.path == "x" else f"{left.path} is"
        yield MEASURE.finding(
            f"A's {name} {left.dtype}, B's {right.dtype}",
            evidence={
                "input": left.path,
                "a_dtype": left.dtype,
                "b_dtype": right.dtype,
                "a_in_fit": _arrives_as(twins.left, left),
                "b_in_fit": _arrives_as(twins.right, right),
                "examples": len(twins.left.rows) + len(twins.right.rows),
            },
            fix=_fix(twins, left, right),
            size=0.5 if _SHORT & {left.dtype, right.dtype} else 0.2,
            severity=Severity.WARNING if _SHORT & {left.dtype, right.dtype} else None,
        )


def _is_float(leaf: LeafSpec) -> bool:
    return "float" in leaf.dtype


def _arrives_as(trace: Trace, leaf: LeafSpec) -> str:
    """The dtype that Keras hands to the model, floatx taken as float32."""
    if built_by(trace, "arrays") and _is_float(leaf):
        return "float32"
    return leaf.dtype


def _fix(twins: Twins, left: LeafSpec, right: LeafSpec) -> Fix:
    goal = left.dtype if _is_float(left) or not _is_float(right) else right.dtype
    trace = twins.right if goal == left.dtype else twins.left
    change = {
        True: f"tf.cast(x, tf.{goal})",
        False: f"x.astype({goal!r})",
    }[built_by(trace, "tf.data")]
    if built_by(trace, "ImageDataGenerator"):
        return Fix(
            "Give both sides one dtype", f"ImageDataGenerator(dtype={goal!r})", Safety.UNSAFE
        )
    return Fix("Give both sides one dtype", on_inputs(trace, change), Safety.UNSAFE)


MEASURE = Measure(
    code="VAL204",
    name="different-value-dtype",
    severity=Severity.NOTE,
    tags=("bit-depth-loss", "input-dependent-scaling"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.BATCH,
)
