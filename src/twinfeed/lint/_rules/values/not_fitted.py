"""Statistics of the data set that were never computed.

## What it does
Looks for `featurewise_center`, `featurewise_std_normalization` or `zca_whitening` of an
`ImageDataGenerator` whose `fit` was not called.

## Why it matters
Keras warns once and leaves the pictures as they are, so levels of 0 to 255 reach a network that was to
see standardised ones.

## Example
```python
ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
images = np.random.default_rng(0).random((32, 8, 8, 3)).astype(np.float32)
ds = ImageDataGenerator(featurewise_center=True).flow(images, np.arange(32))
```

Use instead:
```python
ImageDataGenerator = tf.keras.preprocessing.image.ImageDataGenerator
images = np.random.default_rng(0).random((32, 8, 8, 3)).astype(np.float32)
generator = ImageDataGenerator(featurewise_center=True)
generator.fit(images)
ds = generator.flow(images, np.arange(32))
```

## Fix safety
Unsafe: the values change, which is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find statistics that are asked for and missing."""
    if subject.plan is None:
        return
    for step in subject.plan.of_kind("map"):
        if step.settings.get("fitted") is not False:
            continue
        yield RULE.finding(
            subject,
            f"{step.where}=True has no statistics, because the generator's fit was not called, so"
            " nothing is subtracted or divided",
            step=step,
            evidence={"argument": step.where},
            fix=Fix(
                "Compute the statistics from training pictures",
                "generator.fit(images)",
                Safety.UNSAFE,
            ),
            size=0.9,
        )


RULE = Rule(
    code="VAL106",
    name="not-fitted",
    severity=Severity.ERROR,
    tags=("normalization-constant-mismatch",),
    since="0.2",
    check=check,
    page=__doc__,
)
