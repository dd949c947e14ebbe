"""Two feeds that draw the same changes in every epoch, as a global seed makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.diff.replay.material import photograph
from twinfeed._core.results import Report
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

PICTURES = np.stack([photograph(48, 48, seed) for seed in range(120)]).astype(np.float32) / 255
Change = Callable[[Any], Any]


def flip(x: Any, seed: int = 1) -> Any:
    return tf.image.random_flip_left_right(x, seed=seed)


def upside_down(x: Any) -> Any:
    return tf.image.random_flip_up_down(x, seed=1)


def bright(most: float, seed: int = 1) -> Change:
    return lambda x: tf.clip_by_value(
        tf.image.random_brightness(flip(x, seed), most, seed=seed), 0.0, 1.0
    )


def shifted(x: Any) -> Any:
    padded = tf.image.resize_with_crop_or_pad(flip(x), 56, 56)
    return tf.image.random_crop(padded, (48, 48, 3), seed=1)


def noisy(x: Any) -> Any:
    return flip(x) + tf.random.normal(tf.shape(x), stddev=0.1, seed=1)


def compared(one: Change, other: Change) -> Report:
    return compare(
        *(
            observe(
                as_feed(tf.data.Dataset.from_tensor_slices(PICTURES).map(change).batch(16)),
                budget=Budget(timing_s=0),
            )
            for change in (one, other)
        )
    )


@pytest.mark.parametrize(
    ("one", "other", "code", "said"),
    [
        (flip, bright(0.3), "AUG206", "B changes brightness at random (adds -30% to +30%"),
        (bright(0.1), bright(0.4), "AUG206", "A changes brightness (adds -10% to +10%"),
        (flip, shifted, "AUG209", "A not, B shifts across by -8.3% to +8.3% of the width"),
        (flip, upside_down, "AUG204", "mirrors 50% of its examples"),
    ],
    ids=["brightness", "two ranges", "shifts", "other flips"],
)
def test_what_the_graphs_state_and_pairs_bear_out_is_named(
    one: Change, other: Change, code: str, said: str
) -> None:
    found = compared(one, other).findings[0]
    assert found.code == code
    assert said in found.sentence


def test_one_policy_with_two_seeds_differs_by_its_draws_only() -> None:
    found = compared(bright(0.3), bright(0.3, seed=2))
    assert found.findings == ()
    assert not [one for one in found.undecided if one.code in {"AUG209", "VAL206"}]


def test_what_no_graph_states_leaves_it_open() -> None:
    codes = {one.code for one in compared(flip, noisy).findings}
    assert not codes & {"AUG204", "AUG205", "AUG206", "AUG209", "AUG216"}


@pytest.mark.slow
def test_pictures_from_end_to_end_beside_brightness_are_not_stretched() -> None:
    def anew(x: Any) -> Any:
        return tf.clip_by_value(tf.image.random_brightness(x, 0.3), 0.0, 1.0)

    def coloured(x: Any) -> Any:
        return tf.clip_by_value(tf.image.random_saturation(x, 0.5, 1.5), 0.0, 1.0)

    assert {one.code for one in compared(tf.identity, anew).findings} == {"AUG201", "AUG206"}
    assert {one.code for one in compared(tf.identity, coloured).findings} == {"AUG201", "AUG216"}
