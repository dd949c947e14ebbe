"""A parsed module: where things stand, what names mean, which statement is above which."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import (
    Assignment,
    BaseAssignment,
    ImportAssignment,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    QualifiedName,
    QualifiedNameSource,
    Scope,
    ScopeProvider,
)

from twinfeed.port.outcome import Remark


class UnreadableError(ValueError):
    """A text cannot be rewritten.

    Attributes:
        remark: Where and why.
    """

    def __init__(self, line: int, why: str) -> None:
        self.remark = Remark(line, why)
        super().__init__(why)


class Module:
    """A module and what is known of its names.

    Args:
        text: The whole module.

    Raises:
        UnreadableError: If it does not parse, or cannot be written as it was.
    """

    def __init__(self, text: str) -> None:
        try:
            parsed = cst.parse_module(text)
        except cst.ParserSyntaxError as error:
            raise UnreadableError(
                error.raw_line, f"this is no Python 3: {error.message}"
            ) from error
        if parsed.code != text:
            raise UnreadableError(1, "its line ends are of several kinds; make them one kind first")
        self._wrapper = MetadataWrapper(parsed)
        self.tree = self._wrapper.module
        self._positions = self._wrapper.resolve(PositionProvider)
        self._parents = self._wrapper.resolve(ParentNodeProvider)
        self._scopes = self._wrapper.resolve(ScopeProvider)
        self.nodes = list(walk(self.tree))

    def line(self, node: cst.CSTNode) -> int:
        """The line that a node begins in, from 1."""
        found = self._positions[node]
        assert not callable(found)
        return found.start.line

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """What a node stands in; ``None`` for the module."""
        return self._parents.get(node)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        return self.tree.code_for_node(node)

    def scope(self, node: cst.CSTNode) -> Scope | None:
        """The scope that a node's names are looked up in; ``None`` where it has none."""
        found: object = self._scopes.get(node)
        return found if isinstance(found, Scope) else None

    def meanings(self, node: cst.CSTNode) -> set[QualifiedName]:
        """What a name or a dotted name may mean."""
        scope = self.scope(node)
        return set(scope.get_qualified_names_for(node)) if scope else set()

    def imported(self, node: cst.CSTNode) -> set[str]:
        """The imported things that a name or a dotted name may mean; empty if it may be another."""
        if (alias := self._alias(node)) is not None:
            root, start = alias
            rest = name_of(node).removeprefix(root.value)
            return {name + rest for name in self.imported(start)}
        found = self.meanings(node)
        if not all(name.source is QualifiedNameSource.IMPORT for name in found):
            return set()
        return {name.name for name in found}

    def imports_of(self, node: cst.BaseExpression) -> list[ImportAssignment]:
        """The imports that bind the first part of a dotted name, in order."""
        if (alias := self._alias(node)) is not None:
            return self.imports_of(alias[1])
        scope, root = self.scope(node), leftmost(node)
        if scope is None or root is None:
            return []
        found = [one for one in scope[root.value] if isinstance(one, ImportAssignment)]
        return sorted(found, key=lambda one: self.line(one.node))

    def _alias(self, node: cst.CSTNode) -> tuple[cst.Name, cst.Attribute] | None:
        """``keras = tf.keras``: what the first part of a dotted name was set to, if only once."""
        root = leftmost(node)
        if root is None or root is node:
            return None
        bound = self.bound(self.scope(node), root.value)
        if len(bound) != 1:
            return None
        only = next(iter(bound))
        target = only.node if isinstance(only, Assignment) else None
        target = self.parent(target) if target else None
        above = self.parent(target) if isinstance(target, cst.AssignTarget) else None
        if not isinstance(above, cst.Assign) or len(above.targets) != 1:
            return None
        # It stands above, or two names that are set to each other would lead in a circle.
        if not isinstance(above.value, cst.Attribute) or self.line(above) >= self.line(root):
            return None
        return root, above.value

    def bound(self, scope: Scope | None, name: str) -> set[BaseAssignment]:
        """Everything that binds a name as seen from a scope."""
        return {
            one
            for one in (scope[name] if scope else ())
            if isinstance(one, Assignment | ImportAssignment)
        }

    def block(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The block of statements that a small statement stands in."""
        line = self.parent(node)
        return self.parent(line) if line else None

    def can_go(self, node: cst.CSTNode) -> bool:
        """Whether a small statement's line can be removed without losing a comment or a block."""
        line = self.parent(node)
        return (
            isinstance(line, cst.SimpleStatementLine)
            and len(line.body) == 1
            and line.trailing_whitespace.comment is None
            and not any(above.comment for above in line.leading_lines)
            and isinstance(self.parent(line), cst.Module)
        )


def leftmost(node: cst.CSTNode) -> cst.Name | None:
    """The first part of a dotted name."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def dotted(text: str) -> cst.Attribute | cst.Name:
    """A dotted name as a node."""
    found = cst.parse_expression(text)
    assert isinstance(found, cst.Attribute | cst.Name)
    return found


def name_of(node: cst.CSTNode | None) -> str:
    """The text of a name or dotted name; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and (start := name_of(node.value)):
        return f"{start}.{node.attr.value}"
    return ""


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all that is in it, as it stands in the text."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(node.children))
