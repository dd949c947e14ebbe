"""How a view was taken from its reference: an affine map of the plane and of the values.

Refined from the best of a bank of flips and zooms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._coarse_to_fine import coarse_to_fine
from twinfeed.diff._views._farther import FARTHER, likeliest
from twinfeed.diff._views._occluded import mirrored, trials, unmasked
from twinfeed.diff._views._refine import line
from twinfeed.diff._views._threads import by_pairs
from twinfeed.diff._views._warp import (
    BANK,
    SIDE,
    WIDE,
    Warp,
    centres,
    mirrors,
    sample,
    standardise,
    warped,
)
from twinfeed.stats.one_thread import one_thread

_GOOD = 0.35  # residual, as a share of the view's own spread, up to which a fit is believed
_STARTS: tuple[Warp, ...] = (*BANK, *(warp for warp in WIDE if not warp.transposed))
_MIRRORED = np.array([[1, -1, -1], [-1, 1, 1], [0, 0, 1]])  # of a map, with its reference
_SURELY = 0.2  # residual up to which one is believed that was moved far off
_FAR = 0.8  # of a map from doing nothing: further is another picture made to fit
_UNMOVED = 0.9999  # correlation above which a picture stands where its reference does
_SIDEWAYS = 0.1  # residual from which a view may be one of a picture turned by a quarter
_TAKEN = 0.5  # of the residual that it must leave then
_LEAST_SIDEWAYS = 0.05  # of the views, that must be turned so for any of them to be
_QUARTERED = 0.1  # share of the views turned by a quarter below which they are strays
_ROUND = 36.0  # degrees that a tenth is turned by at least, where quarters are part of a wide turn
_CLOSE = 0.08  # correlation by which a picture must beat its mirror image to be taken at once


@dataclass(frozen=True, slots=True)
class Views:
    """One row per view that could be registered; every column has shape ``(views,)``.

    A view's point ``(x, y)`` shows the reference's point ``A (x, y) + t``, both in -1..1.

    Attributes:
        flip_x: Mirrored left to right.
        flip_y: Mirrored top to bottom.
        transposed: Rows and columns swapped, before it is mirrored.
        zoom_x: Scale along columns; above 1 the view shows more, smaller.
        zoom_y: Scale along rows.
        rotation_degrees: Rotation, counter-clockwise as seen.
        shear_degrees: Angle by which the axes are no longer square.
        shift_x: Shift along columns as a share of the width.
        shift_y: Shift along rows as a share of the height.
        gain: Factor from reference values to view values.
        bias: What is added after the factor, in the view's units.
        residual: Root mean square of what is left, as a share of the view's spread.
        span: Range of the references' values, 1 % to 99 % quantile, in the view's units.
        tried: Views that were compared, registered or not.
        index: Which of the views handed in each row is.
        map: ``A`` and ``t`` as ``a11 a12 tx, a21 a22 ty, 0 0 1``, from the view to the reference
            transposed and mirrored as these say, shape ``(views, 3, 3)``.
    """

    flip_x: Array
    flip_y: Array
    transposed: Array
    zoom_x: Array
    zoom_y: Array
    rotation_degrees: Array
    shear_degrees: Array
    shift_x: Array
    shift_y: Array
    gain: Array
    bias: Array
    residual: Array
    span: float
    tried: int
    index: Array
    map: Array

    def __len__(self) -> int:
        return len(self.gain)

    @property
    def flips(self) -> Array:
        """-1 where mirrored, across and down, shape ``(views, 2)``."""
        return np.where(np.stack([self.flip_x, self.flip_y], axis=1), -1, 1)


@one_thread()
def register(reference: Array, view: Array, *, sideways: bool = False) -> Views:
    """Register views against their references.

    Args:
        reference: Grey pictures, shape ``(views, side, side)``.
        view: Grey pictures of the same shape.
        sideways: Whether some may be turned by a quarter.
    """
    usable = _usable(reference) & _usable(view)
    if not usable.any():
        return _views(
            np.zeros((0, 2)),
            np.zeros(0, bool),
            np.zeros((0, 8)),
            np.zeros(0),
            0.0,
            np.zeros(0, int),
            len(view),
            np.zeros((0, 3, 3)),
        )
    reference, view = reference[usable], view[usable]
    flips, maps, residual = _fitted(reference, view)
    transposed = np.zeros(len(view), bool)
    if sideways:
        transposed = _turned(reference, view, flips, maps, residual)
        reference = np.where(transposed[:, None, None], reference.transpose(0, 2, 1), reference)
    flips, maps, residual = unmasked(reference, view, flips, maps, residual)
    gain, bias = line(mirrored(reference, flips), view, maps)
    span = float(np.ptp(np.quantile(reference, (0.01, 0.99)))) * float(np.median(gain))
    far = np.abs(maps[:, :2, :2] - np.eye(2)).max(axis=(1, 2)) >= _FAR
    good = (residual < _GOOD) & ~far
    if transposed.mean() > _QUARTERED and np.quantile(_angles(maps[good]), 0.9) > _ROUND:
        flips, maps = _unwound(flips, transposed, maps)
        transposed = np.zeros_like(transposed)
    numbers = maps[:, :2].reshape(len(maps), 6)[:, [0, 1, 3, 4, 2, 5]]
    found = np.concatenate([numbers, gain[:, None], bias[:, None]], axis=1)
    return _views(
        flips[good],
        transposed[good],
        found[good],
        residual[good],
        span,
        np.flatnonzero(usable)[good],
        len(usable),
        maps[good].astype(float),
    )


def _fitted(reference: Array, view: Array) -> tuple[Array, Array, Array]:
    """Flips, maps and what they leave, of upright pictures."""
    count, moved = len(view), (reference != view).any(axis=(1, 2))
    flips, residual = np.ones((count, 2)), np.zeros(count)
    maps = np.tile(np.eye(3, dtype=np.float32), (count, 1, 1))
    if moved.any():  # what is the same to the bit needs no search
        flips[moved], maps[moved], residual[moved] = _searched(reference[moved], view[moved])
    return flips, maps, residual


def _searched(reference: Array, view: Array) -> tuple[Array, Array, Array]:
    """Flips, maps and what they leave, of pictures that differ."""
    flips, start, doubtful = _start(reference, view)
    fit = coarse_to_fine(reference, view, flips, start)
    maps, residual = fit.map, fit.error
    if doubtful.any():  # nearly its own mirror image: the better fit of the two decides
        other = flips[doubtful] * [-1, 1]
        again = coarse_to_fine(
            reference[doubtful], view[doubtful], other, start[doubtful] * _MIRRORED
        )
        better = again.error < residual[doubtful] - 1e-3
        at = np.flatnonzero(doubtful)[better]
        flips[at], maps[at], residual[at] = other[better], again.map[better], again.error[better]
    _found_far(reference, view, flips, maps, residual)
    return flips, maps, residual


def _found_far(reference: Array, view: Array, flips: Array, maps: Array, residual: Array) -> None:
    """Look again for views that were not found; what fits replaces what did not.

    First by what they show of the inside of a picture alone, then in places further off.
    """
    for bank in (_STARTS, FARTHER):
        for lost in trials(np.flatnonzero(residual >= _GOOD)):
            other, found, error, better = _looked_further(reference[lost], view[lost], bank)
            if not better.any():
                break
            at = lost[better]
            flips[at], maps[at], residual[at] = other[better], found[better], error[better]


def _looked_further(
    reference: Array, view: Array, bank: tuple[Warp, ...]
) -> tuple[Array, Array, Array, Array]:
    """Flips, maps and what they leave from the likeliest places of a bank, and which to believe."""
    small = _coarse(reference), _coarse(view)
    (places,) = by_pairs(partial(_places, bank), *small)
    guess = [bank[place] for place in cast("list[int]", places.tolist())]
    flips = np.array([(warp.flip_x, warp.flip_y) for warp in guess], float)
    start = np.array([warp.matrix for warp in guess])
    fit = coarse_to_fine(reference, view, flips, start)
    # The less two pictures share, the more easily it fits by chance.
    return flips, fit.map, fit.error, fit.error < _SURELY


def _places(bank: tuple[Warp, ...], reference: Array, view: Array) -> tuple[Array]:
    return (likeliest(reference, view, bank),)


def _turned(reference: Array, view: Array, flips: Array, maps: Array, residual: Array) -> Array:
    """Which pictures were turned by a quarter; their flips, maps and residuals are replaced.

    Now and then a picture fits its own transpose by chance: only where many do, any was turned.
    """
    poor = np.flatnonzero(residual > _SIDEWAYS)
    found = np.zeros(len(view), bool)
    if len(poor) < _LEAST_SIDEWAYS * len(view) or not len(poor):
        return found
    for some in trials(poor)[:-1]:
        if not _quartered(reference[some], view[some], residual[some])[-1].any():
            return found
    turned, other, left, better = _quartered(reference[poor], view[poor], residual[poor])
    if better.sum() < _LEAST_SIDEWAYS * len(view):
        return found
    at = poor[better]
    flips[at], maps[at], residual[at] = turned[better], other[better], left[better]
    found[at] = True
    return found


def _quartered(reference: Array, view: Array, residual: Array) -> tuple[Array, Array, Array, Array]:
    """Flips, maps and what they leave of references turned by a quarter, and which to believe."""
    flips, maps, left = _fitted(reference.transpose(0, 2, 1), view)
    return flips, maps, left, (left < _TAKEN * residual) & (left < _GOOD)


def _angles(maps: Array) -> Array:
    """By how many degrees each map turns, without the sign; one 0 where there are none."""
    turn = np.degrees(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))
    return np.abs(turn) if len(turn) else np.zeros(1)


def _unwound(flips: Array, transposed: Array, maps: Array) -> tuple[Array, Array]:
    """Flips and maps where quarters of a turn are part of the map, and only left is mirrored to right."""
    across, down = flips.T
    none = np.zeros(len(flips))
    round_ = np.where(
        transposed[:, None],
        np.stack([none, down, across, none], axis=1),
        np.stack([across, none, none, down], axis=1),
    ).reshape(-1, 2, 2)
    mirrored = np.linalg.det(round_)
    round_[:, 0] *= mirrored[:, None]
    made = maps.copy()
    made[:, :2] = round_ @ maps[:, :2]
    return np.stack([mirrored, np.ones(len(flips))], axis=1).round(), made


def _usable(pictures: Array) -> Array:
    """Which pictures are finite and not flat."""
    if not len(pictures):
        return np.zeros(0, bool)
    finite = np.isfinite(pictures).all(axis=(1, 2))
    return finite & (pictures != pictures[:, :1, :1]).any(axis=(1, 2))


def _start(reference: Array, view: Array) -> tuple[Array, Array, Array]:
    """The best flip and map of the bank per pair, and whether the mirror image is as good."""
    small = _coarse(reference), standardise(_coarse(view))
    unmoved = (standardise(small[0]) * small[1]).sum(axis=1) > _UNMOVED
    if unmoved.all():  # nothing to search for: a bank of 190 maps costs more than all the rest
        count = len(view)
        flips, maps = np.ones((count, 2)), np.tile(_STARTS[0].matrix, (count, 1, 1))
        return flips, maps, np.zeros(count, bool)
    (scores,) = by_pairs(_likeness, *small)
    scores = scores.T
    mirrored = np.array([warp.flip_x < 0 for warp in _STARTS])
    doubtful = np.abs(scores[mirrored].max(axis=0) - scores[~mirrored].max(axis=0)) < _CLOSE
    # Equal scores go to the picture that is not mirrored.
    likeliest = (scores - 1e-3 * mirrored[:, None]).argmax(axis=0)
    chosen = [_STARTS[index] for index in cast("list[int]", likeliest.tolist())]
    flips = np.array([(warp.flip_x, warp.flip_y) for warp in chosen], float)
    return flips, np.array([warp.matrix for warp in chosen]), doubtful


def _likeness(reference: Array, view: Array) -> tuple[Array]:
    """Correlation under each warp of the bank, shape ``(pairs, warps)``."""
    made = np.empty((len(view), len(_STARTS)), np.float32)
    mirror = view.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(view.shape)
    for warp, other in mirrors(_STARTS):
        shows = standardise(warped(reference, _STARTS[warp]))
        made[:, warp] = np.einsum("ij,ij->i", shows, view)
        if other is not None:
            made[:, other] = np.einsum("ij,ij->i", shows, mirror)
    return (made,)


def _coarse(pictures: Array) -> Array:
    side = pictures.shape[1]
    x, y = np.meshgrid(centres(SIDE), centres(SIDE))
    if side < 2 * SIDE:
        points = np.tile(x.ravel(), (len(pictures), 1)), np.tile(y.ravel(), (len(pictures), 1))
        return sample(pictures, *points)[0].astype(np.float32)
    even = side // SIDE * SIDE
    trimmed = pictures[:, (side - even) // 2 :, (side - even) // 2 :][:, :even, :even]
    blocks = trimmed.reshape(len(pictures), SIDE, even // SIDE, SIDE, even // SIDE)
    return blocks.mean(axis=(2, 4)).reshape(len(pictures), -1).astype(np.float32)


def _views(  # noqa: PLR0917 - the columns of one table
    flips: Array,
    transposed: Array,
    found: Array,
    residual: Array,
    span: float,
    index: Array,
    tried: int,
    maps: Array,
) -> Views:
    a11, a12, a21, a22, tx, ty, gain, bias = found.T
    zoom_x = np.hypot(a11, a21)
    safe = np.where(zoom_x > 0, zoom_x, 1)
    zoom_y = (a11 * a22 - a12 * a21) / safe
    return Views(
        flip_x=flips[:, 0] < 0,
        flip_y=flips[:, 1] < 0,
        transposed=transposed,
        zoom_x=zoom_x,
        zoom_y=zoom_y,
        rotation_degrees=np.degrees(np.arctan2(a21, a11)),
        shear_degrees=np.degrees(np.arctan2(a11 * a12 + a21 * a22, safe * np.abs(zoom_y))),
        shift_x=tx / 2,
        shift_y=ty / 2,
        gain=gain,
        bias=bias,
        residual=residual,
        span=abs(span),
        tried=tried,
        index=index,
        map=maps,
    )
