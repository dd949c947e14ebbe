"""Real photos where they are at hand, made-up ones where not, and folders of them."""

from __future__ import annotations

import io
import os
import tarfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CLASSES = ("daisy", "dandelion", "roses")
PER_CLASS = 40


class Material:
    """What the cases are built from. Everything handed out may be changed by its user.

    Args:
        root: An empty folder for files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made = 0

    @cached_property
    def _photos(self) -> list[Image.Image]:
        """120 photos, 40 of each of three classes, sorted by class, RGB, 96 to 128 on a side."""
        found = Path(os.environ.get("TWINFEED_TEST_DATA", "../shared/data"))
        archive = found / "flowers" / "flower_photos_500.tar"
        return _flowers(archive) if archive.exists() else _invented()

    @property
    def labels(self) -> np.ndarray:
        """Class numbers 0 to 2, sorted, int64, shape ``(120,)``."""
        return np.repeat(np.arange(len(CLASSES)), PER_CLASS)

    def images(self, side: int = 32) -> np.ndarray:
        """The photos stretched to squares, uint8, shape ``(120, side, side, 3)``, sorted by class."""
        made = [
            np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR))
            for photo in self._photos
        ]
        return np.stack(made)

    def photos(self) -> list[Image.Image]:
        """The photos as Pillow images, sizes from 96 to 128."""
        return [photo.copy() for photo in self._photos]

    def empty_folder(self) -> Path:
        """A new empty folder."""
        self._made += 1
        folder = self._root / f"made{self._made}"
        folder.mkdir(parents=True)
        return folder

    def folder(self, suffix: str = ".png", **options: Any) -> Path:
        """A new folder with one folder per class, named ``000.png`` to ``119.png`` in order.

        Args:
            suffix: ``.png`` or ``.jpg``.
            **options: Of ``PIL.Image.save``, e.g. ``quality=90``.
        """
        folder = self.empty_folder()
        for number, photo in enumerate(self._photos):
            home = folder / CLASSES[number // PER_CLASS]
            home.mkdir(exist_ok=True)
            photo.save(home / f"{number:03}{suffix}", **options)
        return folder


def _flowers(archive: Path) -> list[Image.Image]:
    """Real photos, shortened to at most 128 on a side, their aspect kept."""
    made: list[Image.Image] = []
    counts = dict.fromkeys(CLASSES, 0)
    with tarfile.open(archive) as files:
        members = sorted(files.getmembers(), key=lambda member: member.name)
        for member in members:
            name = Path(member.name).parent.name
            if member.isfile() and counts.get(name, PER_CLASS) < PER_CLASS:
                counts[name] += 1
                data = files.extractfile(member)
                assert data is not None
                photo = Image.open(io.BytesIO(data.read())).convert("RGB")
                photo.thumbnail((128, 128), Image.Resampling.LANCZOS)
                made.append(photo)
    return made


def _invented() -> list[Image.Image]:
    """Smooth colours with grain and an edge, so that kernels and decoders show."""
    random = np.random.default_rng(0)
    made: list[Image.Image] = []
    for _ in range(len(CLASSES) * PER_CLASS):
        coarse = Image.fromarray(random.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((128, 96), Image.Resampling.BICUBIC), np.int16)
        pixels = pixels + random.normal(0, 8, pixels.shape)
        left, top = random.integers(10, 60, 2)
        pixels[top : top + 30, left : left + 40] += random.normal(0, 60, 3)
        made.append(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)))
    return made
