"""The functions of a graph as plain values, and the datasets that they build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tensorflow.python.framework import op_def_registry

from twinfeed.graph._bindings._nodes import bare, functions_of, is_dataset, make_node, origin
from twinfeed.graph._bindings._values import attribute, floats, numbers
from twinfeed.graph.network import Call, Network, Node, Signature

_SAME_VALUES = frozenset({"Identity", "Reshape", "ExpandDims", "Cast"})


def signature_of(body: Any, captured: Sequence[tuple[float, ...] | None] = ()) -> Signature:
    """What goes into a function and comes out.

    Args:
        body: Its FunctionDef.
        captured: The numbers of the small constants that it captures.
    """
    return Signature(
        arguments=tuple(argument.name for argument in body.signature.input_arg),
        returns=tuple(body.ret[argument.name] for argument in body.signature.output_arg),
        captured=tuple(captured),
    )


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
            functions=functions_of(node),
            name=node.name,
            inputs=tuple(name for name in node.input if not name.startswith("^")),
            value=numbers(node),
        )
        for node in body.node_def
    )


def _follow(passed: Mapping[str, str], name: str) -> str:
    while name in passed:
        name = passed[name]
    return name


def inner_of(
    library: Mapping[str, Any],
    functions: Mapping[str, tuple[Call, ...]],
    signatures: Mapping[str, Signature],
) -> dict[str, Network]:
    """The datasets that each function builds, for those that return one."""
    inner: dict[str, Network] = {}
    for name, body in library.items():
        nodes = _datasets(body)
        last = origin({node.name: node for node in body.node_def}, bare(_first_result(body)))
        if last in nodes:
            inner[name] = Network(
                nodes=nodes, last=last, functions=functions, signatures=signatures, inner=inner
            )
    return inner


def _first_result(body: Any) -> str:
    results = body.signature.output_arg
    return body.ret[results[0].name] if len(results) else ""


def _datasets(body: Any) -> dict[str, Node]:
    nodes = {node.name: node for node in body.node_def}
    return {
        name: make_node(node, nodes, _arguments(node, nodes), {}, {})
        for name, node in nodes.items()
        if is_dataset(node.op) and not node.op.startswith("Dataset")
    }


def _arguments(node: Any, nodes: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each argument of an operation the nodes that feed it."""
    names = [origin(nodes, bare(name)) for name in node.input if not name.startswith("^")]
    return split_inputs(node, names, op_def_registry.get(node.op))


def split_inputs(node: Any, names: list[str], definition: Any) -> dict[str, list[str]]:
    """The inputs of a node by the argument that they feed, as its definition tells them."""
    arguments: dict[str, list[str]] = {}
    for argument in definition.input_arg if definition is not None else ():
        length = 1
        if argument.number_attr:
            length = node.attr[argument.number_attr].i
        elif argument.type_list_attr:
            length = len(node.attr[argument.type_list_attr].list.type)
        arguments[argument.name], names = names[:length], names[length:]
    return arguments
