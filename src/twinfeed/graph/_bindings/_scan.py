"""From a GraphDef to a network of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import dataset_options_pb2

from twinfeed._core.plan import Setting
from twinfeed.graph._bindings._file_names import folder_of_files
from twinfeed.graph._bindings._values import attribute, floats, options_of, scalar
from twinfeed.graph.network import UNKNOWN, Call, Network, Node

_SETTINGS = frozenset(
    {"buffer_size", "batch_size", "drop_remainder", "count", "seed", "seed2", "filename",
     "reshuffle_each_iteration", "deterministic", "num_parallel_calls", "cycle_length",
     "block_length", "num_shards", "index", "path", "stop_on_empty_dataset", "size", "shift",
     "stride", "cardinality", "start", "stop", "step", "is_files", "compression_type",
     "rerandomize_each_iteration", "job_name", "processing_mode", "sloppy", "log_warning"}
)  # fmt: skip
_SAME_VALUES = frozenset({"Identity", "Reshape", "ExpandDims", "Cast"})
_RENAMED = {"batch_sizes": "batch_size", "row_shape": ""}


def scan(
    graph: Any,
    arguments: Mapping[str, Mapping[str, list[str]]],
    large: Mapping[str, Any],
    elements: Mapping[str, int],
) -> Network:
    """A network of the datasets in a graph.

    Args:
        graph: The GraphDef; may name large tensors that it does not define.
        arguments: As ``input_arguments`` tells them.
        large: The large tensors.
        elements: TensorFlow's cardinality of datasets, by name, where it was asked.
    """
    nodes = {node.name: node for node in graph.node}
    datasets = {
        name: _node(node, nodes, arguments[name], large, elements)
        for name, node in nodes.items()
        if is_dataset(node.op)
    }
    captured = {
        function: [floats(nodes.get(origin(nodes, name))) for name in arguments[node.name][key]]
        for node in graph.node
        if is_dataset(node.op)
        for key, function in own_functions(node, arguments[node.name]).items()
    }
    library = {
        body.signature.name: calls_of(body, captured.get(body.signature.name, []))
        for body in graph.library.function
    }
    return Network(nodes=datasets, last=returned(graph), functions=library)


def returned(graph: Any) -> str:
    """Name of the dataset that the graph returns."""
    result = next(node for node in graph.node if node.op == "_Retval")
    return bare(result.input[0])


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


def input_arguments(graph: Any, large: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """For every node, the names of the nodes that feed each of its arguments."""
    definitions = _definitions(graph, large)
    found: dict[str, dict[str, list[str]]] = {}
    for node in graph.node:
        names = [bare(name) for name in node.input if not name.startswith("^")]
        arguments: dict[str, list[str]] = {}
        definition = definitions.get(node.op)
        for argument in definition.input_arg if definition is not None else ():
            length = 1
            if argument.number_attr:
                length = node.attr[argument.number_attr].i
            elif argument.type_list_attr:
                length = len(node.attr[argument.type_list_attr].list.type)
            arguments[argument.name], names = names[:length], names[length:]
        found[node.name] = arguments
    return found


def own_functions(node: Any, arguments: Mapping[str, list[str]]) -> dict[str, str]:
    """The function whose captured values each list of further arguments holds."""
    functions = {key: value.func.name for key, value in node.attr.items() if value.func.name}
    lists = [key for key in arguments if key.endswith(("other_arguments", "other_args"))]
    if len(functions) == 1 and len(lists) == 1:
        return {lists[0]: next(iter(functions.values()))}
    # E.g. "key_func_other_arguments" belongs to "key_func".
    return {
        key: name
        for key in lists
        for function, name in functions.items()
        if key.removesuffix("_other_arguments").removesuffix("_other_args") == function
    }


def _definitions(graph: Any, large: Mapping[str, Any]) -> dict[str, Any]:
    """The definition of every operation in the graph, as TensorFlow registers it."""
    whole = tf.compat.v1.GraphDef()
    whole.CopyFrom(graph)
    kept = [node for node in whole.node if node.op != "_Retval"]
    del whole.node[:]
    whole.node.extend(kept)
    with tf.Graph().as_default() as scratch:
        stands_in = {
            f"{name}:0": tf.compat.v1.placeholder(tensor.dtype, tensor.shape)
            for name, tensor in large.items()
        }
        tf.graph_util.import_graph_def(whole, input_map=stands_in, name="")
        return {operation.type: operation.op_def for operation in scratch.get_operations()}


def _node(
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
        functions=_functions(node),
        elements=elements.get(node.name, UNKNOWN),
        held_bytes=_held_bytes(arguments.get("components", ()), nodes, large),
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


def calls_of(body: Any, captured: list[tuple[float, ...] | None]) -> tuple[Call, ...]:
    """The operations of a function.

    Args:
        body: Its FunctionDef.
        captured: The values of the constants that it captures, where they are few.
    """
    constants = {node.name: floats(node) for node in body.node_def if node.op == "Const"}
    # What a function captures comes behind its elements.
    taken = [argument.name for argument in body.signature.input_arg]
    if captured:
        constants |= dict(zip(taken[-len(captured) :], captured, strict=False))
    passed = {node.name: bare(node.input[0]) for node in body.node_def if node.op in _SAME_VALUES}
    return tuple(
        Call(
            op=node.op,
            attributes={name: attribute(value) for name, value in node.attr.items()},
            constants=tuple(
                found
                for name in node.input
                if (found := constants.get(_follow(passed, bare(name)))) is not None
            ),
            functions=_functions(node),
        )
        for node in body.node_def
        if node.op != "Const"
    )


def _follow(passed: Mapping[str, str], name: str) -> str:
    while name in passed:
        name = passed[name]
    return name


def _functions(node: Any) -> tuple[str, ...]:
    names: list[str] = []
    for value in node.attr.values():
        if value.func.name:
            names.append(value.func.name)
        names += [function.name for function in value.list.func]
    return tuple(names)
