"""The pages of the catalogue, read from the sources of its units without running them.

Importing rules and measures costs numpy and hundreds of modules; `twinfeed explain` needs their
docstrings and five words of each record.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True)
class Page:
    """What ``explain`` shows of a unit; the fields are those of ``Rule`` and ``Measure``."""

    code: str
    name: str
    severity: str
    since: str
    page: str


def pages() -> dict[str, Page]:
    """The page of every rule and measure, by code, in the order of the codes."""
    roots = files("twinfeed.lint") / "_rules", files("twinfeed.diff") / "_measures"
    families = [family for root in roots for family in root.iterdir() if family.is_dir()]
    found = [page for family in families for page in _family(family)]
    return {page.code: page for page in sorted(found, key=lambda page: page.code)}


def _family(folder: Traversable) -> Iterator[Page]:
    for file in folder.iterdir():
        if not file.name.endswith(".py") or file.name.startswith("_"):
            continue
        # The record comes last and the page first: what lies between need not be parsed.
        text = file.read_text("utf-8")
        head = text.index('"""', 3) + 3
        record = ast.parse(text[max(map(text.rfind, _RECORDS)) :]).body[0]
        assert isinstance(record, ast.Assign), f"{file.name} ends with its record"
        assert isinstance(record.value, ast.Call), f"{file.name} ends with its record"
        values = {keyword.arg: keyword.value for keyword in record.value.keywords}
        yield Page(
            code=_word(values["code"]),
            name=_word(values["name"]),
            severity=_word(values["severity"]).lower(),
            since=_word(values["since"]),
            page=ast.literal_eval(text[:head]),
        )


_RECORDS = ("\nRULE = ", "\nMEASURE = ")


def _word(node: ast.expr) -> str:
    """``"AUG202"`` or the last part of ``Severity.ERROR``."""
    return node.attr if isinstance(node, ast.Attribute) else str(ast.literal_eval(node))
