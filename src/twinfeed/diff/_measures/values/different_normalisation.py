"""Two normalisations that have names, and are not the same one.

## What it does
Fits one line per channel from the values of A to those of B on paired examples (point by
point, or on the order statistics of each example where flips and zooms stand between them),
and looks the pair up among the normalisations that have a name: levels 0..255, `1/255`,
`-1..1`, `caffe` (BGR less 103.939, 116.779, 123.68), `torch` (ImageNet mean and std), the
constants of CIFAR and MNIST. Standardisation image by image, batch by batch and over the data
set are recognised from each side alone. What was divided by the highest value of each example,
or less a mean of each point over the data set, is told from the partners.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed is scaled to
-1..1 and the other to 0..1. Below that the answer is undecided and says how many it takes.

## Why it matters
Pretrained weights expect the one they were trained with, and a learning rate found for inputs
around 1 does not suit inputs around 100. Nothing fails: the network is only worse.

Where one side has no name, `scale-and-offset-differ` speaks instead; where no examples are
paired, `different-value-range`. A side that is `caffe` is blue first by name: then
`different-channel-order` says nothing.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((rgb.astype("float32"), labels)).batch(32)
a = data.map(lambda x, y: (keras.applications.resnet.preprocess_input(x), y))
b = data.map(lambda x, y: (keras.applications.densenet.preprocess_input(x), y))
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((rgb.astype("float32"), labels)).batch(32)
a = data.map(lambda x, y: (keras.applications.resnet.preprocess_input(x), y))
b = data.map(lambda x, y: (keras.applications.resnet.preprocess_input(x), y))
```

## Fix safety
Unsafe: values change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import curved_each, same_but_padded
from twinfeed.diff._reach import Reach, values_differ
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._by_batch import BY_BATCH
from twinfeed.diff._values._line_words import line_evidence
from twinfeed.diff._values._own_ends import BY_PEAK, STRETCHED
from twinfeed.diff._values._own_places import CENTRED_PLACES, STANDARD_PLACES
from twinfeed.diff._values._presets import RAW
from twinfeed.diff._values._scaling import CENTRED_EACH, OVER_SET, PER_IMAGE, scaling
from twinfeed.diff._values._value_range import ValueRange

_WRITTEN = {
    "scaled by 1/255": "x / 255.0",
    "scaled to 0..1": "x / 255.0",
    "scaled to -1..1": "x / 127.5 - 1.0",
    "caffe": "keras.applications.resnet.preprocess_input(x)",
    "torch": "keras.applications.densenet.preprocess_input(x)",
    PER_IMAGE: "tf.image.per_image_standardization(x)",
    CENTRED_EACH: "x - tf.reduce_mean(x, axis=[-3, -2, -1], keepdims=True)",
    BY_PEAK: "x / tf.reduce_max(x, axis=[-3, -2, -1], keepdims=True)",
    CENTRED_PLACES: "x - mean, with mean = x_train.mean(axis=0)",
    STANDARD_PLACES: "(x - mean) / std, with x_train.mean(axis=0) and x_train.std(axis=0)",
    OVER_SET: "normalization(x), a keras.layers.Normalization adapted to the training images",
}
_ARGUMENTS = {
    "scaled by 1/255": "ImageDataGenerator(rescale=1/255)",
    "scaled to 0..1": "ImageDataGenerator(rescale=1/255)",
    PER_IMAGE: "ImageDataGenerator(samplewise_center=True, samplewise_std_normalization=True)",
    CENTRED_EACH: "ImageDataGenerator(samplewise_center=True)",
    OVER_SET: "ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)"
    " and its fit(x)",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Name both normalisations where they have names and differ."""
    found = scaling(twins)
    if found.kind != "named" or found.ranges is None:
        return
    if STRETCHED in {found.left, found.right} and curved_each(twins):
        return  # an even histogram reaches from end to end
    if same_but_padded(twins):
        return
    left, right = found.ranges
    pairs = f" ({found.line.pairs:,} paired examples)" if found.line else ""
    yield MEASURE.finding(
        f"A's values {_said(found.left, left)}, B's {_said(found.right, right)}{pairs}",
        evidence={
            "a_normalisation": found.left,
            "b_normalisation": found.right,
            "a_low": left.low,
            "a_high": left.high,
            "b_low": right.low,
            "b_high": right.high,
            **(line_evidence(found.line) if found.line else {}),
        },
        fix=_fix(twins, found.left, found.right),
        size=0.85,
    )


def _said(name: str, seen: ValueRange) -> str:
    """A normalisation with its range, which is all there is to say of one without a name."""
    return f"run {name}" if name.startswith("from ") else f"are {name} ({seen})"


def _fix(twins: Twins, left: str, right: str) -> Fix | None:
    """Bring the side that holds plain levels to the other's normalisation, else B to A's."""
    side, goal = ("A", right) if left in {RAW.name, *BY_BATCH} else ("B", left)
    trace = twins.left if side == "A" else twins.right
    code = _code(trace, goal)
    if code is None:
        return None
    start = "" if RAW.name in {left, right} else ", from levels 0..255"
    return Fix(f"Normalise {side} as the other side: {goal}{start}", code, Safety.UNSAFE)


def _code(trace: Trace, goal: str) -> str | None:
    if built_by(trace, "ImageDataGenerator") and goal in _ARGUMENTS:
        return _ARGUMENTS[goal]
    written = next((text for name, text in _WRITTEN.items() if goal.startswith(name)), None)
    return None if written is None else on_inputs(trace, written)


MEASURE = Measure(
    code="VAL203",
    name="different-normalisation",
    severity=Severity.WARNING,
    tags=(
        "missing-rescale",
        "preprocess-mode-mismatch",
        "normalization-constant-mismatch",
        "input-dependent-scaling",
        "double-rescale",
        "op-order-mismatch",
        "model-embeds-preprocessing",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed is scaled to -1..1 and the other to 0..1",
        open=values_differ,
    ),
)
