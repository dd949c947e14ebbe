"""The same sentences as numbers of words: by runs of words, and by how often their words are there.

A sentence that was cut at its end on one side and at its beginning on the other keeps what lies
between, at another place. One whose words were numbered otherwise keeps which of them are often
there and which are seldom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._pairing._by_parts import clearly_shared, equally_long

_MOST = 1024  # examples of each side whose runs are held against each other
_MOST_VALUES = 4_000_000
_LEAST, _LEAST_WORDS = 12, 8  # examples; numbers of each
_RUN = 4  # words in a row
_SHARE = 0.8  # of the examples, that must be the only ones of their counts


def same_runs(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array]:
    """Pair sentences by the runs of words that they share, wherever these stand.

    Each run counts by how seldom it is there, as ``same_parts`` counts values.

    Args:
        left: Whole numbers of one side, of one shape or of many lengths.
        right: Of the other.

    Returns:
        Indices into both, as long as the pairs, ascending in the left.
    """
    none = np.zeros(0, int), np.zeros(0, int)
    tables = _numbers(*equally_long(left, right))
    if tables is None or max(map(len, tables)) > _MOST:
        return none
    values, count = np.unique(np.concatenate(tables), return_counts=True)
    filler = values[count.argmax()]
    here, there = (_runs(table, filler) for table in tables)
    shared = np.zeros((len(left), len(right)))
    # In the order in which they come: sums of floats hang on it, and sets change theirs.
    for run, mine in here.items():
        theirs = there.get(run)
        if not theirs:
            continue
        rare = np.log2((len(left) + len(right)) / (len(mine) + len(theirs)))
        shared[np.ix_(sorted(mine), sorted(theirs))] += rare
    return clearly_shared(shared)


def same_counts(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Pair sentences of which one side numbers the words otherwise.

    Args:
        left: All examples of one side, of one shape, none twice.
        right: Of the other, as many.

    Returns:
        Indices into both, as long as the pairs, ascending in the left; ``None`` where these are
        not the same sentences, or too many of them are alike.
    """
    tables = _numbers(left, right) if len(left) == len(right) else None
    if tables is None:
        return None
    keys: list[dict[bytes, list[int]]] = []
    for table in tables:
        _, which, count = np.unique(table, return_inverse=True, return_counts=True)
        known: dict[bytes, list[int]] = defaultdict(list)
        for row, counts in enumerate(count[which].reshape(table.shape)):
            known[counts.tobytes()].append(row)
        keys.append(known)
    pairs = [
        (rows[0], keys[1][key][0])
        for key, rows in keys[0].items()
        if len(rows) == 1 == len(keys[1].get(key, ()))
    ]
    if len(pairs) < _SHARE * len(left):
        return None
    a, b = np.array(sorted(pairs)).T
    return a, b


def _numbers(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Both sides as whole numbers, shape ``(examples, numbers)``; ``None`` where they are none."""
    if min(len(left), len(right)) < _LEAST:
        return None
    shapes = {example.shape for example in (*left, *right)}
    size = left[0].size
    if len(shapes) != 1 or left[0].ndim != 1 or size < _LEAST_WORDS:
        return None
    if max(len(left), len(right)) * size > _MOST_VALUES:
        return None
    tables = np.stack(left), np.stack(right)
    if any(table.dtype.kind not in "iuf" or not np.isfinite(table).all() for table in tables):
        return None
    if any((table != np.rint(table)).any() for table in tables):
        return None
    return tables[0].astype(np.int64), tables[1].astype(np.int64)


def _runs(table: Array, filler: int) -> dict[bytes, set[int]]:
    """The rows in which each run of words is, without runs in which there is a filler."""
    found: dict[bytes, set[int]] = defaultdict(set)
    windows = np.lib.stride_tricks.sliding_window_view(table, _RUN, axis=1)
    for row, at in zip(*np.nonzero((windows != filler).all(axis=2)), strict=True):
        found[windows[row, at].tobytes()].add(int(row))
    return found
