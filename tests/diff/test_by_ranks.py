"""Rows of tables are the same rows when their columns were scaled, bent or exchanged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.diff.seen import findings, seen
from twinfeed._core.finding import Severity
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_order import same_order
from twinfeed.diff._pairing._by_ranks import same_ranks
from twinfeed.diff._twins import Twins

FLOWERS = 150


def coarse(seed: int = 0) -> np.ndarray:
    """Four measures of flowers of three kinds, to a tenth: many values are equal."""
    random = np.random.default_rng(seed)
    size = np.repeat([0.2, 0.5, 0.8], FLOWERS // 3)[:, None] + random.normal(0, 0.08, (FLOWERS, 1))
    table = 4 * size * [1.0, 0.3, 1.6, 0.6] + random.normal(0, 0.3, (FLOWERS, 4)) + 3
    return np.round(table, 1).astype(np.float32)


def fine(seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.exp(random.normal(0, 1, (200, 8)) @ random.normal(0, 0.5, (8, 8))).astype(np.float32)


def standard(table: np.ndarray) -> np.ndarray:
    return ((table - table.mean(axis=0)) / table.std(axis=0)).astype(np.float32)


@pytest.mark.parametrize("table", [coarse(), fine()], ids=["coarse", "fine"])
@pytest.mark.parametrize("columns", ["as they are", "exchanged"])
def test_scaled_columns_are_told_in_any_order(table: np.ndarray, columns: str) -> None:
    order = np.arange(table.shape[1])
    if columns == "exchanged":
        order = np.random.default_rng(3).permutation(order)
    labels = np.arange(len(table)) % 3
    found = findings(seen(table, labels, seed=1), seen(standard(table)[:, order], labels, seed=2))
    assert len(set(found) & {"VAL202", "VAL203"}) == 1
    assert set(found) - {"VAL202", "VAL203"} == ({"GEO202"} if columns == "exchanged" else set())
    if columns == "exchanged":
        said = ", ".join(map(str, order.tolist()))
        assert said in found["GEO202"].sentence


def test_every_row_is_paired_with_itself() -> None:
    table = coarse()
    bent = table.copy()
    bent[:, 2] = np.log(bent[:, 2])
    twins = Twins(seen(table, seed=1), seen(bent[:, [2, 0, 1, 3]], seed=2))
    left, right = twins.kept_pairs
    assert len(left) > 0.95 * len(np.unique(table, axis=0))
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        one, other = twins.left.kept.values[a], twins.right.kept.values[b]
        np.testing.assert_array_equal(one[[0, 1, 3]], other[1:])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [coarse, fine])
def test_other_rows_of_the_same_kind_are_strangers(make: type, seed: int) -> None:
    left, right = make(seed), standard(make(seed + 100))
    assert same_ranks(list(left), list(right)) is None


def test_few_levels_tell_no_rows_apart() -> None:
    table = np.random.default_rng(0).integers(0, 3, (60, 2)).astype(np.float32)
    assert same_ranks(list(np.unique(table, axis=0)), list(np.unique(table, axis=0) * 2)) is None


CURVES = {
    "log(A)": np.log,
    "log(1 + A)": np.log1p,
    "sqrt(A)": np.sqrt,
    "log(B)": np.exp,
    None: lambda x: standard(np.log(x)[:, None])[:, 0] ** 3 + x / 9,
}


@pytest.mark.parametrize("curve", CURVES)
def test_a_column_that_was_bent_is_named_and_no_line(curve: str | None) -> None:
    table = coarse()
    bent = table.copy()
    bent[:, 2] = CURVES[curve](bent[:, 2])
    labels = np.arange(len(table)) % 3
    found = findings(seen(table, labels, seed=1), seen(bent, labels, seed=2))
    assert set(found) == {"VAL206"}
    assert found["VAL206"].evidence["columns"] == "2"
    if curve != "log(B)":  # whose other names fit as well over so short a range
        assert found["VAL206"].evidence["curve"] == curve


def test_a_scaled_column_beside_a_bent_one_keeps_its_line() -> None:
    table = fine()
    other = table * np.float32(3)
    other[:, 5] = np.log(table[:, 5])
    found = findings(seen(table, seed=1), seen(other, seed=2))
    assert set(found) == {"VAL202", "VAL206"}
    assert found["VAL202"].evidence["factor_0"] == pytest.approx(3)
    assert found["VAL206"].evidence["columns"] == "5"


def test_one_odd_row_bends_no_column() -> None:
    table = fine()
    other = table.copy()
    other[17, 3] += 100
    assert "VAL206" not in findings(seen(table, seed=1), seen(other, seed=2))


def test_a_column_of_the_other_sign_is_never_a_note() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(400, 6)).astype(np.float32)
    other = table.copy()
    other[:, 2] *= -1
    report = compare(seen(table, seed=1), seen(other, seed=2))
    assert report.verdict.kind == "different"
    assert report.findings[0].code == "VAL202"
    assert report.findings[0].severity is Severity.WARNING


def spectra(count: int = 40) -> np.ndarray:
    """Magnitudes that fall off with frequency and time, of another loudness each."""
    random = np.random.default_rng(0)
    fall = np.exp(-np.add.outer(np.linspace(0, 2, 20), np.linspace(0, 3, 16)))
    loud = np.exp(random.normal(0, 0.7, (count, 1, 1)))
    return (loud * fall * random.gamma(2, 1, (count, 20, 16))).astype(np.float32)


@pytest.mark.parametrize(
    ("bend", "curve"),
    [(np.square, "sqrt(A)"), (lambda x: 10 * np.log10(x), "exp"), (lambda x: np.log(x + 0.1), "")],
    ids=["power", "decibels", "floor"],
)
def test_spectrograms_are_paired_by_the_order_of_their_values(
    bend: Callable[[np.ndarray], np.ndarray], curve: str
) -> None:
    sound = spectra()
    left, right = seen(bend(sound).astype(np.float32), seed=1), seen(sound, seed=2)
    assert len(Twins(left, right).pairs) == len(sound)
    found = findings(left, right)
    assert set(found) == {"VAL206"}
    assert curve in found["VAL206"].sentence.replace("log(B)", "exp")


def test_strangers_have_no_order_in_common() -> None:
    sound = spectra(80)
    assert same_order(list(sound[:40]), list(sound[40:])) is None


def test_decibels_below_each_peak_have_an_offset_of_their_own() -> None:
    decibels = 20 * np.log10(spectra())
    below = decibels - decibels.max(axis=(1, 2), keepdims=True)
    found = findings(seen(below, seed=1), seen(decibels, seed=2))
    assert set(found) == {"VAL202"}
    assert "offset that depends on the example" in found["VAL202"].sentence
    offsets = np.quantile(decibels.max(axis=(1, 2)), (0.05, 0.95))
    evidence = found["VAL202"].evidence
    assert [evidence["offset_low"], evidence["offset_high"]] == pytest.approx(offsets, abs=0.01)
