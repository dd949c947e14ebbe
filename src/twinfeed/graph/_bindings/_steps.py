"""Each class of dataset as its operation, with the arguments that its objects keep.

A step can so be built again on another input, with the very function that was traced for it:
nothing of the user's code runs a second time. The attributes are private to TensorFlow; where
one is missing, the step counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

_STEPS = {
    "_ShuffleDataset": (
        "ShuffleDatasetV3",
        ("buffer_size", "seed", "seed2", "reshuffle_each_iteration"),
    ),
    "CacheDataset": ("CacheDatasetV2", ("filename",)),
    "_BatchDataset": ("BatchDatasetV2", ("batch_size", "drop_remainder")),
    "_ParallelBatchDataset": (
        "ParallelBatchDataset",
        ("batch_size", "num_parallel_calls", "drop_remainder", "deterministic"),
    ),
    "_RepeatDataset": ("RepeatDataset", ("count",)),
    "_TakeDataset": ("TakeDataset", ("count",)),
    "_SkipDataset": ("SkipDataset", ("count",)),
    "_PrefetchDataset": ("PrefetchDataset", ("buffer_size",)),
    "_ShardDataset": ("ShardDataset", ("num_shards", "index")),
    "_UnbatchDataset": ("UnbatchDataset", ()),
    "_MapDataset": (
        "MapDataset",
        ("use_inter_op_parallelism", "preserve_cardinality", "force_synchronous"),
    ),
    "_ParallelMapDataset": (
        "ParallelMapDatasetV2",
        ("num_parallel_calls", "deterministic", "use_inter_op_parallelism", "preserve_cardinality"),
    ),
    "_FilterDataset": ("FilterDataset", ()),
    "_FlatMapDataset": ("FlatMapDataset", ()),
    "_InterleaveDataset": ("InterleaveDataset", ("cycle_length", "block_length")),
    "_ParallelInterleaveDataset": (
        "ParallelInterleaveDatasetV4",
        (
            "cycle_length",
            "block_length",
            "buffer_output_elements",
            "prefetch_input_elements",
            "num_parallel_calls",
            "deterministic",
        ),
    ),
}
"""For each class of dataset its operation, and the arguments that it keeps as attributes."""

_FUNCTIONS = {"_map_func": "f", "_predicate": "predicate"}
_RESOURCES = {
    "ShuffleDatasetV3": ("seed_generator", "DummySeedGenerator"),
    "CacheDatasetV2": ("cache", "DummyMemoryCache"),
}


class UnknownStepError(Exception):
    """A step that the table does not know."""


def knows(part: Any) -> bool:
    """Whether a step can be built again."""
    return type(part).__name__ in {*_STEPS, "_PaddedBatchDataset"}


def known_step(part: Any, before: Any, common: Mapping[str, Any]) -> Any:
    """The variant of a step on another input.

    Args:
        part: The step's object, which keeps its arguments.
        before: The variant of its input.
        common: Shapes, types and metadata of what leaves it.

    Raises:
        UnknownStepError: If the table does not know its class.
    """
    if type(part).__name__ == "_PaddedBatchDataset":
        return _padded(part, before)
    if type(part).__name__ not in _STEPS:
        raise UnknownStepError
    op, names = _STEPS[type(part).__name__]
    arguments = {name: getattr(part, f"_{name}") for name in names}
    for attribute, name in _FUNCTIONS.items():
        if hasattr(part, attribute):
            function = getattr(part, attribute).function
            arguments |= {name: function, "other_arguments": function.captured_inputs}
    if op in _RESOURCES:
        argument, maker = _RESOURCES[op]
        arguments[argument] = getattr(tf.raw_ops, maker)()
    return getattr(tf.raw_ops, op)(input_dataset=before, **arguments, **common)


def _padded(part: Any, before: Any) -> Any:
    return tf.raw_ops.PaddedBatchDatasetV2(
        input_dataset=before,
        batch_size=part._batch_size,
        padded_shapes=[tf.cast(shape, tf.int64) for shape in tf.nest.flatten(part._padded_shapes)],
        padding_values=tf.nest.flatten(part._padding_values),
        drop_remainder=part._drop_remainder,
        output_shapes=part._flat_shapes,
        metadata=part._metadata.SerializeToString(),
    )
