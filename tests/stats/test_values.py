"""Counts merge exactly in any split and order, and are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from twinfeed.stats import values as values_module
from twinfeed.stats.exact import ExactSum
from twinfeed.stats.intervals import wilson
from twinfeed.stats.values import ValueCounts

numbers = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.uint8, np.int16]),
    hnp.array_shapes(min_dims=4, max_dims=4, min_side=1, max_side=6).map(lambda s: (*s[:3], 3)),
)


def counted(values: np.ndarray) -> ValueCounts:
    counts = ValueCounts("x", 3, sampled=False)
    counts.add(values)
    return counts


@given(numbers, st.data())
def test_any_split_and_order_gives_the_same_bytes(values: np.ndarray, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=3)))
    parts = [counted(part) for part in np.split(values, cuts)]
    merged = ValueCounts("x", 3, sampled=False)
    for part in data.draw(st.permutations(parts)):
        merged.merge(ValueCounts.from_bytes(part.to_bytes()))
    assert merged.to_bytes() == counted(values).to_bytes()


@given(
    hnp.arrays(np.float32, (4, 5, 3), elements=st.floats(-1e6, 1e6, width=32)),
)
def test_moments_and_extremes_are_those_of_numpy(values: np.ndarray) -> None:
    found = counted(values).result()
    wide = values.astype(np.float64)
    assert found.mean == pytest.approx(wide.mean(axis=(0, 1)), abs=1e-9, rel=1e-9)
    assert found.std == pytest.approx(wide.std(axis=(0, 1)), abs=1e-6, rel=1e-6)
    assert (found.low, found.high) == (values.min(), values.max())
    assert sum(count for _, count in found.histogram) == values.size


def test_what_is_not_finite_is_counted_apart() -> None:
    values = np.array([[[1.0, np.nan, np.inf]], [[-np.inf, 2.0, 3.0]]])
    found = counted(values).result()
    assert (found.nan, found.inf, found.low, found.high) == (1, 2, 1.0, 3.0)
    assert found.histogram == ((1.0, 1), (2.0, 1), (3.0, 1))


def test_nothing_finite_has_no_extremes() -> None:
    found = counted(np.full((2, 2, 3), np.nan)).result()
    assert (found.low, found.high, found.nan) == (None, None, 12)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), max_size=30))
def test_sums_are_rounded_once(values: list[float]) -> None:
    total = ExactSum()
    total.add(np.array(values))
    try:
        expected = math.fsum(values)
    except OverflowError:
        return
    if math.isfinite(expected):
        assert float(total) == expected


@given(st.integers(1, 400), st.data())
def test_the_interval_of_a_share_holds_it(tries: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, tries))
    low, high = wilson(hits, tries)
    assert 0 <= low <= hits / tries + 1e-12
    assert hits / tries - 1e-12 <= high <= 1


def test_an_impossible_share_is_refused() -> None:
    with pytest.raises(ValueError, match="3 hits of 2 tries"):
        wilson(3, 2)


@settings(deadline=None)  # the first example loads the compiled kernel
@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 700), st.just(3)),
        elements=st.one_of(
            st.floats(width=32), st.sampled_from([0.0, -0.0, 1e-45, 3.4028234663852886e38])
        ),
        fill=st.floats(-2, 2, width=32),
    )
)
def test_compiled_and_plain_counting_give_the_same_bytes(values: np.ndarray) -> None:
    fused = pytest.importorskip(
        "twinfeed.stats._bindings._fused", reason="Numba is not installed", exc_type=ImportError
    )
    found: list[bytes] = []
    for compiled in (None, fused):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(values_module, "kernel", lambda _, chosen=compiled: chosen)
            found.append(counted(values).to_bytes())
    assert found[0] == found[1]
