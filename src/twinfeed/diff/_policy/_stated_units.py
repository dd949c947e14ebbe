"""What a plan states, in the units in which views show it."""

from __future__ import annotations

from twinfeed.diff._policy._recovered import Policy

_ALONG = {"shift_x": "zoom_x", "shift_y": "zoom_y"}
_FIRST = 2  # the order of steps in which a shift is told in the view's own size
_ZOOMED = 0.02  # from which a view is of another scale than what it is held against


def in_units_of(
    stated: dict[str, tuple[float, float]], found: Policy
) -> dict[str, tuple[float, float]]:
    """What is stated, with shifts as shares of what the views were held against.

    A window that is cut out of a picture is stated as a share of the window; held against the
    whole picture, it shows a constant zoom.
    """
    made = dict(stated)
    for field, zoom in _ALONG.items():
        scale = getattr(found, zoom)
        known = not scale.random and abs(scale.middle - 1) > _ZOOMED
        if field in made and known and found.way.shift != _FIRST:
            low, high = made[field]
            made[field] = low * scale.middle, high * scale.middle
    return made
