"""Photographs made up of smooth shapes and grain, as files of the usual kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

SHAPES = ((90, 130), (120, 100), (150, 150), (101, 164), (140, 87), (96, 128))


def photograph(height: int, width: int, seed: int) -> np.ndarray:
    """A colour picture with edges, gradients and grain, uint8, shape ``(height, width, 3)``."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    picture = np.zeros((height, width, 3))
    for _ in range(12):
        centre, spread = random.random(2), random.uniform(0.05, 0.3)
        inside = np.hypot(y - centre[0], x - centre[1]) < spread
        picture[inside] += random.normal(0, 60, 3)
    picture += 50 * np.sin(40 * (x * random.random() + y))[..., None] * random.random(3)
    picture += random.normal(0, 14, picture.shape) + random.uniform(90, 160)
    return picture.clip(0, 255).astype(np.uint8)


def image_library() -> Any:
    return pytest.importorskip("PIL.Image")


def jpegs(folder: Path, count: int = 6, *, tagged: int = 0, **how: Any) -> list[Path]:
    """JPEG files in two classes; the last ``tagged`` ask to be turned by 90 degrees."""
    image = image_library()
    found: list[Path] = []
    for number in range(count):
        path = folder / "ab"[number % 2] / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = image.Exif()
        if number >= count - tagged:
            exif[274] = 6
        shape = SHAPES[number % len(SHAPES)]
        picture = image.fromarray(photograph(*shape, number))
        picture.save(path, quality=92, exif=exif, **how)
        found.append(path)
    return found
