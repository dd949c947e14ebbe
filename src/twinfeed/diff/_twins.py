"""Two traces side by side: facts that measures ask for, each computed once and only if asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._idle_draws import draws_anew
from twinfeed.diff._pairing._copies import Copies, copies
from twinfeed.diff._pairing._pair import pair_epochs, pair_more, pair_sides
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._pairing._through import draws, pair_through, worth_it
from twinfeed.diff._views._kept_draws import against_draws
from twinfeed.diff._views._reference import MOST, Basis, references
from twinfeed.diff._views._register import Views, register
from twinfeed.diff._views._threads import of_each

SideName: TypeAlias = Literal["A", "B"]
SIDES: tuple[SideName, SideName] = ("A", "B")
EACH_WAY: tuple[tuple[SideName, SideName], ...] = (("A", "B"), ("B", "A"))
"""Each side with the other one."""
_KNOWN = 0.5  # share of the examples of whole epochs to be met again, for what they show to say it of all
_VIEWS = round(1.5 * MOST)  # views from which on no later draws are looked for
_BEGIN = 40  # examples of two epochs from which it is asked whether the first began alike
_WENT_ON = 0.8  # share of the examples that may come again as they were
_REORDERED = 0.25  # share of them that must come before the one that they came after
STILL_SHARE = 0.999
"""Share of examples with unchanged content above which a feed does not augment afresh."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """The same examples seen twice by one feed.

    Attributes:
        pairs: Rows of the first pass and of the second.
        same: Whether each pair's content is equal bit for bit.
    """

    pairs: Pairs
    same: Array

    @property
    def share_same(self) -> float:
        """Share of the examples whose content did not change, 0 to 1; NaN without pairs."""
        return float(self.same.sum()) / self._seen if self._seen else float("nan")

    @property
    def found(self) -> float:
        """Share of the shorter pass that was met again, as far as was looked for, 0 to 1."""
        shorter = min(len(self.pairs.left_rows), len(self.pairs.right_rows))
        return min(1.0, self._seen / shorter) if shorter else 0.0

    @property
    def _seen(self) -> float:
        """Examples seen twice, had all that changed been looked for."""
        return float(self.same.sum()) + float((~self.same).sum()) / self.pairs.sought

    @property
    def fairly(self) -> Array:
        """Which pairs to look at, so that of those unchanged as many count as of the changed."""
        chosen = ~self.same
        at = np.flatnonzero(self.same)
        count = round(len(at) * self.pairs.sought)
        chosen[at[np.linspace(0, len(at) - 1, count).astype(int)]] = True
        return chosen


class Twins:
    """A pair of traces and what is derived from them.

    Args:
        left: Feed A.
        right: Feed B.
    """

    def __init__(self, left: Trace, right: Trace) -> None:
        self.left = left
        self.right = right
        self._again: dict[tuple[SideName, str], Repeats | None] = {}
        self._later: dict[tuple[SideName, int], Pairs] = {}

    def side(self, name: SideName) -> Trace:
        """The trace of one side."""
        return self.left if name == "A" else self.right

    def other(self, name: SideName) -> Trace:
        """The trace of the other side."""
        return self.right if name == "A" else self.left

    @cached_property
    def pairs(self) -> Pairs:
        """Rows of A and of B, in their first epochs, that hold the same example."""
        found = pair_sides(self.left, self.right)
        return found.equal(self.left, self.right) if self.copies is not None else found

    @cached_property
    def copies(self) -> Copies | None:
        """Pictures of a validation that are copies of those trained on, where these are two parts."""
        roles = self.left.role, self.right.role
        if set(roles) != {"fit", "validation"}:
            return None
        sides = (self.left, self.right) if roles[0] == "fit" else (self.right, self.left)
        return copies(*sides)

    def epochs_of(self, name: SideName) -> Repeats | None:
        """The same examples in the first and the second epoch of one build, or ``None``."""
        return self._repeats(name, "epoch")

    def builds_of(self, name: SideName) -> Repeats | None:
        """The same examples in the first epochs of two builds, or ``None``."""
        return self._repeats(name, "build")

    def is_still(self, name: SideName) -> bool | None:
        """Whether a feed gives each example unchanged in every epoch; ``None`` if not seen twice."""
        again = self.epochs_of(name)
        if again is None or not len(again.same) or self._hardly_known(name, again.pairs):
            return None
        return again.share_same >= STILL_SHARE

    def _hardly_known(self, name: SideName, pairs: Pairs) -> bool:
        """Whether of two whole epochs few examples are the same, and what became of others is open."""
        rows = len(pairs.left_rows), len(pairs.right_rows)
        whole = all(epoch.ended for epoch in self.side(name).epochs if epoch.looked)
        return pairs.method == "content" and whole and len(pairs) < _KNOWN * min(rows)

    def drawn(self, name: SideName, rows: Array) -> Array:
        """Rows of a side without those of a build that drew as the first one did."""
        trace = self.side(name)
        build = np.array([epoch.build for epoch in trace.epochs])
        return rows[build[trace.rows.epoch[rows]] == 0] if self._draws_again(name) else rows

    def is_plain(self, name: SideName) -> bool:
        """Whether nothing random shows in a side's examples: not now, and not kept from before."""
        return self._seems_plain(name) and not self.keeps_draws(name)

    def keeps_draws(self, name: SideName) -> bool:
        """Whether a side's examples never change, and are yet draws by the rule of the other side."""
        other: SideName = "B" if name == "A" else "A"
        if self._began_alike(name, other):
            return True
        if self._first_basis[other].kind != "other" or self.is_still(other) is not False:
            return False
        return against_draws(self._first_basis[other], self._first_views[other])

    def _began_alike(self, name: SideName, other: SideName) -> bool:
        """Whether all that never changes here is what the other side drew in its first epoch.

        Two feeds of one seed begin alike, in one drawn order. One gives both again in each epoch;
        the other goes on drawing order and pictures, which shows what the first ones were.
        """
        again, main = self.epochs_of(other), self.side(name).main
        if not self.is_still(name) or again is None or len(again.same) < _BEGIN:
            return False
        # What is filled up to the largest of its batch changes without a draw.
        if main is None or not main.is_image or None in main.shape:
            return False
        sides = self.side(name), self.other(name)
        begun, there, repeated = (
            trace.rows.content[trace.rows.epoch == at]
            for trace, at in ((sides[0], 0), (sides[1], 0), (sides[0], 1))
        )
        if not (np.array_equal(begun, there) and np.array_equal(begun, repeated)):
            return False
        moved = np.diff(again.pairs.right[np.argsort(again.pairs.left)]) < 0
        if moved.mean() < _REORDERED:
            return False
        return float(np.isin(sides[1].rows.content[again.pairs.right], begun).mean()) <= _WENT_ON

    def _seems_plain(self, name: SideName) -> bool:
        plan = self.side(name).plan
        drawn = plan is not None and any(step.random for step in plan.steps)
        if not self.is_still(name) or (drawn and not draws_anew(plan)):
            return False
        builds = self.builds_of(name)
        return builds is None or not len(builds.same) or builds.share_same >= STILL_SHARE

    @cached_property
    def basis(self) -> dict[SideName, Basis]:
        """Per side, what its views are held against, and the paired whole examples."""
        kept = any(self.keeps_draws(name) for name in SIDES)
        return self._held_against(self.is_plain) if kept else self._first_basis

    @cached_property
    def views(self) -> dict[SideName, Views]:
        """Per side, how each view differs from its reference: flip, zoom, shift, gain, bias."""
        first, found = self._first_basis, self.basis
        return self._first_views if found is first else _registered(found)

    @cached_property
    def _first_basis(self) -> dict[SideName, Basis]:
        """The same as long as what seems plain is taken to be so."""
        return self._held_against(self._seems_plain)

    @cached_property
    def _first_views(self) -> dict[SideName, Views]:
        return _registered(self._first_basis)

    def _held_against(self, plain: Callable[[SideName], bool]) -> dict[SideName, Basis]:
        pairs = self.pairs
        return {
            "A": references(
                self.left,
                self.right,
                self._more_views("A", pairs.left, pairs.right),
                again=self._again_rows("A"),
                other_is_plain=plain("B"),
                drawn=self.drawn("A", self.left.shown),
            ),
            "B": references(
                self.right,
                self.left,
                self._more_views("B", pairs.right, pairs.left),
                again=self._again_rows("B"),
                other_is_plain=plain("A"),
                drawn=self.drawn("B", self.right.shown),
            ),
        }

    @cached_property
    def kept_pairs(self) -> tuple[Array, Array]:
        """Indices into ``kept.values`` of A and of B that hold the same example, first epochs."""
        left = kept_index(self.left, self.pairs.left)
        right = kept_index(self.right, self.pairs.right)
        both = (left >= 0) & (right >= 0)
        return left[both], right[both]

    def _more_views(self, name: SideName, mine: Array, theirs: Array) -> tuple[Array, Array]:
        """Pairs of the first epochs, and of later draws whose pictures are there."""
        trace = self.side(name)
        if self.is_still(name) or not self._seems_plain("B" if name == "A" else "A"):
            return mine, theirs
        kept = np.isin(mine, trace.shown)
        parts, again = [(mine[kept], theirs[kept])], self._draws_again(name)
        for index, epoch in enumerate(trace.epochs):
            if sum(len(rows) for rows, _ in parts) >= _VIEWS:
                break
            if epoch.looked and (not again if epoch.build else index):
                found = self._later_pairs(name, index)
                shown = np.isin(found.left, trace.shown)
                parts.append((found.left[shown], found.right[shown]))
        lefts, rights = zip(*parts, strict=True)
        return np.concatenate(lefts), np.concatenate(rights)

    def _draws_again(self, name: SideName) -> bool:
        """Whether another build draws the same again, by its seed: that is no view more."""
        if self._anew(name):
            return False
        builds = self.builds_of(name)
        return builds is not None and len(builds.same) > 0 and builds.share_same >= STILL_SHARE

    def _anew(self, name: SideName) -> bool:
        """Whether two whole builds have few contents in common: to pair the rest says no more."""
        trace = self.side(name)
        first, second = _looked_twice(trace, "build")
        if second is None or not all(trace.epochs[at].ended for at in (first, second)):
            return False
        mine, theirs = (trace.rows.content[trace.rows_of(at)] for at in (first, second))
        return float(np.isin(theirs, mine).mean()) < _KNOWN

    def _again_rows(self, name: SideName) -> tuple[Array, Array] | None:
        again = self.epochs_of(name)
        return (again.pairs.left, again.pairs.right) if again and len(again.same) else None

    def _repeats(self, name: SideName, kind: str) -> Repeats | None:
        key = (name, kind)
        if key not in self._again:
            first, second = _looked_twice(self.side(name), kind)
            self._again[key] = None if second is None else self._compare(name, first, second)
        return self._again[key]

    def _compare(self, name: SideName, first: int, second: int) -> Repeats:
        trace, sides = self.side(name), self._sides(name)
        if worth_it(trace, first, second, sides):
            pairs = pair_through(trace, second, sides, self._later_pairs(name, second))
        else:
            pairs = pair_epochs(trace, first, second)
        same = trace.rows.content[pairs.left] == trace.rows.content[pairs.right]
        return Repeats(pairs, same)

    def _later_pairs(self, name: SideName, epoch: int) -> Pairs:
        """Some of a side's later draws with the other side's first epoch."""
        key = (name, epoch)
        if key not in self._later:
            trace = self.side(name)
            rows = draws(trace, _looked_twice(trace, "epoch")[0], epoch)
            self._later[key] = pair_more(trace, rows, self.other(name), self._sides(name))
        return self._later[key]

    def _sides(self, name: SideName) -> Pairs:
        """The pairs with a side left."""
        return self.pairs if name == "A" else self.pairs.swapped


def _registered(found: dict[SideName, Basis]) -> dict[SideName, Views]:
    return of_each(
        lambda name: register(found[name].reference, found[name].view, sideways=True), SIDES
    )


def _looked_twice(trace: Trace, kind: str) -> tuple[int, int | None]:
    """The first epoch that was looked at, and the next of its build or the first of the next."""
    looked = [
        (index, epoch)
        for index, epoch in enumerate(trace.epochs)
        if epoch.looked and np.any(trace.rows.epoch == index)
    ]
    own = [index for index, epoch in looked if epoch.build == 0]
    fresh = [index for index, epoch in looked if epoch.build == 1]
    later = own[1:] if kind == "epoch" else fresh
    return (own[0], later[0]) if own and later else (own[0] if own else 0, None)


def kept_index(trace: Trace, rows: Array) -> Array:
    """Where each row stands in ``kept``, or -1."""
    if not len(trace.kept.row):
        return np.full(len(rows), -1)
    at = np.searchsorted(trace.kept.row, rows).clip(max=len(trace.kept.row) - 1)
    return np.where(trace.kept.row[at] == rows, at, -1)


def kept_again(trace: Trace, again: Repeats) -> tuple[Array, Array]:
    """Where examples that were seen twice stand in ``kept``, of those that are there both times."""
    first, second = (kept_index(trace, rows) for rows in (again.pairs.left, again.pairs.right))
    both = (first >= 0) & (second >= 0)
    return first[both], second[both]
