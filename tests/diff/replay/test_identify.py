"""Recipes are named from files and pictures alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diff.replay.material import image_library, jpegs, photograph
from twinfeed.diff._replay._identify import identify
from twinfeed.diff._replay._recipe import Recipe
from twinfeed.diff._replay._studio import binding, shot

SIZE = (40, 48)
Make = Callable[[Path], np.ndarray]


def named(files: Sequence[Path], make: Make) -> Recipe | float:
    library = binding() or pytest.skip("Pillow is not installed")
    return identify(library, [shot(make(path), library.header(path)) for path in files])


def pillow(method: str, mode: str = "RGB", *, turn: bool = False) -> Make:
    image = image_library()

    def make(path: Path) -> np.ndarray:
        with image.open(path) as opened:
            shown: Any = opened
            if turn:
                ops = pytest.importorskip("PIL.ImageOps")
                shown = ops.exif_transpose(shown)
            shown = shown.convert(mode).resize(SIZE[::-1], getattr(image.Resampling, method))
            pixels = np.asarray(shown)
            return pixels if pixels.ndim == 3 else pixels[..., None]

    return make


def tensorflow(**how: Any) -> Make:
    tf = pytest.importorskip("tensorflow")
    decode = {"dct_method": how.pop("dct_method", "")}

    def make(path: Path) -> np.ndarray:
        levels = tf.io.decode_jpeg(path.read_bytes(), channels=3, **decode)
        return tf.image.resize(levels, SIZE, **how).numpy()

    return make


@pytest.mark.parametrize("method", ["BILINEAR", "BICUBIC", "LANCZOS", "BOX", "HAMMING"])
def test_kernels_of_pillow_are_named(method: str, tmp_path: Path) -> None:
    recipe = named(jpegs(tmp_path), pillow(method))
    assert isinstance(recipe, Recipe)
    assert str(recipe.kernel) == f"pil-{method.lower()}"
    assert str(recipe.decoder) == "accurate DCT (Pillow, OpenCV)"
    assert recipe.policy.best == "stretched"
    assert recipe.left_levels < 0.05


def test_what_is_equal_is_not_told_apart(tmp_path: Path) -> None:
    recipe = named(jpegs(tmp_path), pillow("NEAREST"))
    assert isinstance(recipe, Recipe)
    assert str(recipe.kernel) == "pil-nearest or tf-nearest (equal here)"


@pytest.mark.parametrize(
    ("how", "kernel", "decoder"),
    [
        ({}, "tf-bilinear", "fast"),
        ({"antialias": True}, "tf-bilinear-antialias", "fast"),
        ({"method": "area"}, "tf-area", "fast"),
        ({"method": "bicubic", "dct_method": "INTEGER_ACCURATE"}, "tf-bicubic", "accurate"),
    ],
)
def test_kernels_and_decoders_of_tensorflow_are_named(
    how: dict[str, Any], kernel: str, decoder: str, tmp_path: Path
) -> None:
    pytest.importorskip("simplejpeg")
    recipe = named(jpegs(tmp_path), tensorflow(**how))
    assert isinstance(recipe, Recipe)
    assert recipe.kernel is not None
    assert recipe.kernel.best == kernel
    assert recipe.decoder is not None
    assert recipe.decoder.best.startswith(decoder)


@pytest.mark.parametrize(("fast", "decoder"), [(False, "accurate DCT, "), (True, "fast DCT, ")])
def test_colours_that_are_repeated_are_told_from_blended_ones(
    fast: bool, decoder: str, tmp_path: Path
) -> None:
    simplejpeg: Any = pytest.importorskip("simplejpeg")

    def read(path: Path) -> np.ndarray:
        return simplejpeg.decode_jpeg(path.read_bytes(), fastdct=fast, fastupsample=True)

    for path in jpegs(tmp_path, subsampling="4:2:0"):
        recipe = named([path], read)
        assert isinstance(recipe, Recipe)
        assert recipe.decoder is not None
        assert recipe.decoder.best.startswith(f"{decoder}colours repeated")


def test_colours_on_one_grid_with_the_rest_are_neither(tmp_path: Path) -> None:
    pytest.importorskip("simplejpeg")
    recipe = named(jpegs(tmp_path, subsampling="4:4:4"), pillow("BILINEAR"))
    assert isinstance(recipe, Recipe)
    assert str(recipe.decoder) == "accurate DCT (Pillow, OpenCV)"


@pytest.mark.parametrize(("flag", "kernel"), [("LINEAR", "cv2-linear"), ("AREA", "cv2-area")])
def test_opencv_is_told_from_tensorflow_by_its_rounding(
    flag: str, kernel: str, tmp_path: Path
) -> None:
    cv2: Any = pytest.importorskip("cv2")
    way = getattr(cv2, f"INTER_{flag}")
    recipe = named(
        jpegs(tmp_path),
        lambda path: cv2.resize(cv2.imread(str(path)), SIZE[::-1], interpolation=way),
    )
    assert isinstance(recipe, Recipe)
    assert recipe.kernel is not None
    assert recipe.kernel.best == kernel
    assert recipe.blue_first


def test_scale_and_normalisation_do_not_matter(tmp_path: Path) -> None:
    make = pillow("BICUBIC")
    recipe = named(jpegs(tmp_path), lambda path: (make(path) / 127.5 - 1).astype(np.float32))
    assert isinstance(recipe, Recipe)
    assert str(recipe.kernel) == "pil-bicubic"


@pytest.mark.parametrize("turn", [True, False])
def test_whether_a_tag_is_followed_is_seen(turn: bool, tmp_path: Path) -> None:
    recipe = named(jpegs(tmp_path, tagged=2), pillow("BILINEAR", turn=turn))
    assert isinstance(recipe, Recipe)
    assert recipe.orientation_applied is turn
    assert recipe.turned == 2


def test_grey_weights_are_named(tmp_path: Path) -> None:
    files = jpegs(tmp_path)
    recipe = named(files, pillow("BILINEAR", "L"))
    assert isinstance(recipe, Recipe)
    assert recipe.mode.best == "L"
    colour = pillow("BILINEAR")
    recipe = named(files, lambda path: colour(path).mean(axis=-1, keepdims=True))
    assert isinstance(recipe, Recipe)
    assert recipe.mode.best == "mean"
    weights = np.array([0.114, 0.587, 0.299])
    recipe = named(files, lambda path: np.rint(colour(path) @ weights)[..., None])
    assert isinstance(recipe, Recipe)
    assert recipe.mode.best == "swapped"


@pytest.mark.parametrize("ground", ["RGB", "black", "white"])
def test_what_became_of_transparency_is_named(ground: str, tmp_path: Path) -> None:
    image = image_library()
    for number in range(4):
        pixels = photograph(80, 90, number)
        alpha = np.linspace(0, 255, 90).astype(np.uint8) * np.ones((80, 1), np.uint8)
        image.fromarray(np.dstack([pixels, alpha])).save(tmp_path / f"{number}.png")
    library = binding() or pytest.skip("Pillow is not installed")
    files = sorted(tmp_path.iterdir())

    def make(path: Path) -> np.ndarray:
        laid = image.fromarray(library.decode(path, "as stored", ground))
        return np.asarray(laid.resize(SIZE[::-1], image.Resampling.BILINEAR))

    recipe = named(files, make)
    assert isinstance(recipe, Recipe)
    assert recipe.mode.best == ground
    assert recipe.transparent == 4


def test_black_below_transparency_is_no_other_order_of_channels(tmp_path: Path) -> None:
    image = image_library()
    y, x = np.mgrid[:80, :90]
    for number in range(4):
        pixels = photograph(80, 90, number)
        pixels = 60 + pixels // 4 + np.array([0, 20, 60], np.uint8)  # much more blue than red
        shown = (y - 40) ** 2 + (x - 40 - number) ** 2 < (20 + 4 * number) ** 2
        made = np.dstack([pixels * shown[..., None], np.uint8(255) * shown]).astype(np.uint8)
        image.fromarray(made).save(tmp_path / f"{number}.png")
    library = binding() or pytest.skip("Pillow is not installed")

    def make(path: Path) -> np.ndarray:
        laid = image.fromarray(library.decode(path, "as stored", "white"))
        return np.asarray(laid.resize(SIZE[::-1], image.Resampling.BILINEAR))

    recipe = named(sorted(tmp_path.iterdir()), make)
    assert isinstance(recipe, Recipe)
    assert (recipe.mode.best, recipe.blue_first) == ("white", False)


def test_pictures_of_other_files_have_no_recipe(tmp_path: Path) -> None:
    files = jpegs(tmp_path)
    make = pillow("BILINEAR")
    others = dict(zip(files, [*files[1:], files[0]], strict=True))
    assert not isinstance(named(files, lambda path: make(others[path])), Recipe)


@pytest.mark.parametrize("blue_first", [False, True])
@pytest.mark.parametrize("of", range(4))
def test_the_order_of_channels_is_told_where_small_parts_are_cut_out(
    blue_first: bool, of: int, tmp_path: Path
) -> None:
    """By a wrong rule for the shape either order fits as badly."""
    image = image_library()
    files = jpegs(tmp_path)[of : of + 3]

    def make(path: Path) -> np.ndarray:
        with image.open(path) as opened:
            picture = np.asarray(opened.convert("RGB"))
        top, left = ((length - 24) // 2 for length in picture.shape[:2])
        cut = picture[top : top + 24, left : left + 24]
        return cut[..., ::-1] if blue_first else cut

    recipe = named(files, make)
    assert isinstance(recipe, Recipe)
    assert recipe.blue_first == blue_first
    assert recipe.policy.best == "middle cut out at its own scale"
