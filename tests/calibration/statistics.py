"""The parts that state an error rate, each tried where the truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twinfeed.stats.intervals import wilson
from twinfeed.stats.resample import blocks, mean_rate, ratio_of_means
from twinfeed.stats.sequence import neighbours, serial_rank


@dataclass(frozen=True, slots=True)
class Claim:
    """A rate of error that a part of the statistics states.

    Attributes:
        rate: The stated share of trials that err, 0 to 1.
        errs: Draws one trial and says whether it erred.
        slack: By how much the true rate may lie above the stated one, 0 to 1: an interval from
            few blocks is known to be a little short.
    """

    rate: float
    errs: Callable[[np.random.Generator], bool]
    slack: float = 0.0


def _share(random: np.random.Generator) -> bool:
    tries, share = int(random.integers(20, 400)), float(random.uniform(0.03, 0.97))
    low, high = wilson(int(random.binomial(tries, share)), tries)
    return not low <= share <= high


def _seconds(random: np.random.Generator, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Waits of 400 batches: skewed, and slower in spells, as on a busy machine."""
    spells = np.repeat(random.gamma(20, 1 / 20, 40), 10)
    waits = random.gamma(2, mean / 2, 400) * spells
    summed = blocks(np.stack([waits, np.full(400, 32.0)], axis=1))
    return summed[:, 0], summed[:, 1]


def _rate(random: np.random.Generator) -> bool:
    found = mean_rate(*_seconds(random, 0.01), seed=int(random.integers(1 << 30)))
    return not found.low <= 0.01 / 32 <= found.high


def _ratio(random: np.random.Generator) -> bool:
    found = ratio_of_means(
        _seconds(random, 0.02), _seconds(random, 0.01), seed=int(random.integers(1 << 30))
    )
    return not found.low <= 2 <= found.high


def _mixed(random: np.random.Generator) -> bool:
    keys = random.integers(0, int(random.integers(2, 12)), int(random.integers(60, 600)))
    found = neighbours(keys)
    return found is not None and abs(found.z) > 1.96


def _far(random: np.random.Generator) -> bool:
    keys = random.integers(0, int(random.integers(2, 12)), int(random.integers(60, 600)))
    found = neighbours(keys)
    return found is not None and found.z > 4


def _ranks(random: np.random.Generator) -> bool:
    found = serial_rank(random.normal(0, 1, int(random.integers(60, 600))))
    return found is not None and abs(found.z) > 1.96


CLAIMS = {
    "interval of a share": Claim(0.05, _share, slack=0.01),
    "interval of a rate": Claim(0.05, _rate, slack=0.02),
    "interval of a ratio of rates": Claim(0.05, _ratio, slack=0.02),
    "neighbours that agree, 1.96 sd": Claim(0.05, _mixed, slack=0.01),
    "neighbours that agree, 4 sd": Claim(0.001, _far),
    "correlation of neighbours, 1.96 sd": Claim(0.05, _ranks, slack=0.01),
}
