"""Booking looks in the order in which their batches were used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from twinfeed._core.batch import Array, Batch
from twinfeed._core.plan import Plan
from twinfeed._core.spec import FeedSpec, LeafSpec, widen
from twinfeed._core.trace import Epoch, Fit, Kept, Role, Rows, Small, Ticks, Trace
from twinfeed.observe._lowest import Sample, is_large, small
from twinfeed.observe.budget import Budget
from twinfeed.observe.environment import environment
from twinfeed.observe.look import Seen, look
from twinfeed.stats.coarse import channels_last
from twinfeed.stats.values import ValueCounts

_MOST_SMALL = 600
"""Small copies of a pass, at most: of 2,000 examples 180 are then copied in each of two epochs."""
_SHARE_SMALL = 4  # of the bytes for whole examples, one in so many is added for small copies
_AXES = len(("height", "width", "channels"))
Copies: TypeAlias = Sequence[tuple[int, tuple[Array, Array]]]
"""Rows with their small copies and what the levels of those stand for."""
_VIEWS = "signature", "label_view"
_COLUMNS = ("content", "id", "label", "label_peak", "label_sum", "label_key", *_VIEWS)


@dataclass(slots=True)
class _Pass:
    """The epoch that is being booked."""

    build: int
    number: int
    looked: bool
    batches: int = 0
    examples: int = 0
    kept: Sample[Array] = field(default_factory=Sample["Array"])
    small: Sample[tuple[Array, Array]] = field(default_factory=Sample["tuple[Array, Array]"])

    def closed(self, *, ended: bool) -> Epoch:
        """This as an epoch of a trace."""
        return Epoch(build=self.build, number=self.number, ended=ended, looked=self.looked)


class Recorder:
    """Collects a trace batch by batch.

    Args:
        budget: How much is looked at and kept.
        every_value: Count every value instead of a sample of each image.
    """

    def __init__(self, *, budget: Budget | None = None, every_value: bool = False) -> None:
        self.budget = budget or Budget()
        self._every_value = every_value
        self._pass: _Pass | None = None
        self._epochs: list[Epoch] = []
        self._ticks: list[tuple[int, int, float, float]] = []
        self._columns: dict[str, list[Array]] = {name: [] for name in _COLUMNS}
        self._where: list[Array] = []
        self._rows = 0
        self._spec: FeedSpec | None = None
        self._counts: dict[str, ValueCounts] = {}
        self._kept: list[tuple[int, Array]] = []
        self._small: list[tuple[int, tuple[Array, Array]]] = []
        self._room: tuple[int, int] | None = None
        self._looks: dict[int, int] = {}

    @property
    def spec(self) -> FeedSpec | None:
        """The leaves seen so far."""
        return self._spec

    @property
    def examples_looked(self) -> int:
        """Examples looked at in the epoch that is being booked."""
        return self._pass.examples if self._pass and self._pass.looked else 0

    def names_kept(self) -> set[int]:
        """Hashes of the names of the examples that are kept whole."""
        names = np.concatenate([*self._columns["id"], np.zeros(0, np.uint64)])
        return {int(names[row]) for row, _ in self._kept}

    def rows_copied(self) -> dict[int, int]:
        """The first row of each name of which there is a small copy, by the name's hash."""
        names = np.concatenate([*self._columns["id"], np.zeros(0, np.uint64)])
        found: dict[int, int] = {}
        for row, _ in self._small:
            found.setdefault(int(names[row]), row)
        return found

    def begin_epoch(self, *, build: int = 0, looked: bool = True) -> None:
        """Start booking an epoch; ``looked=False`` books only its ticks."""
        number = sum(epoch.build == build for epoch in self._epochs)
        self._pass = _Pass(build, number, looked)

    def look(self, batch: Batch) -> Seen:
        """Look at a batch; may run in any thread and in any order."""
        return look(batch, every_value=self._every_value)

    def take(self, seen: Seen, *, wait_s: float, step_s: float = math.nan) -> bool:
        """Book a look as the next batch.

        Returns:
            Whether the epoch's budget of examples has room for more.
        """
        if not seen.size:  # a step all the same, but nothing to look at
            self.skip(0, wait_s=wait_s, step_s=step_s)
            return True
        epoch = self._open_pass()
        self._where.append(
            np.stack(
                [
                    np.full(seen.size, len(self._epochs)),
                    np.full(seen.size, epoch.batches),
                    np.arange(epoch.examples, epoch.examples + seen.size),
                ]
            )
        )
        for name in _COLUMNS:
            self._columns[name].append(getattr(seen, name))
        self._spec = seen.spec if self._spec is None else widen(self._spec, seen.spec)
        for counts in seen.counts:
            known = self._counts.setdefault(counts.path, counts)
            if known is not counts and known.channels == counts.channels:
                known.merge(counts)
        self._offer(epoch, seen)
        self._rows += seen.size
        self.skip(seen.size, wait_s=wait_s, step_s=step_s)
        return epoch.examples < self.budget.examples

    def skip(self, size: int, *, wait_s: float, step_s: float = math.nan) -> None:
        """Book a batch without looking at it."""
        epoch = self._open_pass()
        self._ticks.append((len(self._epochs), size, wait_s, step_s))
        epoch.batches += 1
        epoch.examples += size

    def add(self, batch: Batch, *, wait_s: float, step_s: float = math.nan) -> bool:
        """Look at a batch and book it."""
        return self.take(self.look(batch), wait_s=wait_s, step_s=step_s)

    def end_epoch(self, *, ended: bool) -> None:
        """Close the epoch; ``ended`` says whether the feed ended it by itself."""
        epoch = self._open_pass()
        self._epochs.append(epoch.closed(ended=ended))
        self._kept += epoch.kept.in_order()
        self._small += epoch.small.in_order()
        self._pass = None

    def trace(
        self,
        *,
        name: str,
        role: Role,
        plan: Plan | None = None,
        batches: int | None = None,
        examples: int | None = None,
        infinite: bool = False,
        fit: Fit | None = None,
        complete: bool = True,
        notes: Sequence[str] = (),
        plain: Sequence[Array] = (),
        plain_id: Array | None = None,
        plain_small: Copies = (),
        plain_s_per_example: float | None = None,
    ) -> Trace:
        """What was booked, as a value; an epoch still open is in it as unfinished, and goes on."""
        epochs, whole, copies = list(self._epochs), list(self._kept), list(self._small)
        if self._pass is not None:
            epochs.append(self._pass.closed(ended=False))
            whole += self._pass.kept.in_order()
            copies += self._pass.small.in_order()
        if len(copies) <= len(whole):
            copies = []  # whole examples show all that they do
        ticks = np.array(self._ticks, np.float64).reshape(-1, 4)
        return Trace(
            name=name,
            role=role,
            spec=self._spec or FeedSpec(()),
            plan=plan,
            batches=batches,
            examples=examples,
            infinite=infinite,
            epochs=tuple(epochs),
            ticks=Ticks(
                epoch=ticks[:, 0].astype(np.int32),
                size=ticks[:, 1].astype(np.int64),
                wait_s=ticks[:, 2],
                step_s=ticks[:, 3],
            ),
            rows=self._ledger(),
            kept=Kept(
                row=np.array([row for row, _ in whole], np.int64),
                values=tuple(values for _, values in whole),
            ),
            plain=tuple(plain),
            plain_id=np.zeros(0, np.uint64) if plain_id is None else plain_id,
            stats=tuple(counts.result() for counts in self._counts.values()),
            fit=fit,
            plain_s_per_example=plain_s_per_example,
            complete=complete,
            notes=tuple(notes),
            environment=environment(),
            small=_small(copies),
            plain_small=_small(sorted(plain_small, key=lambda item: item[0]) if copies else ()),
        )

    def _open_pass(self) -> _Pass:
        assert self._pass is not None, "begin_epoch comes first"
        return self._pass

    def _ledger(self) -> Rows:
        where = np.concatenate(self._where, axis=1) if self._where else np.zeros((3, 0), np.int64)
        for name in _VIEWS:
            widths = {column.shape[1] for column in self._columns[name]}
            # Vectors whose length varies have no common coarse view.
            if len(widths) > 1:
                self._columns[name] = [c[:, :0] for c in self._columns[name]]
        empty: dict[str, Array] = {
            name: np.zeros(0, np.uint64 if name in {"content", "id", "label_key"} else np.float64)
            for name in _COLUMNS
        }
        empty |= {name: np.zeros((0, 0), np.uint8) for name in _VIEWS}
        columns: dict[str, Any] = {
            name: np.concatenate(parts) if parts else empty[name]
            for name, parts in self._columns.items()
        }
        return Rows(
            epoch=where[0].astype(np.int32),
            batch=where[1].astype(np.int32),
            position=where[2].astype(np.int64),
            **columns,
        )

    def _offer(self, epoch: _Pass, seen: Seen) -> None:
        """Keep some examples whole, and small copies of more of them where those are large."""
        if seen.main is None or not len(seen.main):
            return
        if not epoch.kept.most:
            self._room = self._room or self._made_room(seen.main, seen.spec.main)
            epoch.kept.most, epoch.small.most = self._room
        keys = self._first_looks(seen)
        main, leaf = seen.main, seen.spec.main
        epoch.kept.offer(seen.id, keys, self._rows, lambda index: np.array(main[index]))
        if epoch.small.most and leaf is not None and leaf.is_image:
            images = channels_last(main, leaf)
            epoch.small.offer(seen.id, keys, self._rows, lambda index: small(images[index]))

    def _first_looks(self, seen: Seen) -> Array:
        """How each example looked when its name first came: the same for all of its draws."""
        if not seen.id.all():
            return seen.keys
        pairs = zip(seen.id.tolist(), seen.keys.tolist(), strict=True)
        return np.array([self._looks.setdefault(name, key) for name, key in pairs], np.uint64)

    def _made_room(self, main: Array, leaf: LeafSpec | None) -> tuple[int, int]:
        """Examples of a pass that are kept whole, and as small copies; 0 where none is needed."""
        bytes_of_pass = self.budget.keep_bytes // (self.budget.epochs + 1)
        whole = max(1, bytes_of_pass // max(1, main[0].nbytes))
        if leaf is None or not leaf.is_image or main.dtype.kind not in "buif":
            return whole, 0
        first = channels_last(main[:1], leaf)[0]
        if first.ndim != _AXES or not is_large(first):
            return whole, 0
        copies = min(_MOST_SMALL, bytes_of_pass // _SHARE_SMALL // small(first)[0].nbytes)
        return whole, copies if copies > whole else 0


def _small(copies: Copies) -> Small:
    return Small(
        row=np.array([row for row, _ in copies], np.int64),
        values=tuple(values for _, (values, _) in copies),
        span=np.array([span for _, (_, span) in copies], np.float32).reshape(-1, 2),
    )
