"""Where the bars of padded pictures are, and what colour they have, is told from the files."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.diff.conftest import traced
from tests.diff.replay.material import image_library, jpegs, photograph
from twinfeed.diff import compare
from twinfeed.diff._replay._identify import identify
from twinfeed.diff._replay._recipe import Recipe
from twinfeed.diff._replay._studio import binding, shot

SIZE = (40, 72)


def padded(path: Path, rounded: Callable[[float], int], colour: int, *, middle: bool) -> np.ndarray:
    """A file made to fit, on a ground of one colour."""
    image = image_library()
    with image.open(path) as opened:
        picture = opened.convert("RGB")
    ratio = max(picture.height / SIZE[0], picture.width / SIZE[1])
    height, width = (rounded(length / ratio) for length in (picture.height, picture.width))
    made = np.full((*SIZE, 3), colour, np.uint8)
    top, left = ((SIZE[0] - height) // 2, (SIZE[1] - width) // 2) if middle else (0, 0)
    small = picture.resize((width, height), image.Resampling.BILINEAR)
    made[top : top + height, left : left + width] = np.asarray(small)
    return made


@pytest.mark.parametrize(
    ("rounded", "middle", "policy"),
    [
        (round, False, "resized to fit and padded at the right or below"),
        (math.ceil, False, "resized to fit, rounded up, and padded at the right or below"),
        (math.floor, True, "resized to fit and padded"),
    ],
)
@pytest.mark.parametrize("colour", [0, 114, 255])
def test_bars_of_any_colour_are_seen(
    rounded: Callable[[float], int], middle: bool, policy: str, colour: int, tmp_path: Path
) -> None:
    library = binding() or pytest.skip("Pillow is not installed")
    shots = [
        # Another scale, so that no colour is that of the empty picture.
        shot(padded(path, rounded, colour, middle=middle) / 127.5 - 1, library.header(path))
        for path in jpegs(tmp_path)
    ]
    recipe = identify(library, shots)
    assert isinstance(recipe, Recipe)
    assert policy in recipe.policy.among
    assert recipe.bars == pytest.approx((colour,) * 3, abs=1)
    assert recipe.left_levels < 0.1


@pytest.mark.parametrize(("colour", "codes"), [(114.0, {"PIX211"}), (0.0, set[str]())])
def test_bars_of_another_colour_on_one_side_are_named(
    colour: float, codes: set[str], tmp_path: Path
) -> None:
    tf, keras = pytest.importorskip("tensorflow"), pytest.importorskip("keras")
    for number in range(32):
        path = tmp_path / str(number % 2) / f"{number:03}.png"
        path.parent.mkdir(exist_ok=True)
        image_library().fromarray(photograph(64, 96, number)).save(path)
    files = sorted(str(path) for path in tmp_path.glob("*/*.png"))

    def read(path: object) -> object:
        picture = tf.cast(tf.io.decode_png(tf.io.read_file(path), channels=3), tf.float32)
        return tf.image.resize_with_pad(picture - colour, 48, 48) + colour

    black = keras.utils.image_dataset_from_directory(
        tmp_path, labels=None, image_size=(48, 48), shuffle=False, verbose=False,
        pad_to_aspect_ratio=True, batch_size=8,
    )  # fmt: skip
    other = tf.data.Dataset.from_tensor_slices(files).map(read).batch(8)
    found = {each.code for each in compare(traced(black), traced(other)).findings}
    assert {code for code in found if code[:3] in {"PIX", "VAL"}} == codes
