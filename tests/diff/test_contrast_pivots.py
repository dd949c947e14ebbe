"""The value that contrast is changed about, where both sides draw the same factors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.calibration.augmenting import transformed
from tests.diff.replay.material import photograph
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

PICTURES = np.stack([photograph(48, 48, seed) for seed in range(120)]).astype(np.float32)


def about(value: Callable[[np.ndarray], float], seed: int) -> Trace:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        pivot = value(x)
        return np.clip(pivot + random.uniform(0.3, 1.7) * (x - pivot), 0, 255)

    return observe(transformed(PICTURES, change, seed=seed, batch=10), budget=Budget(timing_s=0))


@pytest.mark.slow
@pytest.mark.parametrize("other", [0.0, 196.0])
def test_one_value_for_all_pictures_is_not_the_mean_of_each(other: float) -> None:
    mean, fixed = about(lambda x: float(x.mean()), 1), about(lambda _: other, 2)
    assert "AUG206" in {each.code for each in compare(mean, fixed).findings}


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [lambda x: float(x.mean()), lambda _: 0.0, lambda _: 196.0],
    ids=["mean", "black", "constant"],
)
def test_the_same_value_on_both_sides_is_no_difference(value: Callable[..., float]) -> None:
    found = compare(about(value, 1), about(value, 2)).findings
    assert not {each.code for each in found if each.code.startswith("AUG")}
