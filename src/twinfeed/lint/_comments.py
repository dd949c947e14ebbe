"""Comments in the user's code that say which findings are known there.

``# twinfeed: ignore[ORD101]`` stands on a line of the step that it speaks of; without codes it
speaks of all. ``# twinfeed: ignore-file`` speaks of the whole file.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(
    r"#\s*twinfeed:\s*(?P<what>ignore-file|ignore)(?![\w-])\s*(?:\[(?P<codes>[^\]]*)\])?"
)


@dataclass(frozen=True, slots=True)
class Comment:
    """One such comment.

    Attributes:
        file: The file, as the report names it.
        line: Its line, from 1.
        codes: Codes, families or names, in capitals; empty for every finding.
        whole_file: Whether it speaks of the whole file.
    """

    file: str
    line: int
    codes: tuple[str, ...]
    whole_file: bool

    def covers(self, code: str, name: str) -> bool:
        """Whether it speaks of findings of this code and name."""
        return not self.codes or any(
            code.startswith(word) or name.upper() == word for word in self.codes
        )


def comments_of(file: str) -> list[Comment]:
    """The comments of a file; none of one that cannot be read."""
    try:
        with Path(file).open("rb") as source:
            return list(_read(file, tokenize.tokenize(source.readline)))
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        return []  # a notebook's cell that is gone, or a file that changed since it ran


def _read(file: str, tokens: Iterator[tokenize.TokenInfo]) -> Iterator[Comment]:
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        for found in _COMMENT.finditer(token.string):
            codes = tuple((found["codes"] or "").upper().replace(",", " ").split())
            yield Comment(file, token.start[0], codes, found["what"] == "ignore-file")
