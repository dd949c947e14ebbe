"""The ``?name=value&name=value`` part of a feed's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from twinfeed.errors import SourceError

Option: TypeAlias = "int | str | tuple[int, int]"
Reader: TypeAlias = "Callable[[str], Option | None]"
"""Gives ``None`` for a text that means nothing."""


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _size(text: str) -> tuple[int, int] | None:
    """``224`` or ``height x width``: ``224x192``."""
    sides = [_count(side) for side in text.lower().replace(",", "x").split("x")]
    if len(sides) == 1:
        sides *= 2
    match sides:
        case [int(height), int(width)]:
            return height, width
        case _:
            return None


def _folder(text: str) -> str | None:
    return str(Path(text).expanduser()) if text else None


TFDS: Mapping[str, tuple[Reader, str]] = {
    "batch_size": (_count, "a whole number above 0"),
    "data_dir": (_folder, "a folder"),
}
FOLDER: Mapping[str, tuple[Reader, str]] = {
    "image_size": (_size, "a whole number above 0, or HEIGHTxWIDTH"),
    "batch_size": (_count, "a whole number above 0"),
}


def split_options(
    given: str, text: str, known: Mapping[str, tuple[Reader, str]]
) -> tuple[str, tuple[tuple[str, Option], ...]]:
    """Take ``name?a=1&b=2`` apart.

    Args:
        given: What the user wrote, for messages.
        text: The part behind the scheme.
        known: For each option its reader and, in words, what it takes.

    Raises:
        SourceError: If an option is unknown, given twice or means nothing.
    """
    name, mark, query = text.partition("?")
    if mark and Path(text).exists():  # a folder may have a question mark in its name
        return text, ()
    options: dict[str, Option] = {}
    for part in filter(None, query.split("&")):
        key, equals, value = part.partition("=")
        names = f"one of the options {', '.join(known)}"
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"leave {key} out"
            raise SourceError(given, f"{key} is not an option here", names, hint)
        if key in options:
            raise SourceError(given, f"{key} is given twice", names, "give it once")
        read, wants = known[key]
        found = read(value) if equals else None
        if found is None:
            hint = f"{key}=32" if read is not _folder else f"{key}=~/tensorflow_datasets"
            raise SourceError(given, f"{key}={value} means nothing", f"{key} to be {wants}", hint)
        options[key] = found
    return name, tuple(options.items())
