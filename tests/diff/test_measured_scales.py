"""Scales measured of each example, or of each place of a picture, are named."""

from __future__ import annotations

import numpy as np
import pytest

from tests.calibration.augmenting import moved, transformed
from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed._core.batch import Array
from twinfeed.diff import compare
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._own_ends import BY_PEAK, STRETCHED, own_ends
from twinfeed.diff._values._own_places import CENTRED_PLACES, STANDARD_PLACES, own_places
from twinfeed.observe import Budget, observe

RANDOM = np.random.default_rng(0)
# The brightest point of a photo is often white, and seldom far from it.
PICTURES = np.stack(
    [photograph(32, 32, seed) * (0.9 - 0.1 * (seed % 4) / 3) + seed % 5 + 4 for seed in range(48)]
).astype(np.uint8)
UNIT = PICTURES / 255
PEAKS = UNIT.max(axis=(1, 2, 3), keepdims=True)
LOW = UNIT.min(axis=(1, 2, 3), keepdims=True)
GLOBAL = UNIT - UNIT.mean(axis=(0, 1, 2))


OF_EACH = {
    "peak": (UNIT / PEAKS, BY_PEAK),
    "stretched": ((UNIT - LOW) / (PEAKS - LOW), STRETCHED),
    "both-ways": (2 * (UNIT - LOW) / (PEAKS - LOW) - 1, STRETCHED),
}
OF_PLACES = {
    "centred": (UNIT - UNIT.mean(axis=0), CENTRED_PLACES),
    "standard": ((UNIT - UNIT.mean(axis=0)) / UNIT.std(axis=0), STANDARD_PLACES),
}
OTHERS = {"levels": PICTURES, "unit": UNIT, "global": GLOBAL}
# What was centred has other ends than the pictures that were scaled by theirs.
PAIRS = {
    f"{name}-{other}": (*made[name], OTHERS[other])
    for made, others in ((OF_EACH, ("levels", "unit")), (OF_PLACES, OTHERS))
    for name in made
    for other in others
}


@pytest.mark.slow
@pytest.mark.parametrize(("made", "said", "other"), PAIRS.values(), ids=PAIRS)
def test_what_was_measured_is_named(made: Array, said: str, other: Array) -> None:
    for sides in ((made, other), (other, made)):
        report = compare(*(seen(side) for side in sides))
        first = report.findings[0]
        assert first.code == "VAL203"
        assert first.evidence["ab"[sides[1] is made] + "_normalisation"] == said
        assert {one.code for one in report.findings} <= {"VAL203", "VAL204"}
        assert "VAL206" not in {one.code for one in report.undecided}


@pytest.mark.parametrize(
    "other",
    [
        UNIT,
        UNIT * 0.9,
        UNIT**1.5,
        UNIT * [0.5, 0.7, 0.9] + [0.1, 0, 0.2],
        (UNIT * [0.5, 0.7, 0.9])[..., ::-1],
        UNIT * RANDOM.uniform(0.9, 1.1, (len(UNIT), 1, 1, 1)),
        UNIT + RANDOM.normal(0, 0.05, UNIT.shape),
        RANDOM.permutation(UNIT),
        GLOBAL,
    ],
    ids=["same", "factor", "power", "lines", "reversed", "drawn", "grain", "order", "centred"],
)
def test_nothing_else_is_taken_for_it(other: Array) -> None:
    for sides in ((PICTURES, other), (other, PICTURES)):
        twins = Twins(*(seen(side) for side in sides))
        assert own_ends(twins) == {}
        assert own_places(twins) is None


def test_pictures_that_all_hold_white_show_no_scale_of_their_own() -> None:
    white = PICTURES.copy()
    white[:, 0, 0] = 255
    white[:, 0, 1] = 0
    assert own_ends(Twins(seen(white), seen(white / 255))) == {}


def test_one_wide_column_about_0_does_not_centre_a_table() -> None:
    table = np.c_[RANDOM.normal(50, 10, (200, 3)), RANDOM.normal(0, 1000, 200)].astype(np.float32)
    other = (table * [1, 1, 1000, 1]).astype(np.float32)
    report = compare(seen(other), seen(table))
    assert [one.code for one in report.findings] == ["VAL202"]
    standard = (table - table.mean(axis=0)) / table.std(axis=0)
    first = compare(seen(table), seen(standard)).findings[0]
    assert first.evidence["b_normalisation"] == "standardised over the data set"


def _mirrored(image: Array, random: np.random.Generator) -> Array:
    return image[:, ::-1] if random.random() < 0.5 else image


@pytest.mark.parametrize("name", ["peak", "stretched"])
def test_behind_draws_of_both_sides_own_ends_are_named(name: str) -> None:
    made, said = OF_EACH[name]
    sides = [transformed(x, _mirrored, seed=seed) for seed, x in enumerate((made, UNIT))]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert report.findings[0].code == "VAL203"
    assert report.findings[0].evidence["a_normalisation"] == said


@pytest.mark.parametrize("fill", [-1.0, 1.0])
def test_what_is_laid_around_moved_pictures_is_no_end_of_theirs(fill: float) -> None:
    def onto(image: Array, random: np.random.Generator) -> Array:
        return moved(image, shift=tuple(random.uniform(-0.2, 0.2, 2)), mode="constant", cval=fill)

    sides = [transformed(2 * UNIT - 1, change) for change in (onto, lambda x, _: x)]
    report = compare(*(observe(side, budget=Budget(timing_s=0)) for side in sides))
    assert "VAL203" not in {one.code for one in report.findings}
