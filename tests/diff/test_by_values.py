"""Pairing by the values that examples hold, wherever those stand in them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import findings
from tests.observe.feeds import array_feed
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_values import same_values
from twinfeed.observe import Budget, observe


def traced(values: np.ndarray, labels: np.ndarray) -> Trace:
    return observe(array_feed(values, labels, batch_size=20), budget=Budget(timing_s=0.0))


def table(seed: int, rows: int = 200) -> np.ndarray:
    """Columns of other means and spreads, float32."""
    random = np.random.default_rng(seed)
    return random.normal([170, 40, 70, 24, 1], [10, 12, 9, 3, 0.3], (rows, 5)).astype(np.float32)


def patchwork(seed: int, count: int = 60) -> np.ndarray:
    """Pictures of coarse patches with grain, uint8, channels first, ``(count, 3, 24, 24)``."""
    random = np.random.default_rng(seed)
    coarse = random.integers(40, 200, (count, 3, 4, 4)).repeat(6, axis=2).repeat(6, axis=3)
    return (coarse + random.integers(0, 30, coarse.shape)).astype(np.uint8)


def test_a_table_with_rows_and_columns_in_another_order_is_told() -> None:
    values, labels = table(0), np.arange(200) % 2
    order = np.random.default_rng(1).permutation(200)
    columns = [3, 0, 4, 1, 2]
    report = compare(traced(values, labels), traced(values[order][:, columns], labels[order]))
    assert report.pairing.method == "values"
    assert report.findings[0].code == "GEO202"
    assert report.findings[0].evidence["order"] == str(tuple(columns))


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 1 / 255])
def test_pictures_reshaped_instead_of_transposed_are_told_in_any_order(scale: float) -> None:
    first, labels = patchwork(0), np.arange(60) % 3
    order = np.random.default_rng(1).permutation(60)
    right = (first.transpose(0, 2, 3, 1)[order] * scale).astype(np.float32)
    wrong = first.reshape(right.shape).astype(np.float32)
    found = findings(traced(wrong, labels), traced(right, labels[order]))
    assert found["VAL206"].evidence["same_values"] is True


@pytest.mark.parametrize("seed", range(20))
def test_strangers_hold_other_values(seed: int) -> None:
    assert same_values(table(0), table(seed + 1)) is None
    random = np.random.default_rng(seed)
    few = random.integers(0, 2, (2, 40, 30)).astype(np.float32)  # told by their sums at most
    assert same_values(few[0], few[1]) is None
    assert same_values(few[0][:15], few[1][:15]) is None


def test_examples_that_hold_the_same_are_left_out() -> None:
    values = table(0, 40)
    values[:4] = values[0]
    found = same_values(values, values[::-1, [4, 2, 0, 1, 3]])
    assert found is not None
    assert sorted(found[0].tolist()) == list(range(4, 40))
    assert (found[0] + found[1] == 39).all()


def test_some_of_many_are_the_same_ones_in_both() -> None:
    values = table(0, 5000)
    order = np.random.default_rng(1).permutation(5000)
    found = same_values(values, values[order][:, ::-1])
    assert found is not None
    assert len(found[0]) > 1900
    assert (order[found[1]] == found[0]).all()
