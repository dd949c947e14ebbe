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
class Lowest(Generic[_T]):
    """What is kept of the examples with the lowest keys.

    They are a uniform sample, the same in every epoch and feed, and merge exactly.

    Attributes:
        most: Examples kept, at most.
    """

    most: int
    _kept: dict[int, tuple[int, _T]] = field(default_factory=dict[int, "tuple[int, _T]"])
    _highest: list[int] = field(default_factory=list[int])  # heap of negated keys

    def __len__(self) -> int:
        return len(self._kept)

    def admitted(self, keys: Array) -> list[int]:
        """Which of a batch belong to the lowest now; those above them are given up.

        ``put`` must follow for each.
        """
        found: list[int] = []
        known = {*self._kept}
        for index in np.argsort(keys, kind="stable").tolist():
            key = int(keys[index])
            if key in known:
                continue
            if len(known) >= self.most:
                if key >= -self._highest[0]:
                    break
                highest = -heapq.heappop(self._highest)
                known.discard(highest)
                del self._kept[highest]
            heapq.heappush(self._highest, -key)
            known.add(key)
            found.append(index)
        return found

    def put(self, key: int, row: int, what: _T) -> None:
        """Keep something of an example that was admitted."""
        self._kept[key] = row, what

    def kept(self) -> dict[int, _T]:
        """What is kept of each example, by its row."""
        return dict(self._kept.values())


@dataclass(slots=True)
class Sample(Generic[_T]):
    """Of a pass, the examples to keep: by name and by look.

    By name, so that other draws of the same are kept too; by look, so that they are the ones that
    another feed keeps, which may name none.

    Attributes:
        most: Examples kept, at most.
    """

    most: int = 0
    _by_name: Lowest[_T] = field(default_factory=lambda: Lowest[_T](0))
    _by_look: Lowest[_T] = field(default_factory=lambda: Lowest[_T](0))

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
        for part, chosen in ((self._by_name, names), (self._by_look, keys)):
            if part.most:
                for index in part.admitted(chosen):
                    part.put(int(chosen[index]), first_row + index, make(index))

    def in_order(self) -> list[tuple[int, _T]]:
        """Row of each example and what is kept of it, ascending."""
        return sorted((self._by_name.kept() | self._by_look.kept()).items())


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
    means = np.nan_to_num(_areas(picture), nan=0.0, posinf=0.0, neginf=0.0)
    whole = picture.dtype == np.uint8
    span = np.array((0, 255) if whole else (means.min(), means.max()), np.float32)
    width = float(span[1] - span[0]) or 1.0
    return np.rint((means - span[0]) * np.float32(255 / width)).astype(np.uint8), span


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
