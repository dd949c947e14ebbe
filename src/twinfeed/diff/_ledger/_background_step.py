"""One colour on one side where the other has another one, or a picture: what was transparent."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._ledger._ground import Ground, points
from twinfeed.diff._ledger._step import Change
from twinfeed.diff._twins import Twins
from twinfeed.stats.channel_lines import ChannelLines, channel_lines

_LEAST_SHARE = 0.01  # of all points, that have the two colours
_LEAST_PICTURES = 0.1  # share of the pictures that have them
_FOLLOWED = 0.98  # share of the variance of all other points that a line has to explain
_WRONG = 0.1  # share of the pictures that may be paired with another one
_FAR = 0.1  # of B's spread, by which the colour must lie off that line
_SAME = 0.02  # factor and offset, in spreads, up to which values are the same
_ENDS = (np.min, np.max)
_Colours: TypeAlias = "tuple[Array | None, Array | None, Array, Array]"
"""A's colour and B's, ``None`` where a picture is; factor and offset from A's values to B's."""
_NEARLY_ALL = 0.9  # share of the points of one colour, that have one colour on the other side too
_MOSTLY = 0.5  # share of the points of one of the colours that have the other one


def background(_twins: Twins, now: Ground) -> Change | None:
    """The colour of B in place of that of A, where everything else follows one line."""
    if now.stage is not None or now.left.shape != now.right.shape:
        return None
    shown = points(now.left[now.fit]), points(now.right[now.fit])
    found = _two_colours(*shown) or _one_colour(*shown)
    if found is None:
        return None
    mine, theirs, gain, offset = found
    here = np.ones(now.left.shape[:3], bool)
    for side, colour in ((now.left, mine), (now.right, theirs)):
        here &= True if colour is None else _are(side, colour)
    left, mixed = now.left.copy(), _around(here)
    left[mixed] = ((now.right[mixed] - offset) / gain).astype(np.float32)
    share, pictures = float(here.mean()), int(here.any(axis=(1, 2)).sum())
    return Change(
        step="background",
        says=f"{share:.0%} of the points are {said(mine)} in A and {said(theirs)} in B",
        left=left,
        right=now.right,
        judge="shape",
        facts={
            "a_colour": said(mine),
            "b_colour": said(theirs),
            "points_share": share,
            "pictures_with_it": pictures,
            "pictures": len(here),
            "same_beside_it": _nearly_same(now, gain, offset),
        },
    )


def same_beside(left: Array, right: Array) -> bool:
    """Whether values are where they are, of points that no bar covers: ``(points, channels)``."""
    spread = left.std(axis=0, dtype=np.float64).clip(min=1e-12)
    return bool((np.abs(left - right).mean(axis=0) < _SAME * spread).all())


def _nearly_same(now: Ground, gain: Array, offset: Array) -> bool:
    """Whether the line of all other points leaves values where they are."""
    spread = now.left.std(axis=(0, 1, 2), dtype=np.float64)
    return bool((np.abs(gain - 1) < _SAME).all() and (np.abs(offset) < _SAME * spread).all())


def _one_colour(left: Array, right: Array) -> _Colours | None:
    """The commonest colour of one side, where the other goes on with its picture, and the line."""
    for side, mostly in ((right, left), (left, right)):
        rows = side.reshape(-1, side.shape[-1]).astype(np.float64)
        _, first, counts = np.unique(_keys(rows), return_index=True, return_counts=True)
        colour = rows[first[counts.argmax()]]
        here = _are(side, colour)
        if here.mean() < _LEAST_SHARE or here.any(axis=(1, 2)).mean() < _LEAST_PICTURES:
            continue
        # Where the other side has one colour there too, a curve may lead from one to the other.
        usual = np.median(mostly[here], axis=0)
        even = float((mostly[here] == usual).all(axis=-1).mean())
        flat = even > _MOSTLY
        line = _line_of_most(mostly, side, ~(here if flat else _around(here)))
        if line is None or float(line.left_over.max()) > 1 - _FOLLOWED:
            continue
        gain, offset, _ = line
        shown = gain * mostly[here] + offset
        spread = side.std(axis=(0, 1, 2), dtype=np.float64).clip(min=1e-12)
        # What was cut off lies beyond the end that the colour is at; a picture under it does not.
        low, high = side.min(axis=(0, 1, 2)), side.max(axis=(0, 1, 2))
        cut = ((shown <= low) & (colour <= low)) | ((shown >= high) & (colour >= high))
        off = (np.abs(shown - colour) / spread > _FAR) & ~cut
        if off.any(axis=-1).mean() < _MOSTLY:
            continue
        # The picture of the other side may have been padded there as well, with another value.
        beside = usual.astype(np.float64) if even > _NEARLY_ALL else None
        if side is right:
            return beside, colour, gain, offset
        return colour, beside, 1 / gain, -offset / gain
    return None


def _two_colours(left: Array, right: Array) -> _Colours | None:
    """The commonest pair of colours that lies off the line of all others, and that line."""
    channels = left.shape[-1]
    a, b = (side.reshape(-1, channels).astype(np.float64) for side in (left, right))
    key = _keys(np.concatenate([a, b], axis=1))
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    commonest = int(counts.argmax())
    if counts[commonest] < _LEAST_SHARE * len(key):
        return None
    mine, theirs = a[first[commonest]], b[first[commonest]]
    # The lowest of both sides, or the highest: a curve explains it as well.
    if any((mine == end(a, axis=0)).all() and (theirs == end(b, axis=0)).all() for end in _ENDS):
        return None
    here = _are(left, mine) & _are(right, theirs)
    usual = min(_are(left, mine).sum(), _are(right, theirs).sum())
    if here.any(axis=(1, 2)).mean() < _LEAST_PICTURES or here.sum() < _MOSTLY * usual:
        return None
    line = _line_of_most(left, right, ~_around(here))
    if line is None or float(line.left_over.max()) > 1 - _FOLLOWED:
        return None
    gain, offset, _ = line
    off = np.abs(gain * mine + offset - theirs) / b.std(axis=0).clip(min=1e-12)
    return (mine, theirs, gain, offset) if float(off.max()) > _FAR else None


def _around(here: Array) -> Array:
    """``here`` and what lies next to it, where a resize mixes the colour with the picture."""
    padded = np.pad(here, ((0, 0), (1, 1), (1, 1)))
    height, width = here.shape[1:]
    near = [padded[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.logical_or.reduce(near)


def _keys(rows: Array) -> Array:
    """One number for each row, which is quicker to count than the rows."""
    return rows @ np.sqrt(np.arange(2.0, 2.0 + rows.shape[1]))


def _line_of_most(left: Array, right: Array, rest: Array) -> ChannelLines | None:
    """The line of the points ``rest``; where not all pictures follow one, without the oddest."""
    line = channel_lines(left[rest].astype(np.float64), right[rest].astype(np.float64))
    if line is None or float(line.left_over.max()) <= 1 - _FOLLOWED:
        return line
    away = np.square(right - line.gain * left - line.offset).mean(axis=-1)
    odd = np.where(rest, away, 0).sum(axis=(1, 2))
    rest = rest & (odd <= np.quantile(odd, 1 - _WRONG))[:, None, None]
    return channel_lines(left[rest].astype(np.float64), right[rest].astype(np.float64))


def _are(pictures: Array, colour: Array) -> Array:
    """Where pictures have a colour, shape ``(pairs, height, width)``."""
    return (pictures == colour.astype(pictures.dtype)).all(axis=-1)


def said(colour: Array | None) -> str:
    """``0.5`` or ``(255, 255, 255)``; ``a picture`` without one."""
    if colour is None:
        return "a picture"
    values = [f"{value:.4g}" for value in colour.tolist()]
    return values[0] if len(set(values)) == 1 else f"({', '.join(values)})"
