"""Parts of one piece of work at once: numpy lets go of the interpreter inside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from twinfeed._core.batch import Array

_Part = TypeVar("_Part")
_Done = TypeVar("_Done")
_MOST = 8  # threads: more wait for memory
_CHUNK = 64  # pairs of pictures at once: more no longer fit into what is near a core


def at_once(work: Callable[[_Part], _Done], parts: Sequence[_Part]) -> Iterator[_Done]:
    """What becomes of each part, in order; the parts must be apart from each other.

    Args:
        work: Done to each part.
        parts: What it is done to.
    """
    if len(parts) < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(min(_MOST, os.cpu_count() or 1)) as pool:
        yield from pool.map(work, parts)


def of_each(work: Callable[[_Part], _Done], parts: Sequence[_Part]) -> dict[_Part, _Done]:
    """The same by part.

    Args:
        work: Done to each part.
        parts: What it is done to, none twice.
    """
    return dict(zip(parts, at_once(work, parts), strict=True))


def by_pairs(work: Callable[..., tuple[Array, ...]], *columns: Array) -> tuple[Array, ...]:
    """Results that have a row per pair, some pairs at a time.

    Args:
        work: From rows of the columns to columns of results.
        *columns: What it takes, each with a row per pair.
    """
    starts = range(0, max(len(columns[0]), 1), _CHUNK)

    def part(start: int) -> tuple[Array, ...]:
        return work(*(column[start : start + _CHUNK] for column in columns))

    done = list(at_once(part, starts))
    return done[0] if len(done) == 1 else tuple(map(np.concatenate, zip(*done, strict=True)))
