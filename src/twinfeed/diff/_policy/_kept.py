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
from twinfeed.diff._policy._both import Both
from twinfeed.diff._policy._colours import HUE_NOISE, SATURATION_NOISE
from twinfeed.diff._policy._spread import Spread, spread_of

_NOISE = {
    "zoom_x": 0.03,
    "zoom_y": 0.03,
    "rotation_degrees": 2.0,
    "shear_degrees": 2.0,
    "shift_x": 0.02,
    "shift_y": 0.02,
    "contrast": 0.08,
    "brightness": 0.03,
    "saturation": SATURATION_NOISE,
    "hue_degrees": HUE_NOISE,
}
"""Widths up to which registration makes a parameter vary."""
_NEUTRAL = {"zoom_x": 1.0, "zoom_y": 1.0, "contrast": 1.0, "saturation": 1.0}
_SHARES = ("flip_x", "flip_y")
_MIXED = 0.05  # share of mirrored views, either way, from which mirrors are drawn
_CLEARLY = 3.0  # times the noise, from which a range that is stated must be seen
_TURNS = {"rotation_degrees", "shear_degrees"}
_MOVES = {"zoom_x", "zoom_y", "shift_x", "shift_y"} | _TURNS
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
    if seen is None or not all(field in seen.columns for field in _NOISE):
        return None
    if (seen.columns["transposed"] > 0).any():
        return None
    drawn = {
        field for field, noise in _NOISE.items() if spread_of(seen.columns[field], noise).random
    }
    drawn |= {axis for axis in _SHARES if _MIXED < seen.columns[axis].mean() < 1 - _MIXED}
    said = [
        {field for field, (low, high) in one.items() if _wide(field, high - low)} for one in stated
    ]
    if (said[0] ^ said[1]) - drawn or drawn - _followed(set(stated[0]) | set(stated[1])):
        return None
    return [_fields(one, len(seen)) for one in stated]


def _wide(field: str, width: float) -> bool:
    return field in _SHARES or width > _CLEARLY * _NOISE.get(field, np.inf)


def _followed(stated: set[str]) -> set[str]:
    """What may be seen of it: turns move, and what is cut off looks like another tone."""
    made = set(stated)
    made |= _MOVES if stated & _TURNS else set()
    return made | (_TONES if stated & _TONES else set())


def _fields(stated: Ranges, views: int) -> dict[str, Any]:
    made: dict[str, Any] = {"basis": "stated", "views": views, "tried": views}
    for field in (*_NOISE, *_SHARES):
        neutral = _NEUTRAL.get(field, 0.0)
        low, high = stated.get(field, (neutral, neutral))
        made[field] = _even(low, high, views) if field in _NOISE else _share(low, views)
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
