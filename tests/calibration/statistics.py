"""The parts that state an error rate, each tried where the truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twinfeed.stats.intervals import exact, wilson
from twinfeed.stats.power import for_hits, to_tell_apart
from twinfeed.stats.resample import blocks, mean_rate, paired_ratio, ratio_of_means, typical
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


def _exact_share(random: np.random.Generator) -> bool:
    tries, share = int(random.integers(20, 400)), float(random.uniform(0.03, 0.97))
    low, high = exact(int(random.binomial(tries, share)), tries)
    return not low <= share <= high


def _paired(random: np.random.Generator) -> bool:
    """Rounds in turn on a machine that is busy in some of them."""
    busy = random.gamma(4, 1 / 4, 30)
    top, bottom = (mean * busy * random.gamma(20, 1 / 20, 30) for mean in (0.02, 0.01))
    found = paired_ratio(top, bottom, seed=int(random.integers(1 << 30)))
    return not found.low <= 2 <= found.high


def _typical(random: np.random.Generator) -> bool:
    found = typical(random.lognormal(0, 0.5, int(random.integers(15, 60))))
    return not found.low <= 1 <= found.high


def _told_apart(random: np.random.Generator) -> bool:
    """Whether as many examples as are asked for leave two shares in doubt."""
    one, other = random.uniform(0, 1, 2)
    if abs(one - other) < 0.03:
        one, other = 0.5, 0.0
    count = to_tell_apart(float(one), float(other)) or 1
    low, high = (wilson(int(random.binomial(count, s)), count) for s in sorted((one, other)))
    return not low[1] < high[0]


def _met(random: np.random.Generator) -> bool:
    share, hits = float(random.uniform(0.01, 0.9)), int(random.integers(1, 10))
    return bool(random.binomial(for_hits(share, hits), share) < hits)


CLAIMS = {
    "interval of a share": Claim(0.05, _share, slack=0.01),
    "interval of a rate": Claim(0.05, _rate, slack=0.02),
    "interval of a ratio of rates": Claim(0.05, _ratio, slack=0.02),
    "exact interval of a share": Claim(0.05, _exact_share),
    "interval of a ratio in rounds": Claim(0.05, _paired, slack=0.02),
    "interval of a median": Claim(0.05, _typical, slack=0.02),
    "examples to tell two shares apart": Claim(0.10, _told_apart, slack=0.01),
    "examples to meet some": Claim(0.10, _met),
    "neighbours that agree, 1.96 sd": Claim(0.05, _mixed, slack=0.01),
    "neighbours that agree, 4 sd": Claim(0.001, _far),
    "correlation of neighbours, 1.96 sd": Claim(0.05, _ranks, slack=0.01),
}
