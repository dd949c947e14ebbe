"""Kinds of distribution are named from a few hundred draws, or left undecided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from twinfeed.stats.bounds import bounds_of
from twinfeed.stats.shapes import shape_of

RANDOM = np.random.default_rng(0)


def even(count: int) -> np.ndarray:
    return RANDOM.uniform(-1, 1, count)


def cut_normal(count: int) -> np.ndarray:
    drawn = RANDOM.normal(0, 0.5, 4 * count)
    return drawn[np.abs(drawn) < 1][:count]


def some(count: int) -> np.ndarray:
    return RANDOM.choice([-0.5, 0.0, 1.0], count, p=[0.25, 0.5, 0.25])


def named(draw: Callable[[int], np.ndarray], count: int, tries: int) -> Counter[str]:
    made = (draw(count) + RANDOM.normal(0, 0.01, count) for _ in range(tries))
    return Counter(shape_of(one, neutral=0.0, noise=0.02).kind for one in made)


@pytest.mark.parametrize(
    ("draw", "kind"), [(even, "uniform"), (cut_normal, "normal"), (some, "discrete")]
)
def test_500_draws_tell(draw: Callable[[int], np.ndarray], kind: str) -> None:
    found = named(draw, 500, 400)
    assert found[kind] >= 0.97 * 400
    # A wrong name is given at most once in 100 times.
    assert 400 - found[kind] - found["undecided"] <= 8


def test_few_draws_do_not() -> None:
    assert named(even, 25, 20) == {"undecided": 20}
    found = named(even, 60, 200)
    assert found["undecided"] > 50
    assert found["normal"] + found["other"] <= 6


def test_the_share_left_as_it_is_is_told_apart() -> None:
    drawn = np.where(RANDOM.random(500) < 0.6, even(500), 0.0)
    found = shape_of(drawn, neutral=0.0, noise=0.02)
    assert found.untouched == pytest.approx(0.4, abs=0.06)
    assert found.touched.mean() == pytest.approx(0.6, abs=0.06)
    assert found.kind in {"uniform", "undecided"}
    assert shape_of(even(500), neutral=0.0, noise=0.02).untouched == 0


def test_what_is_even_in_its_inverse_is_named_so() -> None:
    found = shape_of(1 / RANDOM.uniform(0.5, 1.5, 500), neutral=1.0, noise=0.01)
    assert (found.kind, found.scale) == ("uniform", "inverse")


def test_a_set_is_given_with_its_shares() -> None:
    found = shape_of(some(400), neutral=0.0, noise=0.02)
    assert found.values == pytest.approx((-0.5, 0, 1))
    assert found.shares == pytest.approx((0.25, 0.5, 0.25), abs=0.08)


@pytest.mark.parametrize("count", [20, 100, 400])
def test_intervals_of_bounds_hold_the_truth_in_95_of_100(count: int) -> None:
    found = [bounds_of(even(count)) for _ in range(400)]
    for true, between in (
        (-1, [one.low_between for one in found]),
        (1, [one.high_between for one in found]),
    ):
        share = np.mean([low <= true <= high for low, high in between])
        assert 0.91 <= share <= 0.99
