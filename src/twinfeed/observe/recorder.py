"""Booking looks in the order in which their batches were used."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twinfeed._core.batch import Array, Batch
from twinfeed._core.plan import Plan
from twinfeed._core.spec import FeedSpec, widen
from twinfeed._core.trace import Epoch, Fit, Kept, Role, Rows, Ticks, Trace
from twinfeed.observe.budget import Budget
from twinfeed.observe.environment import environment
from twinfeed.observe.look import Seen, look
from twinfeed.stats.values import ValueCounts

_COLUMNS = ("content", "id", "label", "label_peak", "label_sum", "label_key", "signature")


@dataclass(slots=True)
class _Pass:
    """The epoch that is being booked."""

    build: int
    number: int
    looked: bool
    batches: int = 0
    examples: int = 0
    kept: dict[int, tuple[int, Array]] = field(default_factory=dict[int, tuple[int, Array]])
    highest: list[int] = field(default_factory=list[int])  # heap of negated keys

    def closed(self, *, ended: bool) -> Epoch:
        """This as an epoch of a trace."""
        return Epoch(build=self.build, number=self.number, ended=ended, looked=self.looked)

    def kept_in_order(self) -> list[tuple[int, Array]]:
        """Row and values of each whole example, ascending."""
        return sorted(self.kept.values(), key=lambda item: item[0])


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
        self._keep: int | None = None

    @property
    def spec(self) -> FeedSpec | None:
        """The leaves seen so far."""
        return self._spec

    @property
    def examples_looked(self) -> int:
        """Examples looked at in the epoch that is being booked."""
        return self._pass.examples if self._pass and self._pass.looked else 0

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
        self._kept += epoch.kept_in_order()
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
        plain_s_per_example: float | None = None,
    ) -> Trace:
        """What was booked, as a value; an epoch still open is in it as unfinished, and goes on."""
        epochs, whole = list(self._epochs), list(self._kept)
        if self._pass is not None:
            epochs.append(self._pass.closed(ended=False))
            whole += self._pass.kept_in_order()
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
        )

    def _open_pass(self) -> _Pass:
        assert self._pass is not None, "begin_epoch comes first"
        return self._pass

    def _ledger(self) -> Rows:
        where = np.concatenate(self._where, axis=1) if self._where else np.zeros((3, 0), np.int64)
        widths = {column.shape[1] for column in self._columns["signature"]}
        # Vectors whose length varies have no common coarse view.
        if len(widths) > 1:
            self._columns["signature"] = [c[:, :0] for c in self._columns["signature"]]
        empty: dict[str, Array] = {
            name: np.zeros(0, np.uint64 if name in {"content", "id", "label_key"} else np.float64)
            for name in _COLUMNS
        }
        empty["signature"] = np.zeros((0, 0), np.uint8)
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
        """Keep the examples whose keys hash lowest.

        They are a uniform sample, the same in every epoch and feed, and merge exactly.
        """
        if seen.main is None or not len(seen.main):
            return
        if self._keep is None:
            passes = self.budget.epochs + 1
            self._keep = max(1, self.budget.keep_bytes // passes // max(1, seen.main[0].nbytes))
        lowest = np.argsort(seen.keys, kind="stable")[: self._keep]
        for index in lowest.tolist():
            key = int(seen.keys[index])
            if key in epoch.kept:
                continue
            if len(epoch.kept) >= self._keep:
                if key >= -epoch.highest[0]:
                    break
                del epoch.kept[-heapq.heappop(epoch.highest)]
            heapq.heappush(epoch.highest, -key)
            epoch.kept[key] = (self._rows + index, np.array(seen.main[index]))
