"""How much of a label is left to its largest class, where labels were smoothed or mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form

_SOFT = {"smoothed one-hot", "mixed one-hot"}
_LEAST = 0.01  # by which the mean of the largest entries must differ
_SURELY = 5.0  # standard errors, of as many draws as there are batches
_LEAST_BATCHES = 8
_WHOLE = 0.999  # largest entry from which a label is that of one class


@dataclass(frozen=True, slots=True)
class Softness:
    """The largest entries of a feed's labels.

    Attributes:
        mean: Their mean.
        error: Its standard error; 0 where all are the same.
        mixed_share: Share of the labels that are not of one class alone.
    """

    mean: float
    error: float
    mixed_share: float


def softness_apart(left: Trace, right: Trace) -> tuple[Softness, Softness] | None:
    """What is left to the largest class in each of two feeds, where that surely differs.

    Of labels in one form only. How much was mixed may be drawn once per batch: batches are
    compared, not labels.
    """
    forms = {label_form(left).form, label_form(right).form}
    if len(forms) > 1 or not forms <= _SOFT:
        return None
    one, other = _softness(left), _softness(right)
    if one is None or other is None:
        return None
    apart = abs(one.mean - other.mean)
    surely = apart > _SURELY * float(np.hypot(one.error, other.error))
    return (one, other) if apart > _LEAST and surely else None


def _softness(trace: Trace) -> Softness | None:
    """Of all epochs that drew anew; ``None`` for too few batches to know how it varies."""
    rows = trace.rows
    peaks: list[Array] = []
    means: list[Array] = []
    for index, epoch in enumerate(trace.epochs):
        at = trace.rows_of(index) if epoch.looked else np.zeros(0, int)
        seen = np.sort(rows.label_peak[at])
        # What was drawn once comes again in every epoch, and is no draw more.
        if not len(at) or any(np.array_equal(seen, before) for before in peaks):
            continue
        peaks.append(seen)
        _, batch, sizes = np.unique(rows.batch[at], return_inverse=True, return_counts=True)
        means.append(np.bincount(batch, rows.label_peak[at]) / sizes)
    every, by_batch = (np.concatenate([np.zeros(0), *each]) for each in (peaks, means))
    if not len(every):
        return None
    mixed = float((every < _WHOLE).mean())
    if np.ptp(every) <= _LEAST:
        return Softness(float(every.mean()), 0.0, mixed)
    if len(by_batch) < _LEAST_BATCHES:
        return None
    error = float(by_batch.std(ddof=1) / np.sqrt(len(by_batch)))
    return Softness(float(every.mean()), error, mixed)
