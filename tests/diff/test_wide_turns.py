"""Pictures that are mirrored both ways and turned far, of which only two draws are seen."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.calibration.material import draw
from tests.diff.replay.material import photograph
from twinfeed import as_feed
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.observe import Budget, observe

_PICTURES = np.stack([photograph(32, 32, number) for number in range(240)])


def _drawn(seed: int, *, quarters: bool = False) -> tf.data.Dataset:
    layers = [
        keras.layers.RandomFlip(seed=seed),
        keras.layers.RandomRotation(0.1, seed=seed + 1),
        keras.layers.RandomZoom(0.2, seed=seed + 2),
    ]
    numbers = tf.random.Generator.from_seed(seed)

    def draw(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        for layer in layers:
            x = layer(x, training=True)
        if quarters:
            x = tf.image.rot90(x, numbers.uniform((), 0, 4, tf.int32))
        return x, y

    data = tf.data.Dataset.from_tensor_slices(
        (_PICTURES.astype(np.float32), np.arange(len(_PICTURES)))
    )
    return data.shuffle(len(_PICTURES), seed=seed).batch(1 if quarters else 32).map(draw)


def _report(*feeds: tf.data.Dataset) -> Report:
    return compare(*(observe(as_feed(one), budget=Budget(timing_s=0)) for one in feeds))


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [11, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 7))]
)
def test_one_policy_seen_by_wide_turns_or_by_quarter_turns_is_no_finding(seed: int) -> None:
    report = _report(_drawn(seed), _drawn(seed + 5))
    assert not {one.code for one in report.findings} & {"AUG204", "AUG209"}


@pytest.mark.slow
def test_the_few_that_wide_turns_make_look_mirrored_share_no_draw() -> None:
    x, y = draw(np.random.default_rng(5099), "flowers", 280)

    def turned(seed: int) -> Trace:
        layers = [
            keras.layers.RandomShear(0.096, 0.096, seed=seed),
            keras.layers.RandomContrast(0.18, value_range=(0, 255), seed=seed),
            keras.layers.RandomRotation(0.112, fill_mode="wrap", seed=seed),
        ]
        data = tf.data.Dataset.from_tensor_slices((x.astype(np.float32), y))
        data = data.shuffle(len(x), seed=seed).batch(50)
        for layer in layers:
            data = data.map(lambda a, b, layer=layer: (layer(a, training=True), b))
        return observe(as_feed(data), budget=Budget(timing_s=0))

    assert not compare(turned(5), turned(6), measures=[CATALOGUE["AUG210"]]).findings
