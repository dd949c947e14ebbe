"""Parts that both sides overwrote by one rule, drawn once and the same in every epoch.

Pictures that are equal but for a part differ by what was put there. Its rim tells on which side:
what was put over a picture goes on into nothing beside it. Where each side bears it about as often
as the other, and of the same level and grain, what differs is the luck of two draws and no cause.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.stats.coarse import channels_last

_PAIRS = 200
_LEAST_PAIRS = 12  # that differ in a part
_PART = 0.005, 0.7  # share of a picture that differs
_EACH = 0.25  # of the pairs, in which each side bears the part at least
_SURE = 3.0  # standard deviations by which how often, how bright and how rough may differ


@remembered
def overwritten_alike(twins: Twins) -> bool:
    """Whether pairs differ in parts that either side bears about equally often."""
    mains = twins.left.main, twins.right.main
    if twins.pairs.method != "parts" or mains[0] is None or mains[1] is None:
        return False
    if not (mains[0].is_image and mains[1].is_image):
        return False
    rims: list[float] = []
    looks: list[tuple[float, float]] = []
    rows: list[list[int]] = [side[:_PAIRS].tolist() for side in twins.kept_pairs]
    for i, j in zip(rows[0], rows[1], strict=True):
        one = channels_last(twins.left.kept.values[i][None], mains[0])[0]
        other = channels_last(twins.right.kept.values[j][None], mains[1])[0]
        if one.shape != other.shape:
            continue
        part = (one != other).any(axis=-1)
        if _PART[0] <= part.mean() <= _PART[1]:
            rims.append(_rim(one, part) - _rim(other, part))
            inside = (one if rims[-1] > 0 else other)[part].astype(np.float64)
            looks.append((float(inside.mean()), float(inside.std())))
    if len(rims) < _LEAST_PAIRS:
        return False
    on_left = np.array(rims) > 0
    share = float(on_left.mean())
    as_often = abs(share - 0.5) <= _SURE * 0.5 / np.sqrt(len(rims))
    return as_often and _EACH <= share <= 1 - _EACH and _alike(np.array(looks), on_left)


def _alike(looks: Array, on_left: Array) -> bool:
    """Whether what either side bears is of one level and grain, shape ``(parts, 2)``."""
    here, there = looks[on_left], looks[~on_left]
    error = np.sqrt(here.var(axis=0) / len(here) + there.var(axis=0) / len(there))
    return bool((np.abs(here.mean(axis=0) - there.mean(axis=0)) <= _SURE * error + 1e-9).all())


def _rim(picture: Array, part: Array) -> float:
    """The mean step from inside the part to the point beside it."""
    levels = picture.astype(np.float64).mean(axis=-1)
    steps = [
        np.abs(np.diff(levels, axis=axis))[np.diff(part.astype(np.int8), axis=axis) != 0]
        for axis in (0, 1)
    ]
    rim = np.concatenate(steps)
    return float(rim.mean()) if len(rim) else 0.0
