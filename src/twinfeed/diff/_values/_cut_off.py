"""Values of one side that end where the other side's go on, told point by point of paired examples.

Between its ends such a side follows one line to the other. What stands at an end lies beyond that
line on the other side, so no line, curve or filter explains the difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SideName, Twins
from twinfeed.stats.coarse import grid

_PAIRS = 32
_LEAST_PAIRS = 3
_SHARE = 0.05  # of the values at the ends, that is worth a word
_TIMES = 2  # the other side's share has to be this much smaller
_LEAST_SAMPLES = 1024  # values of a recording or a scan: more than a table has columns
_MOST_SAMPLES = 1 << 14  # of them that are looked at
_SLACK = 1e-3  # of the range, that is an end: less than a level
_WITHIN, _LEAST_WITHIN = 0.1, 100  # share of all values, and count of a picture's, between the ends
_FOLLOWS = 0.02  # of the spread, that the line may leave: rounding
_MOST_FOLLOW = 0.6  # of the pictures, that follow one line
_MIXED = 0.4  # from even chances, up to which what stands at an end lies among the others
_BEYOND = 0.95  # share of what stands at an end that lies beyond it on the other side


@dataclass(frozen=True, slots=True)
class CutOff:
    """What one side cuts off.

    Attributes:
        side: Which one.
        share: Of its values, those that stand at the ends.
        other_share: Of the other side's values, those that stand at its own.
        ends: Where it cuts: its lowest value, its highest, or both.
        gain: Between the ends the other side's values are this side's times ``gain`` ...
        bias: ... plus ``bias``.
        pairs: Pictures it rests on.
    """

    side: SideName
    share: float
    other_share: float
    ends: tuple[float, ...]
    gain: float
    bias: float
    pairs: int


@remembered
def cut_off(twins: Twins) -> CutOff | None:
    """The side that is cut off, or ``None`` where neither is by all that its pictures show."""
    plain = twins.is_plain("A") and twins.is_plain("B")
    shown = paired_points(twins) or paired_samples(twins) if plain else None
    if shown is None:
        return None
    values: dict[SideName, Array] = {"A": shown[0], "B": shown[1]}
    for name, other in EACH_WAY:
        found = _of(name, values[name], values[other])
        if found is not None:
            return found
    return None


def goes_on(twins: Twins, name: SideName) -> bool | None:
    """Whether most of what stands at a side's ends goes on in the other; ``None`` without pairs.

    What one colour was put over stands at an end and is anything on the other side, among all
    its values; and where the other side is one value there as well, its own range is only wider.
    """
    shown = paired_points(twins) if twins.is_plain("A") and twins.is_plain("B") else None
    if shown is None:
        return None
    mine, theirs = shown if name == "A" else shown[::-1]
    (bottom, top), share = _ends(mine)
    least, on = _FOLLOWS * float(np.std(theirs)), 0.0
    for at in (bottom, top):
        if not 0 < at.sum() < at.size:
            continue
        low, high = np.quantile(theirs[at], (0.25, 0.75))
        if high - low > least and abs(_ahead(theirs[at], theirs[~at]) - 0.5) > _MIXED:
            on += float(at.mean())
    return on > share / 2


def _ahead(some: Array, others: Array) -> float:
    """The chance that one of some values is above one of others."""
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, some, side) for side in ("left", "right"))
    return float((below + up_to).mean()) / (2 * len(ordered))


def _of(name: SideName, mine: Array, theirs: Array) -> CutOff | None:
    """Both of shape ``(pairs, values)``."""
    (bottom, top), share = _ends(mine)
    _, other_share = _ends(theirs)
    within = ~(bottom | top)
    if share < max(_SHARE, _TIMES * other_share) or within.mean() < _WITHIN:
        return None
    line = _line(mine, theirs, within)
    if line is None:
        return None
    gain, bias, follows = line
    mine, theirs, bottom, top = mine[follows], theirs[follows], bottom[follows], top[follows]
    low, high = float(mine.min()), float(mine.max())
    least = _FOLLOWS * float(np.std(theirs))
    ends: list[float] = []
    for at, end, beyond in (
        (bottom, low, gain * low + bias - theirs[bottom]),
        (top, high, theirs[top] - gain * high - bias),
    ):
        if at.any() and float((beyond < -least).mean()) > 1 - _BEYOND:
            return None
        # What ends there on both sides alike was not cut off by one of them.
        if at.mean() >= _SHARE / 2 and float(np.median(beyond)) > least:
            ends.append(end)
    if not ends:
        return None
    return CutOff(name, share, other_share, tuple(ends), gain, bias, int(follows.sum()))


def _line(mine: Array, theirs: Array, within: Array) -> tuple[float, float, Array] | None:
    """The line that most pictures follow between the ends, and which do: some are no pair."""
    every = [np.flatnonzero(one) for one in within]
    wide = np.array(
        [
            len(at) > _LEAST_WITHIN and np.ptp(one[at]) > 0
            for at, one in zip(every, mine, strict=True)
        ]
    )
    if wide.sum() < _LEAST_PAIRS:
        return None
    fits = np.zeros((int(wide.sum()), 2))
    for fit, row in zip(fits, np.flatnonzero(wide).tolist(), strict=True):
        fit[:] = np.polyfit(mine[row][every[row]], theirs[row][every[row]], 1)
    gain, bias = (float(value) for value in np.median(fits, axis=0))
    rest = np.where(within, theirs - gain * mine - bias, 0)
    left = np.sqrt(np.square(rest).sum(axis=1) / np.maximum(within.sum(axis=1), 1))
    follows = wide & (left < _FOLLOWS * float(np.std(theirs)))
    if gain <= 0 or follows.sum() < max(_LEAST_PAIRS, _MOST_FOLLOW * wide.sum()):
        return None
    return gain, bias, follows


def _ends(values: Array) -> tuple[tuple[Array, Array], float]:
    slack = _SLACK * np.ptp(values)
    bottom, top = values <= values.min() + slack, values >= values.max() - slack
    return (bottom, top), float((bottom | top).mean())


def paired_points(twins: Twins) -> tuple[Array, Array] | None:
    """Some values of some pairs, float64, shape ``(pairs, values)`` both."""
    found: list[Array] = []
    for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True):
        main = trace.main
        if main is None or not main.is_image or len(at) < _LEAST_PAIRS:
            return None
        kept = [trace.kept.values[int(i)] for i in at[:_PAIRS]]
        if kept[0].dtype.kind not in "uif" or len({one.shape for one in kept}) != 1:
            return None
        found.append(grid(np.stack(kept), main).astype(np.float64).reshape(len(kept), -1))
    if found[0].shape != found[1].shape or not all(np.isfinite(side).all() for side in found):
        return None
    return found[0], found[1]


def paired_samples(twins: Twins) -> tuple[Array, Array] | None:
    """The same of recordings, scans and clips, evenly spread over each: no pictures, and no tables.

    Values of a table have each a range of its own, and its rows are shorter.
    """
    shapes: set[tuple[int, ...]] = set()
    found: list[Array] = []
    for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True):
        main = trace.main
        if main is None or main.is_image or len(at) < _LEAST_PAIRS:
            return None
        kept = [trace.kept.values[int(i)] for i in at[:_PAIRS]]
        shapes |= {one.shape for one in kept}
        if kept[0].dtype.kind not in "uif" or len(shapes) != 1 or kept[0].size < _LEAST_SAMPLES:
            return None
        some = np.linspace(0, kept[0].size - 1, min(kept[0].size, _MOST_SAMPLES)).astype(int)
        found.append(np.stack([one.reshape(-1)[some] for one in kept]).astype(np.float64))
    if not all(np.isfinite(side).all() for side in found):
        return None
    return found[0], found[1]
