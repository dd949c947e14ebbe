"""From Keras's class to ``twinfeed.images``: the import changes, and nothing else has to."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import libcst as cst
from libcst.metadata import ImportAssignment

from twinfeed.port._bindings._calls import Calls, old_calls, unknown_arguments
from twinfeed.port._bindings._imports import Imports, aliases_of, bound_name, module_of
from twinfeed.port._bindings._module import Module, UnreadableError, leftmost, name_of
from twinfeed.port._bindings._refused import refusals
from twinfeed.port.outcome import Remark, Rewritten
from twinfeed.port.spellings import GENERATOR, HOME, class_of, is_module, is_of_keras


def rewrite(text: str) -> Rewritten:
    """Rewrite a module for the drop-in; the text is as given where something was refused.

    Args:
        text: The whole module.
    """
    try:
        module = Module(text)
    except UnreadableError as error:
        # What cannot be parsed and has nothing of Keras's class in it is nobody's business.
        return Rewritten(text=text, refusals=(error.remark,) if GENERATOR in text else ())
    plan = Plan(module)
    calls = plan.calls
    changes = (*plan.changes, *calls.changes)
    refused = tuple(plan.refusals)
    if refused or not changes:
        return Rewritten(text=text, refusals=refused)
    new = module.tree.visit(_Writer(plan))
    return Rewritten(text=new.code, changes=changes, notes=tuple(calls.notes))


class Plan:
    """What is to be written differently in a module.

    Attributes:
        imports: Changes to import statements.
        calls: Changes to calls.
        spelled: Dotted names of a class, each with the class.
        changes: What is rewritten.
        refusals: What is not understood.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self.imports = Imports()
        self.calls = Calls()
        self.spelled: dict[cst.CSTNode, str] = {}
        self.changes: list[Remark] = []
        self.refusals: list[Remark] = []
        for node in module.nodes:
            if isinstance(node, cst.Attribute):
                self._spelled(node)
            elif isinstance(node, cst.ImportFrom):
                self._moved(node)
            elif isinstance(node, cst.Call):
                self._called(node)
        self._bring_classes()
        self.refusals += refusals(module, self.spelled)
        if _knows_keras(module):
            self.calls = old_calls(module)
            self.refusals += self.calls.refusals

    def _moved(self, node: cst.ImportFrom) -> None:
        """``from keras.preprocessing.image import ImageDataGenerator``."""
        module = module_of(node)
        if module is None:
            return
        wanted = [a for a in aliases_of(node) if class_of(f"{module}.{a.evaluated_name}")]
        if wanted:
            self.imports.move(node, wanted)
            names = ", ".join(alias.evaluated_name for alias in wanted)
            self._changed(node, f"{names} from {HOME}")

    def _spelled(self, node: cst.Attribute) -> None:
        """``tf.keras.preprocessing.image.ImageDataGenerator``."""
        found = {class_of(name) for name in self._module.imported(node)}
        if len(found) == 1 and (name := found.pop()) and leftmost(node):
            self.spelled[node] = name
            self._changed(node, f"{name_of(node)} -> {name}")

    def _called(self, node: cst.Call) -> None:
        """Arguments that the class does not have."""
        names = {class_of(name) for name in self._module.imported(node.func)}
        if names == {GENERATOR}:
            self.refusals += unknown_arguments(self._module, node, GENERATOR)

    def _bring_classes(self) -> None:
        """Import what dotted names named, where their first part is imported."""
        roots: dict[ImportAssignment, list[str]] = defaultdict(list)
        for node, name in self.spelled.items():
            assert isinstance(node, cst.Attribute)
            for one in self._first_of_each_block(self._module.imports_of(node)):
                roots[one].append(name)
        brought: set[tuple[cst.CSTNode | None, str]] = set()
        for one, names in sorted(roots.items(), key=lambda item: self._module.line(item[0].node)):
            node, block = one.node, self._module.block(one.node)
            assert isinstance(node, cst.Import | cst.ImportFrom)
            for name in dict.fromkeys(names):
                if not self._is_there(one, name) and (block, name) not in brought:
                    self.imports.add(node, _import(name))
                    brought.add((block, name))
            self._drop_unused(one, names[0])

    def _first_of_each_block(self, found: list[ImportAssignment]) -> list[ImportAssignment]:
        """Without repetitions: notebooks import the same in many cells."""
        first: dict[cst.CSTNode | None, ImportAssignment] = {}
        for one in found:
            first.setdefault(self._module.block(one.node), one)
        return list(first.values())

    def _is_there(self, root: ImportAssignment, name: str) -> bool:
        """Whether the scope has the class already, under its own name."""
        bound = [one for one in self._module.bound(root.scope, name) if one.scope is root.scope]
        for one in bound:
            node = one.node if isinstance(one, ImportAssignment) else None
            module = module_of(node) if isinstance(node, cst.ImportFrom) else None
            if module is None or (module != HOME and not is_module(module)):
                at: Any = one
                line = self._module.line(at.node)
                says = f"{name} is something else here, so the class would hide it"
                self.refusals.append(Remark(line, says))
        return bool(bound)

    def _drop_unused(self, root: ImportAssignment, name: str) -> None:
        """``from keras.preprocessing import image`` goes when only the class was used of it."""
        node = root.node
        assert isinstance(node, cst.Import | cst.ImportFrom)
        alias = next((a for a in aliases_of(node) if bound_name(a) == root.name), None)
        start = f"{module_of(node)}." if isinstance(node, cst.ImportFrom) else ""
        if alias is None or not is_module(start + alias.evaluated_name):
            return
        if isinstance(node, cst.Import) and alias.asname is None:
            return  # it binds the top package, too
        ported = {leftmost(one) for one in self.spelled if isinstance(one, cst.Attribute)}
        everywhere = {leftmost(use.node) for use in root.references}
        if everywhere <= ported:
            self.imports.drop(node, [alias])
            if len(aliases_of(node)) == 1 and not self._module.can_go(node):
                self.imports.add(node, _import(name))

    def _changed(self, node: cst.CSTNode, says: str) -> None:
        self.changes.append(Remark(self._module.line(node), says))


def _import(name: str) -> str:
    return f"from {HOME} import {name}"


def _knows_keras(module: Module) -> bool:
    """Whether Keras or TensorFlow is imported, so that ``fit_generator`` is Keras's."""
    for node in module.nodes:
        if isinstance(node, cst.Import | cst.ImportFrom):
            names = [module_of(node) or ""] if isinstance(node, cst.ImportFrom) else []
            names += [alias.evaluated_name for alias in aliases_of(node)] if not names else []
            if any(is_of_keras(name) or name == HOME for name in names):
                return True
    return False


class _Writer(cst.CSTTransformer):
    """Writes what was planned."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def leave_Attribute(  # noqa: N802 - LibCST's name
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        name = self._plan.spelled.get(original_node)
        if name is None:
            return updated_node
        return cst.Name(name, lpar=updated_node.lpar, rpar=updated_node.rpar)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:  # noqa: N802
        return self._plan.calls.written(original_node, updated_node)

    def leave_SimpleStatementLine(  # noqa: N802
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        return self._plan.imports.written(original_node, updated_node)

    def leave_SimpleStatementSuite(  # noqa: N802
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        body = self._plan.imports.inline(original_node.body, updated_node.body)
        return updated_node.with_changes(body=body)
