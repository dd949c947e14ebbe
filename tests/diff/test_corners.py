"""A colour that fills the outside of moved pictures is told by their corners where both draw."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from tests.calibration.augmenting import Change, moved, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._policy._corners import corners
from twinfeed.observe import Budget, observe

COUNT = 80


@lru_cache(1)
def pictures() -> np.ndarray:
    return np.stack([photograph(48, 48, seed) for seed in range(COUNT)]).astype(np.float32)


def shaken(mode: str, degrees: float = 20.0, shift: float = 0.1, cval: float = 0.0) -> Change:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        by = random.uniform(-shift, shift, 2) if shift else (0.0, 0.0)
        return moved(
            x, degrees=random.uniform(-degrees, degrees), shift=tuple(by), mode=mode, cval=cval
        )

    return change


def seen(change: Change, seed: int) -> Trace:
    return observe(transformed(pictures(), change, seed=seed), budget=Budget(timing_s=0.0))


def told(one: Change, other: Change) -> Report:
    return compare(seen(one, 1), seen(other, 2), measures=[CATALOGUE["AUG213"]])


@pytest.mark.parametrize(
    ("other", "cval"),
    [pytest.param("reflect", 0.0, marks=pytest.mark.slow), ("nearest", 127.0)],
)
def test_one_colour_is_told_where_both_draw(other: str, cval: float) -> None:
    (found,) = told(shaken("constant", cval=cval), shaken(other)).findings
    assert found.evidence["side"] == "A"
    assert f"{cval:.3g}, {cval:.3g}" in found.sentence
    assert "fill_mode='constant'" in found.fix.code


def test_one_colour_is_told_where_pictures_are_turned_only() -> None:
    (found,) = told(shaken("reflect", shift=0), shaken("constant", shift=0)).findings
    assert found.evidence["side"] == "B"


@pytest.mark.parametrize("mode", ["constant", pytest.param("nearest", marks=pytest.mark.slow)])
def test_the_same_filling_is_no_finding(mode: str) -> None:
    assert not told(shaken(mode), shaken(mode)).findings


def test_what_is_not_moved_as_far_shows_no_filling() -> None:
    assert not told(shaken("constant"), shaken("constant", 2.0, 0.005)).findings


def test_rims_that_both_have_are_no_filling() -> None:
    framed = pictures().copy()
    framed[:, :4], framed[:, -4:], framed[:, :, :4], framed[:, :, -4:] = 255, 255, 255, 255
    sides = [
        observe(transformed(framed, shaken(mode), seed=seed), budget=Budget(timing_s=0.0))
        for seed, mode in enumerate(["constant", "nearest"])
    ]
    assert not compare(*sides, measures=[CATALOGUE["AUG213"]]).findings


def test_a_few_flat_corners_of_photos_hide_no_filling() -> None:
    some = pictures().copy()
    some[:6] = np.where(some[:6] < 128, some[:6], 255)
    some[:6, :8], some[:6, -8:], some[:6, :, :8], some[:6, :, -8:] = 255, 255, 255, 255
    sides = [
        observe(transformed(some, shaken(mode, shift=0), seed=seed), budget=Budget(timing_s=0.0))
        for seed, mode in enumerate(["constant", "reflect"])
    ]
    (found,) = compare(*sides, measures=[CATALOGUE["AUG213"]]).findings
    assert found.evidence["side"] == "A"


def test_corners_count_views_and_not_corners() -> None:
    plain, black = np.arange(48.0).reshape(4, 4, 3), np.zeros((4, 4, 3))
    found = corners([plain, black, plain])
    assert (found.views, found.filled, found.colour) == (3, 1, (0.0, 0.0, 0.0))
    assert corners([]).views == 0


def cropped(fill: float, scale: float = 64.0) -> Change:
    """Cut at random from a padded picture, and standardised; ``fill`` in levels."""

    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        padded = np.pad(x, ((6, 6), (6, 6), (0, 0)), constant_values=fill)
        row, column = random.integers(0, 13, 2)
        cut = padded[row : row + 48, column : column + 48]
        return (cut[:, ::-1] if random.random() < 0.5 else cut) / scale - 2.0

    return change


def seen_whole(change: Change, seed: int) -> Trace:
    ends = pictures().copy()  # every picture reaches black and white
    ends[:, 20, 20], ends[:, 30, 30] = 0, 255
    return observe(transformed(ends, change, seed=seed), budget=Budget(timing_s=0.0))


def test_padding_before_and_after_normalising_is_another_colour_and_no_other_scale() -> None:
    measures = [CATALOGUE[code] for code in ("AUG213", "VAL201", "VAL202", "VAL203")]
    sides = seen_whole(cropped(128.0), 1), seen_whole(cropped(0.0), 2)
    (found,) = compare(*sides, measures=measures).findings
    assert found.code == "AUG213"
    assert "(0, 0, 0), B with another (-2, -2, -2)" in found.sentence


def test_one_colour_on_another_scale_is_no_other_colour() -> None:
    sides = seen_whole(cropped(0.0), 1), seen_whole(cropped(0.0, scale=32.0), 2)
    assert not compare(*sides, measures=[CATALOGUE["AUG213"]]).findings
