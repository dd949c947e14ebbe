"""Two recordings side by side, and B's epochs without some of its causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.attribute._forms import Forms
from twinfeed.attribute._identity import Identities
from twinfeed.train.outcome import Epoch
from twinfeed.train.recording import Recording

NONE = -1
_ROUNDING = 1e-5  # of the range of values: what mapping back and forth in float32 leaves


@dataclass(kw_only=True)
class World:
    """All that is known of one seed's draws of both feeds.

    Attributes:
        a: A's epochs.
        b: B's epochs.
        ids: Which example each row shows.
        forms: How both write the same content.
        seed: Decides what is drawn here.
        held: Numbers of examples that are kept out of training, ascending.
        thawed: B's epochs with augmentation drawn anew, and the numbers of its rows; ``None``
            where B is not frozen or cannot be built so.
        both_frozen: Whether ``pictures`` leaves the augmentation frozen, because ``frozen`` is a
            cause of its own.
    """

    a: Recording
    b: Recording
    ids: Identities
    forms: Forms
    seed: int
    held: Array = field(default_factory=lambda: np.zeros(0, int))
    thawed: tuple[Recording, Array] | None = None
    both_frozen: bool = False

    def of_a(self) -> Sequence[Epoch]:
        """A's own epochs, less what is held out."""
        return Lazy(self._epoch_of_a, len(self.a.sizes))

    def of_b(self, without: AbstractSet[str]) -> Sequence[Epoch]:
        """B's epochs with these causes taken away, less what is held out."""
        return Lazy(lambda number: self._epoch_of_b(number, without), len(self.b.sizes))

    def rows_of_b(self, without: AbstractSet[str]) -> list[Array]:
        """The members of each epoch in their order: a row of B, or ``-2 - row`` of A."""
        found: list[Array] = []
        stream = self._stream(without)
        for number, members in enumerate(stream):
            rng = np.random.default_rng((self.seed, number))
            rows = members
            if "examples" in without:
                rows = self._as_often(rows, number, rng)
            if "remainder" in without:
                rows = self._whole(rows, rng)
            if "order" in without:
                rows = self._in_order_of_a(rows, number, rng)
            found.append(rows)
        return found

    def numbers(self, rows: Array) -> Array:
        """The examples that members show."""
        of_a = rows < NONE
        out = np.empty(len(rows), int)
        out[~of_a] = self.ids.b[rows[~of_a]]
        out[of_a] = self.ids.a[-2 - rows[of_a]]
        return out

    def sizes(self, count: int, without: AbstractSet[str]) -> tuple[int, ...]:
        """Examples of each batch of so many."""
        (own, own_drop), (other, other_drop) = batching(self.b.sizes), batching(self.a.sizes)
        return cut(
            count,
            other if "batch-size" in without else own,
            drop=other_drop if "remainder" in without else own_drop,
        )

    def inputs(self, rows: Array, number: int, without: AbstractSet[str]) -> Array:
        """The main input of members as B shows them without these causes."""
        examples = self.numbers(rows)
        of_a = -2 - rows
        chain = self.forms.chain
        if chain and chain[0] in without and chain[1] not in without:
            return self._unaugmented(rows, examples, without)
        if "pictures" in without:
            epoch = 0 if self.both_frozen and "frozen" not in without else number
            shown = self._a_rows(epoch)[examples]
            of_a = np.where((examples >= 0) & (shown >= 0), shown, of_a)
        elif "frozen" in without and self.thawed is None:
            shown = self._a_rows(number)[examples]
            of_a = np.where((examples >= 0) & (shown >= 0), shown, of_a)
        is_a = of_a >= 0
        parts: list[tuple[Array, Array]] = []
        if is_a.any():
            left = self.a.columns[self.a.main]
            parts.append((is_a, self.forms.inputs_of_a(left[of_a[is_a]], without)))
        if not is_a.all():
            source, at = self._thawed_rows(rows[~is_a], examples[~is_a], number, without)
            mapped = self.forms.inputs_of_b(source[at], without)
            if "values" in without:
                mapped = self._unrounded(mapped, examples[~is_a], number, without)
            parts.append((~is_a, mapped))
        if len(parts) == 1:
            return parts[0][1]
        out = np.empty((len(rows), *parts[0][1].shape[1:]), parts[1][1].dtype)
        for mask, values in parts:
            if values.shape[1:] != out.shape[1:]:
                continue  # of another size: `members` leaves these rows out
            out[mask] = values
        return out

    def _unaugmented(self, rows: Array, examples: Array, without: AbstractSet[str]) -> Array:
        """Members as the side that augments has them without that, where it is known."""
        if self.forms.augments == "a":
            shown = self._any_a_row[examples]
            mine = self.a.unaugmented(np.where(shown >= 0, shown, 0))
            return self.forms.inputs_of_a(mine, without)
        own = np.where(rows >= 0, rows, self._any_b_row[examples])
        return self.forms.inputs_of_b(self.b.unaugmented(np.maximum(own, 0)), without)

    def _unrounded(
        self, mapped: Array, examples: Array, number: int, without: AbstractSet[str]
    ) -> Array:
        """With A's own values where mapping back gives these but for the last bits.

        Trainings are so sensitive that these bits would add noise to every share.
        """
        shown = self._a_rows(number)[examples]
        known = np.flatnonzero((examples >= 0) & (shown >= 0))
        if not len(known):
            return mapped
        theirs = self.forms.inputs_of_a(self.a.columns[self.a.main][shown[known]], without)
        if theirs.shape[1:] != mapped.shape[1:] or mapped.dtype.kind != "f":
            return mapped
        apart = np.abs(mapped[known] - theirs).reshape(len(known), -1).max(axis=1)
        near = apart <= _ROUNDING * np.ptp(theirs)
        out = mapped.copy()
        out[known[near]] = theirs[near]
        return out

    def labels(self, rows: Array, without: AbstractSet[str]) -> Array | None:
        """The target of members without these causes; ``None`` where there is not one target."""
        paths = self.b.trees[1], self.a.trees[1]
        if not isinstance(paths[0], str) or not isinstance(paths[1], str):
            return None
        of_b, of_a = self.b.columns[paths[0]], self.a.columns[paths[1]]
        examples = self.numbers(rows)
        wanted = -2 - rows
        if "labels" in without:
            shown = self._any_a_row[examples]
            wanted = np.where((examples >= 0) & (shown >= 0), shown, wanted)
        is_a = wanted >= 0
        own = self.forms.labels_of(of_b[np.where(is_a, 0, rows)], 1, without)
        if not is_a.any():
            return own
        theirs = of_a[np.where(is_a, wanted, 0)]
        if "labels" not in without:
            theirs = self.forms.renumbered(theirs)
        theirs = self.forms.labels_of(theirs, 0, without)
        mask = is_a.reshape(-1, *[1] * (own.ndim - 1))
        return np.where(mask, theirs, own) if theirs.shape == own.shape else own

    def _epoch_of_a(self, number: int) -> Epoch:
        batch, drop = batching(self.a.sizes)
        low, high = self.a.bounds[number]
        rows = np.arange(low, high)
        rows = rows[~np.isin(self.ids.a[rows], self.held)]
        sizes = cut(len(rows), batch, drop=drop)
        rows = rows[: sum(sizes)]
        columns = {path: array[rows] for path, array in self.a.columns.items()}
        x, y, weight = (self.a.tree(part, columns) for part in range(3))
        return Epoch(x=x, y=y, weight=weight, sizes=sizes)

    def _epoch_of_b(self, number: int, without: AbstractSet[str]) -> Epoch:
        rows = self._members[tuple(sorted(without))][number]
        sizes = self.sizes(len(rows), without)
        rows = rows[: sum(sizes)]
        columns = {path: array[np.where(rows >= 0, rows, 0)] for path, array in self._others()}
        columns[self.b.main] = self.inputs(rows, number, without)
        labels = self.labels(rows, without)
        if labels is not None:
            assert isinstance(self.b.trees[1], str)
            columns[self.b.trees[1]] = labels
        x, y, weight = (self.b.tree(part, columns) for part in range(3))
        return Epoch(x=x, y=y, weight=weight, sizes=sizes)

    @cached_property
    def _members(self) -> _Members:
        return _Members(self)

    def _others(self) -> list[tuple[str, Array]]:
        return [(path, array) for path, array in self.b.columns.items() if path != self.b.main]

    def _stream(self, without: AbstractSet[str]) -> list[Array]:
        rows = [np.arange(low, high) for low, high in self.b.bounds]
        if "length" in without:
            whole = np.concatenate(rows)
            wanted = [sum(sizes) for sizes in self.a.sizes]
            whole = np.resize(whole, max(len(whole), sum(wanted)))
            rows = np.split(whole[: sum(wanted)], np.cumsum(wanted)[:-1])
        return [one[~np.isin(self.ids.b[one], self.held)] for one in rows]

    def _as_often(self, rows: Array, number: int, rng: np.random.Generator) -> Array:
        """Each example as often as in A's epoch; A's own rows where B never has it."""
        low, high = self.a.bounds[number]
        theirs = np.arange(low, high)
        theirs = theirs[~np.isin(self.ids.a[theirs], self.held) & (self.ids.a[theirs] >= 0)]
        wanted = np.bincount(self.ids.a[theirs], minlength=self.ids.count)
        mine = self.ids.b[rows]
        never_in_a = self._any_a_row[np.maximum(mine, 0)] < 0
        keep = (mine < 0) | (_occurrence(mine) < wanted[np.maximum(mine, 0)])
        # What A has in another epoch only is no extra: an order or a dropped tail hides it.
        keep |= (mine >= 0) & ~never_in_a & (_occurrence(mine) < 1)
        have = np.bincount(mine[keep & (mine >= 0)], minlength=self.ids.count)
        lacking = np.maximum(wanted - have, 0)
        more = np.repeat(np.arange(self.ids.count), lacking)
        known = have[more] > 0
        own = self._any_b_row[more]
        unseen = own < 0
        more = np.where(unseen, -2 - self._any_a_row[more], own)
        # What B's other epochs have is the business of its dropped tail.
        return _inserted(rows[keep], more[unseen | known], rng)

    def _whole(self, rows: Array, rng: np.random.Generator) -> Array:
        """With what B dropped from the end of the epoch, if A does not drop it."""
        (own, drops), (_, other_drops) = batching(self.b.sizes), batching(self.a.sizes)
        if not drops or other_drops:
            return rows
        seen = np.zeros(self.ids.count, bool)
        mine = self.ids.b[rows]
        seen[mine[mine >= 0]] = True
        lost = np.flatnonzero(~seen & (self._any_b_row >= 0) & (self._any_a_row >= 0))
        lost = lost[~np.isin(lost, self.held)]
        lost = rng.permutation(lost)[: own - 1]
        return np.concatenate([rows, self._any_b_row[lost]])

    def _in_order_of_a(self, rows: Array, number: int, rng: np.random.Generator) -> Array:
        low, high = self.a.bounds[number % len(self.a.bounds)]
        theirs, mine = self.ids.a[low:high], self.numbers(rows)
        keys = {
            (int(example), int(nth)): place
            for place, (example, nth) in enumerate(zip(theirs, _occurrence(theirs), strict=True))
        }
        places = np.array(
            [
                keys.get((int(example), int(nth)), -1.0) if example >= 0 else -1.0
                for example, nth in zip(mine, _occurrence(mine), strict=True)
            ],
            float,
        )
        unknown = places < 0
        places[unknown] = rng.uniform(0, high - low, int(unknown.sum()))
        return rows[np.argsort(places, kind="stable")]

    def _thawed_rows(
        self, rows: Array, examples: Array, number: int, without: AbstractSet[str]
    ) -> tuple[Array, Array]:
        if "frozen" not in without or self.thawed is None:
            return self.b.columns[self.b.main], np.maximum(rows, 0)
        recording, ids = self.thawed
        low, high = recording.bounds[number]
        found = _first_row(ids[low:high], self.ids.count, low)[np.maximum(examples, 0)]
        values = recording.columns[recording.main]
        fallback = np.flatnonzero(ids >= 0)[:1]
        return values, np.where((found >= 0) & (examples >= 0), found, fallback)

    def _a_rows(self, number: int) -> Array:
        """A's row of each example in an epoch; one of another epoch where it is not there."""
        low, high = self.a.bounds[number % len(self.a.bounds)]
        here = _first_row(self.ids.a[low:high], self.ids.count, low)
        return np.where(here >= 0, here, self._any_a_row)

    @cached_property
    def _any_a_row(self) -> Array:
        return _first_row(self.ids.a, self.ids.count, 0)

    @cached_property
    def _any_b_row(self) -> Array:
        return _first_row(self.ids.b, self.ids.count, 0)


class Lazy(Sequence[Epoch]):
    """Epochs that are made when they are asked for, so that one at a time is in memory."""

    def __init__(self, make: Callable[[int], Epoch], count: int) -> None:
        self._make = make
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Epoch: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Epoch]: ...
    def __getitem__(self, index: int | slice) -> Epoch | Sequence[Epoch]:
        if isinstance(index, slice):
            return [self._make(number) for number in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._make(index % self._count)


class _Members(dict[tuple[str, ...], "list[Array]"]):
    """Members of all epochs per combination, made once."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __missing__(self, without: tuple[str, ...]) -> list[Array]:
        self[without] = self._world.rows_of_b(frozenset(without))
        return self[without]


def batching(sizes: tuple[tuple[int, ...], ...]) -> tuple[int, bool]:
    """The usual batch size, and whether the rest of an epoch is left out.

    >>> batching(((32, 32, 6),))
    (32, False)
    """
    every = [size for epoch in sizes for size in epoch]
    usual = int(np.bincount(every).argmax())
    return usual, all(epoch[-1] == usual for epoch in sizes)


def cut(count: int, batch: int, *, drop: bool) -> tuple[int, ...]:
    """Sizes of the batches of so many examples; there always is one."""
    whole, rest = divmod(count, batch)
    if rest and (not drop or not whole):
        return (*[batch] * whole, rest)
    return (batch,) * whole


def _first_row(numbers: Array, count: int, offset: int) -> Array:
    found = np.full(count, NONE)
    at = np.flatnonzero(numbers >= 0)[::-1]
    found[numbers[at]] = at + offset
    return found


def _occurrence(numbers: Array) -> Array:
    """How often the same number came before, per place."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(numbers) else order
    lengths = np.diff(np.r_[starts, len(numbers)])
    out = np.empty(len(numbers), int)
    out[order] = np.arange(len(numbers)) - np.repeat(starts, lengths)
    return out


def _inserted(rows: Array, more: Array, rng: np.random.Generator) -> Array:
    if not len(more):
        return rows
    return np.insert(rows, rng.integers(0, len(rows) + 1, len(more)), more)
