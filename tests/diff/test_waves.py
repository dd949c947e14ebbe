"""Waves that are moved at random look like their negatives, and nothing says that by how much."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.seen import Draw, seen
from twinfeed._core.trace import Trace
from twinfeed.diff import compare

COUNT, LENGTH = 200, 64


def waves(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy sines of three frequencies, each with a phase of its own."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, 3, COUNT)
    at = (1 + kinds)[:, None, None] * np.arange(LENGTH)[None, :, None] / LENGTH
    x = np.sin(2 * np.pi * (at + random.random((COUNT, 1, 1))))
    return (x + random.normal(0, 0.2, x.shape)).astype(np.float32), kinds


def moved(seed: int) -> Draw:
    """Rolled, louder or less, and noisy, by draws that leave the order of the examples alone."""
    random = np.random.default_rng(seed)
    return lambda x, _: _moved(x, random)


def _moved(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    rolled = [np.roll(one, random.integers(-6, 7), axis=0) for one in x]
    louder = np.stack(rolled) * random.uniform(0.7, 1.3, (len(x), 1, 1))
    return (louder + random.normal(0, 0.05, louder.shape)).astype(np.float32)


def read(draw: Draw | None) -> Trace:
    return seen(*waves(), seed=3, draw=draw)


@pytest.mark.parametrize("seed", range(3))
def test_waves_that_are_moved_anew_have_no_factor_and_are_not_called_the_same(seed: int) -> None:
    report = compare(read(None), read(moved(seed)))
    assert "VAL202" not in {one.code for one in report.findings}
    assert report.verdict.kind != "same"


def test_waves_and_themselves_have_no_difference() -> None:
    report = compare(read(None), read(None))
    assert not report.findings
    assert report.verdict.kind == "same"
