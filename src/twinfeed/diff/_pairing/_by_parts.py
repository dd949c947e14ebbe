"""The same values at the same places in part: what pairs examples of which a part was changed.

A row of a table stays the same row when a missing cell is filled otherwise, and a sentence the same
sentence when rare words are replaced. Each value that two examples share at one place counts by how
seldom it is there: as many bits as a stranger would need luck to show it too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinfeed._core.batch import Array

_MOST = 1024  # examples of each side
_MOST_PLACES = 256  # values of an example that are held against each other
_SURE = 10.0  # bits beyond those that find one pair among all
_CLEAR = 0.6  # of the bits of the best, that the second best may have


def same_parts(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array]:
    """Pair whole examples by what they share at the same places.

    Args:
        left: Examples of one side, of one shape and kind; sequences may be of many lengths.
        right: Of the other.

    Returns:
        Indices into both, as long as the pairs, ascending in the left; empty where the examples
        cannot be held against each other, or are too many for it.
    """
    none = np.zeros(0, int), np.zeros(0, int)
    if not (0 < len(left) <= _MOST and 0 < len(right) <= _MOST):
        return none
    left, right = equally_long(left, right)
    if len({example.shape for example in (*left, *right)}) != 1 or not left[0].size:
        return none
    if any(example.dtype.kind not in "biuf" for example in (left[0], right[0])):
        return none
    return clearly_shared(_bits(_places(left), _places(right)))


def equally_long(
    left: Sequence[Array], right: Sequence[Array]
) -> tuple[Sequence[Array], Sequence[Array]]:
    """Sequences of both sides with zeros behind them up to the longest, as padding does it.

    Anything else, and what is of one length already, comes back as it is.
    """
    every = (*left, *right)
    lengths = {example.size for example in every}
    if len(lengths) < 2 or any(one.ndim != 1 or one.dtype.kind not in "biuf" for one in every):
        return left, right
    most = max(lengths)
    return (
        [np.pad(one, (0, most - one.size)) for one in left],
        [np.pad(one, (0, most - one.size)) for one in right],
    )


def _places(examples: Sequence[Array]) -> Array:
    """Evenly spread values of each example, float64, shape ``(examples, places)``."""
    size = examples[0].size
    picks = np.unique(np.linspace(0, size - 1, min(size, _MOST_PLACES)).round().astype(int))
    return np.stack([example.reshape(-1)[picks].astype(np.float64) for example in examples])


def _bits(left: Array, right: Array) -> Array:
    """What each example of the left shares with each of the right, shape ``(left, right)``."""
    found = np.zeros((len(left), len(right)))
    for mine, theirs in zip(left.T, right.T, strict=True):
        both = np.concatenate([mine, theirs])
        _, kind, count = np.unique(both, return_inverse=True, return_counts=True, equal_nan=True)
        # A value that one example of each side has is as seldom as it can be.
        rare = np.log2(len(both) / np.maximum(count, 2))[kind]
        found += (kind[: len(mine), None] == kind[len(mine) :]) * rare[: len(mine), None]
    return found


def clearly_shared(bits: Array) -> tuple[Array, Array]:
    """Pairs that share the most of both, clearly, and more than one pair among all would by chance.

    Args:
        bits: What each example of the left shares with each of the right, shape ``(left, right)``.

    Returns:
        Indices into both, as long as the pairs, ascending in the left.
    """
    best, second = two_most(bits)
    back, second_back = two_most(bits.T)
    rows = np.arange(len(bits))
    most = bits[rows, best]
    rival = np.maximum(second, second_back[best])
    good = (back[best] == rows) & (most >= np.log2(bits.size) + _SURE) & (rival <= _CLEAR * most)
    return rows[good], best[good]


def two_most(shared: Array) -> tuple[Array, Array]:
    """Per row, where the most stands, and the second most."""
    best = shared.argmax(axis=1)
    if shared.shape[1] < 2:
        return best, np.zeros(len(shared))
    return best, np.partition(shared, -2, axis=1)[:, -2]
