"""Rectangles that were overwritten, where a view is held against another draw of its example.

Either of the two may have one, in which the two differ. Whose it is shows what it is filled with:
one value, or noise, where the other goes on as pictures do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._policy._patches import (
    ALIKE,
    LEAST_SHARE,
    LEAST_VIEWS,
    Box,
    Filling,
    Odd,
    Patches,
    no_patches,
    odd_cells,
    rectangles,
    smoothness,
    soft,
    stands_out,
    touches,
)
from twinfeed.diff._policy._tones import Tones
from twinfeed.stats.intervals import wilson

_EVEN = 0.004  # of the range, within which a filling is one value
_ROUGH, _SMOOTH = 0.3, 0.5  # likeness of neighbours, of noise and of pictures
_MOST_AT_EDGES = 0.5  # share of rectangles at a picture's edge from which they may be its filling
_LEAST_LONG = 4  # cells, that show what a rectangle is filled with
_DECIDED = 2.6  # standard errors by which most must be filled in one way: 1 in 100 by chance
_COUNT = 2  # rectangles in which two draws differ

_Kind: TypeAlias = Literal["", "even", "noise"]


def patches_of_two(cells: Cells, tones: Tones) -> Patches:
    """Find the rectangles of the views, of those in which they differ from their references.

    Where they are too few to be drawn, or may be what lies outside of pictures, they have no filling.
    """
    seen = odd_cells(cells, tones)
    found = no_patches(len(cells))
    own = [each for each in _differing(cells, seen) if each[2]]
    side = cells.side
    for view, box, _ in own:
        first, last, start, end = soft(np.nan_to_num(seen.grid[view]), box)
        found.erased[view] = True
        found.top[view], found.left[view] = first / side, start / side
        found.height[view], found.width[view] = (last - first) / side, (end - start) / side
    few = len(own) < max(LEAST_VIEWS, LEAST_SHARE * len(cells))
    if few or np.mean([touches(seen.grid[at], box) for at, box, _ in own]) > _MOST_AT_EDGES:
        return replace(found, filling="", value=float("nan"))
    filling, value = _filling(cells, own)
    return Patches(found.erased, found.height, found.width, found.top, found.left, filling, value)


def _differing(cells: Cells, seen: Odd) -> Iterator[tuple[int, Box, _Kind]]:
    """The rectangles in which views differ from their references, and what the view has there."""
    for view in seen.likely.tolist():
        odd, grid = seen.odd[view].copy(), np.nan_to_num(seen.grid[view])
        boxes: list[Box] = []
        for _ in range(_COUNT):
            (box,) = rectangles(odd[None])
            boxes.append(box)
            odd[box[0] : box[1], box[2] : box[3]] = 0.0
        for box, other in zip(boxes, boxes[::-1], strict=True):
            beside = grid.copy()
            beside[other[0] : other[1], other[2] : other[3]] = np.nan
            if stands_out(seen.odd[view], grid, box, cells.side, beside=beside):
                yield view, box, _filled(cells, view, box)


def _filled(cells: Cells, view: int, box: Box) -> _Kind:
    """What the view has in a rectangle that is its own; ``""`` where it is not, or that is open."""
    mine, theirs = (_inside(each[view], cells.side, box) for each in (cells.seen, cells.expected))
    if min(mine.shape[:2]) < _LEAST_LONG - 2:
        return ""
    return "" if _kind(theirs) else _kind(mine)


def _inside(values: Array, side: int, box: Box) -> Array:
    first, last, start, end = box
    return values.reshape(side, side, -1)[first + 1 : last - 1, start + 1 : end - 1]


def _kind(part: Array) -> _Kind:
    if float(np.ptp(part, axis=(0, 1)).max()) <= _EVEN:
        return "even"
    both = smoothness(part), smoothness(part.swapaxes(0, 1))
    return "noise" if max(both) < _ROUGH else ""


def _filling(cells: Cells, own: list[tuple[int, Box, _Kind]]) -> tuple[Filling, float]:
    even = [(view, box) for view, box, kind in own if kind == "even"]
    least, most = wilson(len(even), len(own), z=_DECIDED)
    if least <= 0.5:
        # Some of each, or too few to say which of both most of them have.
        return "noise" if most < 0.5 else "mixed", float("nan")
    levels = np.array([_inside(cells.seen[view], cells.side, box).mean() for view, box in even])
    middle = float(np.median(levels))
    alike = bool(np.median(np.abs(levels - middle)) <= ALIKE)
    return ("constant", middle) if alike else ("colours", float("nan"))
