"""Ticks of an epoch whose batches were partly fetched by Keras itself.

Nobody saw those batches, so their sizes are worked out once the epoch is over: all of them
are usual ones, except that the epoch has as many examples as the one before it.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator


class Held:
    """Ticks from the first unseen batch of an epoch on, in little space."""

    def __init__(self) -> None:
        self._steps_s = array("d")
        self._seen: dict[int, tuple[int, float]] = {}

    def __bool__(self) -> bool:
        return bool(self._steps_s)

    def __len__(self) -> int:
        return len(self._steps_s)

    def add_seen(self, size: int, wait_s: float, step_s: float) -> None:
        """A batch whose size and wait are known."""
        self._seen[len(self._steps_s)] = (size, wait_s)
        self._steps_s.append(step_s)

    def add_unseen(self, step_s: float) -> None:
        """A batch that nobody saw."""
        self._steps_s.append(step_s)

    def settle(self, usual: int, examples: int | None) -> Iterator[tuple[int, float, float]]:
        """Size, wait and step of each batch, in order; a wait that nobody saw is NaN.

        Args:
            usual: Size of the usual batch.
            examples: Examples of these batches together, where that is known.
        """
        unseen = [index for index in range(len(self)) if index not in self._seen]
        odd = usual
        if examples is not None:
            left = examples - sum(size for size, _ in self._seen.values())
            odd = left - usual * (len(unseen) - 1)
        last = unseen[-1] if unseen and 0 < odd < usual else -1
        for index, step_s in enumerate(self._steps_s):
            if index in self._seen:
                size, wait_s = self._seen[index]
                yield size, wait_s, step_s
            else:
                yield odd if index == last else usual, math.nan, step_s
