"""The step of crop and scale: one zoom and shift for all pictures, or one rule for their shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._ledger._common_shift import common_shift
from twinfeed.diff._ledger._ground import Ground, grey, misfit
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._twins import Twins
from twinfeed.diff._views._register import Views, register
from twinfeed.diff._views._warp import centres

_COARSE = 16
_FINE = 40  # side of the pictures that are registered
_SHIFTED = 64  # side of those of which only a shift is asked
_REGISTERED = 24  # pictures that are registered for one zoom of all
_ALIGNED = 0.004  # share of the variance that aligned pictures leave at most
_AFFECTED = 0.2  # share of the pictures that stand elsewhere: a rule may leave most as they are
_MANY = 0.6  # share of the pairs that must register for a crop to be believed
_SOME = 0.5  # the same for a rule, which so many zooms follow by no accident
_EVEN = 0.04  # half the middle 80 % of a zoom that is one zoom for all
_MOVED = 0.01  # least zoom or shift that is worth a step
_GRID = 0.7  # points by which a resize may lay its grid elsewhere: half of one, and 0.2 of error
_STRAIGHT_DEGREES = 2.0  # a rule for the shape turns nothing
_MOST_ZOOM = 4.0  # by which a picture may show more than its partner
_FLAT = 0.02  # of a picture's spread: the edge of a padded picture
_EDGE = 0.9  # zoom below which a padded picture has an edge


@dataclass(frozen=True, slots=True)
class _Moves:
    """Where the pictures of B that could be registered lie in A's; columns of ``Views``."""

    index: Array
    zoom_x: Array
    zoom_y: Array
    shift_x: Array
    shift_y: Array
    rotation_degrees: Array

    def __len__(self) -> int:
        return len(self.index)


def crop_and_scale(_twins: Twins, now: Ground) -> Change | None:
    """One zoom and shift for all pictures, or a zoom of its own for each where that is a rule."""
    if now.stage is not None or min(now.left.shape[1:3]) < _COARSE:
        return None
    coarse = [grey(side, _COARSE)[..., None] for side in (now.left, now.right)]
    if np.quantile(misfit(*coarse), 1 - _AFFECTED) < _ALIGNED:
        return None
    chosen = np.flatnonzero(now.fit)[:_REGISTERED]
    views, back = _registered(now, chosen), False
    if len(views) < _MANY * len(chosen):
        # Of a picture that shows far more than its partner, only the partner is found in it.
        other = _registered_back(now, chosen)
        views, back = (other, True) if len(other) > len(views) else (views, False)
    box = _box(views) if len(views) >= max(4, _MANY * len(chosen)) else None
    found = _by_box(now, box, len(views)) if box else None
    if found is None and len(views) >= max(4, _SOME * len(chosen)):
        found = None if box else _by_rule(now, back=back)
    return found or _by_common_shift(now, chosen)


def _by_common_shift(now: Ground, chosen: Array) -> Change | None:
    """Cut elsewhere out of the same, farther away than single pictures can be registered."""
    fine = min(_SHIFTED, *now.left.shape[1:3])
    found = common_shift(*(grey(side[chosen], fine) for side in (now.left, now.right)))
    if found is None:
        return None
    return _by_box(now, (1.0, 1.0, found.right, found.down), found.pictures)


def _registered(now: Ground, chosen: Array) -> _Moves:
    found = _views(now.left[chosen], now.right[chosen])
    return _Moves(
        found.index,
        found.zoom_x,
        found.zoom_y,
        found.shift_x,
        found.shift_y,
        found.rotation_degrees,
    )


def _registered_back(now: Ground, chosen: Array) -> _Moves:
    """The same, told by where A's pictures lie in B's."""
    found = _views(now.right[chosen], now.left[chosen])
    kept = np.minimum(found.zoom_x, found.zoom_y) > 1 / _MOST_ZOOM
    zooms = found.zoom_x[kept], found.zoom_y[kept]
    return _Moves(
        found.index[kept],
        1 / zooms[0],
        1 / zooms[1],
        -found.shift_x[kept] / zooms[0],
        -found.shift_y[kept] / zooms[1],
        -found.rotation_degrees[kept],
    )


def _views(reference: Array, view: Array) -> Views:
    fine = min(_FINE, *reference.shape[1:3])
    return register(grey(reference, fine), grey(view, fine))


Box: TypeAlias = tuple[float, float, float, float]
"""Zoom of columns and of rows, shift along columns and along rows."""


def _by_box(now: Ground, box: Box, pictures: int) -> Change | None:
    zoom_x, zoom_y, shift_x, shift_y = box
    moved = max(abs(zoom_x - 1), abs(zoom_y - 1), abs(shift_x), abs(shift_y)) > _MOVED
    if not moved or _by_grid(now, box):
        return None
    left, right = now.left, now.right
    if _shows_more(box):
        right = _warped(right, _turned_round(box))
    else:
        left = _warped(left, box)
    return Change(
        step="crop and scale",
        says=_in_words(box),
        left=left,
        right=right,
        judge="shape",
        least=0.2,
        facts={
            "zoom_height": zoom_y,
            "zoom_width": zoom_x,
            "shift_height_share": shift_y,
            "shift_width_share": shift_x,
            "pictures": pictures,
        },
    )


def _by_grid(now: Ground, box: Box) -> bool:
    """Whether no point moves farther than by where a resize puts its points.

    That is half a point at most, with corners aligned or not: nobody cuts off as little.
    """
    height, width = now.right.shape[1:3]
    zoom_x, zoom_y, shift_x, shift_y = box
    across, down = (
        (abs(zoom - 1) / 2 + abs(shift)) * length
        for zoom, shift, length in ((zoom_x, shift_x, width), (zoom_y, shift_y, height))
    )
    return max(across, down) <= _GRID


def _shows_more(box: Box) -> bool:
    """Whether B shows more than A both ways: then A's part is cut out of B, and not the reverse."""
    return min(box[:2]) > 1


def _turned_round(box: Box) -> Box:
    """Where A lies in B."""
    zoom_x, zoom_y, shift_x, shift_y = box
    return 1 / zoom_x, 1 / zoom_y, -shift_x / zoom_x, -shift_y / zoom_y


def _by_rule(now: Ground, *, back: bool) -> Change | None:
    """Each picture by its own shape: cut or padded on one side, stretched on the other."""
    everyone = np.arange(len(now.left))
    views = (_registered_back if back else _registered)(now, everyone)
    if len(views) < max(4, _SOME * len(everyone)):
        return None
    says = _rule(views, now)
    if says is None:
        return _by_own_shift(now, views)
    left, right = now.left.copy(), now.right.copy()
    zooms = np.stack([views.zoom_x, views.zoom_y], axis=1)
    bars = _bars(now.right) if says.startswith("B pads") else None
    for at, (zoom_x, zoom_y) in zip(views.index.tolist(), zooms.tolist(), strict=True):
        box = (zoom_x, zoom_y, 0.0, 0.0)
        if bars is None and _shows_more(box):
            right[at] = _warped(now.right[at][None], _turned_round(box))[0]
            continue
        left[at] = _warped(now.left[at][None], box)[0]
        if bars is not None:
            outside = [
                np.abs(centres(length)) * zoom > 1
                for length, zoom in zip(left.shape[1:3], (zoom_y, zoom_x), strict=True)
            ]
            left[at][outside[0]] = bars
            left[at][:, outside[1]] = bars
    low, high = (np.quantile(zooms, q, axis=0).tolist() for q in (0.05, 0.95))
    return Change(
        step="crop and scale",
        says=f"{says}: by the shape of each picture, B shows {_range(low[1], high[1])} of A's"
        f" height and {_range(low[0], high[0])} of its width",
        left=left,
        right=right,
        judge="shape",
        least=0.2,
        facts={
            "zoom_height_low": low[1],
            "zoom_height_high": high[1],
            "zoom_width_low": low[0],
            "zoom_width_high": high[0],
            "pictures": len(views),
        },
    )


def _by_own_shift(now: Ground, views: _Moves) -> Change | None:
    """Each picture elsewhere in its frame: bars at one end, where the other side has them at both."""
    scaled = np.abs(np.stack([views.zoom_x, views.zoom_y]) - 1).max(axis=0)
    turned = np.abs(views.rotation_degrees) / _STRAIGHT_DEGREES * _EVEN
    shifts = np.stack([views.shift_x, views.shift_y], axis=1)
    far = np.abs(shifts)
    # A picture that fills its frame one way can be moved the other way only.
    if any(np.quantile(each, 0.9) > _EVEN for each in (scaled, turned, far.min(axis=1))):
        return None
    if np.quantile(far.max(axis=1), 1 - _AFFECTED) < _EVEN:
        return None
    left = now.left.copy()
    for at, (across, down) in zip(views.index.tolist(), shifts.tolist(), strict=True):
        left[at] = _warped(now.left[at][None], (1.0, 1.0, across, down))[0]
    low, high = (np.quantile(shifts, q, axis=0).tolist() for q in (0.05, 0.95))
    return Change(
        step="crop and scale",
        says="by the shape of each picture, B's stand elsewhere in their frames, moved by"
        f" {-high[1]:+.0%} to {-low[1]:+.0%} of the height and {-high[0]:+.0%} to {-low[0]:+.0%} of"
        " the width",
        left=left,
        right=now.right,
        judge="shape",
        least=0.2,
        facts={
            "shift_height_share_low": low[1],
            "shift_height_share_high": high[1],
            "shift_width_share_low": low[0],
            "shift_width_share_high": high[0],
            "pictures": len(views),
        },
    )


def _bars(pictures: Array) -> Array:
    """The colour of the bars of padded pictures, shape ``(channels,)``."""
    ends = np.concatenate([pictures[:, (0, -1)], pictures[:, :, (0, -1)].swapaxes(1, 2)])
    return np.median(ends, axis=(0, 1, 2))


def _range(low: float, high: float) -> str:
    return f"{low:.0%}" if high - low < _MOVED else f"{low:.0%} to {high:.0%}"


def _rule(views: _Moves, now: Ground) -> str | None:
    """Which side cuts or pads what the other stretches, or ``None`` where the zooms follow no rule."""
    straight = (views.shift_x, views.shift_y, views.rotation_degrees / _STRAIGHT_DEGREES * _EVEN)
    if any(np.abs(np.quantile(each, (0.1, 0.9))).max() > _EVEN for each in straight):
        return None
    zooms = np.stack([views.zoom_x, views.zoom_y])
    most, least = zooms.max(axis=0), zooms.min(axis=0)
    at = views.index
    if _is_even(most):  # B shows the whole of one side of A, or always the same share of it
        pads = abs(float(np.median(most)) - 1) < _EVEN and _has_edge(now.left[at], 1 / zooms)
        return "A pads what B stretches" if pads else "B cuts the middle out of what A stretches"
    if _is_even(least):
        pads = abs(float(np.median(least)) - 1) < _EVEN and _has_edge(now.right[at], zooms)
        return "B pads what A stretches" if pads else "A cuts the middle out of what B stretches"
    if _is_even(most / least):  # one zoom for both sides of a picture, by its shape
        cuts, pads = ("B", "A") if np.median(most) < 1 else ("A", "B")
        return f"{cuts} cuts the middle out of what {pads} pads"
    return None


def _is_even(values: Array) -> bool:
    low, high = np.quantile(values, (0.1, 0.9))
    return bool(high - low <= 2 * _EVEN)


def _has_edge(pictures: Array, zooms: Array) -> bool:
    """Whether pictures that show more than the other side's end in flat bars.

    Args:
        pictures: Of one side, shape ``(pictures, height, width, channels)``.
        zooms: How much of the other side's width and height they show, shape ``(2, pictures)``.
    """
    spread = np.maximum(pictures.std(axis=(1, 2, 3)), 1e-9)
    flat: list[bool] = []
    for axis, zoom in zip((2, 1), zooms, strict=True):
        ends = np.take(pictures, (0, -1), axis=axis).std(axis=3 - axis).max(axis=(1, 2))
        beyond = zoom > 1 / _EDGE
        flat += (ends <= _FLAT * spread)[beyond].tolist()
    return bool(flat) and float(np.mean(flat)) > 0.5


def _box(views: _Moves) -> Box | None:
    """Zoom and shift that all views share, or ``None``."""
    found: list[float] = []
    for column in (views.zoom_x, views.zoom_y, views.shift_x, views.shift_y):
        low, middle, high = np.quantile(column, (0.1, 0.5, 0.9))
        if high - low > 2 * _EVEN:
            return None
        found.append(float(middle))
    return found[0], found[1], found[2], found[3]


def _in_words(box: Box) -> str:
    zoom_x, zoom_y, shift_x, shift_y = box
    said: list[str] = []
    if abs(zoom_x - 1) > _MOVED or abs(zoom_y - 1) > _MOVED:
        said.append(f"B shows {zoom_y:.0%} of A's height and {zoom_x:.0%} of its width")
    moved = [
        f"{abs(shift):.1%} {one if shift > 0 else other}"
        for shift, one, other in ((shift_x, "right", "left"), (shift_y, "down", "up"))
        if abs(shift) > _MOVED / 2
    ]
    if moved:
        said.append(f"B's middle is {' and '.join(moved)} of A's")
    return "; ".join(said)


def _warped(pictures: Array, box: Box) -> Array:
    zoom_x, zoom_y, shift_x, shift_y = box
    height, width = pictures.shape[1:3]
    rows, columns = (
        _axis(length, zoom, shift)
        for length, zoom, shift in ((height, zoom_y, shift_y), (width, zoom_x, shift_x))
    )
    return np.einsum("yh,nhwc,xw->nyxc", rows, pictures, columns, optimize=True).astype(np.float32)


def _axis(length: int, zoom: float, shift: float) -> Array:
    """Linear weights that show ``zoom`` of an axis, moved by ``shift`` of it."""
    middle = (np.arange(length) + 0.5) / length - 0.5
    at = ((middle * zoom + shift + 0.5) * length - 0.5).clip(0, length - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, length - 1)
    weights = np.zeros((length, length), np.float32)
    np.add.at(weights, (np.arange(length), low), 1 - (at - low))
    np.add.at(weights, (np.arange(length), high), at - low)
    return weights
