"""Python's or NumPy's randomness in a function that TensorFlow traces, drawn once for ever.

## What it does
Reads the code of the functions given to `map` and its kind: a call of `random` or `numpy.random` that
is not inside `numpy_function` or `py_function`.

## Why it matters
TensorFlow runs the Python code once, to record its operations. The number that was drawn then becomes
a constant: every image of every epoch is rotated by the same angle.

## Example
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) * np.random.uniform(0.5, 1.5), y)).batch(32)
```

Use instead:
```python
images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
ds = tf.data.Dataset.from_tensor_slices((images, labels))
ds = ds.map(lambda x, y: (tf.cast(x, tf.float32) * tf.random.uniform([], 0.5, 1.5), y)).batch(32)
```

## Fix safety
Unsafe: a number is drawn for each example, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject

_DRAWS = frozenset(
    {"random", "uniform", "rand", "randn", "randint", "normal", "choice", "choices", "sample",
     "random_sample", "ranf", "random_integers", "integers", "standard_normal", "gauss",
     "shuffle", "permutation", "permuted", "beta", "binomial", "poisson", "exponential",
     "triangular", "betavariate", "normalvariate", "lognormvariate", "getrandbits",
     "randrange", "truncnorm", "laplace", "gamma", "dirichlet", "multivariate_normal"}
)  # fmt: skip


def check(subject: Subject) -> Iterator[Answer]:
    """Find draws that happened while the function was traced."""
    if subject.plan is None:
        return
    for step in subject.plan.everything():
        drawn = [name for name in step.mentions if _is_draw(name)]
        if not drawn:
            continue
        yield RULE.finding(
            subject,
            f"its function calls {_called(drawn)}, which ran once while TensorFlow traced it, so"
            " every example gets the number that was drawn then",
            step=step,
            evidence={"calls": ", ".join(drawn)},
            fix=Fix("Draw with TensorFlow", "tf.random.uniform([], low, high)", Safety.UNSAFE),
            size=0.9,
        )


def _is_draw(name: str) -> bool:
    module, _, function = name.rpartition(".")
    return function in _DRAWS and (
        module.startswith("numpy.random") or module in {"random", "random.Random"}
    )


def _called(drawn: list[str]) -> str:
    short = [
        name.replace("numpy.random._generator.", "").replace("numpy.random.mtrand.", "")
        for name in drawn
    ]
    return " and ".join(short[:2])


RULE = Rule(
    code="AUG104",
    name="frozen-at-trace",
    severity=Severity.ERROR,
    tags=("random-frozen-at-trace",),
    since="0.2",
    check=check,
    page=__doc__,
)
