"""Real photos for studies that are not part of the suite."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

SETS = ("flowers", "grocery", "cifar10", "eurosat", "mnist")
_SIDES = {"cifar10": 32, "mnist": 28}  # their own; more would be made up
_ARCHIVES = {
    "eurosat": "eurosat/eurosat_rgb_3000.tar",
    "flowers": "flowers/flower_photos_500.tar",
    "grocery": "grocery/grocery_961.tar",
    "cifar10": "cifar10/cifar10_png_3600.tar",
}


def photos(name: str, count: int, *, side: int) -> np.ndarray:
    """Photos of a data set, stretched to squares: uint8, shape ``(count, side, side, 3)``.

    Args:
        name: One of ``SETS``.
        count: How many, from the archive's first on, spread evenly.
        side: Pixels of a side; small pictures keep their own.
    """
    root = Path(os.environ.get("TWINFEED_TEST_DATA", "../shared/data"))
    side = _SIDES.get(name, side)
    if name == "mnist":
        raw = gzip.decompress((root / "mnist" / "train-images-idx3-ubyte.gz").read_bytes())
        digits = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, side, side, 1)
        return np.repeat(digits[:count], 3, axis=-1)
    with tarfile.open(root / _ARCHIVES[name]) as files:
        members = [m for m in files.getmembers() if m.name.endswith((".jpg", ".png"))]
        picks = np.linspace(0, len(members) - 1, min(count, len(members))).astype(int)
        made: list[np.ndarray] = []
        for index in picks.tolist():
            held = files.extractfile(members[index])
            assert held is not None
            photo = Image.open(io.BytesIO(held.read())).convert("RGB")
            made.append(np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR)))
    return np.stack(made)
