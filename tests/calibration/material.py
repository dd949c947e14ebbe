"""Pictures that calibration draws from: real ones where they are at hand, and made-up textures."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.diff.replay.material import jpegs
from twinfeed.demo import digits

Data = tuple[np.ndarray, np.ndarray]
LARGE = "large"
"""Photos so large that few of them are kept whole."""
Build = Callable[[Data, Path, int], Any]
"""From the examples, the same as PNG files in class folders, and a seed, to a feed."""


def _found() -> Path:
    return Path(os.environ.get("TWINFEED_TEST_DATA", "../shared/data"))


def kinds() -> tuple[str, ...]:
    """The data sets that this machine holds; two of them are always there."""
    real = {
        "cifar10": _found() / "cifar10" / "cifar10_train_first4000.bin",
        "eurosat": _found() / "eurosat" / "eurosat_rgb_3000.tar",
        "flowers": _found() / "flowers" / "flower_photos_500.tar",
        LARGE: _found() / "flowers" / "flower_photos_500.tar",
    }
    return ("digits", "textures", *(name for name, path in real.items() if path.exists()))


def draw(random: np.random.Generator, kind: str, count: int) -> Data:
    """Some examples sorted by class: uint8 ``(count, side, side, 3)`` and int64 ``(count,)``.

    Args:
        random: What is drawn.
        kind: One of :func:`kinds`.
        count: Examples, at most what the set holds.
    """
    if kind == "textures":
        return _textures(random, count)
    images, labels = _whole(kind)
    chosen = random.choice(len(images), min(count, len(images)), replace=False)
    chosen = chosen[np.argsort(labels[chosen], kind="stable")]
    images, labels = images[chosen], labels[chosen]
    if kind == "digits":
        tint = random.uniform(0.4, 1.0, 3)
        images = (images[..., None] * tint).astype(np.uint8)
    return images, labels


def _textures(random: np.random.Generator, count: int) -> Data:
    labels = np.sort(random.integers(0, 4, count))
    coarse = (
        random.normal(0, 1, (count, 6, 6, 3))
        + np.eye(4)[labels][:, :3].mean(axis=1)[:, None, None, None]
    )
    large = coarse.repeat(4, axis=1).repeat(4, axis=2) * 45 + 120
    large += random.normal(0, 12, large.shape)
    return np.clip(large, 0, 255).astype(np.uint8), labels


@cache
def _whole(kind: str) -> Data:
    if kind == "digits":
        images, labels = digits.load()
        return images, labels.astype(np.int64)
    if kind == "cifar10":
        raw = np.fromfile(_found() / kind / "cifar10_train_first4000.bin", np.uint8)
        rows = raw.reshape(-1, 3073)
        pixels = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(pixels), rows[:, 0].astype(np.int64)
    if kind == "eurosat":
        return _archive(_found() / kind / "eurosat_rgb_3000.tar", 32, every=2)
    side = 96 if kind == LARGE else 48
    return _archive(_found() / "flowers" / "flower_photos_500.tar", side)


def _archive(path: Path, side: int, *, every: int = 1) -> Data:
    """Pictures of an archive with one folder per class, stretched to squares."""
    images: list[np.ndarray] = []
    names: list[str] = []
    with tarfile.open(path) as files:
        members = sorted((m for m in files.getmembers() if m.isfile()), key=lambda m: m.name)
        for member in members[::every]:
            data = files.extractfile(member)
            assert data is not None
            photo = Image.open(io.BytesIO(data.read())).convert("RGB")
            images.append(np.asarray(photo.resize((side, side), Image.Resampling.BILINEAR)))
            names.append(Path(member.name).parent.name)
    return np.stack(images), np.unique(names, return_inverse=True)[1].astype(np.int64)


@contextmanager
def folder_of(data: Data, *, files: bool) -> Generator[Path]:
    """A folder, with the examples as PNG files in class folders where ``files`` asks for them."""
    root = Path(tempfile.mkdtemp(prefix="twinfeed-calibration-"))
    try:
        if files:
            for number, (pixels, label) in enumerate(zip(*data, strict=True)):
                home = root / f"class{label}"
                home.mkdir(exist_ok=True)
                Image.fromarray(pixels).save(home / f"{number:05}.png", compress_level=1)
        yield root
    finally:
        shutil.rmtree(root)


@contextmanager
def jpeg_folder(random: np.random.Generator, count: int) -> Generator[Path]:
    """A folder of so many JPEG files in class folders: photos where they are at hand, else made up."""
    root = Path(tempfile.mkdtemp(prefix="twinfeed-calibration-"))
    archive = _found() / "flowers" / "flower_photos_500.tar"
    try:
        if not archive.exists():
            jpegs(root, count)
        else:
            with tarfile.open(archive) as files:
                members = [member for member in files.getmembers() if member.isfile()]
                for at in random.choice(len(members), count, replace=False).tolist():
                    data = files.extractfile(members[at])
                    assert data is not None
                    path = root / Path(members[at].name).parent.name / f"{at:05}.jpg"
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(data.read())
        yield root
    finally:
        shutil.rmtree(root)
