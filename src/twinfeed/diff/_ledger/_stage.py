"""The pairs' files, and the way by which A's pictures are made of them at this point of the account."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._replay._files import Header
from twinfeed.diff._replay._recipe import Recipe
from twinfeed.diff._replay._studio import Shot, Studio, Way, binding
from twinfeed.diff._replay._told import both, told
from twinfeed.diff._twins import Twins

Points: TypeAlias = tuple[Array, Array]
_MOST_PAIRS = 48
_MOST_PIXELS = 40_000_000  # of all files together
_COMPARED = 16  # pairs whose two files are read, to see whether they are the same ones
_SIDE = 32  # rows and columns that are replayed


@dataclass(frozen=True, slots=True)
class Stage:
    """What is replayed.

    Attributes:
        files: The file of each pair.
        sizes: Height and width of A's pictures at this point, and of B's.
        points: Rows and columns looked at, of A's pictures and of B's.
        way: How A's pictures are made at this point.
        goal: How B's are made.
        studio: What replays.
    """

    files: tuple[Header, ...]
    sizes: tuple[tuple[int, int], tuple[int, int]]
    points: tuple[Points, Points]
    way: Way
    goal: Way
    studio: Studio

    def pictures(self, channels: int) -> Array | None:
        """A's pictures by this way, in levels, shape ``(pairs, rows, columns, channels)``."""
        return self._made(self.way, 0, channels)

    def goal_pictures(self, channels: int) -> Array | None:
        """B's pictures by the way that makes them, likewise."""
        return self._made(self.goal, 1, channels)

    def _made(self, way: Way, side: int, channels: int) -> Array | None:
        at = self.points[side]
        nothing = np.zeros((len(at[0]), len(at[1]), channels))
        shots = [Shot(nothing, self.sizes[side], at, file) for file in self.files]
        found = [self.studio.replay(shot, way) for shot in shots]
        if any(levels is None or levels.shape != nothing.shape for levels in found):
            return None
        return np.stack([levels for levels in found if levels is not None]).astype(np.float64)

    def at_size_of_b(self) -> Stage:
        """The same way, with A's pictures made in B's size."""
        return replace(
            self, sizes=(self.sizes[1], self.sizes[1]), points=(self.points[1], self.points[1])
        )


def with_files(twins: Twins, at: list[int]) -> list[int]:
    """Those of some pairs whose file is known, where both sides have a recipe.

    None where the two sides read files of one format that were written apart: neither replays the
    other's.
    """
    if both(twins) is None:
        return []
    sides = told(twins)
    left: list[int] = twins.pairs.left.tolist()
    right: list[int] = twins.pairs.right.tolist()
    files = [(i, sides["A"].files.get(left[i]), sides["B"].files.get(right[i])) for i in at]
    apart = [_written_apart(a, b) for _, a, b in files[:_COMPARED]]
    if sum(apart) > len(apart) / 2:
        return []
    return [i for i, a, b in files if a or b]


def _written_apart(one: Path | None, other: Path | None) -> bool:
    if one is None or other is None or one.suffix.lower() != other.suffix.lower():
        return False
    return not filecmp.cmp(one, other, shallow=False)


def most_pairs(_twins: Twins) -> int:
    """How many pairs are replayed at most."""
    return _MOST_PAIRS


def set_up(twins: Twins, rows: Array, left: Array, right: Array) -> Stage | None:
    """The stage for these pairs, or ``None`` where their files are too large or cannot be read."""
    recipes, library = both(twins), binding()
    if recipes is None or library is None or left.shape[-1] != right.shape[-1]:
        return None
    sides = told(twins)
    known = [
        sides["A"].files.get(a) or sides["B"].files.get(b)
        for a, b in zip(rows[0].tolist(), rows[1].tolist(), strict=True)
    ]
    headers = [library.header(path) if path is not None else None for path in known]
    files = tuple(header for header in headers if header is not None)
    if len(files) < len(headers) or sum(f.height * f.width for f in files) > _MOST_PIXELS:
        return None
    sizes = left.shape[1:3], right.shape[1:3]
    return Stage(
        files=files,
        sizes=sizes,
        points=(_points(sizes[0]), _points(sizes[1])),
        way=_way(recipes[0]),
        goal=_way(recipes[1]),
        studio=Studio(library),
    )


def _points(size: tuple[int, int]) -> Points:
    rows, columns = (
        np.unique(np.linspace(0, length - 1, min(length, _SIDE)).round().astype(int))
        for length in size
    )
    return rows, columns


def _way(recipe: Recipe) -> Way:
    return Way(
        policy=recipe.policy.best,
        kernel=recipe.kernel.best if recipe.kernel else "pil-bilinear",
        decoder=recipe.decoder.best if recipe.decoder else "as stored",
        mode=recipe.mode.best,
        turn=bool(recipe.orientation_applied),
        blue_first=recipe.blue_first,
        bars=recipe.bars or (0.0,),
    )
