"""Windows over one series that lie in both parts: cut first and dealt out afterwards.

Numbers of a measured series come in one place only, so that a short run of them tells. Whole
numbers, such as those of words, come again everywhere: it takes a longer run of them, that is no
count and is in few windows, and a large part of a window from its edge on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace

_RUN = 8  # numbers in a row, that no two places of a measured series have alike
_SHARED = 0.2  # of a window, that must be in windows that are trained on
_SHARE, _LEAST = 0.5, 8  # of the validation: at a cut in time only the first windows overlap
_DISTINCT = 0.75  # of a run, that must be of different steps: neither silence nor what is filled up
_MOST = 512  # windows of each part
_MOST_VALUES = 4_000_000
_BROKEN = 0.5  # share of numbers that are no whole ones: words and classes come again everywhere
_WORDS, _OF_WORDS = 16, 0.4  # the same run and share of a window, of whole numbers
_COUNTED = 0.5  # share of the steps of a run that may be one and the same: no hours or places
_COMMON = 0.2  # of the windows that are trained on, that hold a run which is said everywhere


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How many windows of a validation hold a piece of windows that are trained on.

    Attributes:
        found: Windows that do.
        of: Windows of the validation that were looked at.
    """

    found: int
    of: int


def overlaps(trained: Trace, held: Trace) -> Overlaps | None:
    """Count them among those kept whole; ``None`` where there are none, or no windows."""
    if any(trace.main is None or trace.main.is_image for trace in (trained, held)):
        return None
    sides = [series(trace) for trace in (trained, held)]
    if sides[0] is None or sides[1] is None or sides[0].shape[1:] != sides[1].shape[1:]:
        return None
    steps = np.concatenate([sides[0], sides[1]])
    count, length, features = steps.shape
    flat = np.ascontiguousarray(steps).reshape(count * length, features)
    _, which = np.unique(flat, axis=0, return_inverse=True)
    whole = mostly_whole(steps)
    run = max(3, -(-(_WORDS if whole else _RUN) // features))
    if length < 2 * run:
        return None
    runs = np.lib.stride_tricks.sliding_window_view(which.reshape(count, length), run, axis=1)
    telling = (np.diff(np.sort(runs, axis=2), axis=2) > 0).sum(axis=2) + 1 >= _DISTINCT * run
    numbers = np.random.default_rng(run).integers(1, 2**62, run, dtype=np.uint64)
    keys = (runs.astype(np.uint64) * numbers).sum(axis=2, dtype=np.uint64)
    cut = len(sides[0])
    if whole:
        telling &= _uneven(steps, run) & ~_everywhere(keys[:cut], keys)
    known = _elsewhere(keys[:cut], keys[cut:]) & telling[cut:]
    share = _from_an_edge(known) if whole else known.mean(axis=1)
    found = int((share >= (_OF_WORDS if whole else _SHARED)).sum())
    return Overlaps(found, len(known)) if found >= max(_LEAST, _SHARE * len(known)) else None


def mostly_whole(steps: Array) -> bool:
    """Whether most values are whole numbers."""
    return float((steps != np.rint(steps)).mean()) < _BROKEN


def _uneven(steps: Array, run: int) -> Array:
    """Which runs do not go on by one step, as hours, days and places do."""
    change = np.diff(steps[..., 0], axis=1)
    within = np.sort(np.lib.stride_tricks.sliding_window_view(change, run - 1, axis=1), axis=2)
    # In order, as many equal ones as are too many lie so far apart.
    apart = max(1, int(_COUNTED * (run - 1)))
    return (within[..., apart:] != within[..., :-apart]).all(axis=2)


def _from_an_edge(known: Array) -> Array:
    """The share of each window that is known from one of its edges on, as of one cut elsewhere."""
    forth: Array = np.logical_and.accumulate(known, axis=1).mean(axis=1)
    back: Array = np.logical_and.accumulate(known[:, ::-1], axis=1).mean(axis=1)
    return np.maximum(forth, back)


def _everywhere(mine: Array, keys: Array) -> Array:
    """Which runs more windows hold than overlap: what every text begins with, or a template."""
    in_each = [np.unique(window) for window in mine]
    known, times = np.unique(np.concatenate(in_each), return_counts=True)
    return np.isin(keys, known[times > _COMMON * len(mine)])


def _elsewhere(mine: Array, theirs: Array) -> Array:
    """Which of their runs are in mine at another place: at the same one columns of a table agree."""
    along: Array = np.arange(int(mine.shape[1]))
    places, there = np.tile(along, len(mine)), np.tile(along, len(theirs))
    runs: tuple[Array, Array] = mine.reshape(-1), theirs.reshape(-1)
    order: Array = np.lexsort((places, runs[0]))
    ordered, where = runs[0][order], places[order]
    first: Array = np.searchsorted(ordered, runs[1], "left")
    last: Array = np.searchsorted(ordered, runs[1], "right") - 1
    found = last >= first
    at = first.clip(max=len(ordered) - 1), last.clip(min=0)
    return (found & ((where[at[0]] != there) | (where[at[1]] != there))).reshape(theirs.shape)


def series(trace: Trace) -> Array | None:
    """Some windows as steps of features, ``(windows, steps, features)``; ``None`` for anything else."""
    # Each epoch keeps its own: what came twice is one window.
    every: Array = np.unique(trace.rows.content[trace.kept.row], return_index=True)[1]
    picks: Array = np.linspace(0, len(every) - 1, min(len(every), _MOST)).astype(int)
    values: list[Array] = [trace.kept.values[at] for at in np.sort(every)[picks].tolist()]
    shapes = {one.shape for one in values}
    if len(values) < _LEAST or len(shapes) != 1 or values[0].dtype.kind not in "fiu":
        return None
    shape = values[0].shape
    if len(shape) not in {1, 2} or values[0].size * len(values) > _MOST_VALUES:
        return None
    stacked: Array = np.nan_to_num(np.stack(values).astype(np.float64, copy=False))
    series: Array = stacked[..., np.newaxis] if len(shape) == 1 else stacked
    return series if series.shape[1] >= series.shape[2] else series.swapaxes(1, 2)
