"""One dataset of a GraphDef as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import dataset_options_pb2

from twinfeed._core.plan import Setting
from twinfeed.graph._bindings._file_names import folder_of_files
from twinfeed.graph._bindings._values import attribute, options_of, scalar
from twinfeed.graph.network import UNKNOWN, Node

_SETTINGS = frozenset(
    {"buffer_size", "batch_size", "drop_remainder", "count", "seed", "seed2", "filename",
     "reshuffle_each_iteration", "deterministic", "num_parallel_calls", "cycle_length",
     "block_length", "num_shards", "index", "path", "stop_on_empty_dataset", "size", "shift",
     "stride", "cardinality", "start", "stop", "step", "is_files", "compression_type",
     "rerandomize_each_iteration", "job_name", "processing_mode", "sloppy", "log_warning",
     "max_outstanding_requests", "cross_trainer_cache_options", "warm_start"}
)  # fmt: skip
_RENAMED = {"batch_sizes": "batch_size", "row_shape": ""}


_TEXT = dict.fromkeys(
    ("TFRecordDataset", "TFRecordDatasetV2", "TextLineDataset", "FixedLengthRecordDataset",
     "FixedLengthRecordDatasetV2", "MatchingFilesDataset"),
    ("string",),
)  # fmt: skip
"""Operations that say no dtype because it is always this one."""
_SAMPLED_ROWS = 64
"""Rows of a tensor in memory whose values are looked at."""


def is_dataset(op: str) -> bool:
    """Whether an operation makes a dataset."""
    return "Dataset" in op


def bare(name: str) -> str:
    """A node's name without its output number or the mark of a control input."""
    return name.lstrip("^").partition(":")[0]


def origin(nodes: Mapping[str, Any], name: str) -> str:
    """The node behind a chain of ``Identity``."""
    while name in nodes and nodes[name].op == "Identity":
        name = bare(nodes[name].input[0])
    return name


def make_node(
    node: Any,
    nodes: Mapping[str, Any],
    arguments: Mapping[str, list[str]],
    large: Mapping[str, Any],
    elements: Mapping[str, int],
) -> Node:
    inputs: dict[str, tuple[str, ...]] = {}
    settings: dict[str, Setting] = {}
    for argument, names in arguments.items():
        makers = tuple(name for name in names if name in nodes and is_dataset(nodes[name].op))
        if makers:
            inputs[argument] = makers
        name = _RENAMED.get(argument, argument)
        if name in _SETTINGS and len(names) == 1:
            value = scalar(nodes.get(origin(nodes, names[0])))
            if value is not None:
                settings[name] = value
    for name, value in node.attr.items():
        if name in _SETTINGS:
            settings[name] = attribute(value)
    for name, by_default in (("deterministic", "default"), ("is_files", False)):
        if settings.get(name) == by_default:
            del settings[name]
    settings |= folder_of_files(arguments.get("components", ()), nodes, large)
    if node.op == "OptionsDataset":
        serialised = node.attr["serialized_options"].s
        settings = options_of(dataset_options_pb2.Options.FromString(serialised))
    return Node(
        name=node.name,
        op=node.op,
        inputs=inputs,
        settings=settings,
        functions=functions_of(node),
        elements=elements.get(node.name, UNKNOWN),
        held_bytes=_held_bytes(arguments.get("components", ()), nodes, large),
        types=_types(node) or _TEXT.get(node.op, ()),
        shapes=_shapes(node) or ((),) * (node.op in _TEXT),
        ranges=_ranges(node, arguments.get("components", ()), nodes, large),
    )


def _held_bytes(names: Any, nodes: Mapping[str, Any], large: Mapping[str, Any]) -> int:
    held = 0
    for name in names:
        if name in large:
            tensor = large[name]
            held += (tensor.shape.num_elements() or 0) * max(1, tensor.dtype.size or 1)
        elif name in nodes and nodes[name].op == "Const":
            tensor = nodes[name].attr["value"].tensor
            shape = tf.TensorShape(tensor.tensor_shape)
            values = int(shape.num_elements() or 0)
            held += values * max(1, tf.dtypes.as_dtype(tensor.dtype).size or 1)
    return int(held)


def _types(node: Any) -> tuple[str, ...]:
    for name in ("output_types", "Toutput_types"):
        if name in node.attr:
            return tuple(tf.dtypes.as_dtype(one).name for one in node.attr[name].list.type)
    return ()


def _shapes(node: Any) -> tuple[tuple[int | None, ...] | None, ...]:
    return tuple(
        None
        if shape.unknown_rank
        else tuple(None if axis.size < 0 else int(axis.size) for axis in shape.dim)
        for shape in node.attr["output_shapes"].list.shape
    )


def _ranges(
    node: Any, names: Iterable[str], nodes: Mapping[str, Any], large: Mapping[str, Any]
) -> tuple[tuple[float, float] | None, ...]:
    """Smallest and largest value of each tensor of a source, from some of its rows."""
    if node.op not in {"TensorSliceDataset", "TensorDataset"}:
        return ()
    return tuple(_range(large.get(name), nodes.get(name)) for name in names)


def _range(tensor: Any, constant: Any) -> tuple[float, float] | None:
    if tensor is not None:
        if not (tensor.dtype.is_floating or tensor.dtype.is_integer):
            return None
        values = np.asarray(tensor)
    elif constant is not None and constant.op == "Const":
        proto = constant.attr["value"].tensor
        kind = tf.dtypes.as_dtype(proto.dtype)
        if not (kind.is_floating or kind.is_integer):
            return None
        values = np.asarray(tf.make_ndarray(proto))
    else:
        return None
    if values.ndim:
        values = values[:: max(1, len(values) // _SAMPLED_ROWS)]
    values = values.astype(np.float64)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else None


def functions_of(node: Any) -> tuple[str, ...]:
    """Names of the functions that a node calls."""
    names: list[str] = []
    for value in node.attr.values():
        if value.func.name:
            names.append(value.func.name)
        names += [function.name for function in value.list.func]
    return tuple(names)
