"""Changing calls of a method chain in the text itself: what is not touched stays byte for byte.

Positions are those of ``ast``: lines from 1, columns in bytes of UTF-8. Every change is a cut or
an insertion at such a position, so comments, quotes and layout need no care.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from twinfeed._core.plan import Place

POSITIONS: Mapping[str, tuple[str, ...]] = {
    "shuffle": ("buffer_size", "seed", "reshuffle_each_iteration"),
    "map": ("map_func", "num_parallel_calls", "deterministic"),
    "interleave": (
        "map_func",
        "cycle_length",
        "block_length",
        "num_parallel_calls",
        "deterministic",
    ),
}
"""The arguments of the methods whose arguments are changed, in TensorFlow's order."""


class RefusalError(Exception):
    """Why a change is not made; its text says so."""


class OverlapError(RefusalError):
    """A change touches what another one changes: it has to wait for the next round."""


@dataclass(frozen=True, slots=True)
class SetArgument:
    """Give a call an argument, in the place of the old one if there is one."""

    at: Place
    verb: str
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Append:
    """Call a method on what a call returns: ``.prefetch(...)``."""

    at: Place
    verb: str
    code: str


@dataclass(frozen=True, slots=True)
class Move:
    """Call a method earlier in the chain: before the call ``to``, or behind it."""

    at: Place
    verb: str
    to: Place
    to_verb: str
    behind: bool = False
    change: SetArgument | None = None
    """An argument that must be another one in the new place."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave a call out."""

    at: Place
    verb: str


Edit: TypeAlias = SetArgument | Append | Move | Drop


@dataclass(frozen=True, slots=True)
class _Splice:
    """Put a text in the place of some bytes."""

    start: int
    end: int
    text: bytes


class Source:
    """A module's text.

    Args:
        text: The whole text, its lines ending in a line feed.

    Raises:
        RefusalError: If it is no Python.
    """

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()
        try:
            self.tree = ast.parse(self._bytes)
        except (SyntaxError, ValueError) as error:
            raise RefusalError(f"the file is no Python any more ({error})") from None
        self._starts = [0]
        for line in self._bytes.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._calls = {
            (node.end_lineno, node.end_col_offset): node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call)
        }
        self._homes = dict(_homes(self.tree))

    @property
    def tensorflow(self) -> str:
        """What the module calls ``tensorflow.data``.

        Raises:
            RefusalError: If it does not import it.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "tensorflow":
                        return f"{alias.asname or alias.name}.data"
            elif isinstance(node, ast.ImportFrom) and node.module == "tensorflow":
                for alias in node.names:
                    if alias.name == "data":
                        return alias.asname or alias.name
        raise RefusalError("this file does not import tensorflow, so tf.data cannot be named in it")

    def edited(self, edits: list[Edit]) -> str:
        """The text with these changes, which must not overlap.

        Raises:
            RefusalError: If one cannot be made, or Python would not take the result.
        """
        splices = [splice for edit in edits for splice in self._splices(edit)]
        splices.sort(key=lambda splice: (splice.start, splice.end))
        made, last = b"", 0
        for splice in splices:
            if splice.start < last:
                raise OverlapError("it touches what another change touches: run --fix again")
            made += self._bytes[last : splice.start] + splice.text
            last = splice.end
        made += self._bytes[last:]
        try:
            compile(ast.parse(made), "fixed", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            raise RefusalError(f"the changed text would be no Python ({error})") from None
        if _swallows(_comments(made) - _comments(self._bytes), _comments(self._bytes)):
            raise RefusalError("code would end up behind the comment that stands there")
        return made.decode()

    def _splices(self, edit: Edit) -> Iterator[_Splice]:
        call = self._call(edit.at, edit.verb)
        if isinstance(edit, SetArgument):
            yield self._argument(call, edit)
        elif isinstance(edit, Append):
            yield self._inserted(call, f".{edit.code}".encode(), behind=True)
        elif isinstance(edit, Drop):
            yield self._dropped(call)
        else:
            yield from self._moved(call, self._call(edit.to, edit.to_verb), edit)

    def _call(self, place: Place, verb: str) -> ast.Call:
        """The method call that ends at a place.

        Raises:
            RefusalError: If there is none, or it is written in another way.
        """
        call = self._calls.get((place.end_line, place.end_column))
        if call is None:
            raise RefusalError(f"line {place.line} is not what it was when it ran")
        if not isinstance(call.func, ast.Attribute) or call.func.attr != verb:
            raise RefusalError(f"line {place.line} makes the step {verb} in another way")
        return call

    def _argument(self, call: ast.Call, edit: SetArgument) -> _Splice:
        names = POSITIONS.get(edit.verb)
        if names is None:
            raise RefusalError(f"where {edit.verb} takes its arguments is not known")
        if any(isinstance(one, ast.Starred) for one in call.args) or any(
            keyword.arg is None for keyword in call.keywords
        ):
            raise RefusalError(f"the arguments of {edit.verb} are unpacked, so they are not seen")
        given = dict(zip(names, call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords if word.arg is not None}
        if edit.name in given:
            old = given[edit.name]
            return _Splice(self._start(old), self._end(old), edit.code.encode())
        values: list[ast.expr] = [*call.args, *(word.value for word in call.keywords)]
        text = f"{edit.name}={edit.code}"
        if not values:
            return _Splice(self._end(call) - 1, self._end(call) - 1, text.encode())
        end = max(self._end(value) for value in values)
        # What is in parentheses of its own ends in front of them.
        close = re.match(rb"[\s)]*", self._bytes[end : self._end(call) - 1])
        end += close[0].rstrip().__len__() if close else 0
        return _Splice(end, end, f", {text}".encode())

    def _moved(self, call: ast.Call, to: ast.Call, edit: Move) -> Iterator[_Splice]:
        home, target = self._homes[call], self._homes[to]
        if home.function is not target.function:
            raise RefusalError(f"{edit.verb} and {edit.to_verb} are written in different functions")
        if home.block is not target.block:
            raise RefusalError(f"{edit.verb} stands under another condition than {edit.to_verb}")
        if home.statement is not target.statement:
            self._check_names(call, home, target, edit)
            mine, theirs = self._alone(call, home), self._alone(to, target)
            if mine and theirs and mine == theirs:
                start, end = self._lines(home.statement)
                at = self._lines(target.statement)[1 if edit.behind else 0]
                yield _Splice(start, end, b"")
                yield _Splice(at, at, self._changed(start, end, call, edit))
                return
        start = self._dot(call)
        text = self._changed(start, self._end(call), call, edit).lstrip()
        yield self._dropped(call)
        yield self._inserted(to, text, behind=edit.behind)

    def _changed(self, start: int, end: int, call: ast.Call, edit: Move) -> bytes:
        if edit.change is None:
            return self._bytes[start:end]
        splice = self._argument(call, edit.change)
        return self._bytes[start : splice.start] + splice.text + self._bytes[splice.end : end]

    def _check_names(self, call: ast.Call, home: _Home, target: _Home, edit: Move) -> None:
        """Refuse where an argument would be used before, or after, it means what it means."""
        first, last = sorted(
            (home.block.index(home.statement), target.block.index(target.statement))
        )
        used = {
            node.id
            for part in (*call.args, *call.keywords)
            for node in ast.walk(part)
            if isinstance(node, ast.Name)
        }
        bound = {
            node.id
            for statement in home.block[first:last]
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        if used & bound:
            name = min(used & bound)
            raise RefusalError(f"{edit.verb} uses {name}, which is set between the two places")

    def _dropped(self, call: ast.Call) -> _Splice:
        home = self._homes[call]
        if self._alone(call, home):
            if len(home.block) == 1:
                raise RefusalError("it is all that stands under its condition")
            return _Splice(*self._lines(home.statement), b"")
        return _Splice(self._dot(call), self._end(call), b"")

    def _inserted(self, call: ast.Call, text: bytes, *, behind: bool) -> _Splice:
        """Text before a call or behind it, on a line of its own where the chain is written so."""
        dot = self._dot(call)
        own_line = self._bytes[dot : dot + 1] == b"\n"
        at = dot
        if behind:
            at = self._end(call)
            rest = re.match(rb"[ \t]*#[^\n]*", self._bytes[at:])
            at += rest.end() if rest and own_line else 0
        if not own_line:
            return _Splice(at, at, text)
        indent = re.match(rb"\n[ \t]*", self._bytes[dot:])
        assert indent is not None
        return _Splice(at, at, indent[0] + text)

    def _alone(self, call: ast.Call, home: _Home) -> str:
        """The name, if the statement is ``name = name.method(...)`` on lines of its own."""
        statement = home.statement
        if (
            isinstance(statement, ast.Assign)
            and statement.value is call
            and len(statement.targets) == 1
            and isinstance(name := statement.targets[0], ast.Name)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == name.id
        ):
            start, end = self._lines(statement)
            text = self._bytes[start:end]
            before = text[: self._start(statement) - start]
            after = text[self._end(statement) - start :].strip()
            if not before.strip() and (not after or after.startswith(b"#")):
                return name.id
        return ""

    def _dot(self, call: ast.Call) -> int:
        """Where ``.method(...)`` begins; with the line feed before it, if it begins a line."""
        assert isinstance(call.func, ast.Attribute)
        name = self._end(call.func) - len(call.func.attr.encode())
        dot = self._bytes.rindex(b".", self._end(call.func.value), name)
        line = self._bytes.rfind(b"\n", 0, dot)
        if line >= self._end(call.func.value) and not self._bytes[line:dot].strip():
            return line
        return dot

    def _lines(self, statement: ast.stmt) -> tuple[int, int]:
        """The whole lines of a statement, with the line feed behind them."""
        end = self._bytes.find(b"\n", self._end(statement))
        return (
            self._starts[statement.lineno - 1],
            len(self._bytes) if end < 0 else end + 1,
        )

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a node stands: its statement, the block of that, and the function around it."""

    statement: ast.stmt
    block: list[ast.stmt]
    function: ast.AST


def _homes(module: ast.Module) -> Iterator[tuple[ast.AST, _Home]]:
    blocks: list[tuple[list[ast.stmt], ast.AST]] = [(module.body, module)]
    while blocks:
        block, function = blocks.pop()
        for statement in block:
            home = _Home(statement, block, function)
            inner = statement if isinstance(statement, _FUNCTIONS) else function
            inside: list[ast.AST] = [statement]
            while inside:
                node = inside.pop()
                yield node, home
                for name, value in ast.iter_fields(node):
                    nested = cast("list[Any]", value if isinstance(value, list) else [value])
                    if name in _BLOCKS and nested and isinstance(nested[0], ast.stmt):
                        blocks.append((cast("list[ast.stmt]", value), inner))
                        continue
                    inside += [one for one in nested if isinstance(one, ast.AST)]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")


def _swallows(new: Counter[str], known: Counter[str]) -> bool:
    """Whether a comment holds more than comments that were there, which may have come together."""
    for text in new:
        for one in sorted(known, key=len, reverse=True):
            text = text.replace(one, "", 1)  # noqa: PLW2901 - what is left of it
        if text.strip():
            return True
    return False


def _comments(text: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(text).readline)
    return Counter(one.string for one in tokens if one.type == tokenize.COMMENT)
