"""Two feeds that both draw anew, and have no picture without augmentation: their middles.

Held against its own next epoch, a feed shows how far its draws lie apart and not about which value.
The views of one example in both feeds show that: where both draw from one policy, neither of the
two is zoomed, turned or brightened more than the other in the middle of all examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._both import NEUTRAL, both
from twinfeed.diff._policy._parameters import count_as_one
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._policy._spread import LEAST_VIEWS
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, Twins

_GREY = 0.1  # times the colours of the other view, of which no more are left in one
_Z = 3.3  # deviations of the sign test: 1 in 1,000 by chance


@dataclass(frozen=True, slots=True)
class Middle:
    """How a parameter of B lies beside that of A, in the middle of the paired examples.

    Attributes:
        value: The median of B against A: a factor for zooms and contrast, else a difference.
        low: Lower end of its 99.9 % interval.
        high: Upper end of it.
        views: Pairs that it rests on.
    """

    value: float
    low: float
    high: float
    views: int


@remembered
def _middles(twins: Twins) -> dict[str, Middle]:
    policies = [policy(twins, name) for name in SIDES]
    if any(one.basis != "epochs" or one.randomness.state != "fresh" for one in policies):
        return {}
    found = both(twins)
    if found is None:
        return {}
    # Beside a view of A without colours B's has no factor: nor has one of B's without any.
    known = {
        name: np.isfinite(values) & ((values > _GREY) | (name != "saturation"))
        for name, values in found.columns.items()
    }
    return {
        name: _middle(values[known[name]], count_as_one(values, *found.batches))
        for name, values in found.columns.items()
    }


def off_centre(twins: Twins, field: str, *, tolerance: float) -> Middle | None:
    """Where two feeds draw a parameter about other values; ``None`` where no such thing is seen.

    Args:
        twins: Two feeds that both draw anew, held against their own next epochs.
        field: A parameter that either of them draws.
        tolerance: Distance that says nothing, in the parameter's unit.
    """
    if not any(getattr(policy(twins, name), field).random for name in SIDES):
        return None
    found = _middles(twins).get(field)
    if found is None or found.views < 2 * LEAST_VIEWS:
        return None
    neutral = NEUTRAL.get(field, 0.0)
    far = found.low > neutral + tolerance or found.high < neutral - tolerance
    return found if far else None


def _middle(values: Array, alike: float) -> Middle:
    """The median of views of which so many count as one."""
    count = len(values)
    if not count:
        return Middle(np.nan, np.nan, np.nan, 0)
    ordered = np.sort(values)
    half = int(np.ceil(_Z * np.sqrt(count * alike) / 2))
    first, last = count // 2 - half, count // 2 + half
    return Middle(
        float(np.median(ordered)),
        float(ordered[first]) if first >= 0 else -np.inf,
        float(ordered[last]) if last < count else np.inf,
        count,
    )
