"""How much of a training's time the tap may use."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from statistics import median

GRACE_S = 1.0
"""Seconds of looking that each looked-at epoch may cost in any case: the price of an answer."""
LOOK_SHARE = 0.02
"""Share of an epoch's time that looking may cost beyond that."""
CLOCK_SHARE = 0.01
"""Share of the steps' time that asking for the time of their batches may cost."""
BOOKING_S = 3e-5
"""Seconds that following one batch costs in any case."""
_WINDOW = 32
_RAREST = 256


class Governor:
    """Says when to look at a batch, and when only to time it.

    An epoch is looked at from its start, without gaps, until looking has used ``GRACE_S``
    and ``LOOK_SHARE`` of the epoch's time so far; then no more, so that what was looked at
    is always the beginning of the epoch. Of steps so short that even following their batches
    would be felt, only every ``stride``-th is followed.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._epoch_began = clock()
        self._spent_s = 0.0
        self._over = False
        self._steps_s: deque[float] = deque(maxlen=_WINDOW)
        self._handing_s: deque[float] = deque(maxlen=_WINDOW)
        self._stride = 1
        self._until_review = 1

    @property
    def over(self) -> bool:
        """Whether looking has used up its time in this epoch."""
        return self._over

    @property
    def stride(self) -> int:
        """Steps from one timed batch to the next."""
        return self._stride

    def begin_epoch(self) -> None:
        """A new epoch has its own allowance."""
        self._epoch_began = self._clock()
        self._spent_s = 0.0
        self._over = False

    def may_look(self) -> bool:
        """Whether there is time for one more look in this epoch."""
        if not self._over:
            elapsed = self._clock() - self._epoch_began
            self._over = self._spent_s > GRACE_S + LOOK_SHARE * elapsed
        return not self._over

    def spent(self, seconds: float) -> None:
        """Looking has cost this much of the training's own time."""
        self._spent_s += seconds

    def stepped(self, step_s: float, handing_s: float) -> None:
        """A step took this long.

        Args:
            step_s: Seconds of the step.
            handing_s: Seconds that fetching its batch on Keras's behalf cost beyond the wait.
        """
        self._steps_s.append(step_s)
        self._handing_s.append(handing_s + BOOKING_S)
        self._until_review -= 1
        if self._until_review <= 0:
            self._until_review = _WINDOW
            bearable_s = max(CLOCK_SHARE * median(self._steps_s), 1e-9)
            self._stride = min(_RAREST, max(1, math.ceil(median(self._handing_s) / bearable_s)))
