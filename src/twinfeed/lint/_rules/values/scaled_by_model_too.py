"""Values that the feed has scaled and the model scales again.

## What it does
Reads the layers at the front of the model that `fit` was called on, `Rescaling` and `Normalization`, and
applies them to the range of the values that reached it. It fires where a range of 0..1, -1..1 or the like
ends in less than a twentieth.

## Why it matters
Many networks of `keras.applications` divide by 255 themselves (EfficientNet, MobileNetV3, ConvNeXt), as do
models that begin with `Rescaling(1/255)`. Fed with values of 0 to 1 they see 0 to 0.004: every picture is
nearly the same, and the network learns slowly or not at all.

## Example
```python
import keras

images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(4)]
network = keras.Sequential(layers)
network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
ds = tf.data.Dataset.from_tensor_slices((images.astype("float32") / 255, labels)).shuffle(64).batch(32)
network.fit(ds, verbose=0)
```

Use instead:
```python
import keras

images, labels = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), np.uint8), np.arange(64) % 4
layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(4)]
network = keras.Sequential(layers)
network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
ds = tf.data.Dataset.from_tensor_slices((images.astype("float32"), labels)).shuffle(64).batch(32)
network.fit(ds, verbose=0)
```

## Fix safety
Show: whether the feed or the model shall scale is yours to say.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity, Strength
from twinfeed.lint._rule import Answer, Needs, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find a model whose own scaling leaves a sliver of the range."""
    if not subject.use.call:
        return  # without a call of Keras there is no model to ask
    trace = subject.sample
    found = trace.behind_model_scaling if trace else None
    if trace is None or trace.fit is None or found is None or not trace.is_squeezed_by_model:
        return
    stats, (low, high) = found
    layers = " and ".join(layer.layer for layer in trace.fit.model_scaling)
    yield RULE.finding(
        subject,
        f"the feed gives {stats.path} in {stats.low:.4g} to {stats.high:.4g}, and the model's"
        f" {layers} leave {low:.4g} to {high:.4g} of it ({stats.examples:,} examples)",
        strength=Strength.MEASURED,
        evidence={
            "low": stats.low,
            "high": stats.high,
            "low_behind_scaling": low,
            "high_behind_scaling": high,
            "examples": stats.examples,
        },
        fix=Fix("Scale in the feed or in the model, not in both", "feed the model levels 0..255"),
        size=1.0,
    )


RULE = Rule(
    code="VAL107",
    name="scaled-by-model-too",
    severity=Severity.ERROR,
    tags=("model-embeds-preprocessing", "double-rescale"),
    since="0.2",
    check=check,
    page=__doc__,
    needs=Needs.SAMPLE,
)
