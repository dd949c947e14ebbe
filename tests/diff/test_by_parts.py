"""Pairing by what stayed the same: rows of which some columns changed, sequences cut at the other end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diff.seen import findings, seen
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_parts import same_parts
from twinfeed.diff._pairing._by_place import known_places

ROWS = 300


def table(seed: int, rows: int = ROWS) -> np.ndarray:
    """Four columns of numbers and two of categories, float32."""
    random = np.random.default_rng(seed)
    numbers = random.normal(0, 1, (rows, 4))
    kinds = np.stack([random.integers(0, 5, rows), random.integers(0, 2, rows)], axis=1)
    return np.concatenate([numbers, kinds], axis=1).astype(np.float32)


def test_rows_whose_missing_cells_were_filled_otherwise_are_no_missing_rows() -> None:
    random, x = np.random.default_rng(1), table(0)
    hole, labels = random.random(x.shape) < 0.08, np.arange(ROWS) % 2
    sides = [np.where(hole, value, x).astype(np.float32) for value in (0, -1)]
    report = compare(seen(sides[0], labels, seed=2), seen(sides[1], labels, seed=3))
    assert report.pairing.method == "parts"
    assert report.findings[0].code == "VAL206"
    assert not any(found.code.startswith("BAT") for found in report.findings)


def test_a_column_that_changed_in_every_row_leaves_the_rows_known() -> None:
    x, labels = table(0), np.arange(ROWS) % 2
    other = x.copy()
    other[:, 0] = other[:, 0] ** 3
    report = compare(seen(x, labels, seed=2), seen(other, labels, seed=3))
    assert report.pairing.pairs == ROWS
    assert report.verdict.kind == "different"


def test_sequences_cut_at_the_other_end_are_the_same_list() -> None:
    random = np.random.default_rng(0)
    rows = [random.integers(2, 500, length) for length in random.integers(20, 60, ROWS)]
    x = np.zeros((2, ROWS, 30), np.int64)
    for at, row in enumerate(rows):
        x[0, at, max(0, 30 - len(row)) :] = row[-30:]
        x[1, at, max(0, 30 - len(row)) :] = row[:30]
    labels = random.integers(0, 2, ROWS)
    report = compare(seen(x[0], labels), seen(x[1], labels))
    assert report.findings[0].code == "VAL206"
    assert not any(found.code.startswith("BAT") for found in report.findings)


def _sentences(rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    random = np.random.default_rng(4)
    lengths = np.where(np.arange(rows) % 5 < 3, 8, random.integers(14, 24, rows))
    return [random.integers(2, 500, length) for length in lengths], random.integers(0, 2, rows)


@pytest.mark.parametrize("lacking", [0, 60])
def test_long_sentences_cut_at_the_other_end_are_not_missing(lacking: int) -> None:
    """Of most of the long ones nothing is left that both sides show."""
    rows, labels = _sentences(ROWS)
    x = np.zeros((2, ROWS, 12), np.int64)
    for at, row in enumerate(rows):
        x[0, at, : len(row)] = row[-12:]
        x[1, at, : len(row)] = row[:12]
    few = ROWS - lacking
    report = compare(seen(x[0], labels, seed=2), seen(x[1, :few], labels[:few], seed=3))
    found = {one.code: one for one in report.findings}
    assert "VAL206" in found
    missing = found["BAT205"].evidence["missing_examples"] if "BAT205" in found else 0
    assert missing == lacking


@pytest.mark.parametrize("seed", range(10))
def test_strangers_share_too_little(seed: int) -> None:
    for rows in (40, ROWS):
        assert not len(same_parts(table(0, rows), table(seed + 1, rows))[0])
    random = np.random.default_rng(seed)
    # Padding, and words that many sentences have, tell none apart.
    words = np.where(random.random((2, 200, 40)) < 0.5, 0, random.zipf(1.5, (2, 200, 40)) % 50)
    assert not len(same_parts(words[0], words[1])[0])


def test_rows_that_are_there_twice_are_left_out() -> None:
    x = table(0)
    x[:4] = x[0]
    other = x[::-1].copy()
    other[:, 1] = 0
    found = same_parts(x, other)
    assert sorted(found[0].tolist()) == list(range(4, ROWS))
    assert (found[0] + found[1] == ROWS - 1).all()


def test_known_examples_must_stand_between_the_others() -> None:
    labels = np.arange(100) % 3
    among, first = np.arange(0, 100, 4), np.arange(50)
    assert known_places(among, among, (labels, labels))
    assert not known_places(among, among[::-1], (labels, labels))
    assert not known_places(first, first, (labels, labels))
    strangers = np.where(np.isin(np.arange(100), among), labels, (labels + np.arange(100) // 7) % 3)
    assert not known_places(among, among, (labels, strangers))


def test_rows_of_one_customer_in_two_parts_are_two_examples() -> None:
    x, labels = table(0), np.arange(ROWS) % 2
    later = x.copy()
    later[:, 0] = np.random.default_rng(1).normal(size=ROWS)
    sides = seen(x, labels, seed=2), seen(later, labels, seed=3)
    report = compare(replace(sides[0], role="fit"), replace(sides[1], role="validation"))
    assert report.pairing.method != "parts"
    assert not any(found.code.startswith("VAL") for found in report.findings)


@pytest.mark.parametrize("change", ["codes", "target", "emptied"])
def test_a_column_that_holds_something_else_follows_no_line(change: str) -> None:
    x, labels = table(0), np.random.default_rng(1).integers(0, 2, ROWS)
    other = x.copy()
    if change == "codes":
        other[:, 4] = (other[:, 4] + 1) % 5
    elif change == "target":
        other[:, 5] = labels
    else:
        other[:, 3] = 0
    found = compare(seen(x, labels, seed=2), seen(other, labels, seed=3)).findings
    assert found[0].code == "VAL206"
    assert not any(" times " in one.sentence for one in found)


def test_windows_over_one_series_in_two_orders_are_strangers() -> None:
    random = np.random.default_rng(0)
    series = random.normal(size=(300, 3)).cumsum(axis=0).astype(np.float32)
    sides = [
        np.moveaxis(np.lib.stride_tricks.sliding_window_view(rows, 10, axis=0), 1, 2).copy()
        for rows in (series, series[random.permutation(300)])
    ]
    found = findings(*(seen(windows, windows[:, -1, 0]) for windows in sides))
    assert not {"LBL205", "VAL206"} & set(found)
