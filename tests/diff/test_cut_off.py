"""Values that end where the other side's go on are told from a scale, a curve and a dark picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import COLOURED, MEASURES, SCANS, findings, seen
from twinfeed.diff import CATALOGUE, compare

RANDOM = np.random.default_rng(0)
WAVES = RANDOM.normal(size=(40, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
PHOTOS = np.clip(110 + 45 * WAVES + RANDOM.normal(0, 8, WAVES.shape), 1, 254).astype(np.float32)
PHOTOS_MANY = (
    np.random.default_rng(3)
    .integers(0, 256, (120, 8, 8, 3))
    .repeat(4, axis=1)
    .repeat(4, axis=2)
    .astype(np.uint8)
)
SCALES = {"VAL201", "VAL202", "VAL203", "VAL206", "PIX208"}


@pytest.mark.parametrize(
    ("made", "ends"),
    [
        (np.clip(PHOTOS / 127.5, 0, 1), (1, 1)),
        (np.clip(PHOTOS + 100, 0, 255), (255, 255)),
        (np.clip((PHOTOS - 110) / 45, -1, 1), (-1, 1)),
    ],
)
def test_the_cut_comes_instead_of_a_line(made: np.ndarray, ends: tuple[float, float]) -> None:
    plain = PHOTOS / 255 if ends == (1, 1) else (PHOTOS - 110) / 45 if ends[0] < 0 else PHOTOS
    found = findings(seen(made.astype(np.float32)), seen(plain.astype(np.float32)))
    assert not SCALES & set(found)
    assert (found["VAL207"].evidence["low"], found["VAL207"].evidence["high"]) == ends


def test_a_narrow_window_cuts_scans_and_recordings_off() -> None:
    shapes = (40, 6, 32, 32, 1), (40, 6144)
    for shape in shapes:
        scans = np.random.default_rng(3).normal(-100, 350, shape).clip(-1000, 400)
        wide, narrow = (scans + 1000) / 1400, (scans.clip(-300, 300) + 300) / 600
        found = findings(seen(wide.astype(np.float32)), seen(narrow.astype(np.float32)))
        assert not SCALES & set(found)
        assert (found["VAL207"].evidence["low"], found["VAL207"].evidence["high"]) == (0, 1)
        assert "VAL207" not in findings(seen(wide), seen(2 * wide - 1))


def test_another_scale_is_said_where_it_is_the_greater_difference() -> None:
    found = findings(seen(np.clip(PHOTOS / 127.5, 0, 1).astype(np.float32)), seen(PHOTOS))
    assert {"VAL207", "VAL203"} <= set(found)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (PHOTOS, PHOTOS * np.float32(0.5)),
        (PHOTOS, 255 * (PHOTOS / np.float32(255)) ** np.float32(1.6)),
        (SCANS[:300].astype(np.float32), SCANS[:300] / np.float32(255)),
        (np.round(PHOTOS), np.round(PHOTOS) / np.float32(255) * 2 - 1),
        (COLOURED[:200], COLOURED[:200, ::-1]),
    ],
)
def test_what_is_not_cut_off_is_not_called_so(left: np.ndarray, right: np.ndarray) -> None:
    assert "VAL207" not in findings(seen(left), seen(right))


def test_a_few_far_values_put_no_others_at_the_ends() -> None:
    unit, random = PHOTOS / np.float32(255), np.random.default_rng(2)
    patched = unit.copy()
    patched[:, 4:12, 6:16] = np.clip(255 * random.normal(size=(40, 8, 10, 3)), 0, 255)
    assert "VAL207" not in findings(seen(patched), seen(unit))


def test_power_that_falls_off_evenly_is_not_cut_off() -> None:
    random = np.random.default_rng(1)
    loud = random.normal(0, 1, (40, 1, 1, 1))  # recordings are some louder than others
    magnitude = np.exp(random.normal(loud, 1, (40, 16, 16, 1))).astype(np.float32)
    report = compare(seen(magnitude**2), seen(magnitude), measures=[CATALOGUE["VAL207"]])
    assert not report.findings


def _cut_out(pictures: np.ndarray, colour: float) -> np.ndarray:
    """A disc of each picture, the rest of which is one colour."""
    row, column = np.mgrid[:32, :32] - 15.5
    return np.where((np.hypot(row, column) < 11)[..., None], pictures, np.float32(colour))


def test_one_colour_over_other_values_is_nothing_that_was_cut_off() -> None:
    found = findings(seen(_cut_out(PHOTOS, 255)), seen(PHOTOS))
    assert not {"VAL202", "VAL206", "VAL207"} & set(found)
    assert "are 255 in A and a picture in B" in found["PIX211"].sentence


def test_values_that_overshoot_cut_nothing_off_on_the_other_side() -> None:
    strokes = 255 * (WAVES[:, ::4, ::4, :1] > 1.2).astype(np.float32)
    strokes = strokes.repeat(4, axis=1).repeat(4, axis=2)
    softer = (np.roll(strokes, 1, 1) + np.roll(strokes, 1, 2)) / 2
    sharper = strokes + 0.5 * (strokes - softer)
    found = compare(seen(strokes), seen(sharper), measures=MEASURES).findings
    assert "VAL207" not in {each.code for each in found}


def test_a_dark_ground_stands_at_the_end_of_each_channel_of_its_own_normalisation() -> None:
    ink = np.where(WAVES[..., :1] > 1, np.clip(90 * WAVES[..., :1] + 60, 0, 255), 0).repeat(3, -1)
    mean, std = np.float32((0.485, 0.456, 0.406)), np.float32((0.229, 0.224, 0.225))
    unit = (ink / 255).astype(np.float32)
    found = findings(seen((unit - mean) / std), seen((unit - np.float32(0.13)) / np.float32(0.31)))
    assert not {"VAL207", "GEO203"} & set(found)
    assert {"VAL202", "VAL203"} & set(found)


@pytest.mark.parametrize("every", [1, 3, 20])
@pytest.mark.parametrize("seed", [None, 1])
def test_pictures_that_were_emptied_are_told_and_none_is_missing(
    every: int, seed: int | None
) -> None:
    emptied = PHOTOS_MANY.copy()
    emptied[::every] = 0
    found = findings(seen(PHOTOS_MANY, seed=seed), seen(emptied, seed=seed))
    assert set(found) == {"VAL207"}
    count = len(emptied[::every])
    assert f"{count} of 120 pictures of B hold one value only, mostly 0" in found["VAL207"].sentence
    sides = [seen(side, seed=seed) for side in (PHOTOS_MANY, emptied)]
    streams = [CATALOGUE[code] for code in ("BAT205", "BAT213")]
    assert not compare(*sides, measures=streams).findings


def test_empty_pictures_that_one_side_leaves_out_are_missing() -> None:
    some = PHOTOS_MANY.copy()
    some[::6] = np.arange(20, dtype=np.uint8).reshape(-1, 1, 1, 1)
    sides = seen(some), seen(some[np.arange(len(some)) % 6 > 0])
    codes = [CATALOGUE[code] for code in ("BAT205", "VAL207")]
    assert {each.code for each in compare(*sides, measures=codes).findings} == {"BAT205"}
