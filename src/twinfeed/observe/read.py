"""A bounded read of a feed."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.trace import Trace
from twinfeed.errors import EmptyFeedError, FeedReadError, TwinfeedError
from twinfeed.feeds._random_turns import Turns
from twinfeed.observe._lowest import small
from twinfeed.observe.budget import Budget
from twinfeed.observe.look import hash_ids
from twinfeed.observe.recorder import Recorder
from twinfeed.stats.coarse import channels_last

Progress: TypeAlias = Callable[[str, int], None]
"""Called after each batch with what is being done and the examples read in this pass."""

_ENOUGH_TIMED = 10  # batches by which two feeds can be told apart by their speed
_LONGER = 3  # times ``timing_s`` that a slow feed is timed at most, to give so many
_EMPTY = (
    "it has batches without an example, whose loss is NaN; check where its slices or filters end"
)


def observe(
    feed: Feed,
    *,
    budget: Budget | None = None,
    every_value: bool = False,
    name: str | None = None,
    progress: Progress | None = None,
) -> Trace:
    """Read a feed within a budget.

    Two epochs of one build are looked at, then a pass of the same build is only timed, then
    one epoch of a fresh build is looked at: between epochs of one build what is frozen shows,
    between builds what is seeded.

    Args:
        feed: The feed; nothing of the user's is consumed.
        budget: Bounds of the read.
        every_value: Count every value instead of a sample of each image.
        name: What reports call it; the feed's own name by default.
        progress: Called after each batch.

    Raises:
        EmptyFeedError: If the first epoch has no example.
        FeedReadError: If the pipeline raises before anything was read.
    """
    return _Reader(feed, budget or Budget(), name or feed.name, progress, every_value).run()


def unread(feed: Feed, *, name: str | None = None) -> Trace:
    """What a feed says of itself, without a batch of it.

    Args:
        feed: The feed.
        name: What reports call it; the feed's own name by default.
    """
    trace = Recorder().trace(
        name=name or feed.name,
        role="feed",
        plan=feed.plan,
        batches=feed.batches,
        examples=feed.examples,
        infinite=feed.infinite,
        complete=True,
        notes=list(feed.notes),
    )
    return replace(trace, spec=feed.spec or trace.spec)


def _silent(_what: str, _examples: int) -> None:
    """Progress that nobody watches."""


class _Reader:
    def __init__(
        self,
        feed: Feed,
        budget: Budget,
        name: str,
        progress: Progress | None,
        every_value: bool,  # noqa: FBT001 - private, called in one place
    ) -> None:
        self.feed = feed
        self.budget = budget
        self.name = name
        self.progress = progress or _silent
        self.recorder = Recorder(budget=budget, every_value=every_value)
        self.deadline = time.perf_counter() + budget.seconds
        self.notes = list(feed.notes)
        self.plain: list[Array] = []
        self.plain_ids: list[Array] = []
        self.plain_small: list[tuple[int, tuple[Array, Array]]] = []
        self.plain_s: float | None = None

    def run(self) -> Trace:
        complete = True
        try:
            with Turns.undisturbed():
                self._read_all()
        except KeyboardInterrupt:
            complete = False
            self.notes.append("interrupted: only a part was read")
        return self.recorder.trace(
            name=self.name,
            role="feed",
            plan=self.feed.plan,
            batches=self.feed.batches,
            examples=self.feed.examples,
            infinite=self.feed.infinite,
            complete=complete,
            notes=self.notes,
            plain=self.plain,
            plain_id=np.concatenate(self.plain_ids) if self.plain_ids else None,
            plain_small=self.plain_small,
            plain_s_per_example=self.plain_s,
        )

    def _read_all(self) -> None:
        for number in range(self.budget.epochs):
            if not self._epoch(self.feed, build=0, what=f"epoch {number + 1}"):
                return
        self._timed()
        if self.feed.fresh is not None:
            self._epoch(self.feed.fresh(), build=1, what="fresh build")
        if self.feed.plain is not None:
            self._plain(self.feed.plain())

    def _epoch(self, feed: Feed, *, build: int, what: str) -> bool:
        """Look at one epoch; whether time is left and the epoch had a batch."""
        self.recorder.begin_epoch(build=build)
        ended, first = False, True
        stream = self._guarded(feed.open_epoch())
        try:
            for wait_s, batch in stream:
                first = first and not batch.size
                if not batch.size and _EMPTY not in self.notes:
                    self.notes.append(_EMPTY)
                more = self.recorder.add(batch, wait_s=wait_s)
                self.progress(what, self.recorder.examples_looked)
                if not more or time.perf_counter() > self.deadline:
                    break
            else:
                ended = True
        finally:
            if not first or build:
                self.recorder.end_epoch(ended=ended)
            stream.close()
        if first and self.recorder.spec is None:
            raise EmptyFeedError(self.name)
        # Something that can be read only once has no second epoch: that is not an error.
        return not first and time.perf_counter() < self.deadline

    def _timed(self) -> None:
        """Read without looking, as a train loop with nothing to do would."""
        begin, timed = time.perf_counter(), 0
        end = min(self.deadline, begin + self.budget.timing_s)
        latest = min(self.deadline, begin + _LONGER * self.budget.timing_s)
        while time.perf_counter() < (end if timed >= _ENOUGH_TIMED else latest):
            self.recorder.begin_epoch(build=0, looked=False)
            ended, batches = True, 0
            stream = self._guarded(self.feed.open_epoch())
            for wait_s, batch in stream:
                batches += 1
                self.recorder.skip(batch.size, wait_s=wait_s)
                self.progress("timing", batches)
                now = time.perf_counter()
                if now > (end if timed + batches >= _ENOUGH_TIMED else latest):
                    ended = False
                    break
            stream.close()
            self.recorder.end_epoch(ended=ended)
            timed += batches
            if not batches:
                return

    def _plain(self, feed: Feed) -> None:
        """Keep examples of the feed without augmentation, and time it."""
        spec = self.recorder.spec
        main = spec.main if spec else None
        room = self.budget.keep_bytes // (self.budget.epochs + 1)
        kept, rows = self.recorder.names_kept(), self.recorder.rows_copied()
        waits: list[tuple[int, float]] = []
        stream = self._guarded(feed.open_epoch())
        for wait_s, batch in stream:
            waits.append((batch.size, wait_s))
            self.progress("without augmentation", sum(size for size, _ in waits))
            leaf = dict(batch.leaves()).get(main.path) if main else None
            if main and leaf is not None and batch.ids is not None and (kept or rows):
                # Those are of use that are kept as they were drawn.
                names = hash_ids(batch.ids)
                pictures = channels_last(leaf, main) if main.is_image else leaf
                for at, name in enumerate(names.tolist()):
                    if name in kept and room >= leaf[at].nbytes:
                        kept.remove(name)
                        room -= leaf[at].nbytes
                        self.plain.append(np.array(leaf[at]))
                        self.plain_ids.append(names[at : at + 1])
                    if name in rows:
                        self.plain_small.append((rows.pop(name), small(pictures[at])))
            elif sum(wait for _, wait in waits) > self.budget.timing_s:
                break
            if time.perf_counter() > self.deadline:
                break
        stream.close()
        later = waits[1:]
        if later:
            self.plain_s = sum(wait for _, wait in later) / sum(size for size, _ in later)

    def _guarded(self, batches: Iterator[Batch]) -> Generator[tuple[float, Batch], None, None]:
        """The batches with the time each was waited for; what goes wrong is said once."""
        read = 0
        while True:
            begin = time.perf_counter()
            try:
                batch = next(batches)
            except StopIteration:
                return
            except TwinfeedError:
                raise
            except Exception as error:
                raise FeedReadError(self.name, read, error) from error
            wait_s = time.perf_counter() - begin
            read += 1
            yield wait_s, batch
