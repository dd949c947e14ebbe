"""Questions that were left open, as reports list them: those with one answer to them together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from twinfeed._core.finding import Undecided
from twinfeed.report.clean import one_line

_MANY = 3  # questions with the same need above which only the first is asked in full


class Open(NamedTuple):
    """One entry of the list.

    Attributes:
        code: The unit that asked, or all of them.
        question: What could not be decided.
        needs: What it would take to decide it.
    """

    code: str
    question: str
    needs: str


def left_open(undecided: Iterable[Undecided]) -> list[Open]:
    """The questions in the order asked, many with one need as one entry."""
    by_need: dict[str, list[Undecided]] = {}
    for one in undecided:
        by_need.setdefault(one.needs, []).append(one)
    made: list[Open] = []
    for needs, asked in by_need.items():
        entries = [(one.code, one.question) for one in asked]
        if len(asked) > _MANY:
            codes = ", ".join(one.code for one in asked)
            entries = [(codes, f"{len(asked)} questions, the first {asked[0].question}")]
        made += [Open(one_line(code), one_line(said), one_line(needs)) for code, said in entries]
    return made
