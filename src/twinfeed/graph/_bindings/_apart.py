"""A map's function in two: what it draws, which must keep its order, and what it does with that.

A function that takes its random numbers from a variable, as Keras's layers do, or from a seeded
operation, cannot be called several times at once: the draws would come in another order, or twice.
They are cheap, though. So the operations with a state, and what they need, become a map of their
own that is called one by one; all the rest becomes a function without a state, for any number of
calls at once. Both together give the same values bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import tensorflow as tf
from tensorflow.python.data.util import structure
from tensorflow.python.framework import op_def_registry

from twinfeed.graph._bindings._edit import make_known, rename_functions
from twinfeed.graph._bindings._kernel import Edit

_MOST_ELEMENTS = 1024
"""Of a tensor that is made one by one: seeds and offsets have a few, pictures many."""

_INPUTS = frozenset({"Placeholder", "Const"})
_builds = count(1)


@dataclass(frozen=True, slots=True)
class Parts:
    """A function's operations, by whether they must keep their order.

    Attributes:
        ordered: Names of the operations with a state, and of all that they need.
        crossing: Names of the tensors that the others take from them.
    """

    ordered: frozenset[str]
    crossing: tuple[str, ...]


def parts_of_function(function: Any) -> Parts | None:
    """How a function comes apart; ``None`` where that is impossible or saves nothing."""
    graph = function.graph
    operations = {one.name: one for one in graph.get_operations()}
    ordered: set[str] = set()
    waiting = [one for one in operations.values() if _has_state(one)]
    while waiting:
        one = waiting.pop()
        if one.name in ordered:
            continue
        if not (one.type in _INPUTS or all(_is_small(out) for out in one.outputs)):
            return None
        ordered.add(one.name)
        waiting += [tensor.op for tensor in one.inputs] + list(one.control_inputs)
    rest = [one for name, one in operations.items() if name not in ordered]
    taken = [tensor for one in rest for tensor in one.inputs] + list(graph.outputs)
    crossing = [
        tensor.name
        for tensor in taken
        if tensor.op.name in ordered and tensor.op.type not in _INPUTS
    ]
    if not crossing or any(graph.get_tensor_by_name(x).dtype == tf.resource for x in crossing):
        return None
    return Parts(frozenset(ordered), tuple(dict.fromkeys(crossing)))


def _has_state(operation: Any) -> bool:
    known = op_def_registry.get(operation.type)
    return operation.type != "Placeholder" and (known is None or known.is_stateful)


def _is_small(tensor: Any) -> bool:
    elements = tensor.shape.num_elements()
    return tensor.dtype in {tf.resource, tf.variant} or (
        elements is not None and elements <= _MOST_ELEMENTS
    )


def draws(wrapper: Any, spec: Any) -> Callable[..., Any]:
    """What is called one by one: elements go through, and what was drawn goes with them.

    Args:
        wrapper: The step's own function, as its object keeps it.
        spec: The form of the elements that reach it.
    """
    parts, graph, source = _opened(wrapper)
    kept = [node for node in graph.node if node.name in parts.ordered]
    del graph.node[:]
    graph.node.extend(kept)
    make_known(graph)

    def call(*given: Any) -> Any:
        element = given if isinstance(spec, tuple) else given[0]
        flat = structure.to_tensor_list(spec, element)
        return element, tuple(_imported(graph, source, flat, {}, parts.crossing))

    return call


def rest(wrapper: Any, spec: Any, edits: Sequence[Edit]) -> Callable[..., Any]:
    """What may be called several times at once, with an element and what was drawn for it.

    Args:
        wrapper: The step's own function, as its object keeps it.
        spec: The form of the elements that reached the step.
        edits: What is changed in its graph.
    """
    parts, graph, source = _opened(wrapper)
    inside = [edit(graph) for edit in edits]
    constants = [node for node in graph.node if node.op in _INPUTS]
    kept = [node for node in graph.node if node.name not in parts.ordered]
    del graph.node[:]
    names = {node.name for node in kept}
    graph.node.extend([*kept, *(node for node in constants if node.name not in names)])
    for node in graph.node:
        left = [name for name in node.input if name.removeprefix("^") in names or name[0] != "^"]
        del node.input[:]
        node.input.extend(left)
    make_known(graph)

    def call(element: Any, drawn: Any) -> Any:
        flat = structure.to_tensor_list(spec, element)
        given = dict(zip(parts.crossing, drawn, strict=True))
        wanted = [tensor.name for tensor in source.outputs]
        made = _imported(graph, source, flat, given, wanted)
        for tensor, like in zip(made, source.outputs, strict=True):
            tensor.set_shape(like.shape)
        return structure.from_tensor_list(wrapper.output_structure, made)

    call.inside = inside  # type: ignore[attr-defined] # lives as long as the function
    return call


def _opened(wrapper: Any) -> tuple[Parts, Any, Any]:
    parts = parts_of_function(wrapper.function)
    assert parts is not None, "asked for before"
    graph = wrapper.function.graph.as_graph_def()
    rename_functions(graph, f"twinfeed_apart_{next(_builds)}_")
    return parts, graph, wrapper.function.graph


def _imported(
    graph: Any, source: Any, flat: list[Any], given: dict[str, Any], wanted: Any
) -> list[Any]:
    """The tensors of a function's graph, with the elements and what was drawn as its inputs."""
    captured = [outside for outside, _ in source.captures]
    here = tf.compat.v1.get_default_graph()
    inputs = [*flat, *(here.capture(tensor) for tensor in captured)]
    known = {**dict(zip((x.name for x in source.inputs), inputs, strict=True)), **given}
    used = {_full(name) for node in graph.node for name in node.input if name[0] != "^"}
    made = [known.get(name) for name in wanted]
    missing = [name for name, one in zip(wanted, made, strict=True) if one is None]
    found = tf.graph_util.import_graph_def(
        graph,
        input_map={name: tensor for name, tensor in known.items() if name in used},
        return_elements=missing,
        name="",
    )
    left = iter(found)
    return [tf.identity(one) if one is not None else next(left) for one in made]


def _full(name: str) -> str:
    return name if ":" in name else f"{name}:0"
