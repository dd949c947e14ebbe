"""The forms that a loader without a graph can have: the same data, built with other arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A loader built again with other arguments.

    Attributes:
        name: What is different in it.
        code: What a user writes for it, where ``loader`` is their own.
        build: Builds the loader.
    """

    name: str
    code: str
    build: Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What can be tried of a loader.

    Attributes:
        kind: What the loader is: ``"torch DataLoader"``.
        open_epoch: Gives for a loader what begins an epoch of it; what the user owns stands still.
        forms: What may be faster, that expected to be fastest first.
        differs: Says what a built loader feeds otherwise; empty if nothing.
        why: Why there are no forms, in words.
        note: What must be said where one of them is kept.
    """

    kind: str
    open_epoch: Callable[[Any], Callable[[], Iterator[Any]]]
    forms: Sequence[Form] = field(default_factory=list[Form])
    differs: Callable[[Any], str]
    why: str = ""
    note: str = ""


def counts(own: int, cores: int) -> list[int]:
    """Numbers of workers to try: one per core first, then half, one and none."""
    return [n for n in dict.fromkeys((cores, -(-cores // 2), 1, 0)) if n != own]
