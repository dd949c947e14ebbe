"""Augmentations of which the truth is known, by three kinds of source."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from scipy.ndimage import affine_transform

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed

Truth: TypeAlias = tuple[float, float] | float | str
Change: TypeAlias = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Changes one picture, float32 in 0..255, shape ``(height, width, channels)``."""


@dataclass(frozen=True, slots=True)
class Case:
    """An augmentation and what must be recovered of it.

    Attributes:
        name: Source and parameters.
        make: Gives the feed over uint8 pictures.
        truth: By parameter of ``Policy``: bounds, a share, or a name.
        beside: Parameters that may be seen as well, for they follow from the others.
        shapes: The kind of distribution, by parameter; ``uniform`` where nothing else is given.
    """

    name: str
    make: Callable[[np.ndarray], Any]
    truth: Mapping[str, Truth]
    beside: frozenset[str] = field(default_factory=frozenset[str])
    shapes: Mapping[str, str] = field(default_factory=dict[str, str])


def transformed(
    images: np.ndarray, change: Change, *, seed: int = 0, batch: int = 32, dtype: str = "float32"
) -> Feed:
    """A feed that shuffles and changes every picture anew, as a ``Dataset`` of torch does."""
    random = np.random.default_rng(seed)

    def open_epoch() -> Iterator[Batch]:
        order = random.permutation(len(images))
        for start in range(0, len(order), batch):
            some = images[order[start : start + batch]].astype(np.float32)
            yield Batch(np.stack([change(one, random) for one in some]).astype(dtype))

    return Feed(
        name="transforms",
        open_epoch=open_epoch,
        examples=len(images),
        fresh=lambda: transformed(images, change, seed=seed + 1, batch=batch, dtype=dtype),
    )


def moved(
    image: np.ndarray,
    *,
    degrees: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    zoom: tuple[float, float] = (1.0, 1.0),
    shear: float = 0.0,
    mode: str = "constant",
    cval: float = 0.0,
) -> np.ndarray:
    """The picture turned, shifted by shares of its size, and zoomed, in rows and columns."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]]) @ [[1, 0], [math.tan(math.radians(shear)), 1]]
    matrix = turn @ np.diag(zoom)
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset = centre - matrix @ centre + np.array(shift) * image.shape[:2]
    planes = [
        affine_transform(image[..., c], matrix, offset, order=1, mode=mode, cval=cval)
        for c in range(image.shape[-1])
    ]
    return np.stack(planes, axis=-1)


def erased(
    image: np.ndarray,
    random: np.random.Generator,
    *,
    share: float = 0.5,
    scale: tuple[float, float] = (0.02, 0.33),
    value: float | None = 0.0,
) -> np.ndarray:
    """A rectangle overwritten, as torchvision's ``RandomErasing`` does; ``None`` is noise."""
    if random.random() >= share:
        return image
    height, width, channels = image.shape
    for _ in range(10):
        area = random.uniform(*scale) * height * width
        ratio = math.exp(random.uniform(math.log(0.3), math.log(3.3)))
        h, w = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if h < height and w < width:
            top, left = random.integers(0, height - h + 1), random.integers(0, width - w + 1)
            patch = random.uniform(0, 255, (h, w, channels)) if value is None else value
            image = image.copy()
            image[top : top + h, left : left + w] = patch
            return image
    return image


def _idg(**options: Any) -> Callable[[np.ndarray], Any]:
    def make(images: np.ndarray) -> Any:
        from keras.src.legacy.preprocessing.image import ImageDataGenerator

        return ImageDataGenerator(**options).flow(images, batch_size=32)

    return make


def _layers(*build: tuple[str, dict[str, Any]]) -> Callable[[np.ndarray], Any]:
    def make(images: np.ndarray) -> Any:
        import keras
        import tensorflow as tf

        layers = [getattr(keras.layers, name)(**options) for name, options in build]

        def change(x: Any) -> Any:
            x = tf.cast(x, tf.float32)
            for layer in layers:
                x = layer(x, training=True)
            return x

        return tf.data.Dataset.from_tensor_slices(images).shuffle(500).map(change).batch(32)

    return make


def _tf_image(change: Callable[[Any, Any], Any]) -> Callable[[np.ndarray], Any]:
    """A map of ``tf.data`` over float pictures, which gets ``tf`` itself and a picture."""

    def make(images: np.ndarray) -> Any:
        import tensorflow as tf

        data = tf.data.Dataset.from_tensor_slices(images).shuffle(500)
        return data.map(lambda x: change(tf, tf.cast(x, tf.float32))).batch(32)

    return make


def _cropped(tf: Any, x: Any) -> Any:
    """Padded by an eighth on each side and cut to its size again, as for CIFAR-10."""
    side = int(x.shape[0])
    wide = tf.image.resize_with_crop_or_pad(x, side + 2 * (side // 8), side + 2 * (side // 8))
    return tf.image.random_crop(wide, x.shape)


def _opencv(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    """As ``ShiftScaleRotate`` of albumentations does it, and its ``RandomBrightnessContrast``."""
    import cv2

    side = x.shape[0]
    centre = (side - 1) / 2
    turn = cv2.getRotationMatrix2D((centre, centre), r.uniform(-20, 20), r.uniform(0.85, 1.15))
    turn[:, 2] += r.uniform(-0.06, 0.06, 2) * side
    x = cv2.warpAffine(x, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101)
    return _clipped(x * r.uniform(0.8, 1.2) + 255 * r.uniform(-0.1, 0.1))


def _torch_affine(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    """As ``RandomAffine`` and ``ColorJitter`` of torchvision do it, with torch's own sampling."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    angle, scale = math.radians(r.uniform(-25, 25)), r.uniform(0.8, 1.1)
    shift = r.uniform(-0.1, 0.1, 2)
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    turn = np.array([[cos, sin], [-sin, cos]])
    matrix = np.concatenate([turn, (turn @ (-2 * shift))[:, None]], axis=1)
    picture = torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1)))[None]
    grid = affine_grid(
        torch.from_numpy(matrix[None].astype(np.float32)), list(picture.shape), align_corners=False
    )
    x = grid_sample(picture, grid, align_corners=False)[0].numpy().transpose(1, 2, 0)
    x = x[:, ::-1] if r.random() < 0.5 else x
    return _clipped(x * r.uniform(0.6, 1.4))


def _cut_normal(r: np.random.Generator, deviation: float) -> float:
    """A normal number within two deviations, as ``TruncatedNormal`` draws."""
    while abs(drawn := float(r.normal())) > 2:
        pass
    return drawn * deviation


def _sometimes(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    """As ``RandomApply`` of torchvision does it: half of the pictures stay as they are."""
    if r.random() < 0.5:
        return x
    return moved(x, degrees=r.uniform(-20, 20), mode="nearest")


def _numpy(change: Change) -> Callable[[np.ndarray], Any]:
    return lambda images: transformed(images, change)


def _clipped(x: np.ndarray) -> np.ndarray:
    return np.clip(x, 0, 255)


def _affine(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    x = moved(
        x,
        degrees=r.uniform(-15, 15),
        shift=tuple(r.uniform(-0.1, 0.1, 2)),
        zoom=(1 / r.uniform(0.8, 1.25),) * 2,
    )
    x = x[:, ::-1] if r.random() < 0.5 else x
    return _clipped(x * r.uniform(0.7, 1.3))


def _all(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    x = moved(x, degrees=r.uniform(-15, 15), mode="nearest")
    return erased(_clipped(x + r.uniform(-40, 40, 3)), r, scale=(0.02, 0.2), value=128.0)


CASES: tuple[Case, ...] = (
    Case("idg flip", _idg(horizontal_flip=True, vertical_flip=True), {"flip_x": 0.5, "flip_y": 0.5}),
    Case("idg rotation 20", _idg(rotation_range=20), {"rotation_degrees": (-20, 20), "fill_mode": "nearest"}),
    Case("idg shift 0.1", _idg(width_shift_range=0.1, height_shift_range=0.2, fill_mode="reflect"), {"shift_x": (-0.2, 0.2), "shift_y": (-0.1, 0.1), "fill_mode": "reflect"}),
    Case("idg zoom 0.2", _idg(zoom_range=0.2, fill_mode="wrap"), {"zoom_x": (0.8, 1.2), "zoom_y": (0.8, 1.2), "fill_mode": "wrap"}),
    Case("idg shear 15", _idg(shear_range=15, fill_mode="constant", cval=40), {"shear_degrees": (-15, 15), "fill_mode": "constant"}),
    Case("idg brightness", _idg(brightness_range=(0.6, 1.4)), {"contrast": (0.6, 1.4)}),
    Case("idg channel shift", _idg(channel_shift_range=50.0), {"brightness": (-50 / 255, 50 / 255)}),
    Case(
        "idg mixture",
        _idg(rotation_range=20, width_shift_range=0.1, height_shift_range=0.1, zoom_range=0.2, horizontal_flip=True, brightness_range=(0.8, 1.2), channel_shift_range=30.0),
        {"rotation_degrees": (-20, 20), "shift_x": (-0.1, 0.1), "shift_y": (-0.1, 0.1), "zoom_x": (0.8, 1.2), "zoom_y": (0.8, 1.2), "flip_x": 0.5, "contrast": (0.8, 1.2), "brightness": (-30 / 255, 30 / 255), "fill_mode": "nearest"},
    ),
    Case("layers flip", _layers(("RandomFlip", {"mode": "horizontal"})), {"flip_x": 0.5}),
    Case("layers rotation", _layers(("RandomRotation", {"factor": 0.1})), {"rotation_degrees": (-36, 36), "fill_mode": "reflect"}),
    Case("layers zoom", _layers(("RandomZoom", {"height_factor": (-0.3, 0.2), "width_factor": (-0.1, 0.3), "fill_mode": "constant"})), {"zoom_y": (0.7, 1.2), "zoom_x": (0.9, 1.3), "fill_mode": "constant"}),
    Case("layers translation", _layers(("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.1, "fill_mode": "wrap"})), {"shift_y": (-0.2, 0.2), "shift_x": (-0.1, 0.1), "fill_mode": "wrap"}),
    Case("layers brightness", _layers(("RandomBrightness", {"factor": 0.2})), {"brightness": (-0.2, 0.2)}),
    Case("layers contrast", _layers(("RandomContrast", {"factor": (0.4, 0.4)})), {"contrast": (0.6, 1.4)}),
    Case("layers erasing", _layers(("RandomErasing", {"factor": (1.0, 1.0)})), {"erased": 1.0, "erased_height": (math.sqrt(0.02), math.sqrt(0.33)), "erased_width": (math.sqrt(0.02), math.sqrt(0.33)), "erased_fill": "noise"}, frozenset({"erased_area"})),
    Case(
        "layers mixture",
        _layers(("RandomFlip", {"mode": "horizontal"}), ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}), ("RandomRotation", {"factor": 0.05}), ("RandomZoom", {"height_factor": 0.2, "width_factor": 0.2}), ("RandomBrightness", {"factor": 0.15})),
        {"flip_x": 0.5, "shift_x": (-0.1, 0.1), "shift_y": (-0.1, 0.1), "rotation_degrees": (-18, 18), "zoom_x": (0.8, 1.2), "zoom_y": (0.8, 1.2), "brightness": (-0.15, 0.15), "fill_mode": "reflect"},
    ),
    Case("numpy rgb shift", _numpy(lambda x, r: _clipped(x + r.uniform(-30, 30, 3))), {"channel_shift": (-30 / 255, 30 / 255)}, frozenset({"brightness"})),
    Case("numpy erasing black", _numpy(erased), {"erased": 0.5, "erased_area": (0.02, 0.33), "erased_fill": "constant"}, frozenset({"erased_height", "erased_width"})),
    Case("numpy erasing noise", _numpy(lambda x, r: erased(x, r, share=0.8, scale=(0.05, 0.2), value=None)), {"erased": 0.8, "erased_area": (0.05, 0.2), "erased_fill": "noise"}, frozenset({"erased_height", "erased_width"})),
    Case("numpy affine", _numpy(_affine), {"rotation_degrees": (-15, 15), "shift_x": (-0.1, 0.1), "shift_y": (-0.1, 0.1), "zoom_x": (0.8, 1.25), "zoom_y": (0.8, 1.25), "flip_x": 0.5, "contrast": (0.7, 1.3), "fill_mode": "constant"}),
    Case("numpy mixture", _numpy(_all), {"rotation_degrees": (-15, 15), "channel_shift": (-40 / 255, 40 / 255), "erased": 0.5, "erased_area": (0.02, 0.2), "erased_fill": "constant", "fill_mode": "nearest"}, frozenset({"brightness", "erased_height", "erased_width"})),
    Case("tf flip", _tf_image(lambda tf, x: tf.image.random_flip_up_down(x)), {"flip_y": 0.5}),
    Case("tf brightness", _tf_image(lambda tf, x: tf.image.random_brightness(x, 40)), {"brightness": (-40 / 255, 40 / 255)}),
    Case("tf contrast", _tf_image(lambda tf, x: tf.image.random_contrast(x, 0.6, 1.3)), {"contrast": (0.6, 1.3)}),
    Case("tf saturation", _tf_image(lambda tf, x: tf.image.random_saturation(x / 255, 0.6, 1.3) * 255), {"saturation": (0.6, 1.3)}),
    Case("tf hue", _tf_image(lambda tf, x: tf.image.random_hue(x / 255, 0.08) * 255), {"hue_degrees": (-28.8, 28.8)}),
    Case("tf crop", _tf_image(_cropped), {"shift_x": (-0.125, 0.125), "shift_y": (-0.125, 0.125)}),
    Case("tf per batch", lambda images: _layers(("RandomFlip", {"mode": "horizontal"}))(images).map(lambda x: x * __import__("tensorflow").random.uniform([], 0.7, 1.2)), {"flip_x": 0.5, "contrast": (0.7, 1.2)}),
    Case("opencv affine", _numpy(_opencv), {"rotation_degrees": (-20, 20), "zoom_x": (1 / 1.15, 1 / 0.85), "zoom_y": (1 / 1.15, 1 / 0.85), "shift_x": (-0.06, 0.06), "shift_y": (-0.06, 0.06), "contrast": (0.8, 1.2), "brightness": (-0.1, 0.1)}),
    Case("torch affine", _numpy(_torch_affine), {"rotation_degrees": (-25, 25), "zoom_x": (1 / 1.1, 1 / 0.8), "zoom_y": (1 / 1.1, 1 / 0.8), "shift_x": (-0.1, 0.1), "shift_y": (-0.1, 0.1), "flip_x": 0.5, "contrast": (0.6, 1.4), "fill_mode": "constant"}),
    Case("normal rotation", _numpy(lambda x, r: moved(x, degrees=_cut_normal(r, 8), mode="nearest")), {"rotation_degrees": (-16, 16)}, shapes={"rotation_degrees": "normal"}),
    Case("set of zooms", _numpy(lambda x, r: moved(x, zoom=(r.choice([0.8, 1.0, 1.25]),) * 2)), {"zoom_x": (0.8, 1.25), "zoom_y": (0.8, 1.25)}, shapes={"zoom_x": "discrete", "zoom_y": "discrete"}),
    Case("sometimes turned", _numpy(_sometimes), {"rotation_degrees": (-20, 20)}),
)  # fmt: skip
