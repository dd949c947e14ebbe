"""The files that a feed's examples came from, where this machine has them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinfeed._core.trace import Trace
from twinfeed.observe.look import hash_ids

_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
_MOST_FILES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself.

    Attributes:
        path: The file.
        height: Rows as stored.
        width: Columns as stored.
        jpeg: Whether it is a JPEG.
        coarse_colours: Whether it is one whose colours are stored on a coarser grid.
        alpha: Whether it can be transparent.
        grey: Whether it has no colour.
        orientation: The EXIF orientation, 1 to 8; 1 is as stored.
    """

    path: Path
    height: int
    width: int
    jpeg: bool
    coarse_colours: bool
    alpha: bool
    grey: bool
    orientation: int


def folder_of(trace: Trace) -> Path | None:
    """The folder that a feed's plan names as its source, if it is here."""
    for step in trace.plan.of_kind("source") if trace.plan else ():
        named = step.settings.get("directory") or step.settings.get("files")
        if isinstance(named, str) and named:
            try:
                return Path(named) if Path(named).is_dir() else None
            except (OSError, ValueError):  # a name that this system cannot hold
                return None
    return None


def files_in(folder: Path) -> list[Path]:
    """The images of a folder and its sub-folders, in order; special files are left out."""
    found: list[Path] = []
    for path in _images(folder):
        found.append(path)
        if len(found) >= _MOST_FILES:
            break
    return found


def by_id(folder: Path, files: list[Path]) -> dict[int, Path]:
    """Each file by the hash of the name that feeds give it: relative, or whole."""
    names = [path.relative_to(folder).as_posix() for path in files]
    whole = [str(path) for path in files]
    keys: list[int] = hash_ids(np.array([*whole, *names], np.str_)).tolist() if files else []
    return dict(zip(keys, [*files, *files], strict=True))


def _images(folder: Path) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        here = Path(root).stat()
        if (here.st_dev, here.st_ino) in seen:  # a link that leads back to where it lies
            folders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(_SUFFIXES) and _is_regular(Path(root, name)):
                yield Path(root, name)


def _is_regular(path: Path) -> bool:
    """Not a pipe or a device: opening one might wait for ever."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
