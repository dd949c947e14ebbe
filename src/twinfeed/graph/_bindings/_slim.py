"""The graph of a dataset without the arrays that it holds in memory.

TensorFlow writes every array into the graph that it serialises: five copies in passing, and
none at all above 2 GB. So a pipeline on large arrays is built again, step by step, on sources
of one element, and the user's own tensors are put in the place of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import dataset_metadata_pb2

from twinfeed.graph._bindings._steps import UnknownStepError, known_step

_MARK = "twinfeed:"


@dataclass(slots=True)
class Slim:
    """A dataset on sources of one element.

    Attributes:
        variant: The dataset.
        tensors: The user's tensors of each source, by the mark that the source bears.
    """

    variant: Any = None
    tensors: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])


def slim(dataset: Any) -> Slim | None:
    """Build a dataset again without its arrays; ``None`` if one of its steps is not known."""
    made = Slim()
    try:
        made.variant = _build(dataset, made, {})
    except (UnknownStepError, AttributeError, TypeError, ValueError, tf.errors.OpError):
        return None  # the attributes are private: another version may have others
    return made


def put_back(graph: Any, made: Slim) -> dict[str, Any]:
    """Take the stand-ins out of a graph; the user's tensors by the names that are left."""
    found: dict[str, Any] = {}
    for node in graph.node:
        if node.op != "TensorSliceDataset":
            continue
        metadata = dataset_metadata_pb2.Metadata.FromString(node.attr["metadata"].s)
        tensors = made.tensors.get(metadata.name.decode(), [])
        found |= dict(zip(node.input, tensors, strict=False))
    kept = [node for node in graph.node if node.name not in found]
    del graph.node[:]
    graph.node.extend(kept)
    return found


def _build(part: Any, made: Slim, done: dict[int, Any]) -> Any:
    if id(part) not in done:
        before = [_build(one, made, done) for one in part._inputs()]
        done[id(part)] = _step(part, before, made)
    return done[id(part)]


def _step(part: Any, before: list[Any], made: Slim) -> Any:
    kind = type(part).__name__
    if kind == "_TensorSliceDataset":
        return _source(part, made)
    if kind == "_RestructuredDataset":  # the same elements under another spec
        return before[0]
    common: Mapping[str, Any] = part._common_args
    if kind == "_OptionsDataset":
        options = part._options_attr._to_proto().SerializeToString()
        return tf.raw_ops.OptionsDataset(
            input_dataset=before[0], serialized_options=options, **common
        )
    if kind == "_ZipDataset":
        return tf.raw_ops.ZipDataset(input_datasets=before, **common)
    if kind == "_ConcatenateDataset":
        return tf.raw_ops.ConcatenateDataset(
            input_dataset=before[0], another_dataset=before[1], **common
        )
    return known_step(part, before[0], common)


def _source(part: Any, made: Slim) -> Any:
    tensors = part._tensors
    if any(tensor.dtype in (tf.variant, tf.resource) for tensor in tensors):
        raise UnknownStepError
    mark = f"{_MARK}{len(made.tensors)}"
    made.tensors[mark] = list(tensors)
    return tf.raw_ops.TensorSliceDataset(
        components=[tf.zeros([1, *tensor.shape[1:]], tensor.dtype) for tensor in tensors],
        output_shapes=part._flat_shapes,
        metadata=dataset_metadata_pb2.Metadata(name=mark.encode()).SerializeToString(),
    )
