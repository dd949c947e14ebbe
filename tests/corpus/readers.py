"""How reporters read their folders, so that a case has to say only what is odd about its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

BILINEAR = Image.Resampling.BILINEAR


def paths(folder: Path) -> list[str]:
    """The files of a folder of classes, by class and name."""
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


def stacked(folder: Path, read: Callable[[str], Any]) -> np.ndarray:
    """What a reader makes of each file of a folder, in the order of :func:`paths`."""
    return np.stack([np.asarray(read(path)) for path in paths(folder)])


def pillow(kernel: Image.Resampling = BILINEAR, side: int = 32) -> Callable[[str], Image.Image]:
    """A reader that resizes with Pillow."""
    return lambda path: Image.open(path).convert("RGB").resize((side, side), kernel)


def load_img(**options: Any) -> Callable[[str], np.ndarray]:
    """Keras's loader, as arrays of float32."""
    return lambda path: keras.utils.img_to_array(keras.utils.load_img(path, **options))


def directory(folder: Path, side: int = 32, **options: Any) -> Any:
    """``image_dataset_from_directory`` in the order of the names."""
    chosen = {"image_size": (side, side), "shuffle": False, **options}
    return keras.utils.image_dataset_from_directory(folder, verbose=False, **chosen)


def flow(folder: Path, side: int = 32, *, of: Any = None, **options: Any) -> Any:
    """``flow_from_directory`` in the order of the names, with class numbers."""
    chosen = {"target_size": (side, side), "class_mode": "sparse", "shuffle": False, **options}
    return (of or ImageDataGenerator()).flow_from_directory(folder, **chosen)


def loader(folder: Path, labels: np.ndarray, read: Callable[[str], Any], **options: Any) -> Any:
    """The files through torch: a data set that lists them, as most people write it."""
    import torch

    class Files(torch.utils.data.Dataset):
        def __init__(self) -> None:
            self.paths, self.labels = paths(folder), labels

        def __len__(self) -> int:
            return len(self.paths)

        def __getitem__(self, index: int) -> tuple[Any, int]:
            return read(self.paths[index]), int(self.labels[index])

    return torch.utils.data.DataLoader(Files(), batch_size=32, **options)


def mapped(
    folder: Path, labels: np.ndarray, read: Callable[[Any], Any], batch: int = 32
) -> tf.data.Dataset:
    """The files through ``tf.data``: a function of the bytes of each file, then batches."""
    listed = tf.data.Dataset.from_tensor_slices((paths(folder), labels))
    return listed.map(lambda path, y: (read(tf.io.read_file(path)), y)).batch(batch)
