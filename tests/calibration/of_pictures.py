"""What is done to each picture of one feed, the same in every epoch, as pages of causes name it."""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from tests.calibration.augmenting import moved

_LUMA = np.array([0.299, 0.587, 0.114])


def tinted(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Times 1.01: a hundredth brighter."""
    return x * 1.01


def centred(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """To -1..1, where the other feed is brought to 0..1."""
    return 2 * x - 255


def within(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Cut off above and below the middle third of the range."""
    return np.clip(x, 85, 170)


def grainy(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """With grain of a fiftieth of the range, each picture its own, whenever it comes."""
    own = np.random.default_rng(zlib.crc32(x.tobytes()))
    return np.clip(x + own.normal(0, 5, x.shape), 0, 255)


def encoded(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Written as JPEG of quality 90 and read again."""
    file = io.BytesIO()
    Image.fromarray(x.astype(np.uint8)).save(file, "JPEG", quality=90)
    return np.asarray(Image.open(file), np.float32)


def some_turned(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """One in five turned by a quarter."""
    return np.rot90(x) if zlib.crc32(x.tobytes()) % 5 == 0 else x


def cropped(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """The middle nine tenths, brought to the whole size."""
    return moved(x, zoom=(0.9, 0.9), mode="nearest")


def softened(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Blurred by half a pixel."""
    return gaussian_filter(x, (0.5, 0.5, 0))


def bent(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """A curve of power 1.2."""
    return 255 * (x / 255) ** 1.2


def coarse(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Sixty-four levels."""
    return x // 4 * 4


def mean_of(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Grey by the mean of the channels."""
    return x.mean(axis=-1, keepdims=True)


def luma_of(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Grey by how bright the eye takes colours for."""
    return (x @ _LUMA)[..., None]


def on_black(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """A tenth of the picture is black."""
    return _on(x, 0)


def on_white(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """A tenth of the picture is white."""
    return _on(x, 255)


def _on(x: np.ndarray, value: float) -> np.ndarray:
    x = x.copy()
    x[:, : round(x.shape[1] / 10)] = value
    return x


def mirrored(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return x[:, ::-1]


def blue_first(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return x[..., ::-1]
