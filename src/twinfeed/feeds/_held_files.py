"""The folder of the pictures that a Python data set reads, found in what it holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any, cast

from twinfeed._core.plan import Setting

_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
_MOST_WRAPPED = 8  # data sets around another
_MOST_NAMES = 200_000


def folder_of_held_files(dataset: object) -> dict[str, Setting]:
    """The folder of the pictures that a data set lists or names, as the setting ``files``.

    A list of files comes first, as torchvision's ``samples`` and most people's ``paths`` are; then
    a folder, as ``root`` or ``image_dir`` beside a table of labels. Nothing is read but names.

    Args:
        dataset: Any object, or the list itself; one around another (``Subset``) is looked into.
    """
    for held in _around(dataset):
        for value in held:
            names = _names(value)
            if names and os.path.exists(names[0]):  # noqa: PTH110 - text
                try:
                    folder = os.path.commonpath({os.path.dirname(name) for name in names})  # noqa: PTH120 - many
                except ValueError:  # absolute and relative names together
                    continue
                return {"files": folder or "."}
        for value in held:
            if isinstance(value, str | PurePath) and str(value) and os.path.isdir(value):  # noqa: PTH112 - text
                return {"files": str(value)}
    return {}


def _around(dataset: object) -> Iterator[list[Any]]:
    for _ in range(_MOST_WRAPPED):
        held: dict[str, Any] = getattr(dataset, "__dict__", {})
        yield [dataset, *held.values()]
        dataset = held.get("dataset")


def _names(value: Any) -> list[str]:
    """The names of a list of pictures, alone or first in each row; none of another list."""
    if isinstance(value, str | bytes):
        return []
    if not isinstance(value, Sequence) and type(value).__name__ not in {"ndarray", "Series"}:
        return []
    found: list[str] = []
    rows: Iterable[Any] = cast("Any", value)
    for row in islice(rows, _MOST_NAMES):
        first: Any = cast("Any", row[:1]) if isinstance(row, tuple | list) else (row,)
        name = first[0] if first else None
        if not isinstance(name, str | PurePath) or not str(name).lower().endswith(_SUFFIXES):
            return []
        found.append(str(name))
    return found
