"""Draws the pictures of the guide from ImageDataGenerator to what is next.

    python docs/pictures/alternatives.py

Each is a row of views of one test picture, by Keras's class and by what stands beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image, ImageDraw

from twinfeed.images import ImageDataGenerator

TARGET = Path(__file__).parents[1] / "_static" / "alternatives"
SIZE = 120
GAP = 8


def picture() -> Any:
    """A letter on a gradient: every move and every edge shows; shape ``(120, 120, 3)``, 0 to 255."""
    ramp = np.linspace(60, 200, SIZE)
    values = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None, ::-1], 150.0), -1)
    image = Image.fromarray(values.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for box in ((40, 20, 55, 100), (40, 20, 85, 34), (40, 52, 75, 66)):
        draw.rectangle(box, fill=(250, 250, 250))
    draw.rectangle((0, 0, SIZE - 1, SIZE - 1), outline=(200, 30, 30), width=4)
    return np.asarray(image, np.float32)


def stripes() -> Any:
    """Lines of one pixel, much too fine for the size that they are shrunk to."""
    rows, columns = np.mgrid[:960, :960]
    rings = np.hypot(rows, columns) ** 2 / 700
    return np.repeat(np.where(np.sin(rings) > 0, 255.0, 0.0)[..., None], 3, -1).astype(np.float32)


def by_class(given: Any, *, mode: str = "nearest", **transform: float) -> Any:
    """A view by Keras's class, whose pixels are the drop-in's."""
    return ImageDataGenerator(fill_mode=mode).apply_transform(given, transform)


def by_layer(layer: Any, given: Any) -> Any:
    """A view by a layer of Keras."""
    return np.asarray(layer(given[None], training=True))[0]


def shrunk(given: Any, how: int) -> Any:
    """As ``flow_from_directory`` resizes, with Pillow."""
    image = Image.fromarray(given.astype(np.uint8)).resize((SIZE, SIZE), how)
    return np.asarray(image, np.float32)


def rows() -> dict[str, list[Any]]:
    """The views of each picture of the guide, in the order of its caption."""
    given, fine, layers = picture(), stripes(), keras.layers
    half = (0.5, 0.5)
    return {
        "fill": [
            given,
            by_class(given, theta=30),
            by_layer(layers.RandomRotation((30 / 360, 30 / 360)), given),
            by_class(given, theta=30, mode="constant"),
            by_class(given, theta=30, mode="wrap"),
            by_layer(layers.RandomRotation((30 / 360, 30 / 360), fill_mode="wrap"), given),
        ],
        "zoom": [
            given,
            by_class(given, zx=1.5, zy=1.5),
            by_layer(layers.RandomZoom(half, half, fill_mode="nearest"), given),
            by_layer(layers.RandomZoom((-0.5, -0.5), (-0.5, -0.5), fill_mode="nearest"), given),
            by_class(given, zx=1.5, zy=0.7),
        ],
        "shear": [
            given,
            by_class(given, shear=40),
            by_layer(layers.RandomShear(half, (0.0, 0.0), fill_mode="nearest"), given),
        ],
        "brightness": [
            given,
            by_class(given, brightness=0.5),
            by_layer(layers.RandomBrightness((-0.3, -0.3)), given),
            by_class(given / 255, brightness=0.99) * 255,
        ],
        "interpolation": [
            shrunk(fine, Image.Resampling.NEAREST),
            shrunk(fine, Image.Resampling.BILINEAR),
            by_layer(layers.Resizing(SIZE, SIZE), fine),
        ],
    }


def main() -> None:
    """Write a PNG for each row."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, views in rows().items():
        width = len(views) * (SIZE + GAP) - GAP
        sheet = np.full((SIZE, width, 3), 255, np.uint8)
        for index, view in enumerate(views):
            start = index * (SIZE + GAP)
            sheet[:, start : start + SIZE] = np.clip(np.round(view), 0, 255)
        Image.fromarray(sheet).save(TARGET / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
