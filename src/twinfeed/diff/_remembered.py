"""Facts about a pair of traces that several measures ask for, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from twinfeed.diff._twins import Twins

Fact = TypeVar("Fact")


def remembered(work_out: Callable[[Twins], Fact]) -> Callable[[Twins], Fact]:
    """Keep what ``work_out`` answers for as long as the twins live."""
    known: WeakKeyDictionary[Twins, Fact] = WeakKeyDictionary()

    @wraps(work_out)
    def ask(twins: Twins) -> Fact:
        if twins not in known:
            known[twins] = work_out(twins)
        return known[twins]

    return ask
