"""From a GraphDef to a network of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from twinfeed.graph._bindings._bodies import calls_of, inner_of, signature_of, split_inputs
from twinfeed.graph._bindings._held import Held
from twinfeed.graph._bindings._mentions import mentions_of
from twinfeed.graph._bindings._nodes import bare, is_dataset, make_node, origin
from twinfeed.graph._bindings._paths import paths_of
from twinfeed.graph._bindings._values import floats, numbers
from twinfeed.graph.network import Network


def scan(
    graph: Any,
    arguments: Mapping[str, Mapping[str, list[str]]],
    large: Mapping[str, Any],
    elements: Mapping[str, int],
    *,
    holds: Held,
    spec: Any,
) -> Network:
    """A network of the datasets in a graph.

    Args:
        graph: The GraphDef; may name large tensors that it does not define.
        arguments: As ``input_arguments`` tells them.
        large: The large tensors.
        elements: TensorFlow's cardinality of datasets, by name, where it was asked.
        holds: What the dataset's objects hold.
        spec: The dataset's ``element_spec``.
    """
    nodes = {node.name: node for node in graph.node}
    datasets = {
        name: make_node(node, nodes, arguments[name], large, elements)
        for name, node in nodes.items()
        if is_dataset(node.op)
    }
    captured = {
        function: [nodes.get(origin(nodes, name)) for name in arguments[node.name][key]]
        for node in graph.node
        if is_dataset(node.op)
        for key, function in own_functions(node, arguments[node.name]).items()
    }
    bodies = {body.signature.name: body for body in graph.library.function}
    functions = {
        name: calls_of(body, [floats(node) for node in captured.get(name, [])])
        for name, body in bodies.items()
    }
    signatures = {
        name: signature_of(body, [numbers(node) for node in captured.get(name, [])])
        for name, body in bodies.items()
    }
    return Network(
        nodes=datasets,
        last=returned(graph),
        functions=functions,
        signatures=signatures,
        inner=inner_of(bodies, functions, signatures),
        paths=paths_of(spec),
        mentions=mentions_of(holds, functions),
    )


def returned(graph: Any) -> str:
    """Name of the dataset that the graph returns."""
    result = next(node for node in graph.node if node.op == "_Retval")
    return bare(result.input[0])


def input_arguments(graph: Any, large: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """For every node, the names of the nodes that feed each of its arguments."""
    definitions = _definitions(graph, large)
    found: dict[str, dict[str, list[str]]] = {}
    for node in graph.node:
        names = [bare(name) for name in node.input if not name.startswith("^")]
        found[node.name] = split_inputs(node, names, definitions.get(node.op))
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
