"""Reading anything in turns, so that what is compared is compared in the same minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from twinfeed.errors import FeedReadError

_CUT = 8.0
"""A turn that has taken so many times its length ends in the middle of an epoch."""


PIPELINE = "the pipeline"
"""How messages call what is tuned."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of reading.

    Attributes:
        seconds: Wall time.
        cpu_s: Processor time of the whole process, all threads.
        elements: Elements that were read.
    """

    seconds: float
    cpu_s: float
    elements: int


def guarded(elements: Iterable[Any]) -> Iterator[Any]:
    """The elements of an epoch; what the user's code raises there is told as theirs.

    Raises:
        FeedReadError: If the pipeline raises.
    """
    iterator = iter(elements)
    for read in count():
        try:
            element = next(iterator)
        except StopIteration:
            return
        except Exception as error:
            raise FeedReadError(PIPELINE, read, error) from error
        yield element


class Reader:
    """Reads a pipeline in turns.

    Args:
        open_epoch: Begins an epoch.
        endless: Whether an epoch has no end.
    """

    def __init__(self, open_epoch: Callable[[], Iterator[Any]], *, endless: bool = False) -> None:
        self._open = open_epoch
        self._is_endless = endless

    def warm(self, seconds: float) -> bool:
        """Read an epoch, so that caches are filled and functions are ready; whether it ended."""
        end = time.perf_counter() + seconds
        return not any(time.perf_counter() > end for _ in guarded(self._open()))

    def turn(self, seconds: float) -> Turn:
        """Read whole epochs until the time is over; one that is long or endless is cut.

        Every turn begins an epoch, as a training does. To go on with one that stood still would
        count what it had prepared meanwhile, which flatters the pipelines that prepare most.
        """
        limit_s = seconds * (2.0 if self._is_endless else _CUT)
        begin, cpu, elements = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() - begin < seconds:
            before = elements
            for _ in guarded(self._open()):
                elements += 1
                if time.perf_counter() - begin > limit_s:
                    break
            if elements == before:
                break
        return Turn(time.perf_counter() - begin, time.process_time() - cpu, elements)
