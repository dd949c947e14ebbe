"""Pictures of which more than half is other are paired by the points that are equal."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import COLOURED, SCANS, findings, seen
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_points import same_points
from twinfeed.diff._pairing._pair import pair_sides

RANDOM = np.random.default_rng(0)
PHOTOS = RANDOM.integers(0, 256, (120, 48, 48, 3), dtype=np.uint8)
MIXED = RANDOM.permutation(len(PHOTOS))


def cut_out(background: int, every: int) -> np.ndarray:
    """Each so-many-th photo with all but a disc of a size of its own laid over one colour."""
    made, random = PHOTOS.copy(), np.random.default_rng(1)
    distance = np.hypot(*np.mgrid[-24:24, -24:24])
    for photo in made[::every]:
        photo[distance > random.integers(14, 22)] = background
    return made


def test_a_scale_that_the_others_tell_hides_none() -> None:
    left, right = seen(cut_out(255, 3)), seen(cut_out(0, 3)[MIXED] / np.float32(127.5) - 1)
    pairs = pair_sides(left, right)
    assert len(pairs) == len(PHOTOS)
    assert (MIXED[pairs.right - pairs.right_rows[0]] == pairs.left).all()


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_photos_laid_over_other_colours_are_paired(every: int) -> None:
    labels = np.arange(len(PHOTOS)) % 5
    left = seen(cut_out(255, every), labels)
    right = seen(cut_out(0, every)[MIXED], labels[MIXED])
    report = compare(left, right)
    assert report.pairing.pairs == len(PHOTOS)
    assert report.findings[0].code == "PIX211"
    assert "BAT205" not in {found.code for found in report.findings}


def test_what_another_resize_left_nearly_equal_is_enough() -> None:
    smooth = PHOTOS.repeat(2, axis=1).repeat(2, axis=2).astype(np.float32)
    left, right = smooth.copy(), smooth[MIXED] + RANDOM.normal(0, 0.5, smooth.shape)
    left[:, :50], right[:, :50] = 0, 255
    found = same_points(list(left), list(right.astype(np.float32)))
    assert len(found[0]) == len(PHOTOS)
    assert (MIXED[found[1]] == found[0]).all()


def test_near_copies_are_others_where_feeds_are_alike_to_the_last_bit() -> None:
    smooth = PHOTOS.repeat(2, axis=1).repeat(2, axis=2).astype(np.float32)
    near = (smooth + RANDOM.normal(0, 0.5, smooth.shape)).astype(np.float32)
    assert not len(same_points(list(smooth), list(near), exactly=True)[0])


def test_calm_seas_of_feeds_alike_to_the_last_bit_are_others() -> None:
    random = np.random.default_rng(4)
    level = 50 + 3 * np.arange(40)[:, None, None, None]
    calm, other = (level + random.integers(0, 2, (40, 32, 32, 1)).repeat(3, axis=3) for _ in "AB")
    sides = [list(side.astype(np.uint8)) for side in (calm, other)]
    assert not len(same_points(*sides, exactly=True)[0])


def test_strangers_on_one_background_have_no_part_in_common() -> None:
    white = list(cut_out(255, 1))
    assert not len(same_points(white[:60], white[60:])[0])
    scans = list(SCANS)
    assert not len(same_points(scans[:200], scans[200:400])[0])


def test_scaled_values_are_left_to_likeness() -> None:
    assert "VAL202" in findings(seen(COLOURED[:200]), seen(COLOURED[:200] * np.float32(0.5)))
