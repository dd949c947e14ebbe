"""From a dataset to its graph, with large tensors taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from twinfeed.graph._bindings._held import Held
from twinfeed.graph._bindings._slim import put_back, slim

LARGE_BYTES = 1 << 20
SLIM_BYTES = 32 << 20
_TOO_LARGE = "its tensors in memory are above the 2 GB that a graph can hold"
_IGNORE_STATE = 1  # ExternalStatePolicy of tensorflow/core/framework/dataset_options.proto


@dataclass(frozen=True, slots=True)
class Serialised:
    """A dataset's graph.

    Attributes:
        graph: The GraphDef; where a large constant was, a name is left that nothing defines.
        large: The large tensors by these names.
    """

    graph: Any
    large: dict[str, Any]


def serialise(dataset: Any, holds: Held) -> Serialised | str:
    """The graph of a dataset, or in words why there is none."""
    held_bytes = sum(_nbytes(tensor) for tensor in holds.tensors)
    made = slim(dataset) if held_bytes >= SLIM_BYTES else None
    if made is None and held_bytes >= 1 << 31:
        return _TOO_LARGE
    try:
        packed = tf.raw_ops.DatasetToGraphV2(
            input_dataset=made.variant if made else tf.data.experimental.to_variant(dataset),
            external_state_policy=_IGNORE_STATE,
            # Stripping leaves malformed devices in functions (TensorFlow 2.21).
            strip_device_assignment=False,
        )
    except (tf.errors.OpError, ValueError, TypeError) as error:
        return reason(error)
    graph = tf.compat.v1.GraphDef()
    graph.ParseFromString(packed.numpy())
    del packed
    if not graph.node:
        # TensorFlow only logs it when the graph does not fit and gives an empty one.
        return _TOO_LARGE
    stood_in = put_back(graph, made) if made else {}
    large = stood_in | _take_out(graph, holds)
    return Serialised(graph, large)


def reason(error: Exception) -> str:
    """TensorFlow's message without its addresses."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"^\{\{.*?\}\} | \[Op:\w+\].*$", "", first)


def _take_out(graph: Any, holds: Held) -> dict[str, Any]:
    """Replace large constants by the tensors that the user holds already."""
    big = [
        node
        for node in graph.node
        if node.op == "Const" and node.attr["value"].tensor.ByteSize() > LARGE_BYTES
    ]
    offered = [
        *holds.tensors,
        *(tensor for captured in holds.captures.values() for tensor in captured),
    ]
    found = {node.name: _same_tensor(node.attr["value"].tensor, big, offered) for node in big}
    kept = [node for node in graph.node if node.name not in found]
    del graph.node[:]
    graph.node.extend(kept)
    return found


def _same_tensor(proto: Any, big: list[Any], offered: list[Any]) -> Any:
    """The user's own tensor where it can be told, else a copy."""
    like = {
        id(tensor): tensor
        for tensor in offered
        if tensor.dtype.as_datatype_enum == proto.dtype
        and tensor.shape == tf.TensorShape(proto.tensor_shape)
    }
    rivals = [
        node
        for node in big
        if node.attr["value"].tensor.dtype == proto.dtype
        and node.attr["value"].tensor.tensor_shape == proto.tensor_shape
    ]
    if len(like) == 1 and len(rivals) == 1:
        return next(iter(like.values()))
    values = tf.make_ndarray(proto)
    for tensor in like.values():
        if np.array_equal(tensor._numpy(), values):
            return tensor
    return tf.constant(values, dtype=proto.dtype)


def _nbytes(tensor: Any) -> int:
    return int(tensor.shape.num_elements() or 0) * max(1, tensor.dtype.size or 1)
