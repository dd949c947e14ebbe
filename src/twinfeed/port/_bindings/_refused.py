"""What is not understood about a module, and is therefore left to its author."""

from __future__ import annotations

import re
from collections.abc import Collection

import libcst as cst

from twinfeed.port._bindings._imports import aliases_of, module_of
from twinfeed.port._bindings._module import Module
from twinfeed.port.outcome import Remark
from twinfeed.port.spellings import CLASSES, GENERATOR, HOME, class_of, is_module, is_of_keras

_STRING = re.compile(r"[\w.]*preprocessing\.image(?:\.\w+)*|keras_preprocessing[\w.]*")
_OTHER_KERAS = re.compile(r"tf_keras(?:\..+)?")


def refusals(module: Module, spelled: Collection[cst.CSTNode]) -> list[Remark]:
    """Why a module cannot be rewritten.

    Args:
        module: The module.
        spelled: Dotted names of the class that will be rewritten.
    """
    found: list[Remark] = []
    for node in module.nodes:
        says = None
        if isinstance(node, cst.ImportFrom):
            says = _import(node)
        elif isinstance(node, cst.Attribute):
            says = _attribute(module, node, is_spelled=node in spelled)
        elif isinstance(node, cst.Name):
            says = _name(module, node)
        elif isinstance(node, cst.ClassDef):
            says = _class(module, node)
        elif isinstance(node, cst.SimpleString):
            says = _string(module, node)
        if says:
            found.append(Remark(module.line(node), says))
    return found


def _import(node: cst.ImportFrom) -> str | None:
    module = module_of(node)
    if module is None:
        return None
    if isinstance(node.names, cst.ImportStar):
        if is_module(module):
            return f"from {module} import *: which names it brings cannot be told; name them first"
        return None
    names = [alias.evaluated_name for alias in aliases_of(node)]
    if GENERATOR in names and not is_module(module):
        if _OTHER_KERAS.fullmatch(module):
            return f"{module}: models of Keras 2 know only their own class"
        if is_of_keras(module):
            return f"{module} is no place that Keras's class was ever in"
    return None


def _attribute(module: Module, node: cst.Attribute, *, is_spelled: bool) -> str | None:
    parent = module.parent(node)
    if is_spelled and isinstance(parent, cst.AssignTarget | cst.Del | cst.AnnAssign):
        return f"{module.code(node)} is replaced here, so its meaning elsewhere cannot be told"
    if is_spelled or node.attr.value != GENERATOR or isinstance(parent, cst.ImportFrom):
        return None
    text, found = module.code(node), module.imported(node)
    if any(_OTHER_KERAS.fullmatch(name) for name in found):
        return f"{text}: models of Keras 2 know only their own class"
    if not found or any(is_of_keras(name) for name in found):
        return f"where {text} comes from cannot be told; import it by its own name first"
    return None


def _name(module: Module, node: cst.Name) -> str | None:
    """The class, from nowhere: out of ``import *``, or of another cell."""
    parent, scope = module.parent(node), module.scope(node)
    is_label = (isinstance(parent, cst.Attribute) and parent.attr is node) or (
        isinstance(parent, cst.Arg) and parent.keyword is node
    )
    if node.value != GENERATOR or scope is None or is_label:
        return None
    if isinstance(parent, cst.ImportAlias | cst.AsName) or module.bound(scope, GENERATOR):
        return None
    return f"where {GENERATOR} comes from cannot be told; import it by name first"


def _class(module: Module, node: cst.ClassDef) -> str | None:
    for base in node.bases:
        names = {class_of(name) for name in module.imported(base.value)}
        for name in names & (CLASSES - {GENERATOR}):
            return f"class {node.name.value}({name}): it rests on private methods of Keras's"
    return None


def _string(module: Module, node: cst.SimpleString) -> str | None:
    value = node.evaluated_value
    if not isinstance(value, str):
        return None
    if value == GENERATOR:
        parent = module.parent(node)
        call = module.parent(parent) if isinstance(parent, cst.Arg) else None
        is_asked = isinstance(call, cst.Call) and module.code(call.func).endswith("attr")
        return "the class is asked for by a string; write its name" if is_asked else None
    if _STRING.fullmatch(value) and not value.startswith(HOME):
        return f"{value!r}: what a module's name in a string is for cannot be told"
    return None
