"""What a case of the corpus is: a public report rebuilt as a small pair of feeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.corpus.material import Material

Pair: TypeAlias = tuple[Any, Any]
Build: TypeAlias = Callable[[Material], Pair]
"""Gives feed A and feed B, each anything ``Model.fit`` accepts, or a trace."""


@dataclass(frozen=True, slots=True)
class Case:
    """One report.

    Attributes:
        name: Its short name, unique.
        url: Where it was reported.
        cause: What it turned out to be, one line in our own words.
        tags: Of the vocabulary of causes.
        expect: Codes any of which is right as the first finding; empty where nothing is wrong
            and nothing above a note may be found.
        also: Further codes that are true of this pair, whatever their rank.
        gap: Why the right cause does not come first today; empty where it does.
        build: Makes the pair.
    """

    name: str
    url: str
    cause: str
    tags: tuple[str, ...]
    expect: tuple[str, ...]
    also: tuple[str, ...]
    gap: str
    build: Build


CASES: dict[str, Case] = {}


def case(
    name: str,
    *,
    url: str,
    cause: str,
    tags: tuple[str, ...],
    expect: tuple[str, ...],
    also: tuple[str, ...] = (),
    gap: str = "",
) -> Callable[[Build], Build]:
    """Enter the decorated function into the corpus."""

    def enter(build: Build) -> Build:
        assert name not in CASES, f"{name} is there twice"
        CASES[name] = Case(name, url, cause, tags, expect, also, gap, build)
        return build

    return enter
