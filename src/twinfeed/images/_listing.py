"""Finding picture files in class folders, in Keras's order."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

# ruff: noqa: PTH118, PTH119  names are text as the system has it, which a Path may change


@dataclass(slots=True)
class Found:
    """What a class folder holds.

    Attributes:
        names: Files relative to the folder above, sorted within each folder.
        leaving: How many of them a link leads to out of the data set.
    """

    names: list[str] = field(default_factory=list[str])
    leaving: int = 0


def class_folders(directory: str) -> list[str]:
    """Names of the folders in ``directory``, sorted."""
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir())


def find(
    directory: str,
    name: str,
    endings: tuple[str, ...],
    split: tuple[float, float] | None,
    *,
    follow_links: bool,
    outside_links: bool,
) -> Found:
    """The picture files of one class.

    Args:
        directory: The data set.
        name: The class, which is the folder's name.
        endings: Allowed ends of file names, in lower case.
        split: The part of the sorted files that is wanted, from and to, each 0 to 1.
        follow_links: Whether linked folders below the class are searched, as in ``os.walk``.
        outside_links: Whether files count that a link leads to out of ``directory``.
    """
    folder = os.path.join(directory, name)
    home = os.path.realpath(directory)
    base = os.path.basename(folder)
    found = Found()
    roots = sorted(_roots(folder, follow_links=follow_links))
    for root, files, links in roots:
        away = not _within(os.path.realpath(root), home)
        for file in sorted(files):
            if not file.lower().endswith(endings):
                continue
            if file.lower().endswith(".tiff"):
                warnings.warn(
                    'Using ".tiff" files with multiple bands will cause distortion. Please '
                    "verify your output.",
                    stacklevel=2,
                )
            whole = os.path.join(root, file)
            if away or (file in links and not _within(os.path.realpath(whole), home)):
                if not outside_links:
                    continue
                found.leaving += 1
            found.names.append(os.path.join(base, os.path.relpath(whole, folder)))
    if split:
        count = len(found.names)
        found.names = found.names[int(split[0] * count) : int(split[1] * count)]
    return found


def _within(path: str, home: str) -> bool:
    return path == home or path.startswith(os.path.join(home, ""))


def _roots(
    folder: str, *, follow_links: bool, above: tuple[str, ...] = ()
) -> Iterator[tuple[str, list[str], set[str]]]:
    """Each folder with its files and those of them that are links.

    A link back to a folder above is not followed: ``os.walk`` would go round until the system
    refuses, and count every file some forty times.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:  # as os.walk: what cannot be listed is empty
        return
    files: list[str] = []
    links: set[str] = set()
    above = (*above, os.path.realpath(folder))
    for entry in entries:
        linked = entry.is_symlink()
        if _is_folder(entry):
            if linked and (not follow_links or os.path.realpath(entry.path) in above):
                continue
            yield from _roots(entry.path, follow_links=follow_links, above=above)
        else:
            files.append(entry.name)
            if linked:
                links.add(entry.name)
    yield folder, files, links


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
