"""Which kind of distribution a few hundred draws come from, or that their number does not tell.

Two shares decide: of the draws between the 2.5 % and the 97.5 % quantile, how many lie in the
middle half of that range (half of them if drawn evenly, 0.65 if from a normal cut off at two
deviations, 0.70 if from a whole one) and how many lie above its middle. Both are shares, so their
intervals are known; quantiles and shares heed a few strays little.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.stats.intervals import wilson

ShapeKind: TypeAlias = Literal["constant", "uniform", "normal", "discrete", "other", "undecided"]
Scale: TypeAlias = Literal["", "log", "inverse"]

LEAST = 30
"""Draws below which nothing is said."""
_CUT = 0.025
_Z = 2.807  # of 99.5 %: two shares are judged, so 1 draw in 100 is misjudged
_NORMAL_SHARE = 0.62  # in the middle half: what a normal cut off at two deviations is sure to have
_SLACK = 0.03  # of a share by which noise and strays move it
_LEANING = 0.05  # the same of the middle of a normal
_ATOM_LEAST = 0.06  # share of untouched draws below which none is told from a peak
_ATOM_SURE = 3.5  # deviations by which they must exceed what their neighbours lead to expect
_CLUSTERS = 8
_GAP = 0.06  # of the whole range that must lie empty between two values of a set
_NARROW = 0.2  # of the whole range that all clusters of a set fill at most
_STRAYS = 0.03  # share of draws that may lie outside the clusters


@dataclass(frozen=True, slots=True)
class Shape:
    """What draws are like.

    Attributes:
        kind: ``constant``; ``uniform``; ``normal``: falls off on both sides as a normal does,
            whole or cut off; ``discrete``: a few values only; ``other``: none of these;
            ``undecided``: too few draws, or between two of them.
        scale: What is even or normal: the value itself, its ``log``, or its ``inverse``.
        untouched: Share of draws at the value that changes nothing, beyond what the
            distribution itself puts there; 0 where none is seen.
        values: The values of a set, ascending.
        shares: The share of draws at each of them.
        touched: Which of the draws were changed, shape ``(draws,)``.
    """

    kind: ShapeKind
    scale: Scale = ""
    untouched: float = 0.0
    values: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    touched: Array = field(default_factory=lambda: np.zeros(0, bool), compare=False)


def shape_of(values: Array, *, neutral: float, noise: float, lost: float = 0.0) -> Shape:
    """Name the kind of distribution.

    At most 1 uniform sample in 100 is called anything else, ``undecided`` apart.

    Args:
        values: Independent draws, shape ``(draws,)``.
        neutral: The value that changes nothing: 0, or 1 for a factor.
        noise: Deviation of what the draws were measured with; above 0.
        lost: Share of the draws that could not be measured, perhaps because they lie far out.
    """
    everything = np.ones(len(values), bool)
    if len(values) < LEAST:
        return Shape("undecided", touched=everything)
    if float(np.ptp(np.quantile(values, (_CUT, 1 - _CUT)))) <= 2 * noise:
        return Shape("constant", touched=everything)
    found = _set_of(values, noise)
    if found is not None:
        return Shape(
            "discrete", "", 0.0, *found, touched=np.asarray(np.abs(values - neutral) > 2 * noise)
        )
    untouched, touched = _atom(values, neutral, noise)
    drawn = values[touched]
    if len(drawn) < LEAST:
        return Shape("undecided", untouched=untouched, touched=touched)
    scales: tuple[Scale, ...] = ("", "log", "inverse") if drawn.min() > 0 < neutral else ("",)
    kinds = [_judged(_scaled(drawn, scale), lost) for scale in scales]
    for wanted in ("uniform", "normal"):
        if wanted in kinds:
            return Shape(wanted, scales[kinds.index(wanted)], untouched, touched=touched)
    kind: ShapeKind = "undecided" if "undecided" in kinds else "other"
    return Shape(kind, untouched=untouched, touched=touched)


def _scaled(values: Array, scale: Scale) -> Array:
    return np.log(values) if scale == "log" else 1 / values if scale == "inverse" else values


def _judged(values: Array, lost: float) -> ShapeKind:
    """``uniform``, ``normal``, ``other`` or ``undecided``, by the two shares."""
    low, high = np.quantile(values, (_CUT, 1 - _CUT))
    inside = values[(values >= low) & (values <= high)]
    quarter = (high - low) / 4
    count = len(inside)
    middle = int(((inside >= low + quarter) & (inside <= high - quarter)).sum())
    above = int((inside > (low + high) / 2).sum())
    slack = _SLACK + lost / 2
    least, most = wilson(middle, count, z=_Z)
    below, beyond = wilson(above, count, z=_Z)
    even = below - slack <= 0.5 <= beyond + slack
    # The ends of a normal are few draws, so that its middle is less certain.
    upright = below - slack - _LEANING <= 0.5 <= beyond + slack + _LEANING
    # Where those that lie far out are lost, the middle holds more of the rest.
    if least - slack <= 0.5 <= most + _SLACK:
        if not even:
            return "other"
        return "uniform" if most < _NORMAL_SHARE + _SLACK else "undecided"
    return "normal" if upright and least > 0.5 else "other"


def _atom(values: Array, neutral: float, noise: float) -> tuple[float, Array]:
    """The share of draws that were left as they are, and which ones were not."""
    away = values - neutral
    near = np.abs(away) <= 3 * noise
    low, high = (float(q) for q in np.quantile(away, (_CUT, 1 - _CUT)))
    # A side on which the range ends among the neighbours does not tell how many are due.
    if low > -9 * noise or high < 9 * noise:
        return 0.0, np.ones(len(values), bool)
    beside = ~near & (np.abs(away) <= 9 * noise)  # twice as wide
    due = float(beside.sum()) / 2
    count = float(near.sum())
    share = (count - due) / len(values)
    if share < _ATOM_LEAST or count - due < _ATOM_SURE * np.sqrt(count + due / 2):
        return 0.0, np.ones(len(values), bool)
    touched = ~near
    # Of those that stand there, as many as the distribution itself puts there were changed.
    at = np.flatnonzero(near)
    touched[at[np.linspace(0, len(at) - 1, min(len(at), round(due))).astype(int)]] = True
    return share, np.asarray(touched)


def _set_of(values: Array, noise: float) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """The few values that are drawn, each with its share; ``None`` where they are many."""
    ordered = np.sort(values)
    low, high = np.quantile(ordered, (0.01, 0.99))
    whole = float(high - low)
    parts = np.split(ordered, np.flatnonzero(np.diff(ordered) > max(3 * noise, _GAP * whole)) + 1)
    large = [part for part in parts if len(part) >= max(5, _STRAYS * len(values))]
    if not 2 <= len(large) <= _CLUSTERS:
        return None
    if len(values) - sum(map(len, large)) > _STRAYS * len(values):
        return None
    widths = [float(np.ptp(np.quantile(part, (0.05, 0.95)))) for part in large]
    if sum(widths) > _NARROW * whole or max(widths) > 8 * noise:
        return None
    total = sum(map(len, large))
    return tuple(float(np.median(part)) for part in large), tuple(
        len(part) / total for part in large
    )
