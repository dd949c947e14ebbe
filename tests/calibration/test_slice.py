"""A slice of the calibration that ``benchmarks/calibration.py`` runs at length."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("torch")
pytest.importorskip("grain")

from tests.calibration.augmenting import erased
from tests.calibration.feeds import KINDS
from tests.calibration.material import draw, kinds
from tests.calibration.pipelines import FAULTS, Pipeline
from tests.calibration.sizes import OF_EXAMPLES, PLAIN, SIZES, Recipe, below, sized, stated
from tests.calibration.statistics import CLAIMS
from tests.calibration.trial import Outcome, equal, outcome, planted
from twinfeed.diff import CATALOGUE
from twinfeed.diff._reach import Enough, Reach
from twinfeed.stats.intervals import exact

BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize("kind", KINDS)
def test_equal_pipelines_give_nothing_but_a_note_on_order(kind: str) -> None:
    found = equal(np.random.default_rng(1), kind, "digits")
    assert not found.false, found.sentences


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("equal/flow_from_directory, eurosat/1210", marks=pytest.mark.slow),
        pytest.param("equal/flow_from_directory, eurosat/1500", marks=pytest.mark.slow),
        pytest.param("equal/torch, flowers/1602", marks=pytest.mark.slow),
        pytest.param("equal/grain, eurosat/1620", marks=pytest.mark.slow),
        "equal/grain, flowers/1720",
        "equal/flow, textures/1724",
        pytest.param("equal/drop-in, digits/1725", marks=pytest.mark.slow),
        pytest.param("equal/torch workers, textures/1742", marks=pytest.mark.slow),
        "equal/torch, eurosat/1748",
        "equal/image_dataset, cifar10/1755",
        "equal/torch workers, textures/2360",
        "equal/torch workers, flowers/2464",
        "equal/torch workers, flowers/2472",
        "equal/arrays, digits/2363",
        pytest.param("equal/grain, flowers/2364", marks=pytest.mark.slow),
        pytest.param("equal/generator, flowers/2376", marks=pytest.mark.slow),
        pytest.param("equal/torch, digits/2380", marks=pytest.mark.slow),
        pytest.param("equal/PyDataset, eurosat/2388", marks=pytest.mark.slow),
    ],
)
def test_equal_pairs_that_once_had_a_finding_have_none(name: str) -> None:
    kind, data = name.split("/")[1].split(", ")
    if data not in kinds():
        pytest.skip(f"{data} is missing")
    found = equal(np.random.default_rng(zlib.crc32(name.encode())), kind, data)
    assert not found.false, found.sentences


@pytest.mark.parametrize(
    "names",
    [
        ("not scaled", "random flips"),
        ("channels reversed", "short buffer"),
        ("a tenth missing", "other batch size"),
        ("labels shuffled", "half size"),
    ],
)
def test_two_faults_at_once_are_both_named(names: tuple[str, str]) -> None:
    faults = tuple(BY_NAME[name] for name in names)
    found = planted(np.random.default_rng(0), faults)
    assert all(found.names(fault) for fault in faults), found.sentences


@pytest.mark.slow
@pytest.mark.parametrize("code", ["AUG205", "AUG206", "AUG209"])
def test_what_a_few_batches_draw_is_no_other_policy(code: str) -> None:
    change = OF_EXAMPLES[code][1].change
    random = np.random.default_rng(1)
    data = draw(random, "textures", 150)
    feeds = [Recipe(change=change, again="batch", batch=25).build(data, seed) for seed in (1, 2)]
    assert not outcome(*feeds).false


def _erased_on_one_side(kind: str, count: int, number: int) -> Outcome:
    random = np.random.default_rng([number, count])
    data = draw(random, kind, count)
    patched = Recipe(change=lambda x, r: erased(x, r, scale=(0.05, 0.2), value=None))
    return outcome(*(made.build(data, int(random.integers(1 << 30))) for made in (PLAIN, patched)))


def test_rectangles_are_drawn_although_a_new_build_shows_the_same_ones() -> None:
    assert "AUG212" in _erased_on_one_side("textures", 40, 0).found


def test_where_few_examples_are_recognised_more_are_asked_for() -> None:
    assert _erased_on_one_side("digits", 150, 1).answers("AUG201")


@pytest.mark.parametrize("code", ["AUG204", "ORD204", "LBL204"])
def test_a_fault_of_the_stated_size_is_found(code: str) -> None:
    found = sized(np.random.default_rng(0), code, stated(code))
    assert code in found.found, found.sentences


@pytest.mark.parametrize("code", SIZES)
def test_a_fault_below_the_stated_size_is_not_met_with_silence(code: str) -> None:
    found = sized(np.random.default_rng(0), code, below(code))
    assert found.answers(code), found


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("BAT201", {"batch": 4}),
        ("BAT202", {"take": 1}),
        ("BAT203", {"drop": True}),
        ("BAT205", {"take": 1}),
        ("BAT206", {"twice": 1}),
    ],
)
def test_one_example_is_enough_for_what_is_exact(code: str, change: dict[str, Any]) -> None:
    assert isinstance(CATALOGUE[code].reach, Enough)
    data = draw(np.random.default_rng(0), "textures", 16)
    plain = Pipeline(batch=3)
    feeds = [one.build(*data, seed=7) for one in (plain, replace(plain, **change))]
    assert code in outcome(*feeds).found


def test_every_measure_with_a_stated_size_is_tried() -> None:
    stating = {code for code, one in CATALOGUE.items() if isinstance(one.reach, Reach)}
    assert stating == set(SIZES)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_stated_error_rate_holds(name: str) -> None:
    claim, random, tries = CLAIMS[name], np.random.default_rng(0), 300
    wrong = sum(claim.errs(random) for _ in range(tries))
    assert exact(wrong, tries)[0] <= claim.rate + claim.slack
