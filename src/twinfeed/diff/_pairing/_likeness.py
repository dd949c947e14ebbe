"""The same example in two sets of coarse views: mutually best, clearly, after alignment.

Three looks, each at what the one before left over: flips only; the same candidates aligned by an
affine map; and a wide bank of crops, turns and zooms, aligned again. A partner must be clearly
better than the second best of both, so copies and near copies stay unpaired unless they can be
told apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._align import aligned
from twinfeed.diff._views._candidates import Candidates, candidates
from twinfeed.diff._views._patched import patched
from twinfeed.diff._views._warp import FLIPS, SIDE, WIDE
from twinfeed.stats.one_thread import one_thread

_LEAST = 0.6  # correlation below which two views are not taken for the same example
_LEAST_ALIGNED = 0.8  # the same, squared, once eight numbers were fitted to make them alike
_AT_ONCE = 0.1  # doubt up to which a match needs no alignment
_CLEAR = 0.5  # doubt above which the best is not clearly best
_ENOUGH = 0.97  # share of matches after flips alone that makes the wide bank unnecessary
_WAVES = 8  # cosines per axis in wide searches
_SMALL = 1 << 20  # comparisons that are searched without a trial
_TRIAL = 256  # rows of a trial
_WORTH = 0.03  # share of a trial's rows that must find a partner


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs found, as indices into both sets.

    Attributes:
        left: Index into the left set, shape ``(pairs,)``.
        right: Index into the right set, shape ``(pairs,)``.
        doubt: Per pair, what is left between the two as a share of what is left between either
            and its second best partner, 0 to ``0.5``: 0 is beyond doubt.
    """

    left: Array
    right: Array
    doubt: Array

    def __len__(self) -> int:
        return len(self.left)


@one_thread()
def match(left: Array, right: Array) -> Matches:
    """Match coarse views one to one: mutually best and clearly so.

    Args:
        left: ``Rows.signature`` of one set, shape ``(count, values)``.
        right: The same of the other, with the same number of values.
    """
    if left.shape[1] != right.shape[1] or left.shape[1] < 8 or not len(left) or not len(right):
        return _nothing()
    if left.shape[1] != SIDE**2:
        return _vectors(left, right)
    found = _Found(left, right)
    near = candidates(left, right, FLIPS)
    found.take(near.left, near.right, 1 - near.score, _AT_ONCE)
    if not found.enough:
        found.beware(_nearest_of_its_own(left), _nearest_of_its_own(right))
        near = found.open(near)
        found.take(near.left, near.right, aligned(left, right, near, FLIPS), _CLEAR, _LEAST_ALIGNED)
    rows, columns = found.rest()
    if not found.enough and _worth_a_search(found, left, right):
        near, apart = _searched(left, right, rows, columns)
        found.take(near.left, near.right, apart, _CLEAR, _LEAST_ALIGNED)
    if not found.enough:
        rows, columns = found.rest()
        more = patched(left[rows], right[columns])
        found.add(rows[more.left], columns[more.right], more.doubt)
    return found.matches()


def _searched(left: Array, right: Array, rows: Array, columns: Array) -> tuple[Candidates, Array]:
    """Candidates among some rows and columns by the wide bank, and how far apart they are."""
    near = candidates(left[rows], right[columns], WIDE, waves=_WAVES)
    apart = aligned(left[rows], right[columns], near, WIDE)
    return Candidates(rows[near.left], columns[near.right], near.warp, near.score), apart


def _worth_a_search(found: _Found, left: Array, right: Array) -> bool:
    """Whether the wide bank finds partners for some of those that are left over."""
    rows, columns = found.rest()
    if len(rows) * len(columns) <= _SMALL:
        return True
    some = rows[:: max(1, len(rows) // _TRIAL)]
    near, apart = _searched(left, right, some, columns)
    return found.would_take(near.left, near.right, apart, _CLEAR) > _WORTH * len(some)


def _nearest_of_its_own(views: Array) -> Array:
    """How far each view is from the nearest other one of its set, shape ``(count,)``."""
    near = candidates(views, views, FLIPS, waves=_WAVES)
    other = near.left != near.right
    _, nearest = _two_best(near.left[other], 1 - near.score[other], len(views), rank=0)
    return np.maximum(nearest, 1e-6)


class _Found:
    """The matches so far, and who is still without one."""

    def __init__(self, left: Array, right: Array) -> None:
        self._partner = np.full(len(left), -1)
        self._doubt = np.zeros(len(left))
        self._taken = np.zeros(len(right), bool)
        self._own = np.ones(len(left)), np.ones(len(right))

    def beware(self, left: Array, right: Array) -> None:
        """Tell how far each view is from the nearest of its own set: a rival even if unseen."""
        self._own = left, right

    @property
    def enough(self) -> bool:
        """Whether so few are left over that a wider search is not worth its time."""
        shorter = min(len(self._partner), len(self._taken))
        left_over = min((self._partner < 0).sum(), (~self._taken).sum())
        return bool(left_over <= (1 - _ENOUGH) * shorter)

    def rest(self) -> tuple[Array, Array]:
        return np.flatnonzero(self._partner < 0), np.flatnonzero(~self._taken)

    def open(self, near: Candidates) -> Candidates:
        """The candidates whose two sides are both without a partner."""
        free = (self._partner[near.left] < 0) & ~self._taken[near.right]
        return Candidates(near.left[free], near.right[free], near.warp[free], near.score[free])

    def take(
        self, left: Array, right: Array, apart: Array, clear: float, least: float = _LEAST
    ) -> None:
        """Take the mutual best of some candidates where they are clear.

        Args:
            left: Index into the left set, shape ``(candidates,)``.
            right: Index into the right set, shape ``(candidates,)``.
            apart: How far the two are apart: 0 the same, 1 nothing in common.
            clear: Doubt up to which a pair is taken.
            least: Likeness from which a pair is taken.
        """
        good, doubt = self._judged(left, right, apart, clear, least)
        self._partner[left[good]], self._doubt[left[good]] = right[good], doubt[good]
        self._taken[right[good]] = True

    def add(self, left: Array, right: Array, doubt: Array) -> None:
        """Take pairs that were judged elsewhere."""
        self._partner[left], self._doubt[left] = right, doubt
        self._taken[right] = True

    def would_take(self, left: Array, right: Array, apart: Array, clear: float) -> int:
        """How many pairs ``take`` would take."""
        return int(self._judged(left, right, apart, clear, _LEAST_ALIGNED)[0].sum())

    def _judged(
        self, left: Array, right: Array, apart: Array, clear: float, least: float
    ) -> tuple[Array, Array]:
        apart = np.clip(apart, 1e-6, None)
        best_row, next_row = _two_best(left, apart, len(self._partner))
        best_column, next_column = _two_best(right, apart, len(self._taken))
        best = (best_row[left] == np.arange(len(left))) & (best_column[right] == best_row[left])
        seen = np.minimum(next_row[left], next_column[right])
        doubt = apart / np.minimum(seen, np.minimum(self._own[0][left], self._own[1][right]))
        return best & (apart <= 1 - least) & (doubt <= clear), doubt

    def matches(self) -> Matches:
        left = np.flatnonzero(self._partner >= 0)
        return Matches(left, self._partner[left], self._doubt[left])


def _two_best(key: Array, apart: Array, keys: int, rank: int = 1) -> tuple[Array, Array]:
    """Per key, which candidate is nearest, and how far the one of a rank is; 1 without one."""
    order = np.lexsort((apart, key))
    starts = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0]) if len(key) else order
    best, ranked = np.full(keys, -1), np.ones(keys)
    best[key[order[starts]]] = order[starts]
    has = starts + rank < np.r_[starts[1:], len(order)]
    ranked[key[order[starts[has]]]] = apart[order[starts[has] + rank]]
    return best, np.minimum(ranked, 1.0)


def _vectors(left: Array, right: Array) -> Matches:
    """Rows of a table have no geometry: they are compared as they are."""
    found = _Found(left, right)
    near = candidates(left, right, ())
    found.take(near.left, near.right, 1 - near.score, _CLEAR)
    return found.matches()


def _nothing() -> Matches:
    none = np.zeros(0, int)
    return Matches(none, none, np.zeros(0))
