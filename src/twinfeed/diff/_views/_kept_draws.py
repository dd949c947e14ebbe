"""Whether pictures that never change were changed all the same, by draws that come again.

Two draws of an example held against its plain picture have nothing in common. Held against a third
draw by the same rule, both lack what that one drew: what stands between examples is then as large
as what stands between the draws of one, and has no side. What belongs to a picture itself, say the
part that its shape leaves of it, is of another size, or has one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

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
_ALIKE_IN_TONE = 0.35, 0.65
"""The same of factors: a picture may have a brightness of its own, but hardly one that varies between
pictures just as draws do and has no side. 120 pictures leave a deviation of 0.07 about 0.5."""
_AS_VARIED = 1.3  # times that the pictures of draws vary as those of other draws, by far
_TONE_NOISE = 0.03  # deviation of a factor's logarithm, of what is added as a share of the range
_SURE = 3.5  # standard deviations
_BY_COLOUR = 3.0  # the same, by which draws go with the colours of a picture
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
    moves = {
        name: (getattr(views, name).astype(float), noise)
        for name, (noise, turned_by) in _FIELDS.items()
        if not flips & set(turned_by.split())
    }
    told = _told(moves, one, other, _ALIKE)
    if told == []:
        # What does not move may be brighter or darker by the rule of the other side.
        at = views.index[one]
        tone = _tone(views, basis.reference[at], basis.view[at])
        chosen: list[int] = at.tolist()
        if tone is None or _of_colours(tone[0], one, other, [basis.small[i][0] for i in chosen]):
            return False
        told = _told({"tone": tone}, one, other, _ALIKE_IN_TONE)
    if not told:
        return False
    deviation = 1 / np.sqrt(len(told) * (len(twice) - 3))
    return float(np.mean(told)) > _SURE * float(deviation)


def _told(
    fields: Mapping[str, tuple[Array, float]],
    one: Array,
    other: Array,
    alike: tuple[float, float],
) -> list[float] | None:
    """How alike the two draws of an example are in each field that is drawn, by Fisher's measure.

    Returns:
        ``None`` where a field says that the references are no draws by the same rule.
    """
    told: list[float] = []
    for values, noise in fields.values():
        mine, theirs = values[one], values[other]
        if not np.std(mine - theirs) >= np.sqrt(2) * noise:
            continue
        if not (mine.std() > 0 and theirs.std() > 0):
            return None  # one of the two is always the same: no draw by the rule of the other
        middle = (mine + theirs) / 2
        found = float(np.corrcoef(mine, theirs)[0, 1])
        one_sided = bool(abs(middle.mean()) > _SURE * middle.std() / np.sqrt(len(middle)))
        if one_sided or not alike[0] <= found <= alike[1]:
            return None
        told.append(float(np.arctanh(found)))
    return told


def _tone(views: Views, reference: Array, view: Array) -> tuple[Array, float] | None:
    """The factor of each view, else what is added to it; ``None`` for pictures evened out.

    A side whose pictures were brought to one brightness or contrast differs from the other by
    something of each picture too. But then its pictures are more alike than a draw leaves them.
    """
    if not (views.gain > 0).all() or views.span <= 0:
        return None
    gain = np.log(views.gain)
    drawn = float(np.std(gain)) >= _TONE_NOISE
    if not all(map(_as_varied, _levels(reference), _levels(view))):
        return None
    return (gain if drawn else views.bias / views.span), _TONE_NOISE


def _of_colours(tone: Array, one: Array, other: Array, pictures: Sequence[Array]) -> bool:
    """Whether two draws of a picture lie the further apart the more colour it has.

    Turned hues change the grey of what is colourful, and that is no draw of brightness: what it
    does to two pictures depends on their colours, so it looks like something of each picture.
    """
    colour = np.array([float(np.std(each, axis=-1).mean()) for each in pictures])
    apart = np.abs(tone[one] - tone[other])
    if not (colour.std() > 0 and apart.std() > 0):
        return False
    ranks = [np.argsort(np.argsort(each)) for each in (colour, apart)]
    together = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    return together * math.sqrt(len(colour) - 1) > _BY_COLOUR


def _levels(pictures: Array) -> tuple[Array, Array]:
    """Mean, and logarithm of the contrast, of each picture."""
    deviation = pictures.std(axis=(1, 2))
    return pictures.mean(axis=(1, 2)), np.log(np.maximum(deviation, 1e-9))


def _as_varied(some: Array, others: Array) -> bool:
    spread, other = float(np.std(some)), float(np.std(others))
    return other / _AS_VARIED <= spread <= other * _AS_VARIED


def _mixed(flip: Array) -> bool:
    return _MIXED < float(flip.mean()) < 1 - _MIXED
