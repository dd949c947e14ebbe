"""The few examples past recognition that stand between the same others in both feeds.

Where all that was recognised stands at the same places, as many examples are left over at the same
places of both feeds, with the same labels. They are the same ones, made in two ways, where both
feeds read one folder, where they are more alike than others of their label, or where examples that
are equal bit for bit stand between them again and again.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Rows, Trace
from twinfeed.diff._views._warp import standardise

_LEAST = 12  # pairs at the same places
_MOST = 0.3  # share of the examples that may be left over
_CERTAIN = 0.01  # chance that strangers of the same labels are so alike


def in_gaps(
    left: tuple[Trace, Array, Array],
    right: tuple[Trace, Array, Array],
    pairs: tuple[Array, Array],
    *,
    certain: bool,
) -> Array:
    """Places of both passes that hold the same example, beside those that are paired.

    Args:
        left: A feed, its rows of one pass, and their views, shape ``(rows, values)``.
        right: The other one.
        pairs: Rows of both that were paired.
        certain: Whether equal ones stand between so many of the others that these are the same too.
    """
    none = np.zeros(0, int)
    (one, rows, views), (other, others, seen) = left, right
    if len(rows) != len(others) or len(pairs[0]) < _LEAST:
        return none
    known = np.searchsorted(rows, pairs[0])
    gaps = np.setdiff1d(np.arange(len(rows)), known)
    if not 0 < len(gaps) <= _MOST * len(rows):
        return none
    if (known != np.searchsorted(others, pairs[1])).any():
        return none
    labels = _labels(one.rows, rows), _labels(other.rows, others)
    if (labels[0] != labels[1]).any():
        return none
    same = _folder(one) is not None and _folder(one) == _folder(other)
    if certain or same or _alike(views, seen, gaps, labels[0]):
        return gaps
    return none


def _labels(ledger: Rows, rows: Array) -> Array:
    return ledger.label_key[rows]


def _folder(trace: Trace) -> object:
    """The folder that a feed reads, where its plan names one."""
    steps = trace.plan.of_kind("source") if trace.plan is not None else ()
    return next((s.settings["directory"] for s in steps if "directory" in s.settings), None)


def _alike(views: Array, seen: Array, gaps: Array, labels: Array) -> bool:
    """Whether these are more like each other than like others of their label, by Fisher's test."""
    if views.shape != seen.shape or not views.shape[1]:
        return False
    there = standardise(seen)
    chances: list[float] = []
    for at, mine in zip(gaps.tolist(), standardise(views[gaps]), strict=True):
        likeness = there[labels == labels[at]] @ mine
        chances.append(float((likeness >= there[at] @ mine - 1e-6).mean()))
    # Fisher's sum of logarithms, the probability of which is Poisson's where all is by chance.
    total = -float(np.log(chances).sum())
    terms = np.cumprod([1.0, *(total / k for k in range(1, len(chances)))])
    return float(np.exp(-total) * terms.sum()) < _CERTAIN
