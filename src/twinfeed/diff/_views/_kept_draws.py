"""Whether pictures that never change were changed all the same, by draws that come again.

Two draws of an example held against its plain picture have nothing in common. Held against a third
draw by the same rule, both lack what that one drew: what stands between examples is then as large
as what stands between the draws of one, and has no side. What belongs to a picture itself, say the
part that its shape leaves of it, is of another size, or has one.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._reference import Basis
from twinfeed.diff._views._register import Views

_FIELDS = {
    "shift_x": (0.02, "flip_x"),
    "shift_y": (0.02, "flip_y"),
    "rotation_degrees": (2.0, "flip_x flip_y"),
    "shear_degrees": (2.0, "flip_x flip_y"),
}
"""Moves, each with the deviation below which it is noise, and the flips that turn its sign."""
_LEAST = 30  # examples with two draws
_ALIKE = 0.3, 0.7  # correlation of the two draws of an example: 0.5 for a third draw by one rule
_SURE = 3.5  # standard deviations
_MIXED = 0.05  # share of flips, both ways, that makes a flip random


def against_draws(basis: Basis, views: Views) -> bool:
    """Whether the references of a side that draws anew are themselves draws by the same rule.

    Args:
        basis: Several views of each example against one reference.
        views: The same, registered.
    """
    example = basis.example[views.index]
    order = np.argsort(example, kind="stable")
    _, first, count = np.unique(example[order], return_index=True, return_counts=True)
    twice = first[count > 1]
    if len(twice) < _LEAST:
        return False
    one, other = order[twice], order[twice + 1]
    flips = {name for name in ("flip_x", "flip_y") if _mixed(getattr(views, name))}
    told: list[float] = []
    for name, (noise, turned_by) in _FIELDS.items():
        values: Array = getattr(views, name).astype(float)
        mine, theirs = values[one], values[other]
        if flips & set(turned_by.split()) or np.std(mine - theirs) < np.sqrt(2) * noise:
            continue
        middle = (mine + theirs) / 2
        alike = float(np.corrcoef(mine, theirs)[0, 1])
        one_sided = abs(middle.mean()) > _SURE * middle.std() / np.sqrt(len(middle))
        if one_sided or not _ALIKE[0] <= alike <= _ALIKE[1]:
            return False
        told.append(float(np.arctanh(alike)))
    deviation = 1 / np.sqrt(max(1, len(told)) * (len(twice) - 3))
    return bool(told) and float(np.mean(told)) > _SURE * deviation


def _mixed(flip: Array) -> bool:
    return _MIXED < float(flip.mean()) < 1 - _MIXED
