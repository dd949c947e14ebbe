"""Whether each batch was centred or standardised by what is in it."""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins

CENTRED_BATCH = "centred batch by batch"
STANDARD_BATCH = "standardised batch by batch"
BY_BATCH = (CENTRED_BATCH, STANDARD_BATCH)
_LEAST_BATCHES = 3
_LEAST_EXAMPLES = 2  # of a batch; one alone is itself less itself
_ROUNDED = 1e-4  # of the spread, by which the mean of a batch may be off
_MOST_VALUES = 20_000_000


@remembered
def by_batch(twins: Twins) -> dict[SideName, str | None]:
    """What each side does to its batches; ``None`` where they differ as chance has it."""
    return {name: _by_batch(twins.side(name)) for name in SIDES}


def _by_batch(trace: Trace) -> str | None:
    """What every batch shows that was kept whole.

    The mean over the examples is taken at each point, or over all points of a batch.
    """
    batches = _whole_batches(trace)
    if len(batches) < _LEAST_BATCHES:
        return None
    spread = float(np.median([float(batch.std()) for batch in batches]))
    if not spread > 0:
        return None
    at_points = all(_is_0(batch.mean(axis=0), spread) for batch in batches)
    if not at_points:
        # Examples that are centred one by one are so in every batch as well.
        own = [batch.mean(axis=tuple(range(1, batch.ndim))) for batch in batches]
        if _is_0(np.concatenate(own), spread) or not all(_is_0(one.mean(), spread) for one in own):
            return None
    axes = 0 if at_points else None
    stds = [batch.std(axis=axes) for batch in batches]
    standard = all(_is_0(one[one > 0] - 1, 10.0) for one in map(np.atleast_1d, stds))
    return STANDARD_BATCH if standard else CENTRED_BATCH


def _is_0(mean: Array, spread: float) -> bool:
    return float(np.abs(mean).max(initial=0.0)) < _ROUNDED * spread


def _whole_batches(trace: Trace) -> list[Array]:
    """The batches of the first epoch of which every example was kept, float64."""
    main, rows = trace.main, trace.rows
    if main is None or main.dtype.startswith(("uint", "int", "bool", "complex")):
        return []
    kept = trace.kept.row
    first = kept[rows.epoch[kept] == rows.epoch[kept].min(initial=0)] if len(kept) else kept
    numbers, counts = np.unique(rows.batch[first], return_counts=True)
    held = rows.batch[rows.epoch == rows.epoch[first[0]]] if len(first) else first
    found: list[Array] = []
    values = 0
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        if count < _LEAST_EXAMPLES or count < int((held == number).sum()):
            continue
        at = np.flatnonzero((rows.batch[kept] == number) & np.isin(kept, first))
        examples = [trace.kept.values[index] for index in at.tolist()]
        values += sum(example.size for example in examples)
        if len({example.shape for example in examples}) > 1 or values > _MOST_VALUES:
            break
        batch = np.stack(examples).astype(np.float64)
        if np.isfinite(batch).all():
            found.append(batch)
    return found
