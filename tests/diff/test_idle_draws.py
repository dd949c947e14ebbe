"""Random steps that draw and change nothing are not draws that come again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.calibration.material import draw
from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff._run import compare
from twinfeed.feeds import as_feed
from twinfeed.images import ImageDataGenerator
from twinfeed.observe import Budget, observe

COUNT = 60


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return draw(np.random.default_rng(3), "textures", COUNT)[0]


def seen(feed: Any) -> Trace:
    return observe(as_feed(feed), budget=Budget(timing_s=0))


def found(report: Report) -> dict[str, Severity]:
    return {one.code: one.severity for one in report.findings}


@pytest.mark.parametrize("made", ["crop of all", "brightness of 0"])
def test_draws_without_a_seed_that_change_nothing_are_no_repeated_ones(
    pictures: np.ndarray, made: str
) -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures)
    idle = {
        "crop of all": lambda x: tf.image.random_crop(x, pictures.shape[1:]),
        "brightness of 0": lambda x: tf.cast(
            tf.image.random_brightness(tf.cast(x, tf.float32), 0.0), tf.uint8
        ),
    }[made]
    left = seen(data.map(idle).batch(20))
    right = seen(data.map(tf.image.random_flip_left_right).batch(20))
    codes = found(compare(left, right))
    assert "AUG203" not in codes
    assert {"AUG201", "AUG204"} <= set(codes)
    assert not found(compare(left, seen(data.batch(20)))).keys() & {"AUG201", "AUG203"}


def test_draws_with_a_seed_are_still_repeated_ones(pictures: np.ndarray) -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(pictures)
    seeded = lambda x: tf.image.stateless_random_flip_left_right(x, (1, 2))  # noqa: E731
    left = seen(data.map(seeded).batch(20))
    right = seen(data.map(tf.image.random_flip_left_right).batch(20))
    assert "AUG203" in found(compare(left, right))


@pytest.mark.parametrize("keras_own", [True, False])
def test_a_shift_by_whole_pixels_below_one_moves_nothing(
    pictures: np.ndarray, *, keras_own: bool
) -> None:
    pytest.importorskip("tensorflow")
    made: Any = ImageDataGenerator
    if keras_own:
        from keras.src.legacy.preprocessing import image

        made = image.ImageDataGenerator

    labels = np.arange(COUNT)
    whole, share = (
        made(width_shift_range=shift).flow(pictures, labels, batch_size=20, seed=1)
        for shift in (1, 0.2)
    )
    report = compare(seen(whole), seen(share))
    codes = found(report)
    assert "AUG203" not in codes
    assert {"AUG201", "AUG209", "AUG208"} <= set(codes)
    (told,) = (one for one in report.findings if one.code == "AUG208")
    assert told.evidence["farthest_pixels"] == 0
