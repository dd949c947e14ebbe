"""Which images a folder holds, without opening one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.errors import SourceError

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
EXPECTED = "a folder of images with one sub-folder per class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The images of a folder, classes and names in order.

    Attributes:
        folder: The folder.
        classes: Names of the sub-folders; empty if the images lie in the folder itself.
        files: Path of each image.
        names: Each path relative to the folder, with forward slashes.
        labels: Number of the class of each image, int32.
        notes: What was left out.
    """

    folder: Path
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    names: tuple[str, ...]
    labels: Array
    notes: tuple[str, ...]


def list_folder(folder: Path) -> Listing:
    """List a folder as Keras does: sub-folders are classes, those with a leading dot are not.

    Raises:
        SourceError: If a folder cannot be read, or there is no image.
    """
    if not folder.is_dir():
        why = "this is a file" if folder.exists() else "there is no such folder"
        raise SourceError(str(folder), why, EXPECTED, f"it is looked for from {Path.cwd()}")
    classes = _classes(folder)
    found: list[tuple[Path, int]] = []
    special: list[Path] = []
    for label, place in enumerate(classes or (".",)):
        for file in _image_names(folder / place):
            (found.append((file, label)) if _is_regular(file) else special.append(file))
    if not found:
        hint = f"images end in {', '.join(SUFFIXES)}; check the path, or unpack the data set there"
        raise SourceError(str(folder), "there is no image in it", EXPECTED, hint)
    notes = ()
    if special:
        notes = (
            f"{len(special)} names that are no regular files were left out, e.g. {special[0]}",
        )
    return Listing(
        folder=folder,
        classes=classes,
        files=tuple(file for file, _ in found),
        names=tuple(file.relative_to(folder).as_posix() for file, _ in found),
        labels=np.asarray([label for _, label in found], np.int32),
        notes=notes,
    )


def _classes(folder: Path) -> tuple[str, ...]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        _unreadable(error)
    return tuple(entry.name for entry in entries if entry.is_dir() and entry.name[0] != ".")


def _image_names(place: Path) -> Iterator[Path]:
    # Links are followed, as Keras does; one that leads back to where it lies is not.
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(place, followlinks=True, onerror=_unreadable):
        here = Path(root).stat()
        if (here.st_dev, here.st_ino) in seen:
            folders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        folders.sort()
        yield from (Path(root, name) for name in sorted(names) if name.lower().endswith(SUFFIXES))


def _is_regular(file: Path) -> bool:
    """Not a pipe, a device or a link to nothing: opening one might wait for ever."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return False


def _unreadable(error: OSError) -> NoReturn:
    hint = f"check its rights: ls -ld {error.filename}"
    raise SourceError(str(error.filename), f"it cannot be read ({error.strerror})", EXPECTED, hint)
