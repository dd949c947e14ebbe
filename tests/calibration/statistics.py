"""The parts that state an error rate, each tried where the truth is known."""

from __future__ import annotations

import numpy as np

from tests.calibration.claim import Claim
from tests.calibration.thresholds import THRESHOLDS
from twinfeed.stats.intervals import exact, wilson
from twinfeed.stats.power import for_hits, to_tell_apart
from twinfeed.stats.resample import blocks, mean_rate, paired_ratio, ratio_of_means, typical
from twinfeed.stats.sequence import neighbours, serial_rank
from twinfeed.stats.shapes import shape_of
from twinfeed.stats.shares import mean_interval


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


def _numbers(random: np.random.Generator) -> np.ndarray:
    """Numbers on a scale, of which up to half may be zero."""
    drawn = random.normal(0, 1, int(random.integers(60, 2000)))
    return np.where(random.random(len(drawn)) < random.choice([0, 0.5]), 0, drawn)


def _ranks(random: np.random.Generator) -> bool:
    found = serial_rank(_numbers(random))
    return found is not None and abs(found.z) > 1.96


def _ranks_far(random: np.random.Generator) -> bool:
    found = serial_rank(_numbers(random))
    return found is not None and found.z > 4


def _shape(random: np.random.Generator) -> bool:
    drawn = random.uniform(-1, 1, int(random.integers(30, 800)))
    return shape_of(drawn, neutral=0.0, noise=0.01).kind not in {"uniform", "undecided"}


def _seeds(random: np.random.Generator) -> bool:
    _, low, high = mean_interval(random.normal(0, 1, int(random.integers(2, 20))))
    return not low <= 0 <= high


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
    "correlation of neighbours, 4 sd": Claim(0.001, _ranks_far),
    "even draws of another shape": Claim(0.01, _shape),
    "interval of a mean over seeds": Claim(0.05, _seeds),
} | THRESHOLDS
