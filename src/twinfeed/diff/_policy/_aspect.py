"""Whether columns and rows are scaled by one factor, or each by its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twinfeed.diff._policy._compared import apart
from twinfeed.diff._policy._recovered import Policy
from twinfeed.diff._policy._spread import Scale, Spread, sound_views, spread_of
from twinfeed.diff._twins import SideName, Twins

_SCALE = Scale(0.05, 1.0, 0.006, 0.02)
_TOLERANCE = 0.07


def aspects_apart(twins: Twins, left: Policy, right: Policy) -> tuple[Spread, Spread] | None:
    """How many times wider than high the views of both sides are, where that differs.

    Args:
        twins: Both sides.
        left: The policy of A; both must be ``known``.
        right: That of B.
    """
    # What is turned or sheared as well is another number in another order of steps.
    if any(one.rotation_degrees.random or one.shear_degrees.random for one in (left, right)):
        return None
    if not all(one.zoom_x.random and one.zoom_y.random for one in (left, right)):
        return None
    ratios = _ratio(twins, "A", left), _ratio(twins, "B", right)
    # A ratio is as a zoom is: it is compared in its place.
    mine = replace(left, zoom_x=ratios[0], retold={})
    theirs = replace(right, zoom_x=ratios[1], retold={})
    return ratios if apart(mine, theirs, "zoom_x", tolerance=_TOLERANCE) else None


def _ratio(twins: Twins, name: SideName, policy: Policy) -> Spread:
    views, basis = twins.views[name], twins.basis[name]
    fresh = policy.randomness.state == "fresh"
    example = basis.example[views.index]
    found = spread_of(
        views.zoom_x / np.maximum(views.zoom_y, 1e-9),
        _SCALE,
        example if fresh else None,
        sound_views(views),
        group=None if fresh else example,
    )
    return replace(found, alike=max(policy.zoom_x.alike, policy.zoom_y.alike))
