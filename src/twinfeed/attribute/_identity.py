"""Which example each row of two recordings shows, over all their epochs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._pair import pair_epochs, pair_more, pair_sides
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.observe.budget import Budget
from twinfeed.observe.look import hash_ids
from twinfeed.observe.read import observe
from twinfeed.train.recording import Recording


@dataclass(frozen=True, slots=True)
class Identities:
    """Numbers of examples: the same number is the same example.

    Attributes:
        a: Of A's rows, -1 where it cannot be told, shape ``(rows of A,)``.
        b: Of B's rows.
        count: How many numbers there are.
    """

    a: Array
    b: Array
    count: int

    @property
    def paired_share(self) -> float:
        """Share of B's rows that A has as well, 0 to 1."""
        known = np.isin(self.b, self.a[self.a >= 0]) & (self.b >= 0)
        return float(known.mean()) if len(self.b) else 0.0


def trace_of(recording: Recording, name: str, *, epochs: int | None = None) -> Trace:
    """A whole recording observed, every row of these epochs in the ledger."""
    count = len(recording.sizes) if epochs is None else min(epochs, len(recording.sizes))
    most = max(map(sum, recording.sizes))
    budget = Budget(examples=most, epochs=count, seconds=sys.maxsize, timing_s=0.0)
    seen = observe(recording.feed(name), budget=budget, every_value=True, name=name)
    if recording.plain is None:
        return seen
    values, names = recording.plain
    return replace(seen, plain=tuple(values), plain_id=hash_ids(names))


def identify(left: Trace, right: Trace) -> Identities:
    """Number the examples of two traces of whole recordings.

    A's first epoch numbers its examples; all other rows are held against it by name, content or
    likeness, and what is left of B against B's first epoch.
    """
    first = left.rows_of(0)
    a = np.full(len(left.rows), -1)
    a[first] = np.arange(len(first))
    a[first] = _merged(left, first, a[first])
    for epoch in range(1, len(left.epochs)):
        _take(a, pair_epochs(left, 0, epoch), a)
    _by_content(left, a)
    b = np.full(len(right.rows), -1)
    sides = pair_sides(left, right)
    b[sides.right] = a[sides.left]
    _by_content(right, b)
    own = right.rows_of(0)
    fresh = own[b[own] < 0]
    b[fresh] = len(first) + np.arange(len(fresh))
    b[fresh] = _merged(right, fresh, b[fresh])
    for epoch in range(1, len(right.epochs)):
        _take(b, pair_epochs(right, 0, epoch), b)
        rows = right.rows_of(epoch)
        more = pair_more(right, rows[b[rows] < 0], left)
        b[more.left] = a[more.right]
    _by_content(right, b)
    return Identities(a, b, len(first) + len(fresh))


def _take(numbers: Array, pairs: Pairs, of: Array) -> None:
    numbers[pairs.right] = of[pairs.left]


def _merged(trace: Trace, rows: Array, numbers: Array) -> Array:
    """One number for rows with one content: an example that comes twice is one example."""
    _, first, inverse = np.unique(trace.rows.content[rows], return_index=True, return_inverse=True)
    return numbers[first[inverse]]


def _by_content(trace: Trace, numbers: Array) -> None:
    """Number what was not told by the content or the name of a row that was."""
    for keys in (trace.rows.id, trace.rows.content):
        known = np.flatnonzero((numbers >= 0) & (keys != 0))
        open_ = np.flatnonzero((numbers < 0) & (keys != 0))
        if not len(known) or not len(open_):
            continue
        names, first = np.unique(keys[known], return_index=True)
        at = np.searchsorted(names, keys[open_]).clip(max=len(names) - 1)
        same = names[at] == keys[open_]
        numbers[open_[same]] = numbers[known[first[at[same]]]]
