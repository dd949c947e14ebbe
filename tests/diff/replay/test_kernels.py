"""The kernels give what the libraries themselves give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from twinfeed.diff._replay._kernels import BY_NAME, KERNELS, Kernel
from twinfeed.diff._replay._resize import resized

TIES = np.random.default_rng(4).integers(0, 256, (320, 240, 3), dtype=np.uint8)
NOISE = np.random.default_rng(3).integers(0, 256, (57, 83, 3), dtype=np.uint8)
SIZES = ((24, 31), (57, 40), (80, 120), (19, 83))
_TF = {
    "tf-nearest": ("nearest", False),
    "tf-bilinear": ("bilinear", False),
    "tf-bilinear-antialias": ("bilinear", True),
    "tf-area": ("area", False),
    "tf-bicubic": ("bicubic", False),
    "tf-bicubic-antialias": ("bicubic", True),
    "tf-lanczos3-antialias": ("lanczos3", True),
}


def of_library(kernel: Kernel, size: tuple[int, int], picture: np.ndarray = NOISE) -> np.ndarray:
    library, _, method = kernel.name.partition("-")
    if library == "pil":
        image = pytest.importorskip("PIL.Image")
        shape = image.fromarray(picture)
        way = getattr(image.Resampling, method.upper())
        return np.asarray(shape.resize((size[1], size[0]), way), np.float64)
    if library == "cv2":
        cv2: Any = pytest.importorskip("cv2")
        flag = getattr(cv2, f"INTER_{method.upper()}")
        return cv2.resize(picture, (size[1], size[0]), interpolation=flag).astype(np.float64)
    tf = pytest.importorskip("tensorflow")
    if library == "tf1":
        raw = getattr(tf.raw_ops, {"bicubic": "ResizeBicubic"}.get(method, "ResizeBilinear"))
        corners = method.endswith("align-corners")
        pixels = picture[None].astype(np.float32)
        made = raw(images=pixels, size=size, align_corners=corners, half_pixel_centers=False)
        return made[0].numpy().astype(np.float64)
    way, antialias = _TF[kernel.name]
    return (
        tf.image.resize(picture, size, method=way, antialias=antialias).numpy().astype(np.float64)
    )


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_kernel_equals_its_library(kernel: Kernel, size: tuple[int, int]) -> None:
    enlarges = size[0] > NOISE.shape[0] or size[1] > NOISE.shape[1]
    if kernel.name == "cv2-area" and enlarges:
        pytest.skip("OpenCV's area is another kernel where it enlarges")
    ours = resized(NOISE, kernel, size)
    apart = np.abs(ours - of_library(kernel, size))
    # OpenCV rounds its weights too, so that an eighth of its values fall to the other side.
    assert apart.max() <= (1.01 if kernel.rounding != "none" else 0.01), kernel.name
    assert apart.mean() <= (0.15 if kernel.name == "cv2-linear" else 0.03)


@pytest.mark.parametrize("name", ["pil-nearest", "tf-nearest"])
def test_middles_between_two_points_fall_as_in_the_library(name: str) -> None:
    kernel = BY_NAME[name]
    assert np.array_equal(resized(TIES, kernel, (96, 96)), of_library(kernel, (96, 96), TIES))
