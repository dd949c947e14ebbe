"""What came of rewriting one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Target: TypeAlias = Literal["twinfeed", "tf-data"]


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """Something about one line.

    Attributes:
        line: Number of the line, from 1; of all code cells together in a notebook.
        says: What there is to say.
    """

    line: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What came of rewriting one text of Python.

    Attributes:
        text: The new text; the given one where something was refused.
        changes: What was rewritten.
        notes: What is not as it was, and why.
        refusals: What was not understood, or cannot be kept.
    """

    text: str
    changes: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    refusals: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ported:
    """What came of one file; the file itself is as it was.

    Attributes:
        path: The file.
        before: Its bytes.
        after: What should stand there; equal to ``before`` where there is nothing to do or
            something was refused.
        changes: What was rewritten, each with its place.
        notes: What is not as it was, and why, each with its place.
        refusals: Why nothing was rewritten, each with its place.
    """

    path: Path
    before: bytes
    after: bytes
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether there is something to write."""
        return self.after != self.before
