"""Windows that were cut before a split are told from windows of two stretches of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diff.seen import seen
from twinfeed._core.trace import Fit, Role, Trace
from twinfeed.diff import compare

LENGTH = 32


def windows(features: int, stride: int, count: int = 240) -> np.ndarray:
    walk = np.random.default_rng(features).normal(size=(count * stride + LENGTH, features))
    series = np.cumsum(walk, axis=0).astype(np.float32)
    cut = np.stack([series[at : at + LENGTH] for at in range(0, count * stride, stride)])
    return cut[..., 0] if features == 1 else cut


def texts(count: int = 240, length: int = 64) -> np.ndarray:
    """Texts of numbered words, of which some are far more frequent than others."""
    drawn = np.random.default_rng(3).zipf(1.3, (count, length))
    return np.minimum(drawn, 5000).astype(np.int64)


def part(x: np.ndarray, role: Role) -> Trace:
    fit = Fit(handed="arrays", arguments={}, batches=None)
    return replace(seen(x, np.arange(len(x)) % 3, batch_size=16), role=role, fit=fit)


def codes(x: np.ndarray, order: np.ndarray) -> set[str]:
    train, held = x[order[:180]], x[order[180:]]
    return {one.code for one in compare(part(train, "fit"), part(held, "validation")).findings}


@pytest.mark.parametrize("features", [1, 2, 9])
@pytest.mark.parametrize("stride", [4, 16])
def test_windows_that_were_dealt_out_are_told(features: int, stride: int) -> None:
    x = windows(features, stride)
    assert "BAT208" in codes(x, np.random.default_rng(1).permutation(len(x)))


@pytest.mark.parametrize("features", [1, 2, 9])
def test_windows_of_two_stretches_or_beside_each_other_are_not(features: int) -> None:
    beside = windows(features, LENGTH)
    assert "BAT208" not in codes(beside, np.random.default_rng(1).permutation(len(beside)))
    assert "BAT208" not in codes(windows(features, 4), np.arange(240))


@pytest.mark.parametrize("scaled", [False, True])
def test_rows_of_a_table_that_agree_in_columns_of_classes_are_not(*, scaled: bool) -> None:
    random = np.random.default_rng(4)
    classes = np.eye(16, dtype=np.float32)[random.integers(0, 3, 240)]
    if scaled:
        classes = (classes - 0.37) / np.linspace(0.5, 2, 16, dtype=np.float32)
    x = np.concatenate([random.normal(size=(240, 20)), classes], axis=1).astype(np.float32)
    assert "BAT208" not in codes(x, np.random.default_rng(1).permutation(240))


@pytest.mark.parametrize("dtype", [np.int64, np.int16, np.float32])
def test_windows_of_whole_numbers_that_were_dealt_out_are_told(dtype: type) -> None:
    random = np.random.default_rng(5)
    longer = random.integers(1, 4000, (48, 70))
    five = [longer[:, at : at + 64] for at in (0, 1, 3, 5, 6)]
    x = np.stack(five, axis=1).reshape(240, 64).astype(dtype)
    order = random.permutation(240)
    train, held = part(x[order[:180]], "fit"), part(x[order[180:]], "validation")
    (found,) = [one for one in compare(train, held).findings if one.code == "BAT208"]
    assert found.evidence["validation_examples"] == 60
    assert "of the 60 windows" in found.sentence


def test_texts_and_what_stands_in_many_of_them_are_not() -> None:
    order, random = np.random.default_rng(1).permutation(240), np.random.default_rng(6)
    assert "BAT208" not in codes(texts(), order)
    prompts = random.integers(1, 5000, (12, 40))
    begins, within = texts(), texts()
    for row in range(240):
        at = int(random.integers(1, 23))
        begins[row, :40] = np.roll(prompts[row % 4], -at)
        within[row, at : at + 40] = prompts[row % 12]
    assert "BAT208" not in codes(begins, order)
    assert "BAT208" not in codes(within, order)


def test_days_that_go_round_and_places_that_are_counted_are_not() -> None:
    order = np.random.default_rng(1).permutation(240)
    at = np.random.default_rng(2).permutation(365)[:240, np.newaxis]
    assert "BAT208" not in codes((at + np.arange(48)) % 365, order)
    assert "BAT208" not in codes(7 * (at + np.arange(48)), order)
