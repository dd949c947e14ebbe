"""The matches so far: taken where mutually best and clearly so, and what they teach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._learned import MOST, learned
from twinfeed.diff._views._align import Aligned
from twinfeed.diff._views._candidates import Candidates
from twinfeed.diff._views._warp import Warp

CLEAR = 0.5
"""Doubt above which the best is not clearly best."""
_LEAST = 0.6  # correlation below which two views are not taken for the same example
_LEAST_ALIGNED = 0.8  # the same, squared, once eight numbers were fitted to make them alike
_ENOUGH = 0.97  # share of matches that makes a wider search unnecessary


@dataclass(frozen=True, slots=True)
class Clues:
    """What pairs that were found tell of those still to be found.

    Attributes:
        bank: Warps that cover what was done to them; empty where too few tell.
        patched: Whether some were found by what a patch left of them.
    """

    bank: tuple[Warp, ...]
    patched: bool


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs found, as indices into both sets.

    Attributes:
        left: Index into the left set, shape ``(pairs,)``.
        right: Index into the right set, shape ``(pairs,)``.
        doubt: Per pair, what is left between the two as a share of what is left between either
            and its second best partner, 0 to ``0.5``: 0 is beyond doubt.
        clues: What was done to the views, for other views of the same feeds.
    """

    left: Array
    right: Array
    doubt: Array
    clues: Clues

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class Told:
    """Pairs that were told by how far the two are apart.

    Attributes:
        left: Index into the left set, shape ``(pairs,)``.
        right: Index into the right set, shape ``(pairs,)``.
        apart: 0 the same, 1 nothing in common, shape ``(pairs,)``.
        doubt: As ``Matches`` has it.
    """

    left: Array
    right: Array
    apart: Array
    doubt: Array

    def __len__(self) -> int:
        return len(self.left)

    def some(self, at: Array) -> Told:
        """Those at some places."""
        return Told(self.left[at], self.right[at], self.apart[at], self.doubt[at])


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was done to some pairs: maps as ``Aligned.map``, flips as ``learned`` takes them."""

    map: Array
    flips: Array

    @staticmethod
    def of(near: Candidates, fit: Aligned, bank: tuple[Warp, ...], good: Array) -> _Seen:
        flips = np.array([(w.flip_x < 0, w.flip_y < 0, w.transposed) for w in bank])
        return _Seen(fit.map[good], flips[near.warp[good]])


class Found:
    """The matches so far, and who is still without one."""

    def __init__(self, left: Array, right: Array) -> None:
        self._partner = np.full(len(left), -1)
        self._doubt = np.zeros(len(left))
        self._apart = np.full(len(left), np.nan)  # of those told by how far the two are apart
        self._taken = np.zeros(len(right), bool)
        self._nearest = np.ones(len(left)), np.ones(len(right))
        self._own = np.ones(len(left)), np.ones(len(right))
        self._seen: list[_Seen] = []
        self._patched = False

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
        self._add(left[good], right[good], doubt[good], apart[good])

    def take_aligned(
        self,
        near: Candidates,
        fit: Aligned,
        bank: tuple[Warp, ...],
        released: Told | None = None,
    ) -> None:
        """Take the mutual best of aligned candidates where they are clear, and learn from them.

        Args:
            near: The candidates.
            fit: How they were aligned.
            bank: What ``near.warp`` points into.
            released: Pairs found before, that are candidates once more.
        """
        left, right, apart = near.left, near.right, fit.apart
        if released is not None:
            left, right, apart = _together(left, right, apart, released)
        good, doubt = self._judged(left, right, apart, CLEAR, _LEAST_ALIGNED)
        self._add(left[good], right[good], doubt[good], apart[good])
        self._seen.append(_Seen.of(near, fit, bank, good[: len(near.left)]))

    def learn(self, near: Candidates, fit: Aligned, bank: tuple[Warp, ...]) -> None:
        """Learn from what ``take_aligned`` would take."""
        good, _ = self._judged(near.left, near.right, fit.apart, CLEAR, _LEAST_ALIGNED)
        self._seen.append(_Seen.of(near, fit, bank, good))

    def count(self, near: Candidates, fit: Aligned) -> int:
        """How many pairs ``take_aligned`` would take."""
        good, _ = self._judged(near.left, near.right, fit.apart, CLEAR, _LEAST_ALIGNED)
        return int(good.sum())

    def learned(self, most: int = MOST) -> tuple[Warp, ...]:
        """A bank of what was done to the pairs found last, or to all if those are too few.

        Args:
            most: Places per way of flipping.
        """
        if not self._seen:
            return ()
        maps = [seen.map for seen in self._seen]
        flips = [seen.flips for seen in self._seen]
        last = learned(maps[-1], flips[-1], most)
        return last or learned(np.concatenate(maps), np.concatenate(flips), most)

    def take_patched(self, left: Array, right: Array, doubt: Array) -> None:
        """Take pairs that were judged by what patches left of them."""
        self._add(left, right, doubt, np.full(len(left), np.nan))
        self._patched |= len(left) > 0

    @property
    def nearest(self) -> Array:
        """How far each view of the smaller set is from the nearest of the other, paired or not."""
        return min(self._nearest, key=len)

    def told(self) -> Told:
        """The pairs that were told by how far the two are apart."""
        left = np.flatnonzero(~np.isnan(self._apart))
        return Told(left, self._partner[left], self._apart[left], self._doubt[left])

    def others(self) -> Told:
        """The pairs that were told by what patches left of them: how far apart is not known."""
        left = np.flatnonzero((self._partner >= 0) & np.isnan(self._apart))
        return Told(left, self._partner[left], self._apart[left], self._doubt[left])

    def release(self) -> Told:
        """Give up the pairs that were told by how far the two are apart, to judge them again."""
        told = self.told()
        self._taken[told.right] = False
        self._partner[told.left], self._apart[told.left] = -1, np.nan
        return told

    def reconsider(self, left: Array, doubt: Array) -> None:
        """Take another doubt of the pairs of some left views, and give up those not clear."""
        self._doubt[left] = doubt
        lost = left[doubt > CLEAR]
        self._taken[self._partner[lost]] = False
        self._partner[lost], self._apart[lost] = -1, np.nan

    def _add(self, left: Array, right: Array, doubt: Array, apart: Array) -> None:
        self._partner[left], self._doubt[left], self._apart[left] = right, doubt, apart
        self._taken[right] = True

    def _judged(
        self, left: Array, right: Array, apart: Array, clear: float, least: float
    ) -> tuple[Array, Array]:
        apart = np.clip(apart, 1e-6, None)
        for nearest, key in zip(self._nearest, (left, right), strict=True):
            np.minimum.at(nearest, key, apart)
        best_row, next_row = two_best(left, apart, len(self._partner))
        best_column, next_column = two_best(right, apart, len(self._taken))
        best = (best_row[left] == np.arange(len(left))) & (best_column[right] == best_row[left])
        seen = np.minimum(next_row[left], next_column[right])
        doubt = apart / np.minimum(seen, np.minimum(self._own[0][left], self._own[1][right]))
        return best & (apart <= 1 - least) & (doubt <= clear), doubt

    def matches(self) -> Matches:
        left = np.flatnonzero(self._partner >= 0)
        clues = Clues(self.learned(), self._patched)
        return Matches(left, self._partner[left], self._doubt[left], clues)


def _together(
    left: Array, right: Array, apart: Array, released: Told
) -> tuple[Array, Array, Array]:
    """Candidates and pairs found before, each once and as near as it was ever seen."""
    columns = 1 + max(int(right.max(initial=0)), int(released.right.max(initial=0)))
    known, before = left * columns + right, released.left * columns + released.right
    _, at, of = np.intersect1d(known, before, assume_unique=True, return_indices=True)
    apart = apart.copy()
    apart[at] = np.minimum(apart[at], released.apart[of])
    more = np.setdiff1d(np.arange(len(released)), of)
    return (
        np.concatenate([left, released.left[more]]),
        np.concatenate([right, released.right[more]]),
        np.concatenate([apart, released.apart[more]]),
    )


def two_best(key: Array, apart: Array, keys: int, rank: int = 1) -> tuple[Array, Array]:
    """Per key, which candidate is nearest, and how far the one of a rank is; 1 without one."""
    order = np.lexsort((apart, key))
    starts = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0]) if len(key) else order
    best, ranked = np.full(keys, -1), np.ones(keys)
    best[key[order[starts]]] = order[starts]
    has = starts + rank < np.r_[starts[1:], len(order)]
    ranked[key[order[starts[has]]]] = apart[order[starts[has] + rank]]
    return best, np.minimum(ranked, 1.0)
