"""Rows that were made from others before a table was split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diff.seen import seen
from twinfeed._core.finding import Finding
from twinfeed.diff import compare

COLUMNS = 12


def measured(count: int, seed: int, columns: int = COLUMNS) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, columns)) * np.linspace(3, 0.3, columns)


def multiplied(rare: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows between each of some rows and one of its nearest, as SMOTE draws them."""
    random = np.random.default_rng(seed)
    apart = ((rare[:, np.newaxis] - rare) ** 2).sum(axis=-1)
    near = np.argsort(apart, axis=1)[:, 1:6]
    one = random.integers(0, len(rare), count)
    other = near[one, random.integers(0, 5, count)]
    return rare[one] + random.random((count, 1)) * (rare[other] - rare[one])


def split(rows: np.ndarray, seed: int = 0) -> dict[str, Finding]:
    """What is found between two parts that are dealt out at random."""
    order = np.random.default_rng(seed).permutation(len(rows))
    x = rows[order].astype(np.float32)
    cut = int(0.7 * len(x))
    trained, held = (seen(part) for part in (x[:cut], x[cut:]))
    report = compare(replace(trained, role="fit"), replace(held, role="validation"))
    return {one.code: one for one in report.findings}


def test_rows_made_from_others_before_the_split() -> None:
    common, rare = measured(300, 1), measured(30, 2) + 2
    found = split(np.concatenate([common, rare, multiplied(rare, 270, 3)]))
    assert int(str(found["BAT208"].evidence["rows_made"])) > 50
    assert "VAL206" not in found


def on_a_plane() -> np.ndarray:
    return measured(600, 4, 2) @ measured(2, 5)


def on_a_curve() -> np.ndarray:
    time = np.linspace(0, 6, 600)[:, np.newaxis]
    return np.sin(time * np.arange(1, COLUMNS + 1) / 3)


def in_clusters() -> np.ndarray:
    return np.repeat(measured(40, 6), 15, axis=0) + 0.05 * measured(600, 7)


def of_tenths() -> np.ndarray:
    return np.random.default_rng(8).integers(0, 4, (600, COLUMNS)) / 10


@pytest.mark.parametrize(
    "rows",
    [lambda: measured(600, 9), on_a_plane, on_a_curve, in_clusters, of_tenths],
    ids=["measured", "plane", "curve", "clusters", "tenths"],
)
def test_rows_that_are_only_near_to_each_other(rows) -> None:
    assert "BAT208" not in split(rows())
