"""Which kind of step each dataset operation is, and what a user calls it."""

from __future__ import annotations

import re

from twinfeed._core.plan import StepKind

_KINDS: dict[str, StepKind] = {
    "TensorSliceDataset": "source", "TensorDataset": "source", "RangeDataset": "source",
    "GeneratorDataset": "source", "SparseTensorSliceDataset": "source", "ListDataset": "source",
    "RandomDataset": "source", "RandomDatasetV2": "source", "LoadDataset": "source",
    "TFRecordDataset": "source", "TFRecordDatasetV2": "source", "TextLineDataset": "source",
    "FixedLengthRecordDataset": "source", "FixedLengthRecordDatasetV2": "source",
    "CSVDataset": "source", "CSVDatasetV2": "source", "MatchingFilesDataset": "source",
    "DataServiceDatasetV4": "source", "DataServiceDatasetV3": "source",
    "MapDataset": "map", "ParallelMapDataset": "map", "ParallelMapDatasetV2": "map",
    "ScanDataset": "map", "ParseExampleDataset": "map", "ParseExampleDatasetV2": "map",
    "FlatMapDataset": "other", "InterleaveDataset": "other",
    "ParallelInterleaveDatasetV2": "other", "ParallelInterleaveDatasetV3": "other",
    "ParallelInterleaveDatasetV4": "other", "LegacyParallelInterleaveDatasetV2": "other",
    "ShuffleDataset": "shuffle", "ShuffleDatasetV2": "shuffle", "ShuffleDatasetV3": "shuffle",
    "GlobalShuffleDataset": "shuffle",
    "CacheDataset": "cache", "CacheDatasetV2": "cache",
    "SnapshotDataset": "cache", "SnapshotDatasetV2": "cache",
    "BatchDataset": "batch", "BatchDatasetV2": "batch", "ParallelBatchDataset": "batch",
    "PaddedBatchDataset": "batch", "PaddedBatchDatasetV2": "batch",
    "DenseToSparseBatchDataset": "batch", "RebatchDataset": "batch", "RebatchDatasetV2": "batch",
    "RepeatDataset": "repeat", "PrefetchDataset": "prefetch",
    "TakeDataset": "take", "ShardDataset": "shard",
}  # fmt: skip

FUSED: dict[str, tuple[StepKind, StepKind]] = {
    "MapAndBatchDataset": ("map", "batch"),
    "ShuffleAndRepeatDataset": ("shuffle", "repeat"),
    "ShuffleAndRepeatDatasetV2": ("shuffle", "repeat"),
}
"""Operations that do the work of two steps."""

_VERBS = {
    "TensorSliceDataset": "from_tensor_slices",
    "TensorDataset": "from_tensors",
    "GeneratorDataset": "from_generator",
    "DirectedInterleaveDataset": "sample_from_datasets",
    "OptionsDataset": "with_options",
    "Options": "with_options",
    "DataServiceDatasetV4": "distribute",
    "DenseToSparseBatchDataset": "dense_to_sparse_batch",
}

MAPPED = frozenset({"map", "other", "source"})
"""Kinds of step that may be renamed after what their function does."""


def kind_of(op: str) -> StepKind:
    """The kind of step that an operation is; ``other`` for one that the table does not know."""
    return _KINDS.get(op, "other")


def verb_of(op: str) -> str:
    """What a user writes for an operation.

    >>> verb_of("ParallelMapDatasetV2"), verb_of("PaddedBatchDatasetV2")
    ('map', 'padded_batch')
    """
    if op in _VERBS:
        return _VERBS[op]
    bare = re.sub(r"Dataset(V\d+)?$", "", op)
    if bare.startswith(("TF", "CSV", "TextLine", "FixedLength")):
        return f"{bare}Dataset"
    bare = re.sub(r"^(Legacy)?Parallel", "", bare) or op
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare).lower()
