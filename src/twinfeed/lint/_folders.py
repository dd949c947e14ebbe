"""What lies in the folder that a feed's pictures come from, by names and first bytes only."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from twinfeed._core.plan import Step
from twinfeed.lint._subject import Subject

PICTURES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpeg", ".jpg", ".png", ".ppm",
     ".tif", ".tiff", ".webp"}
)  # fmt: skip
"""How the names of pictures end, whoever can read them."""
_READ_BY_KERAS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png"})
_READ_BY_GENERATOR = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff"})
_READ_BY_PILLOW = _READ_BY_KERAS | _READ_BY_GENERATOR | {".webp"}
_MOST_FILES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of pictures that a loader listed.

    Attributes:
        step: The step that reads it.
        path: The folder.
        formats: How the names end that the loader reads.
        hidden: Whether the loader takes folders whose names begin with a dot for classes.
    """

    step: Step
    path: str
    formats: frozenset[str]
    hidden: bool

    @property
    def makes_labels(self) -> bool:
        """Whether the number of a class is the place of its folder."""
        settings = self.step.settings
        return not self.hidden or ("class_mode" in settings and "class_order" not in settings)

    def classes(self) -> list[str]:
        """Names of its class folders in the loader's order; none where it cannot be read."""
        try:
            with os.scandir(self.path) as entries:
                names = [one.name for one in islice(entries, _MOST_FILES) if one.is_dir()]
        except OSError:
            return []
        return sorted(name for name in names if self.hidden or not name.startswith("."))

    def pictures(self, below: str = "") -> Iterator[str]:
        """Paths of the pictures in it, or in one of its folders, whoever can read them."""
        place = Path(self.path, below)
        walk = (os.path.join(root, name) for root, _, names in os.walk(place) for name in names)  # noqa: PTH118 - many
        return (path for path in islice(walk, _MOST_FILES) if suffix(path) in PICTURES)


def folders(subject: Subject) -> Iterator[Folder]:
    """The folders that the loaders of a feed listed by themselves."""
    plan = subject.plan
    for step in plan.of_kind("source") if plan else ():
        path = step.settings.get("directory")
        generator = plan is not None and "ImageDataGenerator" in plan.library
        formats = (
            _READ_BY_GENERATOR
            if generator
            else _READ_BY_PILLOW  # a folder that is named itself
            if step.name == "dir"
            else _READ_BY_KERAS
        )
        if isinstance(path, str) and (step.where == "flow_from_directory" or not generator):
            yield Folder(step=step, path=path, formats=formats, hidden=generator)


def suffix(path: str) -> str:
    """How the name of a file ends, in small letters."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - many


def told(counts: Counter[str]) -> str:
    """Numbers of files by how they end, the most frequent first."""
    return ", ".join(f"{count:,} {end}" for end, count in counts.most_common(3))
