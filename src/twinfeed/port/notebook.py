"""The code cells of a notebook as one text; everything else stays byte for byte."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BORDER = "#__twinfeed_cell_{}__"
_HIDDEN = "__twinfeed_magic_{}__"
_PYTHON_BELOW = re.compile(r"%%(?:time|timeit|capture|prun)\b")
_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?P<target>[\w, \t]+=[ \t]*)?(?:[%!?].*|[\w.]+\?{1,2})$")
_SPACE = re.compile(r"[ \t\r\n]*")


class CellError(ValueError):
    """A code cell is no Python.

    Attributes:
        place: Which, as a user finds it.
    """

    def __init__(self, place: str, why: str) -> None:
        self.place = place
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class _Cell:
    """The source of one code cell.

    Attributes:
        number: From 1, over all cells.
        start: Where its value begins in the notebook's text.
        end: Where it ends.
        text: The source.
        is_list: Whether it is stored as a list of lines.
    """

    number: int
    start: int
    end: int
    text: str
    is_list: bool


class Notebook:
    """A notebook whose code can be read and replaced.

    Args:
        text: The JSON.

    Raises:
        ValueError: If it is no notebook.
        CellError: If a code cell is no Python, magics apart.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._hidden: list[str] = []
        self._cells: list[_Cell] = []
        self._starts: list[int] = []
        parts: list[str] = []
        line = 1
        for cell in _code_cells(text):
            shown = self._without_magics(cell)
            if shown is None:
                continue
            border = _BORDER.format(len(self._cells))
            self._cells.append(cell)
            self._starts.append(line + 1)
            parts.append(f"{border}\n{shown}\n")
            line += parts[-1].count("\n")
        self.code = "".join(parts)

    def script(self) -> str:
        """The code as a script; what is no Python is ``None`` there."""
        return re.sub(_HIDDEN.format(r"\d+"), "None", self.code)

    def place(self, line: int) -> str:
        """Where a line of ``code`` stands: ``cell 3:2``."""
        index = max([i for i, start in enumerate(self._starts) if start <= line], default=0)
        return f"cell {self._cells[index].number}:{line - self._starts[index] + 1}"

    def with_code(self, code: str) -> str:
        """The notebook with other code.

        Args:
            code: ``code``, rewritten.
        """
        whole, at = self._text, len(self._text)
        pieces: list[str] = []
        for index in reversed(range(len(self._cells))):
            cell = self._cells[index]
            code, _, shown = code.rpartition(_BORDER.format(index) + "\n")
            new = self._with_magics(shown.removesuffix("\n"))
            raw = whole[cell.start : cell.end]
            value = raw if new == cell.text else _stored(new, raw, is_list=cell.is_list)
            pieces += [whole[cell.end : at], value]
            at = cell.start
        return whole[:at] + "".join(reversed(pieces))

    def _without_magics(self, cell: _Cell) -> str | None:
        """Python that stands for a cell; ``None`` if the cell is none."""
        if _is_python(cell.text):
            return cell.text
        lines = cell.text.split("\n")
        first = next((line for line in lines if line.strip()), "")
        if first.startswith("%%") and not _PYTHON_BELOW.match(first):
            return None
        shown = "\n".join(self._hide(line) for line in lines)
        try:
            ast.parse(shown)
        except (SyntaxError, ValueError) as error:
            at = getattr(error, "lineno", None) or 1
            raise CellError(
                f"cell {cell.number}:{at}", f"this is no Python: {error.args[0]}"
            ) from error
        return shown

    def _hide(self, line: str) -> str:
        found = _MAGIC.match(line)
        if found is None:
            return line
        start = found["indent"] + (found["target"] or "")
        self._hidden.append(line[len(start) :])
        return start + _HIDDEN.format(len(self._hidden) - 1)

    def _with_magics(self, text: str) -> str:
        return re.sub(_HIDDEN.format(r"(\d+)"), lambda found: self._hidden[int(found[1])], text)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _stored(source: str, raw: str, *, is_list: bool) -> str:
    """JSON of a source in the layout of the one it replaces."""
    ascii_only = raw.isascii() and "\\u" in raw
    if not is_list:
        return json.dumps(source, ensure_ascii=ascii_only)
    tokens = list(_strings(raw))
    known = {value: raw[start:end] for start, end, value in tokens}
    lead, between, tail = "", ", ", ""
    if tokens:
        lead, tail = raw[1 : tokens[0][0]], raw[tokens[-1][1] : -1]
        between = raw[tokens[0][1] : tokens[1][0]] if len(tokens) > 1 else f",{lead or ' '}"
    lines = source.splitlines(keepends=True)
    return (
        "["
        + lead
        + between.join(known.get(x) or json.dumps(x, ensure_ascii=ascii_only) for x in lines)
        + tail
        + "]"
    )


def _strings(raw: str) -> Iterator[tuple[int, int, str]]:
    """The strings of a list of strings, each with its place."""
    at = raw.find('"')
    while at >= 0:
        value, end = _decoded(raw, at)
        yield at, end, value
        at = raw.find('"', end)


def _code_cells(text: str) -> Iterator[_Cell]:
    """The code cells with the places of their sources."""
    found: Any = json.loads(text)
    try:
        cells = [(cell["cell_type"], cell["source"]) for cell in found["cells"]]
    except (KeyError, TypeError) as error:
        raise ValueError("it has no list of cells with sources; version 4 has one") from error
    start = next(at for key, at, _ in _members(text, _skip(text, 0)) if key == "cells")
    at = _skip(text, start + 1)
    for number, (kind, source) in enumerate(cells, start=1):
        _, end = _decoded(text, at)
        if kind == "code":
            _, first, last = next(m for m in _members(text, at) if m[0] == "source")
            yield _Cell(number, first, last, "".join(source), not isinstance(source, str))
        at = _skip(text, _skip(text, end) + 1)


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of each value of the object that begins at ``at``."""
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = _decoded(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _decoded(text, start)
        yield key, start, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()


def _decoded(text: str, at: int) -> tuple[Any, int]:
    """The value that begins there, and where it ends."""
    return _DECODER.raw_decode(text, at)


_DECODER = json.JSONDecoder()
