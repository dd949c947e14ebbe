"""Two feeds that both keep their draws: what each states, where what lies between them bears it out.

Held against its own next epoch, a feed that draws the same changes again shows none of them, and
the other feed has no picture without changes either. One example in both shows the difference of
two draws: not whose they are, but which parameters are drawn at all. Where all that is seen there
is stated by the graph of one feed or the other, and all that one of them alone states is seen, the
statements are taken for the policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._both import NEUTRAL, Both
from twinfeed.diff._policy._parameters import MOVES, NOISE
from twinfeed.diff._policy._spread import Spread, spread_of

_SHARES = ("flip_x", "flip_y")
_MIXED = 0.05  # share of mirrored views, either way, from which mirrors are drawn
_CLEARLY = 3.0  # times the noise, from which a range that is stated must be seen
_TURNS = {"rotation_degrees", "shear_degrees"}
_TONES = {"contrast", "brightness", "saturation", "hue_degrees"}

Ranges = Mapping[str, tuple[float, float]]


def kept_as_stated(seen: Both | None, stated: tuple[Ranges, Ranges]) -> list[dict[str, Any]] | None:
    """What each side draws, A first, as fields of its policy.

    Args:
        seen: B's views beside A's.
        stated: What the graph of A states, and that of B.

    Returns:
        ``None`` where something is seen that neither states, or something stated is not seen.
    """
    if seen is None or not all(field in seen.columns for field in NOISE):
        return None
    if (seen.columns["transposed"] > 0).any():
        return None
    drawn = {
        field for field, noise in NOISE.items() if spread_of(seen.columns[field], noise).random
    }
    drawn |= {axis for axis in _SHARES if _MIXED < seen.columns[axis].mean() < 1 - _MIXED}
    said = [
        {field for field, (low, high) in one.items() if _wide(field, high - low)} for one in stated
    ]
    if (said[0] ^ said[1]) - drawn or drawn - _followed(set(stated[0]) | set(stated[1])):
        return None
    return [_fields(one, len(seen)) for one in stated]


def _wide(field: str, width: float) -> bool:
    return field in _SHARES or width > _CLEARLY * NOISE.get(field, np.inf)


def _followed(stated: set[str]) -> set[str]:
    """What may be seen of it: turns move, and what is cut off looks like another tone."""
    made = set(stated)
    made |= {*MOVES} if stated & _TURNS else set()
    return made | (_TONES if stated & _TONES else set())


def _fields(stated: Ranges, views: int) -> dict[str, Any]:
    made: dict[str, Any] = {"basis": "stated", "views": views, "tried": views}
    for field in (*NOISE, *_SHARES):
        neutral = NEUTRAL.get(field, 0.0)
        low, high = stated.get(field, (neutral, neutral))
        made[field] = _even(low, high, views) if field in NOISE else _share(low, views)
    return made


def _share(share: float, views: int) -> Spread:
    return Spread(share, share, share > 0, views)


def _even(low: float, high: float, views: int) -> Spread:
    """What draws that are spread evenly between two bounds show, in so many views."""
    inside, middle = 0.05 * (high - low), (low + high) / 2
    away: Array = np.sort(np.abs(np.linspace(low, high, views) - middle))
    return Spread(
        low, high, high > low, views, inner=(low + inside, high - inside), middle=middle, away=away
    )
