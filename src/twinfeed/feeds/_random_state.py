"""Running someone's iterator without moving a random state of theirs.

Two simpler ways are wrong: setting the old state back after the epoch leaves the caller in
the moved state while their loop runs, and setting it back after each batch gives every batch
the same numbers. So the reader has streams of its own: they are swapped in for each step and
out again after it, and go on from step to step and from epoch to epoch as a training's would.

Out of reach: draws in threads and processes that a pipeline starts by itself (they can fall
between two steps), and the counters that TensorFlow keeps inside the kernels of eager
operations that were given a seed of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from twinfeed.feeds._random_holders import held_streams
from twinfeed.feeds._random_streams import Stream, shared_streams

T = TypeVar("T")


class PrivateRandom:
    """Random streams of our own, beginning where the user's are now.

    Attributes:
        owners: Objects whose random generators are kept still, too.
    """

    def __init__(self, owners: Iterable[object] = ()) -> None:
        self.owners = tuple(owners)
        self._salt = 0
        self._held: list[Stream] = []
        self._start: dict[object, Any] = {}
        self._ours: dict[object, Any] = {}
        self._find_held()
        for stream in (*shared_streams(), *self._held):
            self._begin(stream)

    def renewed(self) -> PrivateRandom:
        """Streams as a new process would have them: what was seeded repeats, the rest does not."""
        other = PrivateRandom.__new__(PrivateRandom)
        other.owners = self.owners
        other._salt = self._salt + 1
        other._held = list(self._held)
        other._start = self._start
        other._ours = {}
        return other

    def guarded(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        """Yield from the iterator that ``start`` makes; the caller's states stand still.

        Args:
            start: Called at the first step. Its iterator is closed with this one.
        """
        self._find_held()
        # Kept here: when the interpreter ends, it empties the modules before the iterators.
        is_ending = sys.is_finalizing
        with self.swapped():
            iterator = start()
        try:
            while True:
                with self.swapped():
                    try:
                        item = next(iterator)
                    except StopIteration:
                        return
                yield item
        finally:
            close = getattr(iterator, "close", None)
            if close is not None and not is_ending():
                with self.swapped():
                    close()

    @contextmanager
    def swapped(self) -> Generator[None]:
        """Our streams inside, the caller's outside."""
        theirs: list[tuple[Stream, Any]] = []
        ready: set[object] = set()
        try:
            for stream in (*shared_streams(), *self._held):
                if stream.key not in self._ours:
                    self._begin(stream)
                theirs.append((stream, stream.take()))
                stream.put(self._ours[stream.key])
                ready.add(stream.key)
            yield
        finally:
            for stream, state in theirs:
                if stream.key in ready:
                    self._ours[stream.key] = stream.take()
                stream.put(state)

    def _find_held(self) -> None:
        """Look again at each epoch: objects gain generators as they are used."""
        known = {stream.key for stream in self._held}
        self._held += [stream for stream in held_streams(self.owners) if stream.key not in known]

    def _begin(self, stream: Stream) -> None:
        if stream.key not in self._start:
            self._start[stream.key] = stream.copy(stream.take())
        start = self._start[stream.key]
        self._ours[stream.key] = (
            stream.renew(start, self._salt) if self._salt else stream.copy(start)
        )


def guarded(start: Callable[[], Iterator[T]], *, owners: Iterable[object] = ()) -> Iterator[T]:
    """One epoch of an iterator, without moving a random state of the caller's.

    For successive epochs of one training keep a ``PrivateRandom``: its streams go on.

    Args:
        start: Makes the iterator; called at the first step.
        owners: Objects whose random generators are kept still, too.
    """
    return PrivateRandom(owners).guarded(start)
