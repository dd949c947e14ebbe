"""The same values at other places: what pairs tables with other columns, and pictures reshaped.

Which values an example holds does not change when its columns change places, when its padding
moves from the end to the front, or when a picture is reshaped instead of transposed. Sorted,
the values of most examples are like those of no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from twinfeed._core.batch import Array

_MOST = 2048  # examples of each side
_MOST_VALUES = 8_000_000  # of each side; a million are sorted in about 0.1 s
_ORDERS = 64  # order statistics that stand for the values of an example
_LEAST = 12
_SHARE = 0.8  # of the shorter side, that must find its like: sets that are not the same do not
_EQUAL = 1e-5  # of the spread of all values, by which sorted values may be apart
_CLEAR = 0.1  # of what the second best leaves, that the best may leave
_SEVERAL = 3  # values, of which an example holds too few to be told by them


def same_values(left: Sequence[Array], right: Sequence[Array]) -> tuple[Array, Array] | None:
    """Pair whole examples by the values that they hold, wherever those stand.

    Args:
        left: Examples of one side, of any shapes of one size.
        right: Of the other.

    Returns:
        Indices into both, as long as the pairs; ``None`` where too few have clearly one like.
    """
    shorter = min(len(left), len(right))
    sizes = {example.size for example in (*left, *right)}
    if shorter < _LEAST or len(sizes) != 1 or sum(sizes) < _SEVERAL:
        return None
    if any(example.dtype.kind not in "biuf" for example in (left[0], right[0])):
        return None
    most = max(_LEAST, min(_MOST, _MOST_VALUES // left[0].size))
    chosen = _some(left, most), _some(right, most)
    sides = [_orders(side, picked) for side, picked in zip((left, right), chosen, strict=True)]
    shorter = min(map(len, chosen))
    for scaled in (False, True):
        found = _matched(*(_standard(side) if scaled else side for side in sides))
        if found is not None and len(found[0]) >= _SHARE * shorter:
            return chosen[0][found[0]], chosen[1][found[1]]
    return None


def _some(examples: Sequence[Array], most: int) -> Array:
    """Some of the examples, the same ones in another order: chosen by what they sum up to."""
    if len(examples) <= most:
        return np.arange(len(examples))
    sums = [float(np.sum(example, dtype=np.float64)) for example in examples]
    return np.sort(np.argsort([crc32(f"{one:.6g}".encode()) for one in sums])[:most])


def _orders(examples: Sequence[Array], chosen: Array) -> Array:
    """Some of the sorted values of each example that was chosen, float64; not finite ones are 0."""
    size = examples[0].size
    picks = np.unique(np.linspace(0, size - 1, min(size, _ORDERS)).round().astype(int))
    found = np.zeros((len(chosen), len(picks)))
    places: list[int] = chosen.tolist()
    for row, at in zip(found, places, strict=True):
        row[:] = np.sort(examples[at].astype(np.float64), axis=None)[picks]
    return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)


def _standard(orders: Array) -> Array:
    """Without the offset and the scale of each example."""
    centred = orders - orders.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return centred / np.where(spread > 0, spread, 1)


def _matched(left: Array, right: Array) -> tuple[Array, Array] | None:
    """Mutually best pairs that are equal but for rounding, and of which no rival is."""
    scale = float(np.concatenate([left, right]).std())
    if not scale:
        return None
    apart = _distances(left / scale, right / scale)
    best, rival = _two_least(apart)
    back, rival_back = _two_least(apart.T)
    rows = np.arange(len(left))
    least = apart[rows, best]
    second = np.minimum(rival, rival_back[best])
    good = (back[best] == rows) & (least <= _EQUAL) & (least <= _CLEAR * second) & (second > 0)
    return rows[good], best[good]


def _distances(left: Array, right: Array) -> Array:
    """Root mean squares of the differences of all with all; products would lose digits."""
    found = np.empty((len(left), len(right)), np.float32)
    for row, one in zip(found, left, strict=True):
        row[:] = np.sqrt(np.square(right - one).mean(axis=1))
    return found


def _two_least(apart: Array) -> tuple[Array, Array]:
    """Per row, where the least stands, and the second least."""
    best = apart.argmin(axis=1)
    second = np.partition(apart, 1, axis=1)[:, 1] if apart.shape[1] > 1 else np.ones(len(apart))
    return best, second
