"""Pairing rows of tables of which each column was scaled by numbers of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.diff.seen import seen
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_lines import same_scaled

ROWS = 500


def table(seed: int, rows: int = ROWS, columns: int = 5) -> np.ndarray:
    """Columns that depend on each other, of other means and spreads."""
    random = np.random.default_rng(seed)
    mixed = random.normal(0, 1, (rows, columns)) @ random.normal(0, 1, (columns, columns))
    return mixed * random.uniform(0.1, 50, columns) + random.uniform(-20, 200, columns)


def standardised(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    return ((values - like.mean(axis=0)) / like.std(axis=0)).astype(np.float32)


def to_unit(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    return ((values - like.min(axis=0)) / np.ptp(like, axis=0)).astype(np.float32)


@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("missing", [0, 60])
def test_rows_scaled_by_other_statistics_are_paired(columns: int, missing: int) -> None:
    values = table(0, columns=columns)
    order = np.random.default_rng(1).permutation(ROWS)[missing:]
    found = same_scaled(list(standardised(values, values)), list(to_unit(values, values)[order]))
    assert found is not None
    assert sorted(found[1].tolist()) == list(range(ROWS - missing))
    assert (order[found[1]] == found[0]).all()


def test_other_statistics_are_named_first_and_nothing_is_missing() -> None:
    everything, labels = table(0, ROWS + 125), np.arange(ROWS) % 3
    values = everything[:ROWS]
    sides = standardised(values, values), standardised(values, everything)
    report = compare(seen(sides[0], labels, seed=1), seen(sides[1], labels, seed=2))
    assert report.pairing.pairs == ROWS
    assert report.findings[0].code == "VAL202"
    assert not any(found.code.startswith(("BAT", "LBL")) for found in report.findings)


def test_copies_whose_labels_are_at_odds_say_nothing_of_labels() -> None:
    values = np.concatenate([table(0), table(0)[:60]])
    labels = np.arange(len(values)) % 3
    sides = standardised(values, values), to_unit(values, values)
    report = compare(seen(sides[0], labels, seed=1), seen(sides[1], labels, seed=2))
    assert report.pairing.pairs == len(values)
    assert {found.code[:3] for found in report.findings} <= {"VAL", "ORD"}


def rounded(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 10, (ROWS, 4)).astype(float)


def near_copies(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return table(0, 100)[random.integers(0, 100, ROWS)] + random.normal(0, 0.01, (ROWS, 5))


def hours(seed: int) -> np.ndarray:
    """The hour, the day and the hour of the day: columns that number the rows."""
    hour = np.arange(480) + 480 * seed
    turn = 2 * np.pi * hour / 24
    return np.stack([hour, hour // 24, np.sin(turn), np.cos(turn)], axis=1)


def powers(seed: int) -> np.ndarray:
    """Columns of which one tells the others, evenly spaced."""
    number = np.random.default_rng(seed).permutation(ROWS) + 1.0
    return np.stack([number, np.log(number), np.sqrt(number)], axis=1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("strangers", [table, rounded, near_copies, hours, powers])
def test_strangers_are_not_paired(strangers: Callable[[int], np.ndarray], seed: int) -> None:
    sides = strangers(seed), strangers(seed + 10)
    assert same_scaled(list(sides[0]), list(sides[1])) is None
    assert same_scaled(*(list(standardised(side, side)) for side in sides)) is None
