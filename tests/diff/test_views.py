"""Registration recovers how a view was taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings, strategies as st
from scipy.ndimage import affine_transform

from tests.seeds import seeds
from twinfeed.demo import digits
from twinfeed.diff._policy._spread import (
    Spread,
    differ,
    sound_views,
    spread_of,
    surely_wider,
)
from twinfeed.diff._views._candidates import candidates
from twinfeed.diff._views._farther import FARTHER
from twinfeed.diff._views._register import Views, register
from twinfeed.diff._views._warp import BANK, SIDE, WIDE, Warp, mirrors, standardise, warped

PICTURES = digits.load()[0][:60] / 255.0
CENTRE = 15.5
NO_SHRINK = (Phase.explicit, Phase.generate)  # a smaller number is no simpler here


def taken(
    matrix: np.ndarray, *, shift: tuple[float, float] = (0, 0), flip: bool = False
) -> np.ndarray:
    """Views of the pictures under one map of (row, column)."""
    offset = CENTRE - matrix @ [CENTRE, CENTRE] + np.array(shift) * 32
    views = [affine_transform(p, matrix, offset, order=1, mode="nearest") for p in PICTURES]
    return np.stack([view[:, ::-1] if flip else view for view in views])


def most(values: np.ndarray) -> float:
    return float(np.median(values))


@settings(max_examples=12, deadline=None, phases=NO_SHRINK)
@given(st.floats(0.8, 1.2), st.floats(0.8, 1.2), st.booleans())
def test_zoom_and_flip_are_recovered(zoom_x: float, zoom_y: float, flip: bool) -> None:
    found = register(PICTURES, taken(np.diag([zoom_y, zoom_x]), flip=flip))
    assert len(found) >= 55
    assert most(found.zoom_x) == pytest.approx(zoom_x, abs=0.01)
    assert most(found.zoom_y) == pytest.approx(zoom_y, abs=0.01)
    assert found.flip_x.mean() == pytest.approx(float(flip), abs=0.05)


@settings(max_examples=8, deadline=None, phases=NO_SHRINK)
@given(st.floats(-15, 15))
def test_rotation_is_recovered(degrees: float) -> None:
    a = np.radians(degrees)
    turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    found = register(PICTURES, taken(turn))
    assert abs(most(found.rotation_degrees)) == pytest.approx(abs(degrees), abs=0.5)
    assert abs(most(found.shear_degrees)) < 0.5


@settings(max_examples=8, deadline=None, phases=NO_SHRINK)
@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_shift_is_recovered(x: float, y: float) -> None:
    found = register(PICTURES, taken(np.eye(2), shift=(y, x)))
    assert most(found.shift_x) == pytest.approx(x, abs=0.005)
    assert most(found.shift_y) == pytest.approx(y, abs=0.005)


@given(st.floats(0.5, 300), st.floats(-100, 100))
@settings(max_examples=8, deadline=None, phases=NO_SHRINK)
def test_gain_and_bias_are_recovered(gain: float, bias: float) -> None:
    found = register(PICTURES, PICTURES * gain + bias)
    assert found.gain == pytest.approx(np.full(len(found), gain), rel=1e-6)
    assert found.bias == pytest.approx(np.full(len(found), bias), abs=1e-6 * max(1, gain))


def test_as_many_quarter_turns_are_found_among_strangers_as_there_are() -> None:
    some = [1, 2, 3, 4, 6]  # not a round one, that looks upright turned by a quarter as well
    views = np.random.default_rng(0).random(PICTURES.shape)
    views[some] = PICTURES[some].transpose(0, 2, 1)[:, ::-1]
    found = register(PICTURES, views, sideways=True)
    assert found.index[found.transposed].tolist() == some


@pytest.mark.parametrize("bank", [BANK, WIDE, FARTHER])
def test_a_mirrored_warp_shows_the_mirror_image(bank: tuple[Warp, ...]) -> None:
    pictures = np.random.default_rng(0).random((3, SIDE**2)).astype(np.float32)
    found = mirrors(bank)
    assert sorted(one for pair in found for one in pair if one is not None) == [*range(len(bank))]
    for number, other in found:
        if other is not None:
            one, mirror = (
                warped(pictures, bank[at]).reshape(-1, SIDE, SIDE) for at in (number, other)
            )
            np.testing.assert_allclose(mirror[..., ::-1], one, atol=1e-5)


def test_candidates_have_the_best_score_of_all_warps() -> None:
    left, right = np.random.default_rng(1).random((2, 20, SIDE**2)).astype(np.float32)
    found = candidates(left, right, WIDE)
    seen = np.stack([standardise(warped(left, warp)) for warp in WIDE])
    scores = np.einsum("wij,kj->wik", seen, standardise(right))[:, found.left, found.right]
    np.testing.assert_allclose(found.score, scores.max(axis=0), atol=1e-5)
    np.testing.assert_array_equal(found.warp, scores.argmax(axis=0))


def test_strangers_are_not_registered() -> None:
    noise = np.random.default_rng(0).random(PICTURES.shape)
    assert len(register(PICTURES, noise)) <= 3


def test_a_black_outside_neither_pulls_nor_hides() -> None:
    faint = 100 + 30 * PICTURES
    turns = np.random.default_rng(0).uniform(-30, 30, (len(faint), 1))
    moves = np.radians(turns[:, 0])
    views: list[np.ndarray] = []
    for picture, a in zip(faint, moves.tolist(), strict=True):
        matrix = 1.15 * np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        offset = CENTRE - matrix @ [CENTRE, CENTRE]
        views.append(affine_transform(picture, matrix, offset, order=1, mode="constant"))
    found = register(faint, np.stack(views))
    assert len(found) >= 50
    wrong = np.abs(np.abs(found.rotation_degrees) - np.abs(turns[found.index, 0]))
    assert np.quantile(wrong, 0.9) < 0.5
    assert np.quantile(np.abs(found.zoom_x - 1.15), 0.9) < 0.02
    assert not len(register(np.roll(faint, 7, axis=0), np.stack(views))) > 6


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_flat_and_broken_pictures_are_left_out(value: float) -> None:
    found: Views = register(PICTURES, np.full_like(PICTURES, value))
    assert len(found) == 0


def spread(low: float, high: float, *, random: bool) -> Spread:
    away = np.sort(np.abs(np.linspace(low, high, 200) - (low + high) / 2))
    return Spread(low, high, random, 200, away=away)


def test_draws_against_draws_are_compared_by_their_widths() -> None:
    weak, strong = spread(-0.16, 0.16, random=True), spread(-0.41, 0.42, random=True)
    assert differ(weak, strong, tolerance=0.04, bounded=False)
    assert not differ(weak, spread(-0.19, 0.17, random=True), tolerance=0.04, bounded=False)
    # On the edge of the noise, one side is called random and the other is not.
    assert not differ(
        spread(-0.04, 0, random=True), spread(-0.02, 0, random=False), tolerance=0.04, bounded=False
    )


def test_few_draws_from_one_policy_are_no_difference() -> None:
    random, wrong, found = np.random.default_rng(0), 0, 0
    for _ in range(200):
        # Most views hardly move and some move far, as where only a share is shifted.
        far = random.random((2, 60)) < 0.15
        one, other = (
            spread_of(each, 2.0) for each in np.where(far, 10, 1) * random.normal(0, 1, (2, 60))
        )
        wrong += differ(one, other, tolerance=0.5, bounded=False)
        one, other = (spread_of(random.uniform(-5, 5, 60) * by, 2.0) for by in (1, 2.5))
        found += differ(one, other, tolerance=0.5, bounded=False)
    assert wrong == 0
    assert found >= 180


def test_draws_that_a_batch_shares_count_once() -> None:
    narrow, wide = spread(-1, 1, random=True), spread(-2.5, 2.5, random=True)
    assert surely_wider(narrow, wide)
    assert not surely_wider(narrow, replace(wide, alike=30.0))


def test_intervals_hold_the_ends_of_what_thins_out_towards_them() -> None:
    random = np.random.default_rng(0)
    held = 0
    for _ in range(20):
        found = spread_of(random.uniform(-0.1, 0.1, (400, 2)).sum(axis=1), 0.02)
        assert found.low_between[0] > -0.3
        held += (found.low_between[0] <= -0.2) + (found.high_between[1] >= 0.2)
    assert held >= 34


def test_views_registered_badly_are_no_augmentation() -> None:
    values = np.random.default_rng(0).normal(1, 0.003, 200)
    values[:4] = 0.8, 0.9, 1.2, 1.3
    assert not spread_of(values, 0.03).random
    values[:20] = np.linspace(0.8, 1.2, 20)
    assert spread_of(values, 0.03).random


def test_bounds_that_two_halves_of_one_side_disagree_about_are_no_difference() -> None:
    random = np.random.default_rng(0)
    even, tailed = random.uniform(-10, 10, (2, 300))
    tailed[:20] = random.uniform(10, 60, 20)
    one, other = spread_of(even, 2.0), spread_of(tailed, 2.0)
    assert other.halves.high > 4 * one.halves.high
    assert one.halves.high < 2
    assert differ(one, spread_of(3 * random.uniform(-10, 10, 300), 2.0), tolerance=2.0)
    assert not differ(Spread.even(-10, 10), one, tolerance=2.0)


@pytest.mark.parametrize("seed", seeds(3, quick=1))
def test_a_far_wider_range_is_told_though_its_widest_views_are_lost(seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn = random.uniform(-72, 72, 140)
    seen = drawn[np.abs(drawn) < 50]  # what can be registered
    wide = spread_of(seen, 2.0, lost=1 - len(seen) / len(drawn))
    assert differ(spread_of(random.uniform(-20, 20, 120), 2.0), wide, tolerance=2.0)
    # The other side may have lost no view of the same range.
    assert not differ(spread_of(random.uniform(-72, 72, 120), 2.0), wide, tolerance=2.0)


def test_views_that_fit_worse_than_the_others_are_no_evidence() -> None:
    shift = np.random.default_rng(0).uniform(-0.1, 0.1, (len(PICTURES), 1, 1))
    found = register(PICTURES, PICTURES + shift)
    assert sound_views(found).all()
    strays = np.arange(len(found)) % 10 == 0
    worse = replace(found, residual=np.where(strays, 0.2, found.residual))
    assert (sound_views(worse) == ~strays).all()
    turned = np.where(strays, 30.0, 0.0) + np.linspace(-1, 1, len(found))
    assert spread_of(turned, 3.0).random
    assert not spread_of(turned, 3.0, sound=sound_views(worse)).random


def turned(degrees: np.ndarray) -> np.ndarray:
    """Each picture turned by an angle of its own."""
    made: list[np.ndarray] = []
    for picture, angle in zip(PICTURES, np.radians(degrees), strict=True):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        offset = CENTRE - turn @ [CENTRE, CENTRE]
        made.append(affine_transform(picture, turn, offset, order=1, mode="nearest"))
    return np.stack(made)


def test_quarter_turns_are_told_from_mirrors() -> None:
    turns = np.random.default_rng(0).integers(4, size=len(PICTURES))
    views = np.stack([np.rot90(p, k) for p, k in zip(PICTURES, turns, strict=True)])
    found = register(PICTURES, views, sideways=True)
    assert len(found) >= 55
    mirrored = found.flip_x ^ found.flip_y ^ found.transposed
    assert mirrored.mean() < 0.05
    assert (found.transposed == (turns[found.index] % 2 == 1)).mean() > 0.95
    assert np.abs(found.rotation_degrees).max() < 1
    # Only where it is asked for.
    assert not register(PICTURES, views).transposed.any()


def test_few_that_fit_their_transpose_are_not_turned() -> None:
    views = PICTURES.copy()
    views[7] = views[7].T
    assert not register(PICTURES, views, sideways=True).transposed.any()


def test_wide_turns_are_one_angle() -> None:
    degrees = np.random.default_rng(1).uniform(-180, 180, len(PICTURES))
    found = register(PICTURES, turned(degrees), sideways=True)
    assert len(found) >= 45
    assert not found.transposed.any()
    off = (found.rotation_degrees - degrees[found.index] + 180) % 360 - 180
    # Some digits are much like themselves upside down.
    assert np.quantile(np.abs(off), 0.75) < 2


def test_views_moved_by_a_third_are_registered() -> None:
    random = np.random.default_rng(2)
    shifts = random.uniform(-0.3, 0.3, (len(PICTURES), 2))
    fine = np.cumsum(np.cumsum(random.normal(size=(len(PICTURES), 32, 32)), axis=1), axis=2)
    views = np.stack(
        [
            affine_transform(p, np.eye(2), s * 32, order=1, mode="constant")
            for p, s in zip(fine, shifts, strict=True)
        ]
    )
    found = register(fine, views)
    assert len(found) >= 52
    off = np.stack([found.shift_y, found.shift_x], axis=1) - shifts[found.index]
    assert np.quantile(np.abs(off), 0.95) < 0.01
    assert found.flip_x.mean() + found.flip_y.mean() < 0.05
