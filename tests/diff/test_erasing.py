"""Rectangles that are erased anew in each epoch, on both sides or beside flips of the other."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from tests.calibration.augmenting import Change, erased, moved, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.finding import Finding
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.observe import Budget, observe

COUNT = 120
MEASURES = [CATALOGUE["AUG212"]]


@lru_cache(1)
def pictures() -> np.ndarray:
    return np.stack([photograph(48, 48, seed) for seed in range(COUNT)]).astype(np.float32)


def flipped(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return x[:, ::-1] if random.random() < 0.5 else x


def patched(share: float, low: float, high: float, value: float | None = 0.0) -> Change:
    return lambda x, r: erased(flipped(x, r), r, share=share, scale=(low, high), value=value)


def seen(change: Change, seed: int) -> Trace:
    return observe(transformed(pictures(), change, seed=seed), budget=Budget(timing_s=0.0))


def told(one: Change, other: Change) -> list[Finding]:
    return list(compare(seen(one, 1), seen(other, 2), measures=MEASURES).findings)


@pytest.mark.parametrize("value", [0.0, None, pytest.param(128.0, marks=pytest.mark.slow)])
def test_erasing_is_told_beside_flips_of_the_other_side(value: float | None) -> None:
    (found,) = told(patched(0.5, 0.05, 0.2, value), flipped)
    assert "B nothing" in found.sentence
    assert found.evidence["a_filled_with"] == ("noise" if value is None else "constant")
    # Of two draws that both have one, many find no partner, so that the share is at least this.
    assert float(found.evidence["a_erased_share"] or 0) > 0.15


OTHERWISE = {
    "more": (patched(0.1, 0.05, 0.1, None), patched(0.7, 0.05, 0.1, None)),
    "larger": (patched(0.6, 0.02, 0.04, None), patched(0.6, 0.12, 0.2, None)),
    "another value": (patched(0.5, 0.05, 0.1), patched(0.5, 0.05, 0.1, 128.0)),
    "noise": (patched(0.5, 0.05, 0.1), patched(0.5, 0.05, 0.1, None)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), OTHERWISE.values(), ids=OTHERWISE)
def test_erasing_otherwise_is_told_where_both_draw(one: Change, other: Change) -> None:
    (found,) = told(one, other)
    assert "nothing" not in found.sentence
    assert "a rectangle in at least" in found.sentence  # two draws that both have one may be lost
    assert ("0% of the range)" in found.sentence) == ("one value" in found.sentence)


def shifted(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return moved(x, shift=random.uniform(-0.15, 0.15, 2), mode="constant")


def strewn(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return moved(
        x, degrees=random.uniform(-20, 20), zoom=(random.uniform(0.9, 1.3),) * 2, mode="constant"
    )


ALIKE = {
    "erased alike": (patched(0.5, 0.05, 0.2), patched(0.5, 0.05, 0.2)),
    "noise alike": (patched(0.3, 0.05, 0.2, None), patched(0.3, 0.05, 0.2, None)),
    "black outside": (shifted, flipped),
    "black in corners": (strewn, flipped),
}


@pytest.mark.parametrize("seeds", [(0, 4), pytest.param((1, 5), marks=pytest.mark.slow)])
def test_two_fillings_drawn_alike_are_no_difference(seeds: tuple[int, int]) -> None:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return patched(0.5, 0.05, 0.2, None if random.random() < 0.5 else 0.0)(x, random)

    assert not compare(*(seen(change, seed) for seed in seeds), measures=MEASURES).findings


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_is_erased_alike_or_lies_outside_is_no_difference(one: Change, other: Change) -> None:
    assert not told(one, other)
