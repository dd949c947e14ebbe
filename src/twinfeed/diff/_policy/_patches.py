"""Rectangles of registered views that were overwritten: random erasing, cutout, pasted pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._policy._tones import Tones
from twinfeed.diff._views._register import Views

Box: TypeAlias = tuple[int, int, int, int]
"""First row, end row, first column, end column."""
Filling: TypeAlias = Literal["", "constant", "noise", "colours", "picture", "mixed"]

_CHUNK = 32  # views searched at a time; bounds memory at 30 MB
_LEAST_CELLS = 6  # of 48 x 48: smaller is a highlight, or noise
_ODD = 2.0  # expected deviations from which a cell shows something else
_PAYS = 1.2  # expected deviations that a cell of a rectangle must have in the mean
_MOST = 3.0  # that one cell counts for
_FILLED = 0.6  # share of a rectangle's cells that must show something else
_STANDS_OUT = 3.0  # times what is left beside the rectangle
_PARTLY, _FAR_OUT = 0.3, 8.0  # the same two, of a filling that is much like what it covers
LEAST_SHARE = 0.03
"""Of the views, that must have a rectangle."""
LEAST_VIEWS = 8
_EVEN = 0.004  # of a picture's range within which a filling is one value
ALIKE = 0.02  # of the range within which the fillings of all views are one
_AT_EDGES = 0.85  # share of rectangles at a picture's edge above which they are its filling
_THROUGH = 0.4  # correlation with what is expected there from which nothing was overwritten
_FLAT = 0.02  # of the range: deviation of what is expected below which that cannot be told
_SAME_PLACE = 0.4  # share of pairs of views of one example from which a rectangle is its own
_OVERLAP = 0.3  # of two rectangles from which they are at one place
_LEAST_PAIRS = 4
_SMOOTH = 0.5  # likeness of neighbouring pixels from which a filling is a picture


@dataclass(frozen=True, slots=True)
class Patches:
    """The rectangle of each view, in shares of its height and width.

    Attributes:
        erased: Whether a view has one, shape ``(views,)``.
        height: Its height; NaN without one.
        width: Its width.
        top: Its first row.
        left: Its first column.
        filling: ``constant``: one value in all views; ``colours``: one value in each;
            ``noise``; ``picture``: a part of something else; ``""`` without any.
        value: The constant, as a share of the range from black; NaN for other fillings.
    """

    erased: Array
    height: Array
    width: Array
    top: Array
    left: Array
    filling: Filling
    value: float


def no_patches(views: int) -> Patches:
    """Nothing erased in so many views."""
    height, width, top, left = np.full((4, views), np.nan)
    return Patches(np.zeros(views, bool), height, width, top, left, "", float("nan"))


def patches(
    cells: Cells, tones: Tones, wholes: Sequence[Array], example: Array, views: Views
) -> Patches:
    """Find the rectangles.

    Args:
        cells: The registered views.
        tones: Their lines.
        wholes: The views as they came, channels last.
        example: A number for the example each shows.
        views: How each is mirrored and transposed.
    """
    side, count = cells.side, len(cells)
    shown = odd_cells(cells, tones)
    odd, grid, fitted, likely = shown.odd, shown.grid, shown.fitted, shown.likely
    found = no_patches(count)
    boxes: dict[int, Box] = {}
    for start in range(0, len(likely), _CHUNK):
        some = likely[start : start + _CHUNK]
        best = zip(some.tolist(), rectangles(odd[some]), strict=True)
        boxes |= {
            view: box
            for view, box in best
            if stands_out(odd[view], np.nan_to_num(grid[view]), box, side)
        }
    if len(boxes) < max(LEAST_VIEWS, LEAST_SHARE * count):
        return found
    # Where one step moves a picture and the next shows more of it, what the first put at the
    # edge lies inside the whole map; it always reaches the edge.
    at_edges = [touches(grid[view], box) for view, box in boxes.items()]
    if np.mean(at_edges) > _AT_EDGES:
        return found
    shows = [_shows_through(fitted, cells.seen, view, box) for view, box in boxes.items()]
    known = [like for like in shows if np.isfinite(like)]
    if len(known) < 0.5 * len(boxes) or np.median(known) > _THROUGH:
        return found
    if _belong(boxes, example, views, side):
        return found
    for view, box in boxes.items():
        first, last, start, end = soft(np.nan_to_num(grid[view]), box)
        found.erased[view] = True
        found.top[view], found.left[view] = first / side, start / side
        found.height[view], found.width[view] = (last - first) / side, (end - start) / side
    filling, value = _filling(cells, wholes, boxes)
    return Patches(found.erased, found.height, found.width, found.top, found.left, filling, value)


@dataclass(frozen=True, slots=True)
class Odd:
    """Where views show something else than is expected.

    Attributes:
        odd: How many expected deviations a cell is off, shape ``(views, side, side)``.
        grid: By how much; NaN outside of what a map covers.
        fitted: What is expected, shape ``(views, cells, channels)``.
        likely: Views that have enough of it.
    """

    odd: Array
    grid: Array
    fitted: Array
    likely: Array


def odd_cells(cells: Cells, tones: Tones) -> Odd:
    """Hold each cell against what is expected there."""
    side, count = cells.side, len(cells)
    # Values cut off at the ends of the range are no patch.
    low, high = (end(cells.seen, axis=(1, 2), keepdims=True) for end in (np.min, np.max))
    fitted = np.clip(tones.fitted, low, high)
    left = np.abs(fitted - cells.seen).mean(axis=2)
    left[cells.inside == 0] = np.nan
    grid = left.reshape(count, side, side)
    grey = fitted.mean(axis=2).reshape(count, side, side)
    steep = sum(np.abs(np.gradient(grey, axis=axis)) for axis in (1, 2))
    usual = np.nanmedian(left, axis=1)[:, None, None]
    expected = 1.5 * usual + 0.5 * np.asarray(steep) + 0.012
    odd = np.nan_to_num(grid / expected, nan=0.5)
    likely = np.flatnonzero(
        ((odd > _ODD).sum(axis=(1, 2)) >= _least(side)) & np.isfinite(tones.gain)
    )
    return Odd(odd, grid, fitted, likely)


def _least(side: int) -> int:
    return max(3, round(_LEAST_CELLS * (side / 48) ** 2))


def rectangles(odd: Array) -> list[Box]:
    """The rectangle of each view that holds most of what is odd."""
    score = odd.clip(max=_MOST) - _PAYS
    views, side, _ = score.shape
    down = np.concatenate([np.zeros((views, 1, side)), score.cumsum(axis=1)], axis=1)
    tops, ends = np.triu_indices(side + 1, 1)
    best = np.full(views, -np.inf)
    box = np.zeros((views, 4), int)
    rows = down[:, ends] - down[:, tops]
    sums = np.concatenate([np.zeros((*rows.shape[:2], 1)), rows.cumsum(axis=2)], axis=2)
    lowest = np.minimum.accumulate(sums, axis=2)
    gained = sums - lowest
    right = gained.argmax(axis=2)
    most = np.take_along_axis(gained, right[..., None], axis=2)[..., 0]
    pair = most.argmax(axis=1)
    for view in range(views):
        at = int(pair[view])
        best[view] = most[view, at]
        end = int(right[view, at])
        start = int(sums[view, at, : end + 1].argmin())
        box[view] = tops[at], ends[at], start, end
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in box]


def stands_out(
    odd: Array, left: Array, box: Box, side: int, *, beside: Array | None = None
) -> bool:
    """Whether a rectangle is filled with something else, and little beside it is.

    Args:
        odd: One view of ``Odd.odd``.
        left: The same of ``Odd.grid``, 0 outside of what a map covers.
        box: The rectangle.
        side: Cells per axis.
        beside: ``left``, with NaN where another rectangle lies.
    """
    first, last, start, end = box
    if min(last - first, end - start) < 2 or (last - first) * (end - start) < _least(side):
        return False
    within = np.zeros((side, side), bool)
    within[first:last, start:end] = True
    rest = (left if beside is None else beside)[~within]
    rest = rest[np.isfinite(rest)]
    if not rest.size:
        return False
    filled = float((odd[within] > _ODD).mean())
    ratio = float(left[within].mean()) / max(float(rest.mean()), 1e-9)
    # A filling much like a part of what it covers, in a view that fits well everywhere else.
    return ratio >= (_STANDS_OUT if filled >= _FILLED else _FAR_OUT) and filled >= _PARTLY


def _shows_through(fitted: Array, seen: Array, view: int, box: Box) -> float:
    """How a rectangle goes with what is expected there, -1 to 1; NaN where that is flat."""
    first, last, start, end = box
    side = round(fitted.shape[1] ** 0.5)
    a, b = (
        each[view].mean(axis=1).reshape(side, side)[first:last, start:end]
        for each in (fitted, seen)
    )
    a, b = a - a.mean(), b - b.mean()
    if a.std() < _FLAT:
        return float("nan")
    return float((a * b).mean() / max(a.std() * b.std(), _FLAT * a.std()))


def _belong(
    boxes: dict[int, Box],
    example: Array,
    views: Views,
    side: int,
) -> bool:
    """Whether the rectangles are at one place in all views of an example: then nothing is drawn."""
    placed: dict[int, list[Box]] = {}
    for view, (first, last, start, end) in boxes.items():
        across = (side - end, side - start) if views.flip_x[view] else (start, end)
        down = (side - last, side - first) if views.flip_y[view] else (first, last)
        both = (*across, *down) if views.transposed[view] else (*down, *across)
        placed.setdefault(int(example[view]), []).append(both)
    pairs = [
        _overlap(one, other) for many in placed.values() for one, other in combinations(many, 2)
    ]
    return len(pairs) >= _LEAST_PAIRS and float(np.mean(np.array(pairs) > _OVERLAP)) > _SAME_PLACE


def _overlap(one: Box, other: Box) -> float:
    down = min(one[1], other[1]) - max(one[0], other[0])
    across = min(one[3], other[3]) - max(one[2], other[2])
    both = max(0, down) * max(0, across)
    areas = [(box[1] - box[0]) * (box[3] - box[2]) for box in (one, other)]
    return both / (sum(areas) - both)


def touches(left: Array, box: Box) -> bool:
    """Whether a rectangle reaches the edge of the view, or of what its map covers."""
    first, last, start, end = box
    around = left[max(0, first - 1) : last + 1, max(0, start - 1) : end + 1]
    cut = around.shape != (last - first + 2, end - start + 2)
    return cut or bool(np.isnan(around).any())


def soft(left: Array, box: Box) -> tuple[float, float, float, float]:
    """The edges of a rectangle between cells: a cell half covered differs half as much."""
    first, last, start, end = box
    rows = left[:, start + (end - start > 4) : end - (end - start > 4)].mean(axis=1)
    columns = left[first + (last - first > 4) : last - (last - first > 4)].mean(axis=0)
    return (*_edges(rows, first, last), *_edges(columns, start, end))


def _edges(profile: Array, first: int, last: int) -> tuple[float, float]:
    inner = profile[first + 1 : last - 1]
    if len(inner) < 1:
        return float(first), float(last)
    full = max(float(np.median(inner)), 1e-9)
    outer = np.r_[profile[: max(0, first - 1)], profile[last + 1 :]]
    rest = float(np.median(outer)) if len(outer) else 0.0

    def covered(at: int) -> float:
        if not 0 <= at < len(profile):
            return 0.0
        return float(np.clip((profile[at] - rest) / max(full - rest, 1e-9), 0, 1))

    low = first + 1 - covered(first) - covered(first - 1)
    high = last - 1 + covered(last - 1) + covered(last)
    return low, high


def _filling(cells: Cells, wholes: Sequence[Array], boxes: dict[int, Box]) -> tuple[Filling, float]:
    """What the rectangles were filled with, as most of them have it."""
    side = cells.side
    even: list[bool] = []
    smooth: list[float] = []
    values: list[Array] = []
    for view, (first, last, start, end) in boxes.items():
        whole = wholes[view].astype(np.float64)
        scale = whole.shape[0] / side, whole.shape[1] / side
        margin = 1 if min(last - first, end - start) > 3 else 0.5
        part = whole[
            int(np.ceil((first + margin) * scale[0])) : int((last - margin) * scale[0]),
            int(np.ceil((start + margin) * scale[1])) : int((end - margin) * scale[1]),
        ]
        if part.shape[0] < 1 or part.shape[1] < 1:
            continue
        even.append(bool(np.ptp(part, axis=(0, 1)).max() <= _EVEN * max(np.ptp(whole), 1e-12)))
        smooth.append(smoothness(part))
        middle = cells.seen[view].reshape(side, side, -1)[first + 1 : last - 1, start + 1 : end - 1]
        values.append(np.median(middle, axis=(0, 1)) if middle.size else np.full(3, np.nan))
    if not even:
        return "", float("nan")
    if np.mean(even) >= 0.5:
        level = np.array([value.mean() for value in values])
        middle = float(np.nanmedian(level))
        alike = bool(np.nanmedian(np.abs(level - middle)) <= ALIKE)
        return ("constant", middle) if alike else ("colours", float("nan"))
    likeness = float(np.median([each for each in smooth if np.isfinite(each)] or [0.0]))
    return ("picture" if likeness > _SMOOTH else "noise"), float("nan")


def smoothness(part: Array) -> float:
    """How alike neighbouring pixels are, -1 to 1; NaN for an even part."""
    if part.shape[1] < 3:
        return float("nan")
    centred = part - part.mean(axis=(0, 1))
    total = float(np.square(centred).mean())
    if total <= 0:
        return float("nan")
    return float((centred[:, 1:] * centred[:, :-1]).mean()) / total
