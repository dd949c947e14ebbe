"""A report as a comparison of two real feeds gives it, with awkward names in it."""

from __future__ import annotations

from twinfeed._core.augmentation import Augmentation, Parameter
from twinfeed._core.finding import Finding, Fix, Safety, Severity, Strength, Undecided
from twinfeed._core.plan import AUTOTUNE, Plan, Step
from twinfeed._core.results import Ledger, Pairing, Report, Share, Side, Verdict
from twinfeed._core.spec import FeedSpec, LeafSpec

FROZEN = Finding(
    code="AUG202",
    name="frozen-augmentation",
    tags=("cache-freezes-randomness",),
    severity=Severity.ERROR,
    strength=Strength.MEASURED,
    sentence="B shows 1,797 of 1,797 examples unchanged in its second epoch although it augments; "
    "a fresh build draws others",
    evidence={
        "examples_compared": 1797,
        "share_same_epochs": 1.0,
        "share_same_builds": 0.0123456,
    },
    fix=Fix(
        "Move cache() before the random steps",
        "ds = ds.cache().map(augment, num_parallel_calls=tf.data.AUTOTUNE)\nds = ds.shuffle(1_797)",
        Safety.UNSAFE,
    ),
    size=0.9,
)
RANGE = Finding(
    code="VAL107",
    name="values-leave-range",
    tags=("augment-semantics",),
    severity=Severity.ERROR,
    strength=Strength.PROVEN,
    sentence="B has 4.1 % of its values outside 0..1, from -0.2 to 1.2; A has none",
    evidence={
        "share_outside": 0.0412,
        "low": -0.2,
        "high": float("inf"),
        "mean": float("nan"),
        "clipped": False,
    },
    fix=Fix("Clip after the brightness step", "tf.clip_by_value(image, 0.0, 1.0)"),
    size=0.7,
)
LABELS = Finding(
    code="LBL101",
    name="label-form-differs",
    tags=("label-spec-mismatch",),
    severity=Severity.WARNING,
    strength=Strength.READ,
    sentence="A gives one-hot labels of 10 classes as float32, B class numbers as int64",
    size=0.2,
)
HOSTILE = Finding(
    code="ORD109",
    name="class-order-differs",
    tags=("class-index-mismatch",),
    severity=Severity.NOTE,
    strength=Strength.PRIOR,
    sentence="class [bold red]cat[/] \x1b]0;owned\x07\x1b[2J\u202egod\udcff is 0 in A and 1 in B",
    evidence={"name": "=cmd|' /C calc'!A0\x1b[31m"},
)

_ROTATION = Parameter(
    name="rotation_degrees",
    drawn=True,
    low=-15.2,
    high=15.1,
    low_between=(-15.9, -14.8),
    high_between=(14.7, 15.8),
    shape="uniform",
    untouched=0.4,
    per="example",
    views=400,
    draws=238,
    deviation=8.7,
    stated=(-20.0, 20.0),
)
_SCALED = Parameter(
    name="contrast",
    drawn=True,
    low=0.8,
    high=1.2,
    low_between=(0.79, 0.81),
    high_between=(1.19, 1.21),
    shape="discrete",
    values=(0.8, 1.2),
    shares=(0.25, 0.75),
    per="batch",
    views=400,
    draws=40,
    deviation=0.2,
)
_MIRRORED = Parameter(
    name="flip_x",
    drawn=True,
    low=0.5,
    high=0.5,
    low_between=(0.45, 0.55),
    high_between=(0.45, 0.55),
    shape="share",
    per="example",
    views=400,
    draws=400,
)
AUGMENTATION = (
    Augmentation(
        label="A",
        state="fresh",
        known=True,
        basis="plain",
        views=400,
        tried=400,
        parameters=(_ROTATION, _SCALED, _MIRRORED),
        fill="constant",
        fill_value=0.5,
        stated_fill="nearest",
        pivot="black",
    ),
    Augmentation(
        label="B",
        state="fresh",
        known=True,
        basis="epochs",
        views=380,
        tried=400,
        parameters=(_ROTATION,),
    ),
)
LEDGER = Ledger(
    shares=(
        Share(
            step="values",
            says="A's values are levels 0..255, B's scaled to -1..1",
            share=0.99902,
            low=0.99871,
            high=0.9993,
            pairs=50,
            left_rms=0.1236,
        ),
        Share(
            step="resize kernel",
            says="A: pil-nearest or tf-nearest (equal here); B: tf-bilinear [bold]\x1b[2J",
            share=0.0009,
            low=0.00064,
            high=0.0012,
            pairs=50,
            left_rms=0.0111,
        ),
    ),
    unexplained=0.00008,
    low=0.00001,
    high=0.0001,
    pairs=50,
    fitted_pairs=50,
    rms=130.2,
)


def report(*findings: Finding, complete: bool = True) -> Report:
    """Keras's loader against an imitation of it in ``tf.data``."""
    return Report(
        verdict=Verdict(
            "different",
            "The feeds are not the same. B's augmentation is frozen: every example looks the same "
            "in every epoch, because cache() stands after the random steps. B also leaves the range "
            "0..1, which A never does. The labels have another form, which matters only to the loss.",
        ),
        findings=findings or (FROZEN, RANGE, LABELS, HOSTILE),
        undecided=(
            Undecided(
                code="SPD103",
                question="is B slower than A when both have warmed up",
                needs="20 more batches of each feed; 3 were timed",
            ),
        ),
        left=_keras(),
        right=_tf_data(),
        pairing=Pairing(method="likeness", pairs=1788, left=1797, right=1797, confidence=0.998),
        complete=complete,
        environment={"python": "3.11.7", "keras": "3.15.1", "tensorflow": "2.21.0", "cores": "2"},
        tool_version="0.1.0",
    )


def _keras() -> Side:
    return Side(
        label="A",
        name="train.py:keras_feed",
        library="keras ImageDataGenerator",
        role="fit",
        spec=FeedSpec(
            (
                LeafSpec(path="x", kind="dense", dtype="float32", shape=(32, 32, 3)),
                LeafSpec(path="y", kind="dense", dtype="float32", shape=(10,)),
            )
        ),
        plan=Plan(
            (
                Step(kind="source", where="directory", settings={"directory": "digits/train"}),
                Step(kind="decode", where="load_img"),
                Step(kind="resize", where="target_size", settings={"interpolation": "nearest"}),
                Step(kind="shuffle", where="shuffle", settings={"buffer_size": 1797}),
                Step(
                    kind="augment",
                    where="random_transform",
                    settings={"shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True},
                    random=True,
                ),
                Step(kind="batch", where="batch_size", settings={"batch_size": 32}),
            ),
            "keras",
        ),
        batches=57,
        examples=1797,
        examples_read=5391,
        epochs_read=3,
        metrics={"accuracy": (0.31, 0.58, 0.77), "val_accuracy": (0.41, 0.66, 0.8125)},
        examples_per_s=1234.5,
        first_batch_s=0.043,
    )


def _tf_data() -> Side:
    return Side(
        label="B",
        name="/home/someone/with/a/very/long/path/to/projects/digits/tfds_train.py:imitation",
        library="tf.data",
        role="fit",
        spec=FeedSpec(
            (
                LeafSpec(path="x", kind="dense", dtype="float32", shape=(32, 32, 1)),
                LeafSpec(path="y", kind="dense", dtype="int64", shape=()),
                LeafSpec(path='x["a note"]', kind="text", dtype="bytes", shape=()),
            )
        ),
        plan=Plan(
            (
                Step(kind="source", where="step 1 of 8", name="TensorSliceDataset"),
                Step(
                    kind="map",
                    where="step 2 of 8",
                    name="ParallelMapDatasetV2",
                    parallel_calls=AUTOTUNE,
                    ops=("DecodePng", "Cast", "Mul", "ResizeBilinear", "Reshape"),
                ),
                Step(kind="augment", where="step 3 of 8", name="MapDataset", random=True),
                Step(kind="cache", where="step 4 of 8", settings={"filename": ""}),
                Step(kind="shuffle", where="step 5 of 8", settings={"buffer_size": 1797}),
                Step(
                    kind="batch",
                    where="step 6 of 8",
                    settings={"batch_size": 32, "drop_remainder": False},
                ),
                Step(
                    kind="prefetch",
                    where="step 7 of 8",
                    settings={"buffer_size": -1},
                    parallel_calls=1,
                ),
            ),
            "tf.data",
        ),
        batches=None,
        examples=None,
        examples_read=5391,
        epochs_read=3,
        metrics={"accuracy": (0.31, 0.62, 0.91), "val_accuracy": (0.41, 0.5, 0.5)},
        notes=("a cache file was left out: \x1b[31m/data/cache",),
        examples_per_s=20480.0,
        first_batch_s=1.9,
    )
