"""The ``?name=value&name=value`` part of a feed's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, TypeAlias

from twinfeed.errors import SourceError

Option: TypeAlias = "int | str | bool | tuple[int, int]"
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


def _one_of(*choices: str) -> _Known:
    def read(text: str) -> str | None:
        return text if text in choices else None

    return _Known(read, f"one of {', '.join(choices)}", choices[0])


def _truth(text: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())


class _Known(NamedTuple):
    """An option.

    Attributes:
        read: Its reader.
        wants: What it takes, in words.
        example: A value that means something.
    """

    read: Reader
    wants: str
    example: str


_BATCH_SIZE = _Known(_count, "a whole number above 0", "32")
TFDS: Mapping[str, _Known] = {
    "batch_size": _BATCH_SIZE,
    "data_dir": _Known(_folder, "a folder", "~/tensorflow_datasets"),
}
FOLDER: Mapping[str, _Known] = {
    "image_size": _Known(_size, "a whole number above 0, or HEIGHTxWIDTH", "224"),
    "batch_size": _BATCH_SIZE,
    "color_mode": _one_of("rgb", "rgba", "grayscale"),
    "label_mode": _one_of("int", "categorical", "binary"),
    "shuffle": _Known(_truth, "true or false", "true"),
}


def split_options(
    given: str, text: str, known: Mapping[str, _Known]
) -> tuple[str, tuple[tuple[str, Option], ...]]:
    """Take ``name?a=1&b=2`` apart.

    Args:
        given: What the user wrote, for messages.
        text: The part behind the scheme.
        known: The options that it may have.

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
        option = known[key]
        found = option.read(value) if equals else None
        if found is None:
            hint = f"{key}={option.example}"
            raise SourceError(
                given, f"{key}={value} means nothing", f"{key} to be {option.wants}", hint
            )
        options[key] = found
    return name, tuple(options.items())
