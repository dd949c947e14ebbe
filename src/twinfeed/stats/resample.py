"""Intervals by drawing blocks again, as neighbours in time are not independent, or by leaving out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array

_DRAWS = 2000
_MOST_BLOCKS = 40


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


def ratio_of_means(
    top: tuple[Array, Array], bottom: tuple[Array, Array], *, seed: int = 0
) -> Interval:
    """The ratio of two rates, each the sum of its amounts over the sum of its counts.

    Args:
        top: Amounts (seconds) and counts (examples) of one side's blocks, shape ``(blocks,)``.
        bottom: The same of the other side.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    drawn = np.sort(_drawn(*top, rng) / _drawn(*bottom, rng))
    value = (top[0].sum() / top[1].sum()) / (bottom[0].sum() / bottom[1].sum())
    return _percentiles(float(value), drawn)


def paired_ratio(top: Array, bottom: Array, *, seed: int = 0) -> Interval:
    """The typical ratio of two measurements that were made in turn.

    The value is the median of the rounds' ratios; the interval comes from drawing rounds again,
    so that a round in which the machine was busy moves it little.

    Args:
        top: One value per round, above 0, shape ``(rounds,)``.
        bottom: The other side's, shape ``(rounds,)``.
        seed: Of the draws.
    """
    ratios = top / bottom
    chosen = np.random.default_rng(seed).integers(len(ratios), size=(_DRAWS, len(ratios)))
    drawn = np.median(ratios[chosen], axis=1)
    return _percentiles(float(np.median(ratios)), np.sort(drawn))


def typical(values: Array, *, seed: int = 0) -> Interval:
    """The median of measurements.

    Args:
        values: Shape ``(count,)``, at least one.
        seed: Of the draws.
    """
    return paired_ratio(values, np.ones(len(values)), seed=seed)


def mean_rate(amounts: Array, counts: Array, *, seed: int = 0) -> Interval:
    """The sum of the amounts over the sum of the counts.

    Args:
        amounts: Per block, shape ``(blocks,)``.
        counts: Per block, above 0, shape ``(blocks,)``.
        seed: Of the draws.
    """
    drawn = np.sort(_drawn(amounts, counts, np.random.default_rng(seed)))
    return _percentiles(float(amounts.sum() / counts.sum()), drawn)


def share_interval(share: float, without: Array) -> tuple[float, float]:
    """The 95 % interval of a share of a sum, by leaving out each summand in turn.

    Tukey's jackknife of the log odds, with Student's t: of few summands of which one may outweigh
    the others, drawing again gives intervals that are far too short.

    Args:
        share: The share, 0 to 1.
        without: The same without each of the summands, shape ``(summands,)``, two or more.
    """
    count = len(without)
    if not 0 < share < 1:
        return share, share
    # Where one summand is all of it, the others are taken to hold as much as an even part.
    each = without.clip(share / count, 1 - (1 - share) / count)
    odds = np.log(each / (1 - each))
    half = half_width(odds)
    middle = math.log(share / (1 - share))
    low, high = (1 / (1 + math.exp(-(middle + by))) for by in (-half, half))
    return low, high


def half_width(without: Array) -> float:
    """Half of the 95 % interval of a value, from the same value without each part in turn.

    Args:
        without: The values, shape ``(parts,)``, two or more; neither end of them far out.
    """
    count = len(without)
    return _student(count - 1) * math.sqrt(float(without.var()) * (count - 1))


def _student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, 3 % short for two degrees of freedom and near it beyond.

    Source: Abramowitz and Stegun, 26.7.5. SciPy's is exact, and takes longer to load than all else
    that a comparison loads: it stays out of it.
    """
    terms = (1.959964, 2.372271, 2.822502, 2.555852)
    return sum(term / freedom**power for power, term in enumerate(terms))


def blocks(values: Array, *, least: int = 1) -> Array:
    """Sums of consecutive values in at most 40 blocks of equal length; a rest is left out.

    Args:
        values: In the order of time, shape ``(count,)`` or ``(count, columns)``.
        least: Fewest values per block.
    """
    per_block = max(least, -(-len(values) // _MOST_BLOCKS))
    whole = len(values) // per_block
    return values[: whole * per_block].reshape(whole, per_block, *values.shape[1:]).sum(axis=1)


def _drawn(amounts: Array, counts: Array, rng: np.random.Generator) -> Array:
    chosen = rng.integers(len(amounts), size=(_DRAWS, len(amounts)))
    return amounts[chosen].sum(axis=1) / counts[chosen].sum(axis=1)


def _percentiles(value: float, drawn: Array) -> Interval:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(value, float(low), float(high))
