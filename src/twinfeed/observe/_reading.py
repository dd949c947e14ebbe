"""What one call reads: batches, steps and epochs as the trainer goes through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from twinfeed._core.batch import Batch
from twinfeed.observe._book import Book
from twinfeed.observe.look import Seen

TOO_FAST = (
    "steps were too short to time the batch of each: where the wait is missing,"
    " the size is that of the usual batch"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What Keras's iterator says before it is read.

    Attributes:
        batches: Batches per epoch; ``None`` if unknown or infinite.
        steps_per_epoch: Steps after which an epoch is cut, or ``None``.
        steps_per_execution: Batches per call of the train function.
        batch_size: Examples of a whole batch, or ``None``.
        peeked: Batches that Keras reads to learn their shapes, before and beside the training.
    """

    batches: int | None
    batch_size: int | None
    steps_per_epoch: int | None
    steps_per_execution: int
    peeked: int


class _Arrival(NamedTuple):
    """A batch on its way to the step."""

    size: int
    wait_s: float
    seen: Seen | None


class Reading:
    """Follows one call and books what it trains on.

    The seam tells it, in this order and all in the thread of the call: what the iterator
    states, that training begins, that an epoch begins, each batch that arrives, that it was
    handed on, that a step ended, that the epoch ended. Whatever arrives before training
    begins was read to build the model, and no step used it. While it is ``asleep`` it is told
    only that a step ended.

    Args:
        book: Where it is booked; books outlive calls.
        progress: Told what is being done and the examples of this epoch so far.
    """

    def __init__(self, book: Book, progress: Callable[[str, int], None] | None = None) -> None:
        self.book = book
        self._progress = progress
        self._stated: Stated | None = None
        self._began = False
        self._arrived: list[_Arrival] = []
        self._handed_at = 0.0
        self._busy_s = 0.0
        self._handing_s: float = 0.0
        self._position = 0
        self._exhausted = False
        self._examples = 0
        self.asleep = False
        self._naps: list[
            float
        ] = []  # ends of the steps slept through, after that of the last awake
        self._wake_at = 0

    @property
    def unstated(self) -> bool:
        """Whether the iterator is still to be introduced."""
        return self._stated is None

    def state(self, stated: Stated) -> None:
        """The call's iterator is known."""
        self._stated = stated
        self.book.batches = stated.batches
        self.book.batch_size = stated.batch_size
        if stated.peeked:
            self.book.note(
                f"Keras read {stated.peeked} batches beside the training, to learn their shapes"
            )

    def begin(self) -> None:
        """Training begins; what was read until now built the model."""
        early, self._began = len(self._arrived), True
        self._arrived.clear()
        self._position = 0
        if early:
            batches = "one extra batch" if early == 1 else f"{early} extra batches"
            self.book.note(f"{self.book.role} read {batches} to build the model, before training")

    def begin_epoch(self) -> None:
        """A pass begins."""
        self._exhausted = False
        self._examples = 0
        self.asleep = False
        self.book.begin_epoch()

    def arrived(self, size: int, make: Callable[[], Batch], *, wait_s: float) -> None:
        """A batch was fetched.

        Args:
            size: Its examples.
            make: Turns it into a ``Batch``; called at once or never.
            wait_s: Seconds that fetching it took.
        """
        began = time.perf_counter()
        self.book.fetched += 1
        seen = self.book.look(make) if self._began and self.book.looks() else None
        self._arrived.append(_Arrival(size, wait_s, seen))
        self._busy_s += wait_s + time.perf_counter() - began

    def ran_out(self) -> None:
        """The feed has no further batch."""
        self._exhausted = True

    def blind(self, why: str) -> None:
        """Batches of this call cannot be seen."""
        self.book.blind = True
        self.book.note(why)

    def handed(self, *, handing_s: float = 0.0) -> None:
        """Keras has what it asked for; the step begins.

        Args:
            handing_s: Seconds that fetching on Keras's behalf cost beyond the wait.
        """
        self._handing_s = handing_s
        if self._arrived and self._arrived[-1].seen is not None:
            self.book.governor.spent(handing_s)
        self._busy_s = 0.0
        self._handed_at = time.perf_counter()

    def stepped(self) -> None:
        """The step ended, and so every batch that arrived was trained on."""
        now = time.perf_counter()
        span_s = now - self._handed_at - self._busy_s
        arrived, self._arrived = self._arrived, []
        count = len(arrived) or self._expected()
        step_s = max(0.0, span_s) / max(1, count)
        for arrival in arrived:
            self.book.take(arrival.seen, arrival.size, wait_s=arrival.wait_s, step_s=step_s)
            self._examples += arrival.size
        if not arrived:
            self.book.take_unseen(count, step_s=step_s)
        self._position += count
        governor = self.book.governor
        governor.stepped(span_s, self._handing_s)
        if self._progress is not None:
            self._progress(f"{self.book.role}, epoch {self.book.epochs}", self._examples)
        if governor.stride > 1 and not self.book.looks():
            self.asleep = True
            self._naps = [now]
            self._wake_at = governor.stride

    def slept(self) -> None:
        """A step ended that nothing was asked about."""
        self._naps.append(time.perf_counter())
        if len(self._naps) >= self._wake_at:
            self._wake()

    def end_epoch(self, *, stopped: bool) -> None:
        """The pass is over.

        Args:
            stopped: Whether the model was told to stop.
        """
        self._wake()
        self._arrived.clear()
        batches = self._stated.batches if self._stated else None
        steps = self._stated.steps_per_epoch if self._stated else None
        at_end = self._exhausted or (batches is not None and self._position >= batches)
        if steps is not None:
            at_end = at_end or (not stopped and self.book.trained_batches < steps)
        self.book.end_epoch(ended=at_end or not (steps is not None or stopped))
        # With steps per epoch the next epoch goes on where this one was cut.
        if steps is None or at_end:
            self._position = 0

    def metrics(self, logs: Mapping[str, object]) -> None:
        """The epoch's results, by name; what is no number is left out."""
        for name, value in logs.items():
            if np.ndim(value) == 0 and np.asarray(value).dtype.kind in "biuf":  # pyright: ignore[reportArgumentType]
                self.book.metrics.setdefault(name, []).append(float(value))  # pyright: ignore[reportArgumentType]

    def close(self, error: BaseException | None) -> None:
        """The call has returned or raised."""
        self._wake()
        if error is not None:
            self.book.complete = False
            self.book.feeder = None  # it may hold a batch that the step never took
            self.book.note(f"{self.book.role} ended with {type(error).__name__}")
        self.book.drop_epoch()
        self._arrived.clear()

    def _wake(self) -> None:
        """Book the steps slept through: their ends are known, their batches are not."""
        self.asleep = False
        for before, end in pairwise(self._naps):
            count = self._expected()
            self.book.take_unseen(count, step_s=(end - before) / count)
            self._position += count
        if len(self._naps) > 1:
            self.book.note(TOO_FAST)
        self._naps = []

    def _expected(self) -> int:
        """Batches that an execution has read which was left to Keras."""
        if self._stated is None:
            return 1
        count = self._stated.steps_per_execution
        left = (self._stated.batches or self.book.usual_batches) - self._position
        return min(count, left) if left > 0 else count
