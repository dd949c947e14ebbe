"""Which of two sides changes its examples by what is told of no view: noise, blur, warps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._policy._spread import LEAST_VIEWS
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_TIMES, _MORE = 1.5, 0.03  # of the other side's, and of the spread, that it is more by
_SURELY = 4.0  # deviations by which the shares of views that leave more must lie apart
_PART = 0.75  # of the views: three in four show no more; what one draw in seven has shows so


@dataclass(frozen=True, slots=True)
class Beyond:
    """A side two draws of whose examples differ by more than is told of them.

    Attributes:
        name: The side.
        other: The other one.
        share: What is left between two draws, as a share of their spread.
        other_share: The same of the other side.
    """

    name: SideName
    other: SideName
    share: float
    other_share: float


def beyond(twins: Twins) -> Beyond | None:
    """That side; ``None`` where both leave as much, or the rest of what they do is not alike."""
    sides = {name: policy(twins, name) for name in SIDES}
    if any(one.basis != "epochs" or one.randomness.state != "fresh" for one in sides.values()):
        return None
    if sides["A"].erased.random != sides["B"].erased.random:
        return None
    left = {name: one.left[np.isfinite(one.left)] for name, one in sides.items()}
    if min(map(len, left.values())) < 2 * LEAST_VIEWS:
        return None
    for name, other in EACH_WAY:
        share, less = (float(np.quantile(left[each], _PART)) for each in (name, other))
        most = _TIMES * less + _MORE
        if share <= most:
            continue
        more, few = (int((left[each] > most).sum()) for each in (name, other))
        least = wilson(more, len(left[name]), z=_SURELY)[0]
        if least > wilson(few, len(left[other]), z=_SURELY)[1]:
            return Beyond(name, other, share, less)
    return None
