"""Warping small grey pictures: operators for 16 x 16 views, sampling for whole batches."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from twinfeed._core.batch import Array

SIDE = 16
ZOOMS = (1.0, 0.8, 0.9, 1.12, 1.25)


@dataclass(frozen=True, slots=True)
class Warp:
    """A coarse guess at how a view was taken from its reference.

    The view's point ``(x, y)``, in -1..1 from edge to edge, is zoomed, turned and shifted; the
    reference, flipped and transposed, shows the same there. A zoom above 1 shows more, smaller.
    """

    flip_x: int = 1
    flip_y: int = 1
    zoom_x: float = 1.0
    zoom_y: float = 1.0
    degrees: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    transposed: bool = False

    @property
    def affine(self) -> tuple[float, float, float, float, float, float]:
        """``a11 a12 a21 a22 tx ty``, before flipping and transposing."""
        cos, sin = math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))
        return (
            *(cos * self.zoom_x, -sin * self.zoom_y, sin * self.zoom_x, cos * self.zoom_y),
            *(self.shift_x, self.shift_y),
        )

    @property
    def matrix(self) -> Array:
        """The same as ``a11 a12 tx, a21 a22 ty, 0 0 1``."""
        a11, a12, a21, a22, tx, ty = self.affine
        return np.array([[a11, a12, tx], [a21, a22, ty], [0, 0, 1]])

    @property
    def mirror(self) -> Warp:
        """What shows left for right of what this shows of an upright picture."""
        return replace(self, flip_x=-self.flip_x, degrees=-self.degrees, shift_x=-self.shift_x)


_ALL = slice(None)
FLIPS = (Warp(), Warp(flip_x=-1))
BANK = tuple(
    Warp(flip_x, 1, zoom_x, zoom_y) for flip_x, zoom_x, zoom_y in product((1, -1), ZOOMS, ZOOMS)
)
UPSIDE_DOWN = (Warp(flip_y=-1), Warp(-1, -1))
_SHIFTS = ((0.0, 0.0), (0.12, 0.0), (-0.12, 0.0), (0.0, 0.12), (0.0, -0.12))
WIDE = (
    *(
        Warp(flip_x, 1, zoom, zoom, degrees, *shift)
        for flip_x, zoom, degrees, shift in product(
            (1, -1), (1.0, 0.85, 1.18), (0.0, -12.0, 12.0), _SHIFTS
        )
    ),
    *(
        Warp(flip_x, 1, zoom, zoom, degrees)
        for flip_x, zoom, degrees in product((1, -1), (0.85, 1.18), (-26.0, 26.0, -42.0, 42.0))
    ),
    *(
        Warp(flip_x, 1, shift_x=x, shift_y=y)
        for flip_x, (x, y) in product((1, -1), ((0.26, 0), (-0.26, 0), (0, 0.26), (0, -0.26)))
    ),
    *(Warp(flip_x, 1, zoom, zoom) for flip_x, zoom in product((1, -1), (0.65, 1.45))),
    *UPSIDE_DOWN,
    *(Warp(x, y, transposed=True) for x, y in product((1, -1), (1, -1))),
)
"""Crops, turns, zooms and flips near enough to any usual augmentation to refine from."""


def centres(side: int) -> Array:
    """Pixel centres of one axis in -1..1, float64, shape ``(side,)``."""
    return (np.arange(side) + 0.5) * 2 / side - 1


@lru_cache(maxsize=256)
def operator(warp: Warp) -> Array:
    """The warp as a matrix on flattened 16 x 16 pictures, float32, shape ``(256, 256)``."""
    made = np.zeros((SIDE**2, SIDE**2), np.float32)
    for cell, weight in _corners(warp):
        np.add.at(made, (np.arange(SIDE**2), cell), weight)
    return made


@lru_cache(maxsize=8)
def mirrors(bank: tuple[Warp, ...]) -> tuple[tuple[int, int | None], ...]:
    """Numbers of upright warps, each once: alone, or with the one that shows its mirror image."""
    place = {warp: number for number, warp in enumerate(bank)}
    left, found = set(range(len(bank))), list[tuple[int, int | None]]()
    for number, warp in enumerate(bank):
        if number in left:
            other = place.get(warp.mirror)
            other = other if other in left and other != number else None
            left -= {number, other}
            found.append((number, other))
    return tuple(found)


def warped(pictures: Array, warp: Warp, seen: Array | slice = _ALL) -> Array:
    """Flattened 16 x 16 pictures, shape ``(count, 256)``, as the warp shows them.

    Args:
        pictures: What is warped.
        warp: What is done to it.
        seen: Which of the 256 points are wanted; all by default.
    """
    parts = [pictures[:, cell[seen]] * weight[seen] for cell, weight in _corners(warp)]
    return np.asarray(parts[0] + parts[1] + parts[2] + parts[3])


@lru_cache(maxsize=1024)
def _corners(warp: Warp) -> tuple[tuple[Array, Array], ...]:
    """The four cells around where each point comes from, each with its weight, shape ``(256,)``."""
    x, y = np.meshgrid(centres(SIDE), centres(SIDE))
    a11, a12, a21, a22, tx, ty = warp.affine
    at = warp.flip_x * (a11 * x + a12 * y + tx), warp.flip_y * (a21 * x + a22 * y + ty)
    column, row = (_places(each.ravel()) for each in (at[::-1] if warp.transposed else at))
    return tuple(
        (rows * SIDE + columns, (down * across).astype(np.float32))
        for (rows, down), (columns, across) in product(row, column)
    )


def _places(at: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The two cells around each point of an axis, each with its weight; clamped at the edges."""
    cell = np.clip((at + 1) * SIDE / 2 - 0.5, 0, SIDE - 1)
    low = np.floor(cell).astype(int).clip(max=SIDE - 2)
    return (low, 1 - (cell - low)), (low + 1, cell - low)


def standardise(pictures: Array) -> Array:
    """Each row with mean 0 and length 1, float32; a flat row becomes zeros."""
    rows = pictures.astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 1e-6, lengths, np.inf)


def sample(pictures: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Bilinear values of square pictures at points, and which points lie inside.

    Args:
        pictures: Shape ``(count, side, side)``.
        x: Columns in -1..1, shape ``(count, points)``.
        y: Rows in -1..1, shape ``(count, points)``.

    Returns:
        Values, shape ``(count, points)``; a mask of the same shape.
    """
    side = pictures.shape[1]
    column, row = (x + 1) * side / 2 - 0.5, (y + 1) * side / 2 - 0.5
    inside = (column > -0.01) & (column < side - 0.99) & (row > -0.01) & (row < side - 0.99)
    column, row = column.clip(0, side - 1), row.clip(0, side - 1)
    left, top = column.astype(int).clip(max=side - 2), row.astype(int).clip(max=side - 2)
    dx, dy = column - left, row - top
    flat = pictures.reshape(len(pictures), -1)
    at = top * side + left
    corners = [np.take_along_axis(flat, at + step, axis=1) for step in (0, 1, side, side + 1)]
    above = corners[0] * (1 - dx) + corners[1] * dx
    below = corners[2] * (1 - dx) + corners[3] * dx
    return above * (1 - dy) + below * dy, inside
