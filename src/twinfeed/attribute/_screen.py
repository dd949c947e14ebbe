"""Which causes are worth combining when there are too many for all combinations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.attribution import Estimate
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._trainings import Trainings
from twinfeed.stats.shares import mean_interval
from twinfeed.train.runs import OF_A

MOST_EXACT = 4
"""Causes up to which every combination is trained."""
SEEDS = 3


def arms_of_screening(causes: int) -> tuple[int, ...]:
    """B as it is, B without each cause, without all but each, without all; and A."""
    whole = (1 << causes) - 1
    single = [1 << cause for cause in range(causes)]
    return (0, *single, *(whole ^ one for one in single), whole, OF_A)


def screened(
    trainings: Trainings, players: Sequence[Cause]
) -> tuple[dict[str, tuple[Estimate, Estimate]], tuple[tuple[str, ...], ...]]:
    """What each cause gives alone and last, and which of them get a bit of their own.

    The seeds of the screening choose and are not used again: shares from the seeds that chose
    them would look larger than they are.
    """
    table = trainings.columns()
    assert table is not None, "screening ran to its end"
    count = len(players)
    base, whole = table[:, 0], table[:, 2 * count + 1]
    told: dict[str, tuple[Estimate, Estimate]] = {}
    size: dict[str, float] = {}
    for number, cause in enumerate(players):
        alone = table[:, 1 + number] - base
        last = whole - table[:, 1 + count + number]
        told[cause.key] = Estimate(*mean_interval(alone)), Estimate(*mean_interval(last))
        size[cause.key] = max(abs(float(np.mean(alone))), abs(float(np.mean(last))))
    ranked = sorted(size, key=lambda key: -size[key])
    order = [cause.key for cause in players]
    large, small = ranked[: MOST_EXACT - 1], ranked[MOST_EXACT - 1 :]
    return told, (
        *((key,) for key in sorted(large, key=order.index)),
        tuple(sorted(small, key=order.index)),
    )
