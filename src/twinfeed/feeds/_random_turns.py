"""Private random streams for pipelines that run Python functions in threads of their own.

``tf.data`` runs ahead: while the reader looks at one batch, its threads call the user's
functions for the next. Swapping the streams around each ``next`` would miss those draws, and
swapping them around each call would let two threads restore each other's states. So the first
one in swaps, and the last one out swaps back; and while the reader is away for a moment, calls
wait for it, so that it finds its states as they were.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar

from twinfeed.feeds._random_state import PrivateRandom

PATIENCE_S = 0.2
"""A reader that stays away for longer may be training: then calls go on without it."""


class Turns:
    """Lets several threads of one pipeline share its private streams.

    Where two pipelines overlap, the second one draws from the streams of the first: its own
    would have to be swapped in while the first one is using its streams.

    Args:
        private: The streams.
    """

    _changed: ClassVar[threading.Condition] = threading.Condition()
    _inside: ClassVar[int] = 0
    _swapped: ClassVar[AbstractContextManager[None] | None] = None

    def __init__(self, private: PrivateRandom) -> None:
        self.private = private
        self._reading = 0
        self._left_s = -PATIENCE_S

    @contextmanager
    def reading(self) -> Generator[None, None, None]:
        """Entered by the reader around each ``next``; on leaving, calls are waited for."""
        with Turns._changed:
            self._enter()
            self._reading += 1
            Turns._changed.notify_all()
        try:
            yield
        finally:
            with Turns._changed:
                self._reading -= 1
                self._left_s = time.monotonic()
                Turns._changed.wait_for(lambda: Turns._inside <= 1, PATIENCE_S)
                self._leave()

    @contextmanager
    def calling(self) -> Generator[None, None, None]:
        """Entered by any thread around a call of a user's function."""
        with Turns._changed:
            Turns._changed.wait_for(
                lambda: self._reading > 0, self._left_s + PATIENCE_S - time.monotonic()
            )
            self._enter()
        try:
            yield
        finally:
            with Turns._changed:
                self._leave()

    def settle(self) -> None:
        """Wait for the last calls of an epoch that was left."""
        with Turns._changed:
            self._left_s = -PATIENCE_S
            Turns._changed.notify_all()
            Turns._changed.wait_for(lambda: Turns._inside == 0, PATIENCE_S)

    def _enter(self) -> None:
        if Turns._inside == 0:
            swapped = self.private.swapped()
            swapped.__enter__()
            Turns._swapped = swapped
        Turns._inside += 1

    def _leave(self) -> None:
        Turns._inside -= 1
        if Turns._inside == 0 and Turns._swapped is not None:
            swapped, Turns._swapped = Turns._swapped, None
            swapped.__exit__(None, None, None)
        Turns._changed.notify_all()
