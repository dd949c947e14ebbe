"""The sentences of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from twinfeed.stats.resample import Interval, typical
from twinfeed.tune._candidates import Candidate
from twinfeed.tune._race import Entry
from twinfeed.tune.outcome import Cost, Trial

_LEAST_TURNS = 3
"""Of fewer measurements an interval says nothing."""


def faster(ratio: Interval, rates: tuple[float, float], cores: int, candidate: Candidate) -> str:
    """What was won, in a paragraph."""
    held = f", with caches of {candidate.cache_bytes:,} bytes" if candidate.cache_bytes else ""
    return (
        f"{ratio.value:.2f} times as fast as it was (95 % interval {ratio.low:.2f} to "
        f"{ratio.high:.2f}): {rates[1]:,.0f} examples/s instead of {rates[0]:,.0f} on "
        f"{counted(cores)}{held}. Measured in turn with the original, once caches are full."
    )


def left_as_it_is(entries: Sequence[Entry], cores: int) -> str:
    """That nothing wins, in a paragraph."""
    tried = sum(bool(entry.ratios) for entry in entries)
    if not entries:
        return "Left as it is: there is nothing in it that can be rewritten and keeps the examples."
    best = max(entry.typical for entry in entries)
    return (
        f"Left as it is: none of {tried} other forms is surely faster on {counted(cores)}; "
        f"the best was measured at {best:.2f} times its speed."
    )


def bottleneck(costs: Sequence[Cost], ceilings: Mapping[str, float], cores: int) -> str:
    """What holds the pipeline back, in a sentence."""
    if not costs:
        return "what its steps cost is not known"
    narrow = min(costs, key=lambda cost: cost.ceiling)
    said = (
        f"{narrow.step} allows {narrow.ceiling:,.0f} examples/s as it is written "
        f"({narrow.ms_per_example:.3g} ms of {narrow.resource} per example, "
        f"{narrow.share:.0%} of all work)"
    )
    if narrow.ceiling_on_all_cores > 1.05 * narrow.ceiling:
        said += f"; {counted(cores)} would allow {narrow.ceiling_on_all_cores:,.0f}"
    whole = ceilings.get("all cores busy")
    return f"{said}; all its work on all cores {whole:,.0f}" if whole else said


def trials_of(entries: Sequence[Entry], before_s: float, kept: Entry | None) -> tuple[Trial, ...]:
    """The candidates, best first; behind them those that had no turn."""
    ran = sorted(entries, key=lambda one: -one.typical)
    return tuple(
        Trial(
            name=one.candidate.name,
            predicted=before_s / one.candidate.predicted_s if one.candidate.predicted_s else None,
            measured=one.typical if one.ratios else None,
            turns=len(one.ratios),
            note=one.note if one.ratios else "no time was left for it",
            ratios=tuple(one.ratios),
            interval=typical(np.array(one.ratios)) if len(one.ratios) >= _LEAST_TURNS else None,
            changes=one.candidate.changes,
            cache_bytes=one.candidate.cache_bytes,
            kept=one is kept,
        )
        for one in ran
    )


def counted(cores: int) -> str:
    """``"2 cores"``."""
    return "1 core" if cores == 1 else f"{cores} cores"
