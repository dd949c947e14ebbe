"""Private random streams for pipelines that run Python functions in threads of their own.

``tf.data`` runs ahead: while the reader looks at one batch, its threads call the user's
functions for the next. Swapping the streams around each ``next`` would miss those draws, and
swapping them around each call would let two threads restore each other's states. So the first
one in swaps, and the last one out swaps back; and while the reader is away for a moment, calls
wait for it, so that it finds its states as they were.

A reader that does nothing of the user's between two batches says so with :meth:`Turns.undisturbed`. Its
states stay swapped in then, and calls run ahead as they would in a training: those that only wait
for a disk would otherwise seem to come one after the other.
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
    _undisturbed: ClassVar[int] = 0
    _staying: ClassVar[list[Turns]] = []

    def __init__(self, private: PrivateRandom) -> None:
        self.private = private
        self._reading = 0
        self._left_s = -PATIENCE_S

    @classmethod
    @contextmanager
    def undisturbed(cls) -> Generator[None, None, None]:
        """Entered by a reader around epochs between whose batches nothing of the user's runs."""
        with cls._changed:
            cls._undisturbed += 1
        try:
            yield
        finally:
            with cls._changed:
                cls._undisturbed -= 1
                while cls._staying and not cls._undisturbed:
                    cls._staying.pop()._go()

    @contextmanager
    def reading(self) -> Generator[None, None, None]:
        """Entered by the reader around each ``next``; on leaving, calls are waited for.

        Not so inside :meth:`undisturbed`, where the reader leaves at the end of its epoch.
        """
        with Turns._changed:
            if self in Turns._staying:
                Turns._staying.remove(self)
            else:
                self._enter()
                self._reading += 1
                Turns._changed.notify_all()
        try:
            yield
        finally:
            with Turns._changed:
                if Turns._undisturbed:
                    Turns._staying.append(self)
                else:
                    self._go()

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
            if self in Turns._staying:
                Turns._staying.remove(self)
                self._go()
            self._left_s = -PATIENCE_S
            Turns._changed.notify_all()
            Turns._changed.wait_for(lambda: Turns._inside == 0, PATIENCE_S)

    def _go(self) -> None:
        """Leave as a reader, once the calls that are under way have ended."""
        self._reading -= 1
        self._left_s = time.monotonic()
        Turns._changed.wait_for(lambda: Turns._inside <= 1, PATIENCE_S)
        self._leave()

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
