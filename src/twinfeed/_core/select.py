"""Choosing causes by code, family or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Protocol, TypeVar

from twinfeed.errors import UsageError


class _Named(Protocol):
    """A measure, a rule, or the page of one."""

    @property
    def name(self) -> str: ...


_Unit = TypeVar("_Unit", bound=_Named)


def chosen(
    catalogue: Mapping[str, _Unit], select: Iterable[str], ignore: Iterable[str]
) -> list[_Unit]:
    """The units that ``--select`` names, all if it names none, without those of ``--ignore``.

    Args:
        catalogue: Every unit by code.
        select: Words of the option, each with codes, families or names between commas.
        ignore: The same for what to leave out.

    Raises:
        UsageError: If a word fits no cause.
    """
    wanted = {code for word in _words(select) for code in matching(catalogue, word, "--select")}
    unwanted = {code for word in _words(ignore) for code in matching(catalogue, word, "--ignore")}
    return [
        unit
        for code, unit in catalogue.items()
        if (code in wanted or not wanted) and code not in unwanted
    ]


def matching(catalogue: Mapping[str, _Named], word: str, given_as: str = "") -> list[str]:
    """The codes that a code (``AUG202``), a family (``AUG``) or a name stands for.

    Raises:
        UsageError: If it stands for none.
    """
    codes = [
        code
        for code, unit in catalogue.items()
        if code.startswith(word.upper()) or unit.name == word.lower()
    ]
    if not codes:
        names = [*catalogue, *(unit.name for unit in catalogue.values())]
        near = get_close_matches(word.upper(), names, n=1) or get_close_matches(
            word.lower(), names, n=1
        )
        families = ", ".join(dict.fromkeys(code[:3] for code in catalogue))
        raise UsageError(
            f"{given_as} {word}".strip(),
            f"a code, a name, or a family: {families}",
            f"did you mean {near[0]}?" if near else "`twinfeed explain` lists every cause",
        )
    return codes


def _words(given: Iterable[str]) -> list[str]:
    return [word for text in given for word in text.replace(",", " ").split()]
