"""The two feeds were recorded under other releases of a library that makes their examples.

## What it does
Compares the versions that each trace carries, of the libraries that decode, resize, augment,
order or batch. What such a release changed shows as a difference of its own and is named as that;
this says where to look for the reason. Two feeds of one process never differ.

## From what size
Exact: what both feeds state is enough, and no example is needed.

## Why it matters
Releases changed the default kernel of `torchvision`'s and `keras-preprocessing`'s resize, the
unit of `shear_range`, the order in which TFDS writes and reads its records, the weights of a grey
conversion, and whether an iterator of Keras ends. The same script then gives other batches.

## Example
```python
from dataclasses import replace
from twinfeed import as_feed
from twinfeed.observe import observe
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
b = observe(as_feed(data))
a = replace(b, environment={**b.environment, "tensorflow": "2.9.0"})
```

Use instead:
```python
from twinfeed import as_feed
from twinfeed.observe import observe
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(40)
a = b = observe(as_feed(data))
```

## Fix safety
Show: which release is right is for the user to say.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Enough
from twinfeed.diff._twins import Twins

_MAKERS = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "tensorflow_datasets": "tensorflow-datasets",
    "torch": "torch",
    "jax": "jax",
    "grain": "grain",
    "PIL": "pillow",
    "numpy": "numpy",
}
"""Libraries that decide what a batch holds, with their names for pip."""


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the releases of what makes the batches."""
    left, right = twins.left.environment, twins.right.environment
    other = [
        name for name in _MAKERS if left.get(name) and right.get(name) and left[name] != right[name]
    ]
    if not other:
        return
    said = ", ".join(f"{name} {left[name]} against {right[name]}" for name in other)
    yield MEASURE.finding(
        f"A and B were recorded under other releases: {said}",
        evidence={
            key: version
            for name in other
            for key, version in ((f"a_{name}", left[name]), (f"b_{name}", right[name]))
        },
        fix=Fix(
            "Record both under one release, to see what it changed",
            "pip install " + " ".join(f"{_MAKERS[name]}=={right[name]}" for name in other),
            Safety.SHOW,
        ),
        size=0.2,
    )


MEASURE = Measure(
    code="ENV201",
    name="other-versions",
    severity=Severity.NOTE,
    tags=("library-version-drift",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.PLAN,
)
