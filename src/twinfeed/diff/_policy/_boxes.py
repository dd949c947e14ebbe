"""The rectangles of one colour that pictures bear, told by the pictures alone.

Where most of a small picture is overwritten, no other draw of it can be laid over it. One colour
that comes exactly again in picture after picture, and fills one rectangle in each, shows by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_LEAST = 0.01  # of a picture, that the colour covers at least
_MOST, _POINTS = 800, 10_000_000  # views that are looked at, and points of them in all
_WHOLE = 0.95  # of a rectangle's area, that is of the colour
_FEW = 20  # views with a rectangle, from which those of two sides are held against each other
_APART = 0.06  # of a picture's side, by which the middle rectangles of two sides must differ
_SURELY, _MORE = 4.0, 0.02  # deviations, and share of the views, by which one side has more
_HARDLY = 0.1  # of the other side's views, that may have one
_SURE = 5.0  # standard errors of their means, by which they must


@dataclass(frozen=True, slots=True)
class Boxes:
    """Rectangles of one colour.

    Attributes:
        views: Views that were looked at.
        colour: The colour, one value per channel in the feed's units; empty where there is none.
        height: Of each rectangle, as a share of its picture's, shape ``(rectangles,)``.
        width: The same.
    """

    views: int
    colour: tuple[float, ...]
    height: Array
    width: Array

    def __len__(self) -> int:
        return len(self.height)


def boxes_apart(twins: Twins) -> tuple[Boxes, Boxes] | None:
    """The rectangles of both sides, where they surely have other sizes."""
    left, right = _both(twins).values()
    if min(len(left), len(right)) < _FEW:
        return None
    return (
        (left, right) if any(_differ(left, right, field) for field in ("height", "width")) else None
    )


def boxes_of_two_colours(twins: Twins) -> tuple[Boxes, Boxes] | None:
    """The rectangles of both sides, where each fills its own with a colour the other hardly has."""
    left, right = _both(twins).values()
    if min(len(left), len(right)) < _FEW:
        return None
    for name, colour in zip(SIDES, (right.colour, left.colour), strict=True):
        views = _views(twins.side(name))
        if wilson(len(_of_colour(views, colour)), len(views), z=_SURELY)[1] >= _HARDLY:
            return None
    return left, right


def boxes_on_one_side(twins: Twins) -> tuple[SideName, Boxes, Boxes] | None:
    """The side whose pictures bear rectangles of a colour surely more often, its own first."""
    for name, mine in _both(twins).items():
        theirs = _of_colour(_views(twins.other(name)), mine.colour)
        if min(len(mine), theirs.views) < _FEW:
            continue
        low = wilson(len(mine), mine.views, z=_SURELY)[0]
        high = wilson(len(theirs), theirs.views, z=_SURELY)[1]
        # Where the other side bears some, what lies outside of its pictures may hide the others.
        # Those that it fills with a colour of its own are rectangles too.
        own = _both(twins)["B" if name == "A" else "A"]
        high = max(high, wilson(len(own), own.views, z=_SURELY)[1])
        if high < _HARDLY and low > high + _MORE:
            return name, mine, theirs
    return None


@remembered
def _both(twins: Twins) -> dict[SideName, Boxes]:
    return {name: boxes(_views(twins.side(name))) for name in SIDES}


def _views(trace: Trace) -> list[Array]:
    """Whole pictures of every epoch: who is on them does not matter."""
    main = trace.main
    if main is None or not main.is_image:
        return []
    views = trace.kept.values
    most = min(_MOST, max(5 * _FEW, _POINTS // max(views[0].size, 1))) if len(views) else 0
    return [channels_last(view, main) for view in views[:most]]


def _differ(left: Boxes, right: Boxes, field: str) -> bool:
    a, b = getattr(left, field), getattr(right, field)
    error = float(np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)))
    apart = abs(float(np.median(a)) - float(np.median(b)))
    return apart > _APART and abs(float(a.mean() - b.mean())) > max(_SURE * error, _APART / 2)


def boxes(views: list[Array]) -> Boxes:
    """Find the colour that most pictures have much of, and the pictures that have it in one rectangle.

    Args:
        views: Pictures, channels last.
    """
    counts = Counter(colour for colour in map(_commonest, views) if colour)
    return _of_colour(views, counts.most_common(1)[0][0] if counts else ())


def _of_colour(views: list[Array], colour: tuple[float, ...]) -> Boxes:
    of_shape: defaultdict[tuple[int, ...], list[Array]] = defaultdict(list)
    for view in views if colour else []:
        if view.shape[-1] == len(colour) and _holds(view.dtype, colour):
            alike: Array = view == np.array(colour, view.dtype)
            of_shape[view.shape].append(_every(alike))
    found = [_rectangles(np.stack(masks)) for masks in of_shape.values()]
    height, width = np.concatenate(found).T if found else np.zeros((2, 0))
    return Boxes(len(views), colour, height, width)


def _holds(dtype: np.dtype[Any], colour: tuple[float, ...]) -> bool:
    """Whether a type has such values; the other side's may be of another type."""
    if dtype.kind not in "iu":
        return True
    levels = np.iinfo(dtype)
    return all(levels.min <= value <= levels.max for value in colour)


def _commonest(view: Array) -> tuple[float, ...]:
    """The colour of most flat points of a picture; empty where too few points share one."""
    # Only what is like the points below and beside it: to sort all of a photo takes far longer.
    flat = (view[:-1, :-1] == view[1:, :-1]) & (view[:-1, :-1] == view[:-1, 1:])
    points = view[:-1, :-1][_every(flat)]
    if not len(points):
        return ()
    found, counts = np.unique(points, axis=0, return_counts=True)
    most = found[int(counts.argmax())]
    if _every(view == most).mean() < _LEAST or not np.isfinite(most).all():
        return ()
    return tuple(float(value) for value in most)


def _every(flags: Array) -> Array:
    """Whether all channels of a point are marked, plane by plane: numpy is slow at three at a time."""
    every: Array = flags[..., 0].copy()
    for channel in range(1, flags.shape[-1]):
        every &= flags[..., channel]
    return every


def _rectangles(masks: Array) -> Array:
    """Heights and widths, as shares, of the masks that are one rectangle, shape ``(found, 2)``.

    What reaches from edge to edge may be what lies outside of a picture that was moved. Of the
    others, what hangs together with an edge is taken away, and what is left asked again.
    """
    sizes, whole = _sizes(masks)
    rest: Array = masks[~whole & np.asarray(masks.any(axis=(1, 2)))]
    again, left = _sizes(_away_from_edges(rest))
    return np.concatenate([sizes[whole], again[left]])


def _sizes(masks: Array) -> tuple[Array, Array]:
    """What the masks span as shares of a picture, and whether each is one rectangle."""
    sides = np.array(masks.shape[1:])
    spans = np.stack([_span(np.asarray(masks.any(axis=axis))) for axis in (2, 1)], axis=1)
    area = masks.sum(axis=(1, 2))
    whole = (area >= _LEAST * sides.prod()) & (area >= _WHOLE * spans.prod(axis=1))
    return spans / sides, whole & (spans < sides).all(axis=1)


def _span(marks: Array) -> Array:
    """From the first mark of each row to the last; 0 where there is none."""
    last = marks.shape[1] - marks[:, ::-1].argmax(axis=1)
    return np.where(marks.any(axis=1), last - marks.argmax(axis=1), 0)


def _away_from_edges(masks: Array) -> Array:
    """Without what hangs together with an edge of the picture, as black corners of a turned one do."""
    outside = np.zeros_like(masks)
    outside[:, [0, -1]], outside[:, :, [0, -1]] = masks[:, [0, -1]], masks[:, :, [0, -1]]
    before = -1
    while before != (now := int(outside.sum())):
        before = now
        for one, other in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
            outside[:, one] |= outside[:, other]
            outside[:, :, one] |= outside[:, :, other]
        outside &= masks  # by corners as well, and over a gap of one point that was blended
    return masks & ~outside
