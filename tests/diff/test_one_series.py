"""Windows of which no two are the same, over steps that are: what was mixed, or cut elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import seen
from tests.seeds import seeds
from twinfeed.diff import CATALOGUE, compare

STEPS, LENGTH = 600, 24


def _series(seed: int, features: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.cumsum(random.normal(size=(STEPS, features)), axis=0).astype(np.float32)


def _windows(series: np.ndarray, start: int = 0, stride: int = 1) -> np.ndarray:
    cut = np.lib.stride_tricks.sliding_window_view(series, LENGTH, axis=0)
    return np.ascontiguousarray(cut.transpose(0, 2, 1)[start::stride])


def _said(a: np.ndarray, b: np.ndarray) -> str:
    report = compare(seen(a, seed=1), seen(b, seed=2), measures=[CATALOGUE["BAT213"]])
    return "".join(found.sentence for found in report.findings)


@pytest.mark.parametrize("features", [1, 3])
@pytest.mark.parametrize("seed", seeds(4, quick=1))
def test_a_series_that_was_mixed_before_it_was_cut(features: int, seed: int) -> None:
    series = _series(seed, features)
    mixed = np.random.default_rng(seed).permutation(series)
    assert "B's series was mixed" in _said(_windows(series), _windows(mixed))
    assert "A's series was mixed" in _said(_windows(mixed), _windows(series))


def test_windows_that_begin_at_other_places() -> None:
    series = _series(0, 3)
    said = _said(_windows(series, 0, 2), _windows(series, 1, 2))
    assert said.endswith("cut from one series at other places")


def test_windows_over_two_parts_of_a_series_have_nothing_in_common() -> None:
    series = _series(0, 3)
    assert not _said(_windows(series[:400]), _windows(series[400:]))
    # A look-back over the cut is no second feed of the same series.
    assert not _said(_windows(series[:400]), _windows(series[390:]))


@pytest.mark.parametrize("how", ["turned round", "mixed within"])
def test_steps_that_only_stand_otherwise_in_their_window(how: str) -> None:
    cut = _windows(_series(0, 3))
    order = np.arange(LENGTH)[::-1] if how == "turned round" else None
    random = np.random.default_rng(0)
    moved = np.stack([one[random.permutation(LENGTH) if order is None else order] for one in cut])
    assert not _said(cut, moved)


def test_windows_that_are_turned_round_are_no_negatives_of_each_other() -> None:
    cut = _windows(_series(0, 3))
    found = {one.code: one for one in compare(seen(cut), seen(cut[:, ::-1].copy())).findings}
    assert found["VAL206"].sentence.endswith("the other way round, the last one first")
    assert "VAL202" not in found


def test_rows_of_a_table_whose_values_come_again_are_no_windows() -> None:
    table = np.round(np.random.default_rng(0).normal(5, 1.5, (600, 6)), 1).astype(np.float32)
    assert not _said(table[:300], table[300:])
