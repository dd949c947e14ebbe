"""Threads that share out the pictures of a batch, and the order in which batches come."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue


class _Pools:
    """One pool of threads for each number of threads, shared by all feeds of the process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A forked child has none of its parent's threads, and maybe a lock nobody will open."""
        self._lock = threading.Lock()
        self._made: dict[int, ThreadPoolExecutor] = {}

    def of(self, threads: int) -> ThreadPoolExecutor:
        """The pool with this many threads."""
        with self._lock:
            if threads not in self._made:
                self._made[threads] = ThreadPoolExecutor(threads, "twinfeed-images")
            return self._made[threads]


_POOLS = _Pools()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_POOLS.forget)


def cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Job:
    """One batch in the making: threads claim its pictures one by one.

    A thread that is done with one batch goes on with the next, so there is no gap between them,
    and there are as many hand-overs per batch as threads, not as pictures.

    Args:
        work: Makes picture ``i``, 0 to ``count - 1``; called from any thread, in any order.
        count: Pictures in the batch.
        threads: How many threads may work on it at once.
    """

    def __init__(self, work: Callable[[int], None], count: int, threads: int) -> None:
        self._work = work
        self._count = count
        self._claims = itertools.count()
        self._failed: list[tuple[int, BaseException]] = []
        self._pid = os.getpid()
        self._shares: list[Future[None]] = []
        # Waiting for futures costs as much as making two tiny pictures.
        self._ended: SimpleQueue[None] = SimpleQueue()
        self._to_end = 0
        if count:
            pool = _POOLS.of(threads)
            self._to_end = min(threads, count)
            self._shares = [pool.submit(self._share) for _ in range(self._to_end)]

    def _share(self) -> None:
        while not self._failed and (place := next(self._claims)) < self._count:
            try:
                self._work(place)
            except BaseException as error:  # noqa: BLE001  it is raised where the batch is asked for
                self._failed.append((place, error))
        self._ended.put(None)

    def result(self) -> None:
        """Wait for the batch; raises what its first bad picture raised."""
        while self._to_end:
            self._ended.get()
            self._to_end -= 1
        if self._failed:
            # Pictures are claimed in order: whatever precedes a failed one has been tried.
            raise min(self._failed, key=lambda each: each[0])[1]

    def cancel(self) -> None:
        """Claim what is left, so that nobody works on it."""
        self._count = 0
        for share in self._shares:
            share.cancel()

    @property
    def orphaned(self) -> bool:
        """Whether its threads were left behind by a fork."""
        return self._pid != os.getpid()
