"""Copies that were made before a split are told from pictures that are alike by nature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed._core.finding import Severity
from twinfeed._core.trace import Fit, Role, Trace
from twinfeed.demo import digits
from twinfeed.diff import compare

COUNT = 60


def pictures(count: int) -> np.ndarray:
    """Photos that have nothing to do with each other, uint8, shape ``(count, 32, 32, 3)``."""
    return np.stack([photograph(32, 32, seed) for seed in range(count)])


def noisy(x: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(6).normal(0, 4, x.shape)
    return np.clip(x + noise, 0, 255).astype(np.uint8)


def part(x: np.ndarray, role: Role) -> Trace:
    fit = Fit(handed="arrays", arguments={}, batches=None)
    return replace(seen(x, np.arange(len(x)) % 3, batch_size=16), role=role, fit=fit)


def dealt(x: np.ndarray, seed: int) -> tuple[Trace, Trace]:
    """Three quarters to train on, and a quarter to validate on, picture by picture."""
    order = np.random.default_rng(seed).permutation(len(x))
    cut = len(x) * 3 // 4
    return part(x[order[:cut]], "fit"), part(x[order[cut:]], "validation")


@pytest.mark.parametrize("seed", range(3))
def test_copies_that_were_changed_before_the_split_are_told(seed: int) -> None:
    x = pictures(COUNT)
    every = np.concatenate([x, noisy(x), (x * 0.8).astype(np.uint8)])
    report = compare(*dealt(every, seed))
    assert [one.code for one in report.findings] == ["BAT208"]
    assert report.findings[0].severity is Severity.WARNING


@pytest.mark.parametrize("seed", range(3))
def test_what_is_alike_by_nature_is_no_copy(seed: int) -> None:
    scans = digits.load()[0][:400, ..., None]
    for x in (pictures(200), np.unique(scans, axis=0)):
        assert "BAT208" not in {one.code for one in compare(*dealt(x, seed)).findings}
