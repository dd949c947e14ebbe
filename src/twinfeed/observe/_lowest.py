"""The examples of a pass whose keys hash lowest, and small copies of pictures."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np

from twinfeed._core.batch import Array

_FINE, _COARSE = 64, 48  # rows or columns of a small copy, at most and where no other number fits
_T = TypeVar("_T")


@dataclass(slots=True)
class _Lowest(Generic[_T]):
    """What is kept of the examples with the lowest keys: the same ones in any order and split."""

    most: int = 0
    kept: dict[int, tuple[int, _T]] = field(default_factory=dict[int, "tuple[int, _T]"])
    highest: list[int] = field(default_factory=list[int])  # heap of negated keys

    def offer(self, keys: Array, first_row: int, make: Callable[[int], _T]) -> None:
        """Keep the examples of a batch that are among the lowest; those above them are given up."""
        for index in np.argsort(keys, kind="stable").tolist() if self.most else ():
            key = int(keys[index])
            if key in self.kept:
                continue
            if len(self.kept) >= self.most:
                if key >= -self.highest[0]:
                    break
                del self.kept[-heapq.heappop(self.highest)]
            heapq.heappush(self.highest, -key)
            self.kept[key] = first_row + index, make(index)


@dataclass(slots=True)
class Sample(Generic[_T]):
    """Of a pass, the examples to keep: by name and by look.

    By name, so that other draws of the same are kept too; by look, so that they are the ones that
    another feed keeps, which may name none.

    Attributes:
        most: Examples kept, at most.
    """

    most: int = 0
    _by_name: _Lowest[_T] = field(default_factory=_Lowest["_T"])
    _by_look: _Lowest[_T] = field(default_factory=_Lowest["_T"])

    def offer(self, names: Array, keys: Array, first_row: int, make: Callable[[int], _T]) -> None:
        """Keep what belongs to the sample of a batch.

        Args:
            names: A hash of each example's name, 0 for one without.
            keys: What says how each one looks.
            first_row: The row of the batch's first example.
            make: What to keep of the example at a place in the batch.
        """
        if not self._by_look.most:
            half = self.most // 2 if names.all() else 0
            self._by_name.most, self._by_look.most = half, self.most - half
        self._by_name.offer(names, first_row, make)
        self._by_look.offer(keys, first_row, make)

    def in_order(self) -> list[tuple[int, _T]]:
        """Row of each example and what is kept of it, ascending."""
        both = (*self._by_name.kept.values(), *self._by_look.kept.values())
        return sorted(dict(both).items())


def is_large(picture: Array) -> bool:
    """Whether a small copy of a picture, channels last, would be smaller."""
    return any(_cells(length) < length for length in picture.shape[:2])


def small(picture: Array) -> tuple[Array, Array]:
    """A copy of a picture in few cells and 256 levels.

    Args:
        picture: Shape ``(height, width, channels)``, numbers.

    Returns:
        The levels, uint8, at most 64 x 64 cells, and the values that levels 0 and 255 stand for,
        float32, shape ``(2,)``.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # what is no number shows as 0
        means = np.nan_to_num(_areas(picture), nan=0.0, posinf=0.0, neginf=0.0)
    whole = picture.dtype == np.uint8
    low, high = (0.0, 255.0) if whole else (float(means.min()), float(means.max()))
    share = (means - np.float64(low)) / ((high - low) or 1.0)
    return np.rint(share * 255).astype(np.uint8), np.array((low, high), np.float32)


def _areas(picture: Array) -> Array:
    """The mean of each cell, float32. Whole lines are added: numpy sums short axes slowly."""
    height, width, channels = picture.shape
    down, each_down = _lines(height)
    across, each_across = _lines(width)
    flat = picture.reshape(height, -1)
    total = flat[down].astype(np.float32)
    for line in range(1, each_down):
        total += flat[down + line]
    total = total.reshape(len(down), width, channels)
    found = total[:, across]
    for line in range(1, each_across):
        found += total[:, across + line]
    return found / np.float32(each_down * each_across)


def _lines(length: int) -> tuple[Array, int]:
    """Where each cell of an axis starts, and how many lines about its middle are averaged."""
    cells = _cells(length)
    each = -(-length // cells)
    starts = np.floor((np.arange(cells) + 0.5) * (length / cells) - each / 2 + 0.5).astype(int)
    return starts.clip(0, length - each), each


def _cells(length: int) -> int:
    """Cells of an axis: as many as divide it, so that all are alike."""
    if length <= _FINE:
        return length
    return next((n for n in range(_COARSE, _FINE + 1) if length % n == 0), _COARSE)
