"""How strong colours are, and which hue they have, told from a black box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.calibration.augmenting import transformed
from tests.calibration.material import draw
from tests.diff.replay.material import photograph
from twinfeed import as_feed
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._measures.augment.different_channel_shift import moved_by_colours
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

PICTURES = np.stack([photograph(64, 64, seed) for seed in range(120)]).astype(np.float32)
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def trace(change: Change, seed: int = 0) -> Trace:
    feed = transformed(PICTURES, change, seed=seed, batch=10)
    return observe(feed, budget=Budget(timing_s=0))


def seen(change: Change) -> Policy:
    plain = trace(lambda x, _: x)
    return policy(Twins(plain, trace(change, seed=1)), "B")


def in_hsv(function: Callable[[Any, float], Any], low: float, high: float) -> Change:
    return lambda x, r: function(x / 255, float(r.uniform(low, high))).numpy() * 255


def blended(low: float, high: float) -> Change:
    def change(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        grey = (x @ np.array([0.299, 0.587, 0.114]))[..., None]
        return np.clip(grey + r.uniform(low, high) * (x - grey), 0, 255)

    return change


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [in_hsv(tf.image.adjust_saturation, 0.5, 1.4), blended(0.5, 1.4)],
    ids=["largest kept", "mean kept"],
)
def test_bounds_of_saturation_are_found_whatever_it_keeps(change: Change) -> None:
    found = seen(change)
    assert found.saturation.random
    assert found.saturation.low == pytest.approx(0.5, rel=0.1)
    assert found.saturation.high == pytest.approx(1.4, rel=0.1)
    # It takes nothing of what is told of values and of single channels.
    assert not (found.brightness.random)
    assert not (found.contrast.random)
    assert not (found.channel_shift.random)
    assert not found.hue_degrees.random


@pytest.mark.slow
def test_bounds_of_hue_are_found_in_degrees() -> None:
    found = seen(in_hsv(tf.image.adjust_hue, -0.1, 0.1))
    assert found.hue_degrees.low == pytest.approx(-36, rel=0.1)
    assert found.hue_degrees.high == pytest.approx(36, rel=0.1)
    assert not (found.saturation.random)
    assert not (found.contrast.random)
    assert not (found.channel_shift.random)


@pytest.mark.parametrize(
    "change",
    [
        lambda x, r: np.clip(x + r.uniform(-60, 60), 0, 255),
        lambda x, r: x * r.uniform(0.6, 1.2),
    ],
    ids=["added", "multiplied"],
)
def test_what_moves_all_channels_changes_no_colour(change: Change) -> None:
    found = seen(change)
    assert not (found.saturation.random)
    assert not (found.hue_degrees.random)


def test_channels_that_both_sides_saturation_moves_are_no_shift_of_one() -> None:
    drawn = seen(blended(0.5, 1.4))
    shift = replace(drawn.channel_shift, random=True, low=-0.2, high=0.2)
    shifted = replace(drawn, channel_shift=shift)
    assert moved_by_colours(drawn, shifted)
    assert not moved_by_colours(shifted, shifted)
    still = replace(drawn, saturation=replace(drawn.saturation, random=False))
    assert not moved_by_colours(still, shifted)


def flipped(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    return x[:, ::-1] if r.random() < 0.5 else x


def test_a_feed_that_changes_colours_is_told_from_one_that_does_not() -> None:
    strong = in_hsv(tf.image.adjust_saturation, 0.5, 1.5)
    found = compare(
        trace(flipped), trace(lambda x, r: strong(flipped(x, r), r).astype(np.float32), seed=1)
    )
    assert [one.code for one in found.findings][:1] == ["AUG216"]
    assert "B changes colours at random" in found.findings[0].sentence


def jittered(x: np.ndarray, r: np.random.Generator, strong: float = 0.0) -> np.ndarray:
    """Brightness, contrast and saturation of ``ColorJitter``, which cuts values off after each."""
    x = np.clip(x * r.uniform(0.7, 1.3), 0, 255)
    x = np.clip(x.mean() + r.uniform(0.6, 1.4) * (x - x.mean()), 0, 255)
    return blended(1 - strong, 1 + strong)(x, r).astype(np.float32)


def codes_of(one: Change, other: Change) -> list[str]:
    return [found.code for found in compare(trace(one, 1), trace(other, 2)).findings]


@pytest.mark.slow
def test_saturation_shows_beside_a_brightness_and_a_contrast_that_both_draw() -> None:
    assert "AUG216" in codes_of(jittered, lambda x, r: jittered(x, r, 0.5))
    assert "AUG216" not in codes_of(jittered, jittered)


def test_values_that_one_side_cuts_off_are_no_other_colours() -> None:
    def contrast(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return x.mean() + r.uniform(0.6, 1.4) * (x - x.mean())

    assert "AUG216" not in codes_of(contrast, lambda x, r: np.clip(contrast(x, r), 0, 255))


@pytest.mark.slow
def test_two_ranges_of_hue_are_told_apart_and_one_is_not_from_itself() -> None:
    def hue(most: float, seed: int) -> Trace:
        return trace(in_hsv(tf.image.adjust_hue, -most, most), seed=seed)

    def colours(other: Trace) -> list[str]:
        return [one.code for one in compare(narrow, other).findings if one.code[:3] == "AUG"]

    narrow = hue(0.03, 1)
    assert colours(hue(0.12, 2))[:1] == ["AUG216"]
    assert colours(hue(0.03, 3)) == []


@pytest.mark.slow
def test_hues_of_all_colours_are_no_brightness(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = trace(lambda x, _: x)
    twins = Twins(plain, trace(in_hsv(tf.image.adjust_hue, -0.1, 0.1), seed=1))
    one = policy(twins, "B")
    # What two draws of all hues look like, held against each other.
    bright = policy(Twins(plain, trace(lambda x, r: x * r.uniform(0.6, 1), seed=1)), "B").contrast
    moved = replace(
        one,
        basis="epochs",
        contrast=bright,
        channel_shift=replace(one.channel_shift, low=-0.28, high=0.28, random=True),
        hue_degrees=replace(one.hue_degrees, low=-180.0, high=180.0),
    )
    both = {"A": moved, "B": policy(twins, "A")}
    assert both["B"].randomness.state == "none"
    for of in ("brightness", "channel_shift", "saturation"):
        module = f"twinfeed.diff._measures.augment.different_{of}"
        monkeypatch.setattr(f"{module}.policy", lambda _twins, name: both[name])
    found = [one for code in ("AUG206", "AUG211", "AUG216") for one in CATALOGUE[code].look(twins)]
    assert [one.code for one in found] == ["AUG216"]


def test_views_without_colours_move_no_middle() -> None:
    x, y = draw(np.random.default_rng(1016), "textures", 150)

    def mixed(seed: int) -> Trace:
        layers = [
            keras.layers.RandomSaturation(0.22, value_range=(0, 255), seed=seed),
            keras.layers.RandomFlip(seed=seed),
        ]
        data = tf.data.Dataset.from_tensor_slices((x.astype(np.float32), y))
        data = data.shuffle(len(x), seed=seed).batch(50)
        for layer in layers:
            data = data.map(lambda a, b, layer=layer: (layer(a, training=True), b))
        return observe(as_feed(data), budget=Budget(timing_s=0))

    assert not compare(mixed(3), mixed(4), measures=[CATALOGUE["AUG216"]]).findings
