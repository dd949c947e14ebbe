"""Import statements: what they bring from Keras, and how they are taken apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import libcst as cst

from twinfeed.port._bindings._module import dotted, name_of
from twinfeed.port.spellings import HOME

ImportNode = cst.Import | cst.ImportFrom


def module_of(node: ImportNode) -> str | None:
    """The module of ``from MODULE import``; ``None`` for another form, or a relative one."""
    if isinstance(node, cst.ImportFrom) and node.module is not None and not node.relative:
        return name_of(node.module)
    return None


def aliases_of(node: ImportNode) -> Sequence[cst.ImportAlias]:
    """The names that an import lists; none for a star."""
    return () if isinstance(node.names, cst.ImportStar) else node.names


def bound_name(alias: cst.ImportAlias) -> str:
    """The name that an alias binds."""
    return name_of(alias.asname.name if alias.asname else alias.name)


class Imports:
    """Changes to import statements."""

    def __init__(self) -> None:
        self._module: dict[cst.CSTNode, str] = {}
        self._gone: dict[cst.CSTNode, list[cst.ImportAlias]] = defaultdict(list)
        self._added: dict[cst.CSTNode, list[str]] = defaultdict(list)

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self._module or self._gone or self._added)

    def move(self, node: cst.ImportFrom, aliases: Sequence[cst.ImportAlias]) -> None:
        """Take names from ``twinfeed.images`` instead."""
        if len(aliases) == len(aliases_of(node)):
            self._module[node] = HOME
            return
        names = ", ".join(
            f"{alias.evaluated_name} as {alias.evaluated_alias}"
            if alias.asname
            else alias.evaluated_name
            for alias in aliases
        )
        self.drop(node, aliases)
        self.add(node, f"from {HOME} import {names}")

    def drop(self, node: ImportNode, aliases: Iterable[cst.ImportAlias]) -> None:
        """Leave names out."""
        self._gone[node] += aliases

    def add(self, node: ImportNode, statement: str) -> None:
        """Put a statement behind one that stays, or into the place of one that goes."""
        if statement not in self._added[node]:
            self._added[node].append(statement)

    def written(
        self, original: cst.SimpleStatementLine, updated: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        """A line of statements with the changes in it."""
        if len(original.body) > 1 or not self._touches(original.body):
            return updated.with_changes(body=self.inline(original.body, updated.body))
        node = original.body[0]
        assert isinstance(node, cst.Import | cst.ImportFrom)
        kept = self._changed(node)
        texts = self._added[node]
        first = kept if kept is not None else _small(texts[0]) if texts else None
        if first is None:
            return cst.RemoveFromParent()
        comments = _comments(self._gone[node]) if kept is not None else []
        rest = [
            cst.SimpleStatementLine([_small(text)], leading_lines=comments if i == 0 else [])
            for i, text in enumerate(texts[kept is None :])
        ]
        return cst.FlattenSentinel([updated.with_changes(body=[first]), *rest])

    def inline(
        self,
        original: Sequence[cst.BaseSmallStatement],
        updated: Sequence[cst.BaseSmallStatement],
    ) -> list[cst.BaseSmallStatement]:
        """Statements that share a line, with the changes in them."""
        body: list[cst.BaseSmallStatement] = []
        for before, after in zip(original, updated, strict=True):
            if not self._touches([before]):
                body.append(after)
                continue
            assert isinstance(before, cst.Import | cst.ImportFrom)
            parts = [self._changed(before), *(_small(text) for text in self._added[before])]
            body += [part for part in parts if part is not None]
        between = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
        last = len(body) - 1
        return [
            part.with_changes(semicolon=between)
            if i < last and isinstance(part.semicolon, cst.MaybeSentinel)
            else part
            for i, part in enumerate(body)
        ] or [cst.Pass()]

    def _touches(self, body: Sequence[cst.BaseSmallStatement]) -> bool:
        known = (self._module, self._gone, self._added)
        return any(node in changes for node in body for changes in known)

    def _changed(self, node: ImportNode) -> ImportNode | None:
        """The statement itself; ``None`` if nothing of it stays."""
        if node in self._module:
            return node.with_changes(module=dotted(self._module[node]))
        gone = self._gone[node]
        kept = [alias for alias in aliases_of(node) if alias not in gone]
        if not gone:
            return node
        if not kept:
            return None
        if kept[-1] is not aliases_of(node)[-1]:  # what followed the last name follows it still
            kept[-1] = kept[-1].with_changes(comma=_end(kept[-1], aliases_of(node)[-1]))
        return node.with_changes(names=kept)


def _end(kept: cst.ImportAlias, last: cst.ImportAlias) -> cst.Comma | cst.MaybeSentinel:
    """The comma behind the last name: its own comment, and the last one's way to the bracket."""
    own = kept.comma.whitespace_after if isinstance(kept.comma, cst.Comma) else None
    if not isinstance(own, cst.ParenthesizedWhitespace) or not own.first_line.comment:
        return last.comma
    assert isinstance(kept.comma, cst.Comma)
    way = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else None
    if isinstance(way, cst.ParenthesizedWhitespace):
        own = own.with_changes(indent=way.indent, last_line=way.last_line)
    return kept.comma.with_changes(whitespace_after=own)


def _small(text: str) -> cst.BaseSmallStatement:
    line = cst.parse_statement(text)
    assert isinstance(line, cst.SimpleStatementLine)
    return line.body[0]


def _comments(aliases: Iterable[cst.ImportAlias]) -> list[cst.EmptyLine]:
    """What was written beside names that have gone, as lines."""
    found: list[cst.EmptyLine] = []
    for alias in aliases:
        space = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
        if not isinstance(space, cst.ParenthesizedWhitespace):
            continue
        lines = [space.first_line.comment, *(line.comment for line in space.empty_lines)]
        found += [cst.EmptyLine(comment=comment) for comment in lines if comment]
    return found
