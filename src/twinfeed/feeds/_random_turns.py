"""Private random streams for pipelines that run Python functions in threads of their own.

``tf.data`` runs ahead: while the reader looks at one batch, its threads call the user's
functions for the next. Swapping the streams around each ``next`` would miss those draws, and
swapping them around each call would let two threads restore each other's states. So the first
one in swaps, and the last one out swaps back.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from twinfeed.feeds._random_state import PrivateRandom


class Turns:
    """Lets several threads of one pipeline share its private streams.

    Where two pipelines overlap, the second one draws from the streams of the first: its own
    would have to be swapped in while the first one is using its streams.

    Args:
        private: The streams.
    """

    _lock = threading.Lock()
    _inside = 0
    _open: AbstractContextManager[None] | None = None

    def __init__(self, private: PrivateRandom) -> None:
        self.private = private

    @contextmanager
    def inside(self) -> Generator[None, None, None]:
        """The caller's random states stand still while this is entered."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with Turns._lock:
            if Turns._inside == 0:
                opened = self.private.swapped()
                opened.__enter__()
                Turns._open = opened
            Turns._inside += 1

    @staticmethod
    def _leave() -> None:
        with Turns._lock:
            Turns._inside -= 1
            if Turns._inside == 0 and Turns._open is not None:
                opened, Turns._open = Turns._open, None
                opened.__exit__(None, None, None)
