"""A recorded run with faults at known lines, made without a framework."""

from __future__ import annotations

from dataclasses import replace

from twinfeed._core.plan import Place, Plan, Step
from twinfeed._core.spec import FeedSpec, LeafSpec
from twinfeed._core.trace import Fit, Trace
from twinfeed.observe.recorder import Recorder

SCRIPT = """\
import tensorflow as tf

ds = tf.data.Dataset.from_tensor_slices((x, y))
ds = ds.shuffle(100){mark}
ds = ds.batch(32)
model.fit(ds, epochs=3)
"""
SPEC = FeedSpec(
    (
        LeafSpec(path="x", kind="dense", dtype="float32", shape=(28, 28, 1)),
        LeafSpec(path="y", kind="dense", dtype="int64", shape=()),
    )
)


def plan(file: str = "train.py", *, buffer: int = 100, examples: int = 50_000) -> Plan:
    """The steps of ``SCRIPT``."""
    steps = [
        Step(kind="source", where="from_tensor_slices", name="TensorSliceDataset"),
        Step(
            kind="shuffle",
            where="shuffle",
            name="ShuffleDatasetV3",
            settings={"buffer_size": buffer},
            examples_in=examples,
        ),
        Step(kind="batch", where="batch", name="BatchDatasetV2", settings={"batch_size": 32}),
    ]
    placed = [
        replace(
            step,
            where=f"{step.where}, step {number} of 3",
            place=Place(file=file, line=number + 2, end_line=number + 2, end_column=20),
        )
        for number, step in enumerate(steps, 1)
    ]
    return Plan(tuple(placed), "tf.data")


def run(file: str = "train.py", **how: int) -> Trace:
    """What ``twinfeed trace`` would save of ``SCRIPT``."""
    steps = plan(file, **how)
    return Recorder().trace(
        name=file,
        role="fit",
        plan=steps,
        batches=1563,
        examples=50_000,
        infinite=False,
        complete=True,
        notes=[],
        fit=Fit(
            handed="tf.data.Dataset",
            arguments={"epochs": 3, "steps_per_epoch": None, "shuffle": True},
            spec=SPEC,
            batches=1563,
            backend="tensorflow",
            place=Place(file=file, line=6, end_line=6, end_column=24),
        ),
    )
