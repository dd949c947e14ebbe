"""Sharing out a gap: Shapley values over all combinations, and intervals over paired seeds.

A table holds a metric for each seed (rows) and each combination of causes (columns): bit ``i`` of
a column's number says that cause ``i`` was taken away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np
from scipy.special import stdtrit  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from twinfeed._core.batch import Array

LEVEL = 0.95
_LESS_ERROR = 0.75
"""What share of the error that Student's t would allow is asked of it.

Results of trainings are no normal values: some seeds fail to learn, so that a mean of a few misses
the truth more often than t says. Chosen over real trainings, see ``benchmarks/attribution.py``.
"""


def shapley(table: Array, chains: Sequence[tuple[int, int]] = ()) -> Array:
    """What each cause contributes on average over all orders in which causes can be taken away.

    Source: L. S. Shapley, *A value for n-person games*, 1953; with chains U. Faigle and W. Kern, *The
    Shapley value for cooperative games under precedence constraints*, 1992. The values of a seed
    sum to its last column less its first.

    Args:
        table: Shape ``(seeds, 2 ** causes)``, for a few causes.
        chains: Pairs of causes of which the second is never taken away before the first.

    Returns:
        Shape ``(seeds, causes)``.

    >>> shapley(np.array([[0.0, 1.0, 2.0, 5.0]])).tolist()
    [[2.0, 3.0]]
    >>> shapley(np.array([[0.0, 1.0, 0.0, 5.0]]), chains=[(0, 1)]).tolist()
    [[1.0, 4.0]]
    """
    causes = _causes(table)
    orders = [
        order
        for order in permutations(range(causes))
        if all(order.index(first) < order.index(second) for first, second in chains)
    ]
    found = np.zeros((len(table), causes))
    for order in orders:
        taken = 0
        for cause in order:
            found[:, cause] += table[:, taken | 1 << cause] - table[:, taken]
            taken |= 1 << cause
    return found / len(orders)


def interactions(table: Array) -> dict[tuple[int, int], Array]:
    """What each pair gives together beyond the sum of both, averaged over the other causes.

    Source: M. Grabisch and M. Roubens, *An axiomatic approach to the concept of interaction*, 1999.

    Returns:
        Per pair one value for each seed, shape ``(seeds,)``.
    """
    causes = _causes(table)
    found: dict[tuple[int, int], Array] = {}
    for one, two in combinations(range(causes), 2):
        both = 1 << one | 1 << two
        total = np.zeros(len(table))
        for rest in range(1 << causes):
            if not rest & both:
                weight = 1 / ((causes - 1) * math.comb(causes - 2, rest.bit_count()))
                total += weight * (
                    table[:, rest | both]
                    - table[:, rest | 1 << one]
                    - table[:, rest | 1 << two]
                    + table[:, rest]
                )
        found[one, two] = total
    return found


def mean_interval(
    values: Array, *, level: float = LEVEL, first: int | None = None
) -> tuple[float, float, float]:
    """A mean with its interval by Student's t, a little wider; infinitely wide from a single value.

    Args:
        values: One per seed, shape ``(seeds,)``.
        level: What share of such intervals holds the mean of all seeds there could be.
        first: Where the number of seeds was chosen by looking at the first so many: the interval
            then takes its spread from those alone, which keeps it valid (C. Stein, *A two-sample
            test for a linear hypothesis whose power is independent of the variance*, 1945).
    """
    count = len(values)
    mean = float(np.mean(values))
    looked = values if first is None else values[: min(first, count)]
    if len(looked) < 2:
        return mean, -math.inf, math.inf
    half = _quantile(len(looked) - 1, level) * float(np.std(looked, ddof=1)) / math.sqrt(count)
    return mean, mean - half, mean + half


def seeds_for(values: Array, half_width: float, *, level: float = LEVEL) -> int:
    """Seeds in all that make an interval as narrow as wanted, after Stein.

    Args:
        values: What the first seeds gave, shape ``(seeds,)``, two or more.
        half_width: Half of the width that is wanted.
        level: As in :func:`mean_interval`.
    """
    spread = float(np.std(values, ddof=1))
    needed = (_quantile(len(values) - 1, level) * spread / half_width) ** 2
    return max(len(values), math.ceil(needed - 1e-9))


def detectable(values: Array, *, power: float = 0.8) -> float:
    """The smallest mean that so many values would have told from zero with that power."""
    count = len(values)
    if count < 2:
        return math.inf
    reach = _quantile(count - 1, LEVEL) + float(stdtrit(count - 1, power))
    return reach * float(np.std(values, ddof=1)) / math.sqrt(count)


def _quantile(freedom: int, level: float) -> float:
    return float(stdtrit(freedom, 1 - _LESS_ERROR * (1 - level) / 2))


def _causes(table: Array) -> int:
    causes = table.shape[1].bit_length() - 1
    if table.shape[1] != 1 << causes:
        raise ValueError(f"{table.shape[1]} combinations; expected a power of two")
    return causes
