"""A graph that shares nothing with the dataset it came from.

A serialised graph still points at the user's memory caches and shuffle counters, names
their cache files, and tells one captured variable as several. Each of these is cut here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context

from twinfeed.graph._bindings._held import Held, is_variable
from twinfeed.graph._bindings._scan import bare, is_dataset, origin, own_functions

_PRIVATE = {
    "CacheDatasetV2": ("cache", "DummyMemoryCache"),
    "ShuffleDatasetV3": ("seed_generator", "DummySeedGenerator"),
    "ShuffleDatasetV2": ("seed_generator", "DummySeedGenerator"),
    "ShuffleAndRepeatDatasetV2": ("seed_generator", "DummySeedGenerator"),
    "RandomDatasetV2": ("seed_generator", "DummySeedGenerator"),
}
"""Arguments that name a resource, and the operation whose result makes the kernel make its own."""

_FILES = {
    "CacheDataset": ("filename", 1),
    "CacheDatasetV2": ("filename", 1),
    "SnapshotDataset": ("path", 1),
    "SnapshotDatasetV2": ("path", 1),
}
"""Operations that write files: the argument that says where, and its place."""


@dataclass(slots=True)
class Edited:
    """What was changed in a graph.

    Attributes:
        graph: The GraphDef.
        files: Where each file argument pointed, by the name that took its place.
        variables: Handles of the user's variables, by the name that took their value's place.
        kept_files: Cache files that exist whole and are read where they are.
        shared: Types of the user's resources that the graph still points at.
    """

    graph: Any
    files: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    kept_files: list[str] = field(default_factory=list[str])
    shared: set[str] = field(default_factory=set[str])


def cut_loose(graph: Any, arguments: Mapping[str, Mapping[str, list[str]]], holds: Held) -> Edited:
    """Edit a graph in place.

    Args:
        graph: The GraphDef.
        arguments: As ``input_arguments`` tells them.
        holds: What the dataset's objects hold.
    """
    edited = Edited(graph)
    nodes = {node.name: node for node in graph.node}
    _merge_variables(edited, nodes, arguments, holds)
    _merge_same(nodes, arguments)
    for node in list(graph.node):
        if node.op in _PRIVATE:
            argument, maker = _PRIVATE[node.op]
            _replace(nodes[arguments[node.name][argument][0]], maker)
        if node.op in _FILES:
            _redirect(edited, node, nodes)
    for body in graph.library.function:
        for call in list(body.node_def):
            if call.op in _FILES:
                _forget_file(body, call)
    edited.shared |= set(_resources(graph))
    removed = {*edited.files, *edited.variables}
    kept = [node for node in graph.node if node.name not in removed]
    del graph.node[:]
    graph.node.extend(kept)
    return edited


def _replace(node: Any, op: str) -> None:
    node.op = op
    node.attr.clear()


def _merge_variables(
    edited: Edited,
    nodes: Mapping[str, Any],
    arguments: Mapping[str, Mapping[str, list[str]]],
    holds: Held,
) -> None:
    """One variable per variable: the graph has one per capture.

    Two steps that share a layer share its random state; apart, they would draw alike.
    """
    first: dict[int, str] = {}
    for node in list(edited.graph.node):
        if not is_dataset(node.op):
            continue
        for key, function in own_functions(node, arguments[node.name]).items():
            captured = holds.captures.get(function, [])
            for name, handle in zip(arguments[node.name][key], captured, strict=False):
                makers = origin(nodes, name)
                if not is_variable(handle) or nodes[makers].op != "VarHandleOp":
                    continue
                if id(handle) in first:
                    _rewire(edited.graph, name, first[id(handle)])
                    continue
                first[id(handle)] = name
                value = _assigned(edited.graph, makers)
                if value:
                    edited.variables[value] = handle


def _assigned(graph: Any, variable: str) -> str:
    """Name of the constant that a variable starts from."""
    for node in graph.node:
        if node.op == "AssignVariableOp" and bare(node.input[0]) == variable:
            return bare(node.input[1])
    return ""


def _merge_same(nodes: Mapping[str, Any], arguments: Mapping[str, Mapping[str, list[str]]]) -> None:
    """One dataset per dataset: one that is used twice is told twice, with one resource.

    Both uses of a shuffled dataset draw from one counter, so their orders differ.
    """
    first: dict[str, str] = {}
    for node in nodes.values():
        if node.op not in _PRIVATE:
            continue
        resource = nodes[arguments[node.name][_PRIVATE[node.op][0]][0]]
        if resource.op != "Const":
            continue
        handle = resource.attr["value"].tensor.resource_handle_val
        name = handle[0].name if handle else ""
        if not name or name == "dummy_resource":
            continue
        if name in first:
            for other in nodes.values():
                _point(other, node.name, first[name])
        else:
            first[name] = node.name


def _rewire(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        _point(node, old, new)


def _point(node: Any, old: str, new: str) -> None:
    for place, name in enumerate(node.input):
        if bare(name) == old:
            node.input[place] = name.replace(old, new, 1)


def _redirect(edited: Edited, node: Any, nodes: Mapping[str, Any]) -> None:
    name = bare(node.input[_FILES[node.op][1]])
    constant = nodes.get(origin(nodes, name))
    if constant is None or constant.op != "Const":
        return
    path = tf.make_ndarray(constant.attr["value"].tensor).item().decode(errors="surrogateescape")
    if not path:
        return
    if node.op.startswith("Cache") and tf.io.gfile.exists(f"{path}.index"):
        # Whole already: TensorFlow only reads it, and so would the user's next epoch.
        edited.kept_files.append(path)
        return
    edited.files[constant.name] = path


def _forget_file(body: Any, call: Any) -> None:
    """A cache inside a function goes to memory; it lives no longer than one element."""
    place = _FILES[call.op][1]
    name = f"{call.name}/twinfeed_nowhere"
    if any(node.name == name for node in body.node_def):
        return
    constant = body.node_def.add()
    constant.name, constant.op = name, "Const"
    constant.attr["dtype"].type = tf.string.as_datatype_enum
    constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(b""))
    call.input[place] = f"{name}:output:0"


def _resources(graph: Any) -> Iterator[str]:
    for node in graph.node:
        if node.op == "Const" and node.attr["value"].tensor.dtype == tf.resource.as_datatype_enum:
            for handle in node.attr["value"].tensor.resource_handle_val:
                # "N10tensorflow4data16IteratorResourceE" is a mangled C++ name.
                yield re.split(r"\d+", handle.maybe_type_name)[-1].removesuffix("E")


def make_known(graph: Any) -> None:
    """Tell TensorFlow the functions of a graph, whose names must be new.

    A graph that is imported while a map is traced keeps its nodes and loses these.
    """
    for body in graph.library.function:
        context.context().add_function_def(body)


def rename_functions(graph: Any, prefix: str) -> None:
    """Give every function a name of its own: TensorFlow refuses two bodies under one name."""
    names = {body.signature.name: prefix + body.signature.name for body in graph.library.function}
    for body in graph.library.function:
        body.signature.name = names[body.signature.name]
    for gradient in graph.library.gradient:
        gradient.function_name = names.get(gradient.function_name, gradient.function_name)
        gradient.gradient_func = names.get(gradient.gradient_func, gradient.gradient_func)
    for node in every_node(graph):
        node.op = names.get(node.op, node.op)
        for value in node.attr.values():
            for function in (value.func, *value.list.func):
                if function.name in names:
                    function.name = names[function.name]


def every_node(graph: Any) -> Iterator[Any]:
    """The nodes of a graph and of its functions."""
    yield from graph.node
    for body in graph.library.function:
        yield from body.node_def
