"""The same examples at the same places: what pairs two feeds whose pictures are past recognition.

Two feeds that read one list in one order give the n-th example as their n-th. Whether they do is
asked of how alike the examples of each feed are among themselves: whatever one feed does to all
of its pictures, two that were alike mostly stay so. Holding these likenesses against each other
place by place, and with the places exchanged, is Mantel's test (1967).
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array

_MOST = 240  # examples that are held against each other
_LEAST = 12
_EXCHANGED = 40  # orders to compare with
_NEAR = 8  # examples in a row that change places among themselves
_BEYOND = 5.0  # standard deviations above exchanged places
_AGAIN = 0.25  # of the likeness to itself, by which a distance must stand out as a round's
_KEPT = 0.12  # correlation of the likenesses
_LEAST_KNOWN = 12  # examples that are the same, and changes from them to others and back
_LEAST_LABELS = 20  # examples whose labels are asked
_OWN_LABELS = 0.9  # share of them that have a label of their own: targets, masks, boxes
_SAME_LABELS = 0.99  # share of places that show one label in both
_LESS_AGREED = 0.1  # share of labels by which strangers of one label may agree less


def same_places(left: Array, right: Array, labels: tuple[Array, Array]) -> bool:
    """Whether the n-th of one set is the n-th of the other.

    Args:
        left: ``Rows.signature`` of one pass in the order of arrival, shape ``(count, values)``.
        right: The same of the other, as many.
        labels: Keys of the labels of both, shape ``(count,)``. Examples are exchanged only with
            near ones of the same two labels, so that neither data sorted by class nor pictures
            taken one after the other prove anything.
    """
    if len(left) != len(right) or len(left) < _LEAST or not left.shape[1] or not right.shape[1]:
        return False
    round_ = _round(left, right)
    if round_ < _LEAST:
        return False
    left, right, labels = left[:round_], right[:round_], (labels[0][:round_], labels[1][:round_])
    some = np.linspace(0, len(left) - 1, min(_MOST, len(left))).astype(int)
    here, there = (_likenesses(side[some]) for side in (left, right))
    if here is None or there is None:
        return False
    random = np.random.default_rng(0)
    groups = _groups(*(side[some] for side in labels))
    upper = np.triu_indices(len(some), 1)
    wanted = here[upper] - here[upper].mean()
    found = _correlation(wanted, there[upper])
    if found < _KEPT:
        return False
    exchanged = np.zeros(_EXCHANGED)
    for number in range(_EXCHANGED):
        order = np.arange(len(some))
        for group in groups:
            order[group] = random.permutation(group)
        exchanged[number] = _correlation(wanted, there[np.ix_(order, order)][upper])
    spread = max(float(exchanged.std()), 1e-3)
    return bool(found - exchanged.mean() > _BEYOND * spread)


def known_places(left: Array, right: Array, labels: tuple[Array, Array]) -> bool:
    """Whether examples that are the same stand at the same places, in between all the others.

    Args:
        left: Places of examples of one pass that the other gives bit for bit, ascending.
        right: Where they stand there.
        labels: Keys of the labels of both passes, in the order of arrival. The other examples
            must agree in them as the known ones do.
    """
    mine, theirs = labels
    if len(mine) != len(theirs) or len(left) < _LEAST_KNOWN or (left != right).any():
        return False
    known = np.zeros(len(mine), bool)
    known[left] = True
    # A beginning in common, or some blocks of files, says nothing of what stands between them.
    if known.all() or int((known[1:] != known[:-1]).sum()) < _LEAST_KNOWN:
        return False
    agree = mine == theirs
    return float(agree[~known].mean()) >= float(agree[known].mean()) - _LESS_AGREED


def same_labels(left: Array, right: Array) -> int:
    """How many examples from the first on have one label in both, and no other example has it.

    Targets of a regression and masks are such labels. One side may go on further than the other.

    Args:
        left: Keys of the labels of one pass in the order of arrival.
        right: Of the other.

    Returns:
        That number, 0 where the labels do not tell the places.
    """
    count = min(len(left), len(right))
    if count < _LEAST_LABELS:
        return 0
    own = min(len(np.unique(side[:count])) for side in (left, right))
    same = float((left[:count] == right[:count]).mean())
    return count if own >= _OWN_LABELS * count and same >= _SAME_LABELS else 0


def _round(left: Array, right: Array) -> int:
    """Examples after which both begin anew, all if they do not: shape of both ``(count, values)``.

    What goes round in two feeds is alike at the same places, whichever examples stand there.
    """
    # A peak: examples so far apart are alike, and those one nearer or further are not.
    peaks = [lag[1:-1] - np.maximum(lag[:-2], lag[2:]) for lag in map(_at_distance, (left, right))]
    found = np.flatnonzero(np.min(peaks, axis=0) > _AGAIN)
    return int(found[0]) + 2 if len(found) else len(left)


def _at_distance(views: Array) -> Array:
    """Mean correlation of views that stand 1, 2, ... places apart, of half as many distances."""
    values = views.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    values /= np.where(lengths > 0, lengths, 1)
    values -= values.mean(axis=0)
    count = len(values)
    waves = np.fft.rfft(values, 2 * count, axis=0)
    sums = np.fft.irfft(np.square(np.abs(waves)).sum(axis=1), 2 * count)[: count // 2 + 1]
    if sums[0] <= 0:
        return np.zeros(len(sums) - 1)
    return sums[1:] / (count - np.arange(1, len(sums))) / (sums[0] / count)


def _groups(left: Array, right: Array) -> list[Array]:
    both = np.stack([left, right], axis=1)
    _, group = np.unique(both, axis=0, return_inverse=True)
    members = [np.flatnonzero(group == number) for number in range(group.max() + 1)]
    # Where every example has a label of its own, labels keep none of them apart.
    members = members if max(map(len, members)) >= 4 else [np.arange(len(left))]
    return [one[k : k + _NEAR] for one in members for k in range(0, len(one), _NEAR)]


def _likenesses(views: Array) -> Array | None:
    """Correlations of all views with all, shape ``(count, count)``; ``None`` if all are one."""
    values = views.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    if float((lengths > 0).mean()) < 0.5:
        return None
    values /= np.where(lengths > 0, lengths, 1)
    return values @ values.T


def _correlation(centred: Array, other: Array) -> float:
    other = other - other.mean()
    length = float(np.linalg.norm(centred) * np.linalg.norm(other))
    return float(centred @ other) / length if length else 0.0
